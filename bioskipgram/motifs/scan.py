"""Motifs along sequences: both strands, every position, as hits with scores and p-values."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import product

import numpy as np
from numpy.typing import NDArray

from bioskipgram.config import ScanConfig
from bioskipgram.errors import QueryError
from bioskipgram.kmers.patterns import SECONDS, regex_of, spans
from bioskipgram.numerics.arrays import BaseCodes, Counts, Doubles, Flags, Tokens, check_fields
from bioskipgram.sequences.alphabet import DNA
from bioskipgram.sequences.sequences import Sequences

from .log_odds import LogOdds
from .matrix import Motif, background_of

MAX_HITS = 5_000_000
"""The most hits; more mean that the threshold is too low."""
_BLOCK = 1 << 16


@dataclass(frozen=True, eq=False)
class Hits:
    """The hits of one motif in some sequences."""

    motif: str
    sequences: Sequences
    records: Tokens  # int32[n]
    starts: Counts  # int64[n], 0-based, in the record
    stops: Counts  # int64[n], exclusive
    strands: NDArray[np.int8]  # int8[n], 1 or -1
    scores: Doubles  # float64[n] bits; 0 of a pattern, NaN of a regular expression
    p_values: Doubles  # float64[n], of one window; NaN of a regular expression
    windows: int  # positions looked at, both strands counted
    expected: float  # windows times each strand's p at its threshold; NaN of a regex
    note: str = ""  # a warning for the reader, or ""

    def __post_init__(self) -> None:
        n, doubles = len(self.records), (np.float64, len(self.records))
        check_fields(self, records=(np.int32, n), starts=(np.int64, n), stops=(np.int64, n))
        check_fields(self, strands=(np.int8, n), scores=doubles, p_values=doubles)

    def __len__(self) -> int:
        return len(self.records)

    @cached_property
    def q_values(self) -> Doubles:
        """The share of false hits among those at least as good, float64[n].

        Benjamini & Hochberg (1995) over all windows of this motif, as in FIMO (Grant, Bailey &
        Noble 2011, 10.1093/bioinformatics/btr064).
        """
        order = np.argsort(self.p_values, kind="stable")
        ratio = self.p_values[order] * self.windows / np.arange(1, len(order) + 1)
        falling = np.minimum.accumulate(ratio[::-1])[::-1]
        values = np.empty(len(order))
        values[order] = np.minimum(falling, 1.0)
        return values

    @property
    def per_record(self) -> Counts:
        """Hits in each record, int64[R]."""
        return np.bincount(self.records, minlength=len(self.sequences)).astype(np.int64)

    def text(self, hit: int) -> str:
        """Return the letters of a hit on its strand."""
        record, strand = int(self.records[hit]), int(self.strands[hit])
        codes = self.sequences[record][self.starts[hit] : self.stops[hit]]
        return DNA.decode(codes if strand > 0 else DNA.reverse_complement(codes))


class Scanner:
    """Sequences of DNA or RNA prepared for scans; those of protein raise a QueryError."""

    def __init__(self, sequences: Sequences, config: ScanConfig | None = None) -> None:
        from .scan_kernel import pieces_of

        if not sequences.alphabet.complement:
            raise QueryError("motifs are of nucleotides: these sequences are protein")
        self.sequences, self.config = sequences, config or ScanConfig()
        L = len(sequences.codes)
        self.pieces = np.zeros(L + 128, np.uint16)
        self.room: BaseCodes = np.zeros(L, np.uint8)
        pieces_of(sequences.codes, sequences.offsets, self.pieces, self.room)
        self.background = self._background()

    def _background(self) -> Doubles:
        given = self.config.given_background
        if given is not None:
            return np.array(given)
        counts = np.bincount(self.sequences.codes, minlength=5)[:4] + 1.0
        return background_of(counts + counts[::-1] if self.config.strands == "both" else counts)

    def log_odds(self, motif: Motif) -> LogOdds:
        """Return a motif's log-odds against the background."""
        return LogOdds.of(motif, background=self.background, pseudocount=self.config.pseudocount)

    def threshold(self, log_odds: LogOdds) -> int:
        """Return the lowest score of a hit, in units."""
        if self.config.by == "p-value":
            return log_odds.threshold_at(self.config.p)
        return log_odds.threshold_of(self.config.relative)

    def scan(self, motif: Motif | LogOdds) -> Hits:
        """Return every hit of a motif, by record, position and strand.

        A palindrome is reported once, on the + strand. Windows with an unknown base are left out.
        More than `MAX_HITS` hits raise a QueryError.
        """
        from .scan_kernel import count_windows

        log_odds = motif if isinstance(motif, LogOdds) else self.log_odds(motif)
        strands = self._strands_of(log_odds)
        both = len(strands) == 2
        thresholds = [self.threshold(strand) for strand in strands]
        length = len(log_odds)
        places = int(count_windows(self.room, length))  # on each strand
        chances = [float(one.p_values(np.array([t]))[0]) for one, t in zip(strands, thresholds)]  # noqa: B905
        expected = places * sum(chances)
        _check_number(log_odds.name, expected / 4)
        positions, minus, scores = self._found(strands, thresholds)
        records = self.sequences.offsets.searchsorted(positions, side="right") - 1
        starts = positions - self.sequences.offsets[records]
        p_values = strands[0].p_values(scores)
        if both:  # each strand has its own distribution
            p_values = np.where(minus, strands[1].p_values(scores), p_values)
        return Hits(
            log_odds.name, self.sequences, records.astype(np.int32), starts, starts + length,
            np.where(minus, -1, 1).astype(np.int8),
            (scores * log_odds.unit).astype(np.float64),
            p_values, places * len(strands), expected, _note(strands, thresholds, self.config.p),
        )  # fmt: skip

    def count(self, log_odds: LogOdds) -> int:
        """Return the number of hits alone."""
        from .scan_kernel import scan_block

        strands = self._strands_of(log_odds)
        tables, least = self._prepared(strands, [self.threshold(strand) for strand in strands])
        none, L = np.empty((2, 0), np.int64), len(self.room)
        found = scan_block(self.pieces, self.room, 0, L, len(log_odds), *least, tables, *none)
        return int(found)

    def _strands_of(self, log_odds: LogOdds) -> tuple[LogOdds, ...]:
        both = self.config.strands == "both" and not log_odds.is_palindrome
        return (log_odds, log_odds.reverse_complement)[: 1 + both]

    def _prepared(
        self, strands: tuple[LogOdds, ...], thresholds: list[int]
    ) -> tuple[NDArray[np.uint64], tuple[int, int]]:
        """Return the tables of `scan_block`, and its thresholds above the lowest scores."""
        from .scan_kernel import HALF

        tables, never = _tables(strands[0]), np.iinfo(np.uint32).max
        if len(strands) == 2:
            tables |= _tables(strands[1]) << HALF
        above = [
            threshold - strand.lowest for strand, threshold in zip(strands, thresholds, strict=True)
        ]
        return tables, (above[0], (*above, never)[1])

    def _found(
        self, strands: tuple[LogOdds, ...], thresholds: list[int]
    ) -> tuple[Counts, Flags, Counts]:
        """Return position, ascending, whether on the minus strand, and score of each hit."""
        from bioskipgram.numerics.threads import cores  # imports numba, which is slow

        tables, above = self._prepared(strands, thresholds)
        lowest = [strand.lowest for strand in strands]
        L, workers = len(self.room), cores()
        step = max(_BLOCK, -(-L // (4 * workers)))
        scan = partial(self._block, len(strands[0]), above, tables)
        blocks = [(start, min(start + step, L)) for start in range(0, L, step)]
        if len(blocks) > 1:
            with ThreadPoolExecutor(workers) as pool:
                found = list(pool.map(scan, blocks))
        else:
            found = [scan(block) for block in blocks] or [(np.zeros(0, np.int64),) * 2]
        places, scores = map(np.concatenate, zip(*found, strict=True))
        _check_number(strands[0].name, len(places))
        minus = (places & 1).astype(np.bool_)
        return places >> 1, minus, scores + np.where(minus, lowest[-1], lowest[0])

    def _block(
        self,
        length: int,
        thresholds: tuple[int, int],
        tables: NDArray[np.uint64],
        block: tuple[int, int],
    ) -> tuple[Counts, Counts]:
        """Return 2 * position + strand, and score above the lowest, of each hit in a block."""
        from .scan_kernel import scan_block

        capacity = 1024
        while True:
            places, scores = np.empty(capacity, np.int64), np.empty(capacity, np.int64)
            found = scan_block(
                self.pieces, self.room, *block, length, *thresholds, tables, places, scores
            )
            if found <= capacity:
                return places[:found].copy(), scores[:found].copy()
            capacity = min(found, MAX_HITS + 1)
            _check_number("this motif", found)

    def search(self, pattern: str, seconds: float = SECONDS) -> Hits:
        """Return every match of a regular expression ``/…/``, also overlapping, on both strands.

        A faulty expression, one that matches an empty text, or one that takes more than `seconds`
        raises a QueryError.
        """
        import time

        expression = regex_of(pattern)
        if expression is None:
            raise QueryError(f"{pattern!r}: a regular expression stands between slashes")
        end, rows, empty = time.monotonic() + seconds, list[tuple[int, int, int, int]](), 0
        for record, strand in product(range(len(self.sequences)), self._strands()):
            codes = self.sequences[record]
            text = DNA.decode(codes if strand > 0 else DNA.reverse_complement(codes))
            for start, stop in spans(expression, text, end - time.monotonic()):
                empty += start == stop
                if start < stop:
                    place = (start, stop) if strand > 0 else (len(text) - stop, len(text) - start)
                    rows.append((record, *place, strand))
        if empty and not rows:
            raise QueryError(
                f"{pattern[:60]} matches {empty:,} places, but no letters: what is looked ahead or "
                "behind at is no part of a hit; write the letters themselves, such as /GATA/"
            )
        rows.sort()
        table = np.array(rows, np.int64).reshape(-1, 4)
        unknown = np.full(len(rows), np.nan)
        return Hits(
            pattern, self.sequences, table[:, 0].astype(np.int32), table[:, 1].copy(),
            table[:, 2].copy(), table[:, 3].astype(np.int8), unknown, unknown.copy(),
            len(self.sequences.codes) * len(self._strands()), float("nan"),
        )  # fmt: skip

    def _strands(self) -> tuple[int, ...]:
        return (1, -1) if self.config.strands == "both" else (1,)


def _tables(log_odds: LogOdds) -> NDArray[np.uint64]:
    """Return the score of every 6-mer under each six columns, at least 0, [pieces, 4096]."""
    from .scan_kernel import PIECE

    pieces = -(-len(log_odds) // PIECE)
    padded = np.zeros((pieces * PIECE, 4), np.uint64)
    padded[: len(log_odds)] = log_odds.scores - log_odds.scores.min(axis=1, keepdims=True)
    total = np.zeros((pieces, 1), np.uint64)
    for column in padded.reshape(pieces, PIECE, 4).swapaxes(0, 1):  # [pieces, 4]
        total = (total[:, :, None] + column[:, None]).reshape(pieces, -1)
    return total


def _check_number(name: str, hits: float) -> None:
    if hits > MAX_HITS:
        raise QueryError(
            f"{name}: some {hits:,.0f} hits, of which {MAX_HITS:,} can be shown; give a lower "
            "p-value, a higher relative score, or fewer sequences"
        )


def _note(strands: tuple[LogOdds, ...], thresholds: list[int], p: float) -> str:
    """Return a warning if no window of either strand can be a hit, else ""."""
    pairs = list(zip(strands, thresholds, strict=True))
    if any(threshold <= strand.highest for strand, threshold in pairs):
        return ""
    best = min(float(one.p_values(np.array([one.highest]))[0]) for one in strands)
    return (
        f"{strands[0].name} is too short or too vague for p ≤ {p:g}: even its best word has "
        f"p = {best:.2g}; give a higher p-value or a relative score"
    )
