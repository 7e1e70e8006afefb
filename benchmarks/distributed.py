"""One and two processes on one machine, a thread each: time, loss, and how far the vectors differ.

    python -m benchmarks.distributed CORPUS.fa.gz [--processes 1 2] [--epochs 1] [--steps 60]

Times are those of the steps alone, after the first, by the slowest process's clock; k = 6.
Everything listens on this machine alone.
"""

import argparse
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
    parser.add_argument("--result", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.result:
        _train(options)
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
