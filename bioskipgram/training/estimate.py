"""Memory and time of a training before it starts: memory by formula, time by a short trial.

Time is measured on this machine with made-up sequences and scaled by what each part grows with.
"""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from bioskipgram.config import TrainConfig
from bioskipgram.counting.corpus import Corpus
from bioskipgram.counting.pairs import (
    DENSE,
    PairCounts,
    SparseCounts,
    check_countable,
    counted,
    len_codes,
    trainer_of,
)  # fmt: skip
from bioskipgram.counting.stream import count_file
from bioskipgram.errors import FastaError
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.sequences.alphabet import ALPHABETS
from bioskipgram.sequences.fasta import read
from bioskipgram.sequences.source import name_of, unpacked

from .exact import ExactTrainer
from .loss import ExpectedLoss, half_is_fast
from .memory import Memory, available, counts_pairs, gigabytes, memory, nonzero
from .sampled import SampledTrainer
from .schedule import EVERY, Schedule
from .skipgram import SkipGram, computing, pick_device
from .start import is_short

SAMPLE_CHUNKS = 128
"""Chunks of text read to estimate how many bases a file has: 8 MB."""
FLAT_SHARE = 0.5
"""Bases per byte of GenBank and EMBL text, roughly: annotation differs."""
TRIAL_K = 6
"""The longest k-mers of a complete trial: its tables and start take a second."""
SMALL = 1 << 16
"""Bases of the trial that measures the constant time."""
MANY = 1 << 21
"""Bases of the trial that measures the time per base."""
TIED_WORK = 0.55
"""Time of a step with tied tables, as a share of one with two."""
FEW = (4, 20)
"""Cells in the rows of two small tables, from which the time for each is judged."""
ROWS = 512
"""Rows of the pair table on which the steps are timed: one row of tiles."""


def bases_of(path: str | Path) -> float:
    """Return about how many bases a file has, judged by its first megabytes; 0 for a pipe."""
    return _look(path)[0] if _is_file(path) else 0.0


def _is_file(path: str | Path) -> bool:
    try:
        return Path(path).is_file()
    except OSError:  # a name that is too long
        return False


