"""How many bytes a training needs at its peak, by formula, and how many are free."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bioskipgram.config import TrainConfig
from bioskipgram.counting.counts import Layout
from bioskipgram.counting.pairs import DENSE, MAX_VOCABULARY, len_codes, trainer_of
from bioskipgram.errors import TrainingError
from bioskipgram.numerics.threads import cores
from bioskipgram.sequences.alphabet import ALPHABETS

from .trainer import MOST_JUDGED

PROGRAM = 400e6
"""Bytes of Python with torch and numba loaded."""
BLOCK = 32e6
"""Bytes of each thread while text is counted."""
PER_BASE = 3
"""Bytes per base while a file is read: text blocks and the array of codes."""
PER_TOKEN = 48
"""Bytes per token of the sampled trainer's corpus while it is made from one long record."""
PER_CELL = 66
"""Bytes per cell of the pair table while it is made from a list of pairs by scipy."""
TABLES = 11
"""Tables of V x D float32 of the exact trainer: 2 that are learnt, two moments and two slopes of
each, the slopes of the step before, and what is rounded."""
SAMPLED_TABLES = 6
"""The same of the sampled trainer: 2 that are learnt, and copies to save."""


@dataclass(frozen=True)
class Memory:
    """Bytes at the peak, by what they are for."""

    program: float
    sequences: float
    pairs: float
    vectors: float

    @property
    def peak(self) -> float:
        """Their sum."""
        return self.program + self.sequences + self.pairs + self.vectors


def memory(config: TrainConfig, bases: float) -> Memory:
    """Return the bytes that a training on so many bases needs at its peak.

    The sampled trainer counts pairs too, for its final loss, where the table fits.
    """
    V, exact = len_codes(config.tokenizer), trainer_of(config) == "exact"
    tokens = bases / config.stride * (1 + config.both_strands)
    sequences = BLOCK * (config.threads or cores()) if exact else PER_BASE * bases
    corpus = 0.0 if exact else PER_TOKEN * tokens
    pairs = _pair_bytes(config, V, bases, start=exact) if counts_pairs(config) else 0.0
    vectors = (TABLES if exact else SAMPLED_TABLES) * 4.0 * min(V, tokens) * config.dim
    return Memory(PROGRAM, sequences + corpus, pairs, vectors)


def counts_pairs(config: TrainConfig) -> bool:
    """Return whether pairs are counted."""
    most = MAX_VOCABULARY if trainer_of(config) == "exact" else MOST_JUDGED
    return not config.k_min and len_codes(config.tokenizer) <= most


def _pair_bytes(config: TrainConfig, V: int, bases: float, *, start: bool) -> float:
    """Return the most bytes of counting, of making the table, and of the exact trainer's start."""
    layout, met = Layout.of(config), _met(config, bases)
    if layout.dense:
        tally = 8.0 * layout.cells
        counting = tally + layout.threads(config.threads or cores()) * layout.cells
    else:
        tally = 16 * (met + V)
        counting = 3 * tally  # two lists and what they are merged into
    folding = 2 * tally if layout.words else tally
    if 4 * V**2 <= DENSE:
        folding, starting = folding + 4 * V**2, tally + 8 * V**2
    else:
        cells = nonzero(config, V, bases)
        folding += cells * (8 if layout.words else PER_CELL)
        starting = tally + 16 * cells  # column and weight, and the log-ratio both ways
    return max(counting, folding, starting if start else 0.0)


def _met(config: TrainConfig, bases: float) -> float:
    """Return the most different ordered pairs to expect: as many as in random sequences."""
    letters, total = len(ALPHABETS[config.alphabet].letters), 0.0
    for distance in config.distances:
        free = letters ** min(distance * config.stride, config.k)
        room = float(letters**config.k * free)
        total -= room * np.expm1(-bases / config.stride / room)
    return total


def nonzero(config: TrainConfig, V: int, bases: float) -> float:
    """Return the most non-zero cells of the pair table to expect."""
    return min(2 * (1 + config.both_strands) * _met(config, bases), float(V) ** 2)


def available() -> float:
    """Return the bytes of free memory; infinity where it is not known."""
    return min(_of_machine(), _of_group())


def _of_machine() -> float:
    try:
        text = Path("/proc/meminfo").read_text("ascii")
    except OSError:  # not Linux
        return np.inf
    found = re.search(r"^MemAvailable:\s+(\d+) kB", text, re.MULTILINE)
    return 1024.0 * int(found[1]) if found else np.inf


def _of_group(root: Path = Path("/sys/fs/cgroup")) -> float:
    """Return the free memory of a container's limit (cgroup v2, then v1)."""
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
    """Raise a TrainingError, with a setting that fits, if so many bases exceed the free memory."""
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
        f"memory: needs {gigabytes(need.peak)}, {gigabytes(parts[what])} of it for {what}; "
        f"{gigabytes(free)} are free; {_cure(config, bases, free)}"
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


def gigabytes(size: float) -> str:
    """Return bytes as text."""
    return f"{size / 1e9:.1f} GB" if size < 1e10 else f"{size / 1e9:.0f} GB"
