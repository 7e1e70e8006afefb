"""What a training will need, told before it starts: memory by formula, time by a short trial.

Time is measured on this machine with made-up sequences, and scaled by what each part grows with;
`memory` has the formulas of the memory.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from bioskipgram.config import TrainConfig
from bioskipgram.counting.corpus import Corpus
from bioskipgram.counting.counts import Layout
from bioskipgram.counting.pairs import (
    DENSE,
    MAX_VOCABULARY,
    PairCounts,
    SparseCounts,
    check_countable,
    counted,
    len_codes,
    trainer_of,
)
from bioskipgram.counting.stream import count_file
from bioskipgram.errors import FastaError, TrainingError
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.sequences.alphabet import ALPHABETS
from bioskipgram.sequences.fasta import read
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.sequences.source import name_of, unpacked
from bioskipgram.threads import cores

from .exact import ExactTrainer
from .loss import ExpectedLoss, half_is_fast
from .sampled import SampledTrainer
from .schedule import EVERY, Schedule
from .skipgram import SkipGram, computing, pick_device
from .trainer import MOST_JUDGED

PROGRAM = 400e6
"""Bytes of Python with torch and numba loaded."""
BLOCK = 32e6
"""Bytes of each thread while text is counted: its pieces and what is made of them."""
PER_BASE = 3
"""Bytes per base while a file is read: the text's blocks, and the array made of them."""
PER_TOKEN = 48
"""Bytes per token of the sampled trainer's corpus while it is made of one long record."""
PER_CELL = 66
"""Bytes per cell of the pair table while it is made of a list of pairs, by way of scipy."""
TABLES = 11
"""Tables of V x D float32 of the exact trainer: 2 that are learnt, two moments and two slopes of
each, the slopes of the step before, and what is rounded."""
SAMPLED_TABLES = 6
"""The same of the sampled trainer: 2 that are learnt, and copies to save."""


SAMPLE_CHUNKS = 128
"""How many chunks of text are looked at to tell how many bases a file has: 8 MB."""
FLAT_SHARE = 0.5
"""Bases per byte of GenBank and EMBL text, roughly: annotation differs."""
TRIAL_K = 6
"""The longest k-mers of what is tried as a whole: its tables and start take a second."""
SMALL = 1 << 16
"""Bases in which what takes as long for any text is seen."""
MANY = 1 << 21
"""Bases in which it is seen what each of them takes."""
ROWS = 512
"""Rows of the pair table on which the steps are timed: one row of tiles."""


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
    """Return what a training on a file will take on this machine, after a trial of seconds.

    Raises
    ------
    FastaError
        If the first part of the file is no text of sequences.
    """
    start = time.perf_counter()
    bases, text, share = _look(path)
    reading = time.perf_counter() - start
    # Tolerant: the last record is cut where the text was.
    read(text, name=name_of(path), alphabet=ALPHABETS[config.alphabet], bad=[])
    exact = trainer_of(config) == "exact"
    if not exact:  # which counts while it reads
        reading = time.perf_counter() - start
    parts = _exact_seconds if exact else _sampled_seconds
    counting, training = parts(config, bases)
    return Estimate(
        size=Path(path).stat().st_size,
        bases=bases,
        trainer=trainer_of(config),
        vocabulary=int(min(len_codes(config.tokenizer), bases / config.stride)),
        reading=reading / share,
        counting=counting,
        training=training,
        memory=memory(config, bases),
        available=available(),
    )


def _exact_seconds(config: TrainConfig, bases: float) -> tuple[float, float]:
    """Return the seconds until the first step, and those of the steps."""
    check_countable(config)
    small, growth = _smaller(config)
    table = counted(count_file(_text(config, SMALL), small), small)
    seconds = _counting_seconds(config, bases)
    start = _quickest(lambda: ExactTrainer(table, small)) * growth
    gradient, loss = _pass_seconds(config, bases)
    each = gradient + loss / EVERY
    return seconds + start, each * Schedule(config.steps).steps + loss


def _smaller(config: TrainConfig) -> tuple[TrainConfig, float]:
    """Return these settings at a k that takes no time, and how many times the cells they have."""
    k = min(config.k, max(TRIAL_K, config.stride))
    small = replace(config, k=k, min_count=1, steps=3, trainer="exact")
    return small, (len_codes(config.tokenizer) / len_codes(small.tokenizer)) ** 2


def _counting_seconds(config: TrainConfig, bases: float) -> float:
    """Return the seconds from the first byte to the pair table."""
    small, growth = _smaller(config)
    whole = config if memory(config, MANY).peak < available() else small
    few, many = _text(config, SMALL), _text(config, MANY)
    begin = time.perf_counter()
    count_file(few, whole)  # the first call loads the kernels, as that of the training will
    first = time.perf_counter() - begin
    each = _quickest(lambda: count_file(many, whole)) - _quickest(lambda: count_file(few, whole))
    tally = count_file(many, small)
    making = _quickest(lambda: counted(tally, small)) * growth
    return first + max(0.0, each) / MANY * bases + making