def _look(path: str | Path) -> tuple[float, bytes, float]:
    """Return about how many bases a file has, its first text, and the share that this is."""
    if not _is_file(path):
        unpacked(path, name_of(path))  # raises if it cannot be read, unless it is a pipe
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
    """What a training will take here: times in seconds, memory (peak, free) and `size` in bytes.

    `vocabulary` is the most words there can be; `counting` includes all before the first step.
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
        """Return the figures as text, by name."""
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
            "pair table": gigabytes(self.memory.pairs),
            "vectors": gigabytes(self.memory.vectors),
            "sequences": gigabytes(self.memory.sequences),
            "peak memory": gigabytes(self.memory.peak),
            "available": gigabytes(self.available),
        }


def estimate(paths: Sequence[str | Path], config: TrainConfig) -> Estimate:
    """Return what a training on files will take on this machine, after a trial of seconds.

    Digits in place of a path are a number of bases: of sequences that need not be read.
    """
    exact, reading, bases = trainer_of(config) == "exact", 0.0, 0.0
    files = [path for path in paths if not str(path).isdecimal()]
    bases += sum(int(str(path)) for path in paths if str(path).isdecimal())
    for path in files:
        start = time.perf_counter()
        found, text, share = _look(path)
        looked = time.perf_counter()
        # Tolerant: the last record is cut where the text was.
        read(text, name=name_of(path), alphabet=ALPHABETS[config.alphabet], bad=[])
        # The exact trainer counts while it reads.
        reading += ((looked if exact else time.perf_counter()) - start) / share
        bases += found
    parts = _exact_seconds if exact else _sampled_seconds
    counting, training = parts(config, bases)
    return Estimate(
        size=sum(Path(path).stat().st_size for path in files),
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
    check_countable(config)
    small, growth = _smaller(config)
    table = counted(count_file(_text(config, SMALL), small), small)
    seconds = _counting_seconds(config, bases)
    dense = 4 * len_codes(config.tokenizer) ** 2 <= DENSE
    # A sparse table's start takes products and decompositions by row.
    start = _quickest(lambda: ExactTrainer(table, small)) * (growth if dense else growth**0.5)
    gradient, near, loss = _pass_seconds(config, bases)
    each = gradient * (TIED_WORK if is_short(config) else 1.0) + near / EVERY
    return seconds + start, each * Schedule(config.steps).steps + loss


def _smaller(config: TrainConfig) -> tuple[TrainConfig, float]:
    """Return these settings at a small k, and how many times more cells they have."""
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


def _pass_seconds(config: TrainConfig, bases: float) -> tuple[float, float, float]:
    """Return the seconds of one gradient, of a loss on the way and of the exact one.

    They are judged by some rows of the real table.
    """
    kmers, device = config.tokenizer.all_codes(), pick_device(config.device)
    V, vocabulary = len(kmers), Vocabulary(config.tokenizer, kmers, np.ones_like(kmers))
    rows = min(V, ROWS)
    each = max(1, int(nonzero(config, V, bases) / V))  # cells in a row
    pairs: PairCounts | SparseCounts
    if 4 * V**2 <= DENSE:
        pairs = PairCounts(vocabulary, np.ones((rows, V), np.float32), config.window)
    else:
        pairs = _even(vocabulary, rows, each, config.window)
    part, whole = _objective(pairs, config), SkipGram.random(V, config.dim, seed=1, device=device)
    model = SkipGram(whole.center[:rows], whole.context)
    with computing(config.threads):
        loss = _quickest(partial(part.loss, model)) * V / rows
        if not part.table.can_pull:
            return _quickest(partial(part.gradient, model)) * V / rows, loss, loss
        # The negatives take as long for any number of cells, and need all rows.
        few, more = (_objective(_even(vocabulary, V, n, config.window), config) for n in FEW)
        least, most = (_quickest(partial(some.gradient, whole)) for some in (few, more))
    gradient = least + max(0.0, most - least) * (each - FEW[0]) / (FEW[1] - FEW[0])
    return gradient, gradient, loss  # a loss on the way has half the products and the logarithms


def _objective(pairs: PairCounts | SparseCounts, config: TrainConfig) -> ExpectedLoss:
    device = pick_device(config.device)
    return ExpectedLoss(pairs, replace(config, l2=0.0), device, half=half_is_fast(device))


def _even(vocabulary: Vocabulary, rows: int, each: int, window: int) -> SparseCounts:
    """Return a table of so many rows, all with the same number of cells."""
    indices = np.tile(np.arange(each) * len(vocabulary) // each, rows).astype(np.int32)
    starts = np.arange(rows + 1) * each
    return SparseCounts(vocabulary, starts, indices, np.ones(len(indices), np.float32), window)


def _sampled_seconds(config: TrainConfig, bases: float) -> tuple[float, float]:
    """Return the seconds of making the corpus, and those of all epochs and of the final loss."""
    tokens = bases / config.stride * (1 + config.both_strands)
    sequences = read(_text(config, 200_000), alphabet=ALPHABETS[config.alphabet])
    begin = time.perf_counter()
    vocabulary = Vocabulary.from_sequences(sequences, config.tokenizer)
    corpus = Corpus.from_sequences(sequences, vocabulary)
    counting = (time.perf_counter() - begin) * tokens / max(1, len(corpus.tokens))
    trainer = SampledTrainer(corpus, replace(config, epochs=1))
    batch = len(corpus.tokens) / next(iter(trainer)).steps
    steps = iter(trainer)
    training = _quickest(lambda: next(steps), 4) / batch * config.epochs * tokens
    if counts_pairs(config):
        training += _counting_seconds(config, bases) + _pass_seconds(config, bases)[-1]
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
