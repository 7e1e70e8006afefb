"""Faults of the machine, and what is left after each: nothing half made, one sentence at most.

    python -m benchmarks.faults [--kills 50] [--only server]

Kills of training runs and of layouts are tests: ``KILLS=50 python -m pytest -k random_moments
tests/training/test_runs.py tests/projection/test_projection_jobs.py``; so is a clock that is set
back (tests/training/test_runs.py).
"""

import argparse
import contextlib
import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from bioskipgram.config import ProjectionConfig, TrainConfig
from bioskipgram.errors import BioSkipGramError
from bioskipgram.model import checkpoint
from bioskipgram.projection import projection
from bioskipgram.projection.jobs import ProjectionJob
from bioskipgram.sequences.shipped import SAMPLE
from bioskipgram.training import runs

ROOT = Path(__file__).resolve().parents[1]
CODON = ROOT / "models" / "human-cds-codon.safetensors"
YEAST = ROOT / "models" / "yeast-cds-codon.safetensors"
PCA = ProjectionConfig(method="pca")
BOUND = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
"""In front of a command of root: files may be written as their modes say."""


def ran(
    words: list[str], before: Callable[[], None] | None = None, prefix: list[str] | None = None
) -> "tuple[int, str]":
    """Run a command of the program; return its exit code and the last line of its errors."""
    done = subprocess.run(
        [*(prefix or []), sys.executable, "-m", "bioskipgram", *words], cwd=ROOT,
        preexec_fn=before, text=True, capture_output=True, check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    text = done.stderr.strip()
    if "Traceback" in text or done.returncode < 0:
        raise SystemExit(f"{words}: {done.returncode}\n{text[-2000:]}")
    return done.returncode, text.splitlines()[-1][-120:] if text else ""


def disk_full(folder: Path) -> str:
    """Files may have only so many bytes: as on a full disk, writing fails in the middle."""
    told = Counter[str]()
    for room in (0, 100, 1000, 4000):

        def limit(room: int = room) -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

        out = folder / f"full-{room}.safetensors"
        train = ["train", str(SAMPLE), "--k=3", "--dim=8", "--steps=3", f"--out={out}"]
        embed = ["embed", str(CODON), str(SAMPLE), f"--out={folder / 'genes.tsv'}"]
        for words in (train, embed, ["variants", str(CODON), "HBB:c.20A>T", f"--vcf={folder}/v"]):
            code, _ = ran(words, limit)
            left = [path.name for path in folder.iterdir() if path.stat().st_size == room > 0]
            assert not left, left
            told["said in one line" if code == 2 else "small enough, written"] += 1
    return ", ".join(f"{n} {what}" for what, n in told.items())


def small_disk(folder: Path) -> str:
    """Start a run on a file system (tmpfs) with little room left, then once more with room."""
    place, told = folder / "small", Counter[str]()
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", place]).returncode:
        return "not tried: a file system can be mounted by root alone"
    try:
        for room in (0, 1_000, 5_000, 20_000, 60_000):
            _fill(place / "fill", room)
            told[f"{room} bytes left: {_outcome(place)}"] += 1
            (place / "fill").unlink()
            assert _outcome(place) == "finished"
    finally:
        subprocess.run(["umount", "-l", place], check=True)
    return f"{', '.join(told)}; with room again the same name finishes each time"


def _fill(path: Path, room: int) -> None:
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(1024))
    os.truncate(path, max(0, path.stat().st_size - room))


def _outcome(folder: Path) -> str:
    """Start a run, wait for its end and delete it; return how it ended."""
    config = TrainConfig(k=2, dim=2, steps=2)
    try:
        run = runs.start(SAMPLE, config, root=folder / "runs", name="one", title="x")
    except BioSkipGramError:
        assert not list((folder / "runs").glob("*"))
        return "refused"
    while run.status().active:
        time.sleep(0.2)
    state = run.status().state
    run.delete()
    return state


def read_only(folder: Path) -> str:
    """Ask a model in a folder that may be read only: questions are answered, keeping is refused."""
    model = Path(shutil.copy(CODON, folder / "model.safetensors"))
    for path in (folder, *folder.parents[:1]):
        path.chmod(0o555)
    told = Counter[int]()

    prefix = [] if os.getuid() else BOUND
    for words in (["info"], ["neighbors", "ATG"], ["project", "--method=pca"], ["clusters"],
                  ["variants", "HBB:c.20A>T"], ["index", str(SAMPLE)]):  # fmt: skip
        told[ran([words[0], str(model), *words[1:]], prefix=prefix)[0]] += 1
    for path in (folder, *folder.parents[:1]):
        path.chmod(0o755)
    assert sorted(path.name for path in folder.iterdir()) == [model.name]
    return f"{told[0]} of 6 commands answered, {told[2]} refused in one line, nothing left there"