def _pass_seconds(config: TrainConfig, bases: float) -> tuple[float, float]:
    """Return the seconds of one gradient and of one loss, judged by some rows of the real table."""
    vocabulary = _whole_vocabulary(config)
    V, device = len(vocabulary), pick_device(config.device)
    rows = min(V, ROWS)
    each = max(1, int(nonzero(config, V, bases) / V))  # cells in a row
    pairs: PairCounts | SparseCounts
    if 4 * V**2 <= DENSE:
        pairs = PairCounts(vocabulary, np.ones((V, V), np.float32), config.window)
    else:
        indptr = np.minimum(np.arange(V + 1), rows) * each
        indices = np.tile(np.arange(each) * V // each, rows).astype(np.int32)
        weights = np.ones(len(indices), np.float32)
        pairs = SparseCounts(vocabulary, indptr, indices, weights, config.window)
    part = ExpectedLoss(pairs, config, device, half=half_is_fast(device), rows=slice(rows))
    whole = SkipGram.random(V, config.dim, seed=1, device=device)
    model = SkipGram(whole.center[:rows], whole.context)
    with computing(config.threads):
        gradient, loss = (
            _quickest(lambda: part.gradient(model)),
            _quickest(lambda: part.loss(model)),
        )
    return gradient * V / rows, loss * V / rows


def _whole_vocabulary(config: TrainConfig) -> Vocabulary:
    kmers = config.tokenizer.all_codes()
    return Vocabulary(config.tokenizer, kmers, np.ones(len(kmers), np.int64))


def _sampled_seconds(config: TrainConfig, bases: float) -> tuple[float, float]:
    """Return the seconds of making the corpus, and those of all epochs and of the final loss."""
    sequences, tokens = _made_up(200_000), bases / config.stride * (1 + config.both_strands)
    begin = time.perf_counter()
    vocabulary = Vocabulary.from_sequences(sequences, config.tokenizer)
    corpus = Corpus.from_sequences(sequences, vocabulary)
    counting = (time.perf_counter() - begin) * tokens / max(1, len(corpus.tokens))
    trainer = SampledTrainer(corpus, replace(config, epochs=1))
    batch = len(corpus.tokens) / next(iter(trainer)).steps
    steps = iter(trainer)
    training = _quickest(lambda: next(steps), 4) / batch * config.epochs * tokens
    if counts_pairs(config):
        training += _counting_seconds(config, bases) + _pass_seconds(config, bases)[1]
    return counting, training


def _quickest(work: Callable[[], object], times: int = 2) -> float:
    """Return the seconds of the quickest of some calls."""
    marks = [time.perf_counter()]
    for _ in range(times):
        work()
        marks.append(time.perf_counter())
    return float(np.diff(marks).min())


def _text(config: TrainConfig, bases: int) -> bytes:
    letters = np.frombuffer(ALPHABETS[config.alphabet].letters.encode(), np.uint8)
    return b">made up\n" + np.random.default_rng(1).choice(letters, bases).tobytes()


def _made_up(bases: int) -> Sequences:
    codes = np.random.default_rng(1).integers(0, 4, bases, np.uint8)
    return Sequences(("made up",), ("made up",), codes, np.array([0, bases], np.int64))


def memory(config: TrainConfig, bases: float) -> Memory:
    """Return the bytes that a training on so many bases needs at its peak.

    The sampled trainer counts pairs too, for its final loss, where it is looked at.
    """
    V, exact = len_codes(config.tokenizer), trainer_of(config) == "exact"
    tokens = bases / config.stride * (1 + config.both_strands)
    sequences = BLOCK * (config.threads or cores()) if exact else PER_BASE * bases
    corpus = 0.0 if exact else PER_TOKEN * tokens
    pairs = _pair_bytes(config, V, bases, start=exact) if counts_pairs(config) else 0.0
    vectors = (TABLES if exact else SAMPLED_TABLES) * 4.0 * min(V, tokens) * config.dim
    return Memory(PROGRAM, sequences + corpus, pairs, vectors)


def counts_pairs(config: TrainConfig) -> bool:
    """Return whether pairs are counted: what the exact trainer refuses needs no memory."""
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
    """Return the most different pairs, the earlier first, that one can expect to meet.

    As many as in random sequences: whatever is more frequent there leaves less for others.
    """
    letters, total = len(ALPHABETS[config.alphabet].letters), 0.0
    for distance in config.distances:
        free = letters ** min(distance * config.stride, config.k)
        room = float(letters**config.k * free)
        total -= room * np.expm1(-bases / config.stride / room)
    return total


def nonzero(config: TrainConfig, V: int, bases: float) -> float:
    """Return the most cells of the pair table that one can expect to be other than zero."""
    return min(2 * (1 + config.both_strands) * _met(config, bases), float(V) ** 2)


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
