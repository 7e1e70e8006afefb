"""Kills at random moments: what is on disk is always whole, and the end always the same.

    python -m benchmarks.kill [--kills 50] [--seed 1]

A training of the packaged sample is started, killed with SIGKILL at a random moment, and started
again with --resume, over and over. After every kill the model and the state must be absent or
whole. The model in the end must be bit-equal to that of a training that nobody killed (one
thread). Kills fall on starts, on steps and on saves alike: states are saved as often as can be.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from bioskipgram.model import checkpoint
from bioskipgram.sequences.shipped import SAMPLE
from bioskipgram.training import resume
from bioskipgram.training.recorder import MODEL, STATE

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = ("--k=4", "--dim=20", "--trainer=exact", "--threads=1")
TRAINING = 2.0
"""Seconds after the first step within which a kill falls."""
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}


@dataclass
class Figures:
    """What the kills did.

    Attributes
    ----------
    steps
        The step of the state on disk after each kill; -1 where there was none yet.
    leftovers
        Temporary files that kills in the middle of a save left.
    finished
        How many processes came to the end before their kill.
    """

    steps: list[int] = field(default_factory=list)
    leftovers: int = 0
    finished: int = 0


def command(folder: Path, *words: str) -> list[str]:
    """Return the command that trains in a folder."""
    start = [sys.executable, "-m", "bioskipgram", "train", str(SAMPLE), *SETTINGS]
    return [*start, "--save-every=0", f"--out={folder / MODEL}", *words]


def start(folder: Path, *words: str) -> "subprocess.Popen[bytes]":
    """Start a training process in a folder."""
    environment = {**os.environ, **ONE_THREAD}
    folder.mkdir(exist_ok=True)
    with (folder / "log.txt").open("ab") as log:
        return subprocess.Popen(
            command(folder, *words), cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=log,
        )  # fmt: skip


def finish(process: "subprocess.Popen[bytes]", folder: Path, seconds: float | None = None) -> None:
    """Wait for a process; raise with what it said if it fails, or if it takes too long."""
    if process.wait(seconds):
        raise RuntimeError((folder / "log.txt").read_text("utf-8")[-2000:])


def state_of(folder: Path) -> Path:
    """Return where the command keeps its state."""
    return folder / f"{MODEL.removesuffix('.safetensors')}.{STATE}"


def check(folder: Path) -> int:
    """Return the step of the state on disk, -1 for none; raise unless all there is whole."""
    if (folder / MODEL).exists():
        checkpoint.load(folder / MODEL)
    if not state_of(folder).exists():
        return -1
    _, facts = resume.load(state_of(folder))
    return int(facts["progress"]["step"]) if facts["progress"] else 0


def kill_again_and_again(
    folder: Path, kills: int, words: tuple[str, ...], moment: random.Random, seconds: float
) -> Figures:
    """Start, kill within so many seconds, check, go on; return what happened.

    The last start is left to finish.
    """
    figures = Figures()
    while len(figures.steps) < kills:
        process = start(folder, "--resume", *words)
        try:
            finish(process, folder, moment.uniform(0, seconds))
            figures.finished += 1
            (folder / MODEL).unlink()  # and once more from the start
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            figures.steps.append(check(folder))
    figures.leftovers = len(list(folder.glob(".*.part")))
    finish(start(folder, "--resume", *words), folder)
    return figures


def _seconds(folder: Path, *words: str) -> float:
    begin = time.perf_counter()
    finish(start(folder, *words), folder)
    return time.perf_counter() - begin


def main() -> None:
    """Kill, check, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--steps", type=int, default=2500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    words = (f"--steps={options.steps}",)
    with tempfile.TemporaryDirectory() as name:
        calm, killed = Path(name) / "calm", Path(name) / "killed"
        seconds = [_seconds(calm, word) for word in ("--steps=1", *words)]
        figures = kill_again_and_again(
            killed, options.kills, words, random.Random(options.seed), seconds[0] + TRAINING
        )
        one, other = (checkpoint.load(folder / MODEL) for folder in (calm, killed))
        moved = sum(b > a for a, b in zip(figures.steps, figures.steps[1:], strict=False))
        print(f"{options.kills} kills, {options.steps} steps, {seconds[1]:.1f} s undisturbed, "
              f"{seconds[0]:.1f} s of them to the first step")  # fmt: skip
        print(f"states whole or absent after every kill: yes; absent {figures.steps.count(-1)}")
        print(f"kills between which training moved on: {moved}; came to the end: "
              f"{figures.finished}; temporary files left: {figures.leftovers}")  # fmt: skip
        print(f"bit-equal in the end: {one.digest == other.digest}, losses "
              f"{one.info.losses == other.info.losses}")  # fmt: skip
        print(f"steps at the kills: {figures.steps}")
        assert one.digest == other.digest
        assert not state_of(killed).exists()


if __name__ == "__main__":
    main()