def replaced(folder: Path, times: int = 200) -> str:
    """Replace a model by another while it is read: each reading is whole, one or the other."""
    place = folder / "model.safetensors"
    models = [checkpoint.load(CODON), checkpoint.load(YEAST)]
    checkpoint.save(models[0], place)
    if not (child := os.fork()):
        for number in range(10**6):
            checkpoint.save(models[number % 2], place)
    try:
        found = Counter(checkpoint.load(place).digest for _ in range(times))
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert set(found) <= {model.digest for model in models}
    return f"{times} readings, {' and '.join(map(str, found.values()))} of either, none torn"


def two_servers(folder: Path, rounds: int = 10) -> str:
    """Two servers ask for one run and for one layout at once: one process makes each."""
    model = Path(shutil.copy(CODON, folder / "model.safetensors"))
    place = projection.cache_path(model, checkpoint.load(model), PCA)
    job = ProjectionJob(place=place, model=model)
    config = TrainConfig(k=2, dim=2, steps=2)
    refused = 0
    for number in range(rounds):
        children = []
        for _ in range(2):
            if not (child := os.fork()):
                code = 0
                try:
                    runs.start(SAMPLE, config, root=folder / "runs", name=f"r{number}", title="x")
                except BioSkipGramError:
                    code = 1
                job.start(PCA)
                os._exit(code)
            children.append(child)
        codes = sorted(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children)
        assert codes == [0, 1], codes
        refused += 1
        while any(run.status().active for run in runs.all_runs(folder / "runs")):
            time.sleep(0.1)
    assert len(runs.all_runs(folder / "runs")) == rounds
    job.stop()
    return f"{rounds} runs asked for twice: {rounds} made, {refused} refused in one sentence"


def little_memory(folder: Path) -> str:
    """Limit the address space: a command is done, or says that memory is short."""
    told = Counter[int]()
    for megabytes in (300, 600, 900, 1500, 3000):

        def limit(size: int = megabytes << 20) -> None:
            resource.setrlimit(resource.RLIMIT_AS, (size, size))

        train = ["train", str(SAMPLE), "--k=3", "--steps=3", f"--out={folder}/m"]
        variants = ["variants", str(CODON), "HBB:c.20A>T"]
        for words in (["neighbors", str(CODON), "ATG"], variants, train):
            with contextlib.suppress(SystemExit):
                told[ran(words, limit)[0]] += 1
                continue
            told[-1] += 1
    return f"{told[0]} done, {told[2]} refused in one line, {told[-1]} ended otherwise"


def server(folder: Path, kills: int, seed: int = 1) -> str:
    """Kill the server at random moments, every other time once it answers: a run goes on."""
    moment, port = random.Random(seed), _free_port()
    config = TrainConfig(k=4, dim=16, steps=20_000, threads=1)
    run = runs.start(SAMPLE, config, root=folder / "runs", name="one", title="x")
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py",
               f"--server.port={port}", "--server.headless=true"]  # fmt: skip
    answered = 0
    for number in range(kills):
        with (folder / "log.txt").open("ab") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, stdout=log, stderr=log,
                env={**os.environ, "BIOSKIPGRAM_RUNS": str(folder / "runs")},
            )  # fmt: skip
        healthy, began = False, time.monotonic()
        last = began + (moment.uniform(0, 10) if number % 2 else 180.0)
        while time.monotonic() < last and not healthy:
            with contextlib.suppress(OSError):
                address = f"http://localhost:{port}/_stcore/health"
                healthy = urllib.request.urlopen(address, timeout=1).read() == b"ok"
            time.sleep(0.05)
        time.sleep(moment.uniform(0, 1) if healthy else 0)
        answered += healthy
        process.kill()
        process.wait()
        status = run.status()
        assert status.state in ("waiting", "running", "finished"), status
    run.stop()
    while run.status().active:
        time.sleep(0.1)
    assert "Traceback" not in (folder / "log.txt").read_text("utf-8", "replace")
    checkpoint.load(run.model)
    return f"{kills} kills, {answered} of them while it answered; the run went on and was stopped"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def main() -> None:
    """Try each fault in a folder of its own and print what was left."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    faults: dict[str, Callable[[Path], str]] = {
        "disk full": disk_full, "small disk": small_disk, "read-only models": read_only,
        "model replaced": replaced,
        "two servers": two_servers, "little memory": little_memory,
        "server killed": lambda folder: server(folder, options.kills),
    }  # fmt: skip
    for name, fault in faults.items():
        if options.only in name:
            with tempfile.TemporaryDirectory() as top:
                Path(top).chmod(0o755)
                folder = Path(top) / "one"
                folder.mkdir()
                print(f"{name}: {fault(folder)}", flush=True)


if __name__ == "__main__":
    main()
