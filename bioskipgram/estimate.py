"""What a training will need, told before it starts: memory by formula, time by a short trial.

Memory is a sum of a few large arrays, each with its formula in `memory`. Time is measured on this
machine with made-up sequences at a small k, and scaled by what each part grows with.
"""

import re
import time
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from .alphabet import ALPHABETS
from .config import TrainConfig
from .cooccurrence import count, fits, len_codes, trainer_of
from .corpus import Corpus
from .errors import FastaError, TrainingError
from .fasta import Sequences, read
from .source import name_of, unpacked
from .tally import MAX_WORD
from .training import ExactTrainer, SampledTrainer
from .training.schedule import Schedule
from .vocabulary import Vocabulary

SAMPLE_CHUNKS = 128
"""How many chunks of text are looked at to tell how many bases a file has: 8 MB."""
FLAT_SHARE = 0.5
"""Bases per byte of GenBank and EMBL text, roughly: annotation differs."""
TRIAL_K = 5
"""The longest k-mers of the trial steps: they take milliseconds."""

PROGRAM = 400e6
"""Bytes of Python with torch and numba loaded."""
PER_BASE = 3
"""Bytes per base while a file is read: the text's blocks, and the array made of them."""
PER_TOKEN = 48
"""Bytes per token of the sampled trainer's corpus and of the order it is walked in."""
DENSE_COPIES = 5
"""Tables of V x V float32 at the exact trainer's peak, its start from the log-ratios."""
TABLES = 6
"""Tables of V x D float32: centres, contexts, and two moments of each."""


@dataclass(frozen=True)
class Memory:
    """Bytes at the peak, by what they are for."""

    program: float
    sequences: float
    pairs: float
    vectors: float

    @property
    def peak(self) -> float:
        """All of them."""
        return self.program + self.sequences + self.pairs + self.vectors


def memory(config: TrainConfig, bases: float) -> Memory:
    """Return the bytes that a training on so many bases needs at its peak.

    The sampled trainer counts pairs too where their table fits: for its final loss.
    """
    V, exact = len_codes(config.tokenizer), trainer_of(config) == "exact"
    pairs = 0.0
    if fits(config.tokenizer):
        pairs = 4.0 * V**2 * DENSE_COPIES + _histogram(config)
    elif exact:
        # Value and column of each cell that is not zero, and the same by column.
        pairs = (8 + 2 * 4) * float(_nonzero(config, V, bases))
    tokens = bases / config.stride
    corpus = 0.0 if exact else PER_TOKEN * tokens
    V = int(min(V, tokens))
    return Memory(PROGRAM, PER_BASE * bases + corpus, pairs, TABLES * 4.0 * V * config.dim)


def _histogram(config: TrainConfig) -> float:
    letters = config.k + config.window
    plain = config.stride == 1 and not config.canonical
    # Ten bytes and two thirds: the counters, and those of the shorter words.
    return 32 / 3 * 4**letters if plain and letters <= MAX_WORD else 0.0


def _nonzero(config: TrainConfig, V: int, bases: float) -> float:
    """Return the most cells of the pair table that can be other than zero."""
    reached = 2 * sum(min(4**distance, V) for distance in range(1, config.window + 1))
    return min(V * float(min(reached, V)), 2 * config.window * bases)


def available() -> float:
    """Return the bytes of memory that are free here; infinity where nobody says."""
    return min(_of_machine(), _of_group())


def _of_machine() -> float:
    try:
        text = Path("/proc/meminfo").read_text("ascii")
    except OSError:  # not Linux
        return np.inf
    found = re.search(r"^MemAvailable:\s+(\d+) kB", text, re.MULTILINE)
    return 1024.0 * int(found[1]) if found else np.inf


