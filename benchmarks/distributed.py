"""One and two processes on one machine, a thread each: time, loss, and how far the vectors differ.

    python -m benchmarks.distributed CORPUS.fa.gz [--processes 1 2] [--epochs 1] [--steps 60]
    python -m benchmarks.distributed CORPUS.fa.gz --files 1 2 4 8 16 --processes 1 2 4

Times are those of the steps alone, after the first, by the slowest process's clock; k = 6.
Everything listens on this machine alone. With ``--files``, 48 Mbp made of the corpus (see
`counting`) are cut into so many gzipped files of like size, and the time from the first byte to the
sum of all counts is measured: the least of `--repeats` (3), a thread for each process.
"""

import argparse
import gzip
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from bioskipgram.config import TrainConfig

RANK = "RANK"


def main() -> None:
    """Print a table of times and losses; as a process of a group, train and write down what for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--processes", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--trainers", nargs="*", default=["exact", "sampled"])
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--files", type=int, nargs="*", default=[])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--result", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.result:
        (_count if options.corpus.is_dir() else _train)(options)
        return
    if options.files:
        _many_files(options)
        return
    for trainer in options.trainers:
        results = [_group(options, trainer, size) for size in options.processes]
        _report(trainer, options.processes, results)


def _train(options: argparse.Namespace) -> None:
    from bioskipgram.counting.stream import count_file
    from bioskipgram.training.distributed import Group
    from bioskipgram.training.trainer import Training

    (trainer,) = options.trainers
    config = TrainConfig(
        k=6, threads=1, device="cpu", trainer=trainer, steps=options.steps, epochs=options.epochs
    )
    with Group.here("cpu") as group:
        from bioskipgram.sequences.fasta import read

        begin = time.perf_counter()
        if trainer == "exact":
            source = group.tally(count_file(options.corpus, config, shard=(group.rank, group.size)))
        else:
            source = read(options.corpus)
        counted = time.perf_counter() - begin
        training = Training(source, config, group=group)
        steps = iter(training)
        next(steps)
        begin = time.perf_counter()
        done = sum(1 for _ in steps)
        seconds = (time.perf_counter() - begin) / done
        embedding = training.embedding()
    if group.first:
        numbers = np.array([counted, seconds, embedding.info.loss])
        np.savez(options.result, numbers=numbers, center=embedding.center)


def _many_files(options: argparse.Namespace) -> None:
    """Print a table of counting times by files and processes."""
    from bioskipgram.sequences.fasta import read

    from .counting import made

    with tempfile.TemporaryDirectory() as name:
        whole = Path(name) / "whole.fa"
        made(read(options.corpus), 48_000_000, whole)
        records = whole.read_bytes().split(b">")[1:]
        whole.unlink()
        for files in options.files:
            folder = Path(name) / f"{files:02} files"
            folder.mkdir()
            for i in range(files):
                text = b"".join(b">" + record for record in records[i::files])
                (folder / f"{i:02}.fa.gz").write_bytes(gzip.compress(text, 6))
            options.corpus, cells = folder, []
            for size in options.processes:
                found = [_group(options, "exact", size) for _ in range(options.repeats)]
                cells.append(f"{min(float(each['numbers'][0]) for each in found):.2f} s")
            print(f"| {files} | {' | '.join(cells)} |", flush=True)


def _count(options: argparse.Namespace) -> None:
    from bioskipgram.cli.files import Files
    from bioskipgram.counting.stream import count_file, nothing_counted
    from bioskipgram.training.distributed import Group

    config = TrainConfig(k=6, threads=1, device="cpu")
    files = Files(tuple(map(str, sorted(options.corpus.iterdir()))))
    with Group.here("cpu") as group:
        count_file(b">a\nACGTTGCAACGTAGCATTGACA\n", config)  # loads the kernels
        group.sum(1.0)
        begin = time.perf_counter()
        total = nothing_counted(config)
        for path, share in files.shares(group):
            total += count_file(path, config, shard=share)
        group.tally(total)
        seconds = time.perf_counter() - begin
    if group.first:
        np.savez(options.result, numbers=np.array([seconds]))


def _group(options: argparse.Namespace, trainer: str, size: int) -> dict[str, np.ndarray]:
    """Return what a group of so many processes found."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "found.npz"
        command = [
            sys.executable, "-m", "benchmarks.distributed", str(options.corpus), "--trainers",
            trainer, "--epochs", str(options.epochs), "--steps", str(options.steps),
            "--result", str(result),
        ]  # fmt: skip
        shared = {"WORLD_SIZE": str(size), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
        started = [
            subprocess.Popen(command, env={**os.environ, **shared, RANK: str(rank)})
            for rank in range(size)
        ]
        if max([process.wait() for process in started]):
            raise SystemExit(1)
        return dict(np.load(result))


def _report(trainer: str, sizes: list[int], results: list[dict[str, np.ndarray]]) -> None:
    _, alone, loss = results[0]["numbers"]
    center = results[0]["center"]
    for size, found in zip(sizes, results, strict=True):
        counted, seconds, here = found["numbers"]
        apart = np.linalg.norm(found["center"] - center) / np.linalg.norm(center)
        print(
            f"{trainer:8} {size} processes: read or counted {counted:6.2f} s, "
            f"{1000 * seconds:7.1f} ms a step ({alone / seconds:.2f} times), loss {here:.6f} "
            f"({here - loss:+.1e}), vectors {apart:.1e} apart",
            flush=True,
        )


if __name__ == "__main__":
    main()