def _of_group(root: Path = Path("/sys/fs/cgroup")) -> float:
    """Return what a container's limit leaves (cgroup v2, then v1)."""
    for folder, limit, used in (
        (root, "memory.max", "memory.current"),
        (root / "memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
    ):
        try:
            return float((folder / limit).read_text()) - float((folder / used).read_text())
        except (OSError, ValueError):  # no such group, or the limit "max"
            continue
    return np.inf


def check_memory(config: TrainConfig, bases: float) -> None:
    """Raise unless a training on so many bases fits the memory that is free.

    Raises
    ------
    TrainingError
        If it does not, with the setting that would.
    """
    free, need = available(), memory(config, bases)
    if need.peak <= free:
        return
    parts = {
        f"the pair table of {config.k}-mers": need.pairs,
        f"{config.dim} dimensions of {config.k}-mers": need.vectors,
        f"{bases:,.0f} bases": need.sequences,
        "the program": need.program,
    }
    what = max(parts, key=lambda name: parts[name])
    raise TrainingError(
        f"memory: needs {_gb(need.peak)}, {_gb(parts[what])} of it for {what}; {_gb(free)} are "
        f"free; {_cure(config, bases, free)}"
    )


def _cure(config: TrainConfig, bases: float, free: float) -> str:
    cures = []
    smaller = range(config.k - 1, max(config.stride, config.k_min, 1) - 1, -1)
    for k in smaller:
        if memory(replace(config, k=k), bases).peak <= free:
            cures.append(f"k {k}")
            break
    if trainer_of(config) == "exact":
        sampled = replace(config, trainer="sampled")
        cures += ["trainer sampled"] if memory(sampled, bases).peak <= free else []
    return f"choose {', or '.join(cures)}" if cures else "take a part of the sequences"


def _gb(size: float) -> str:
    return f"{size / 1e9:.1f} GB" if size < 1e10 else f"{size / 1e9:.0f} GB"


def bases_of(path: str | Path) -> float:
    """Return about how many bases a file has, judged by its first megabytes.

    Zero for what is no plain file: a pipe can be read only once.

    Raises
    ------
    FastaError
        If its first part is no text of sequences.
    """
    return _look(path)[0] if Path(path).is_file() else 0.0


def _look(path: str | Path) -> tuple[float, bytes, float]:
    """Return about how many bases a file has, its first text, and the share that this is."""
    if not Path(path).is_file():
        unpacked(path, name_of(path))  # which says so, unless it is a pipe
        raise FastaError(f"{name_of(path)}: this is no plain file; save it as one first")
    with Path(path).open("rb") as file:
        kind, chunks = unpacked(file, name_of(path))
        text = b"".join(islice(chunks, 4))
        first, mark = len(text), file.tell()  # how far ahead the file is read cancels out
        text += b"".join(islice(chunks, SAMPLE_CHUNKS))
        growth = (file.tell() - mark) / max(1, len(text) - first)  # bytes of the file per byte
        whole = next(chunks, None) is None
    share = 1.0 if whole else min(1.0, growth * len(text) / Path(path).stat().st_size)
    bases = FLAT_SHARE * len(text)
    if kind == "fasta":
        body = re.sub(rb"^[>;].*$", b"", text, flags=re.MULTILINE)
        bases = len(body.translate(None, b" \t\r\n"))
    return bases / share, text, share


@dataclass(frozen=True)
class Estimate:
    """What a training will take here.

    Attributes
    ----------
    size
        Bytes of the file.
    bases
        About how many bases it has.
    trainer
        "exact" or "sampled".
    vocabulary
        The most words there can be.
    reading, counting, training
        Seconds; counting includes what comes before the first step.
    memory
        Bytes at the peak.
    available
        Bytes that are free.
    """

    size: int
    bases: float
    trainer: str
    vocabulary: int
    reading: float
    counting: float
    training: float
    memory: Memory
    available: float

    def rows(self) -> dict[str, Any]:
        """Return what people read, by name."""
        seconds = self.reading + self.counting + self.training
        return {
            "file": f"{self.size:,} bytes",
            "bases": f"about {self.bases:,.0f}",
            "trainer": self.trainer,
            "vocabulary": f"at most {self.vocabulary:,}",
            "reading": f"{self.reading:.1f} s",
            "counting": f"{self.counting:.1f} s",
            "training": f"{self.training:.1f} s",
            "in all": f"{seconds:.1f} s",
            "pair table": _gb(self.memory.pairs),
            "vectors": _gb(self.memory.vectors),
            "sequences": _gb(self.memory.sequences),
            "peak memory": _gb(self.memory.peak),
            "available": _gb(self.available),
        }


def estimate(path: str | Path, config: TrainConfig) -> Estimate:
    """Return what a training on a file will take on this machine, after a trial of a second.

    Raises
    ------
    FastaError
        If the first part of the file is no text of sequences.
    """
    start = time.perf_counter()
    bases, text, share = _look(path)
    read(text, name=name_of(path), alphabet=ALPHABETS[config.alphabet])
    reading = (time.perf_counter() - start) / share
    trial = _exact_seconds if trainer_of(config) == "exact" else _sampled_seconds
    counting, training = trial(config, bases)
    return Estimate(
        size=Path(path).stat().st_size,
        bases=bases,
        trainer=trainer_of(config),
        vocabulary=int(min(len_codes(config.tokenizer), bases / config.stride)),
        reading=reading,
        counting=counting,
        training=training,
        memory=memory(config, bases),
        available=available(),
    )


def _exact_seconds(config: TrainConfig, bases: float) -> tuple[float, float]:
    """Return the seconds until the first step, and those of the steps."""
    k = min(config.k, max(TRIAL_K, config.stride))
    small = replace(config, k=k, k_min=min(config.k_min, k), min_count=1, steps=3)
    growth = (len_codes(config.tokenizer) / len_codes(small.tokenizer)) ** 2
    ExactTrainer(count(_made_up(1000), small), small)  # compiles and loads, the first time
    few, many = 50_000, 1_050_000
    begin = time.perf_counter()
    pairs = count(_made_up(few), small)
    fixed = time.perf_counter() - begin
    begin = time.perf_counter()
    count(_made_up(many), small)
    per_base = max(0.0, time.perf_counter() - begin - fixed) / (many - few)
    begin = time.perf_counter()
    trainer = ExactTrainer(pairs, small)
    fixed += time.perf_counter() - begin
    step = _quickest(trainer, 3)
    return fixed * growth + per_base * bases, step * growth * Schedule(config.steps).steps


def _sampled_seconds(config: TrainConfig, bases: float) -> tuple[float, float]:
    """Return the seconds of making the corpus, and those of all epochs."""
    sequences = _made_up(200_000)
    begin = time.perf_counter()
    vocabulary = Vocabulary.from_sequences(sequences, config.tokenizer)
    corpus = Corpus.from_sequences(sequences, vocabulary)
    counting = (time.perf_counter() - begin) * bases / len(sequences.codes)
    trainer = SampledTrainer(corpus, replace(config, epochs=1))
    batch = len(corpus.tokens) / next(iter(trainer)).steps
    return counting, _quickest(trainer, 4) / batch * config.epochs * bases / config.stride


def _quickest(trainer: ExactTrainer | SampledTrainer, steps: int) -> float:
    """Return the seconds of the quickest of some steps."""
    times = [time.perf_counter()]
    for _ in islice(trainer, steps):
        times.append(time.perf_counter())
    return float(np.diff(times).min())


def _made_up(bases: int) -> Sequences:
    codes = np.random.default_rng(1).integers(0, 4, bases, np.uint8)
    return Sequences(("made up",), ("made up",), codes, np.array([0, bases], np.int64))
