"""Checks of nucleotide records: length, GC, reading frames, duplicates.

The genetic code is the standard one (NCBI table 1), and ATG the only start.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bioskipgram.numerics.arrays import (
    BaseCodes,
    Counts,
    Doubles,
    Flags,
    Offsets,
    checked,
    read_only,
)

from .sequences import Sequences

SHORTEST_ORF = 90
"""Bases below which an open reading frame is as likely chance: random DNA has a stop in every
21 codons."""


@dataclass(frozen=True)
class RecordChecks:
    """What was found in each of R records; positions are 0-based and half-open.

    `gc` is a share of the known bases (NaN = none is known); `stops` tells whether frame 0 ends
    with a stop codon, `internal_stops` and `first_stop` (-1 = none) are those before. `forward` and
    `reverse` are the longest ORFs, int64[R, 2], (-1, -1) = no ATG, the latter in positions of the
    other strand. `same_sequence` and `same_name` are the first record with the same bases or name.
    """

    lengths: Counts
    unknown: Counts
    gc: Doubles
    starts: Flags
    stops: Flags
    internal_stops: Counts
    first_stop: Counts
    forward: Counts
    reverse: Counts
    same_sequence: Counts
    same_name: Counts

    def __post_init__(self) -> None:
        R = len(self.lengths)
        for name, dtype in _DTYPES.items():
            shape = (R, 2) if name in ("forward", "reverse") else (R,)
            object.__setattr__(self, name, checked(getattr(self, name), name, dtype, shape))

    def __len__(self) -> int:
        return len(self.lengths)

    @cached_property
    def complete(self) -> Flags:
        """Whether the whole record is one open reading frame, bool[R]."""
        whole = (self.lengths % 3 == 0) & (self.internal_stops == 0)
        complete: Flags = self.starts & self.stops & whole
        return complete

    @cached_property
    def forward_bases(self) -> Counts:
        """Length of the longest frame on the given strand, int64[R]."""
        return np.diff(self.forward, axis=1)[:, 0]

    @cached_property
    def reverse_bases(self) -> Counts:
        """Length of the longest frame on the other strand, int64[R]."""
        return np.diff(self.reverse, axis=1)[:, 0]

    @cached_property
    def reversed(self) -> Flags:
        """Whether a record is more likely the reverse complement of a gene, bool[R]."""
        long = self.reverse_bases >= np.maximum(SHORTEST_ORF, self.lengths // 2)
        likelier: Flags = long & ~self.complete & (2 * self.forward_bases < self.reverse_bases)
        return likelier


_DTYPES: dict[str, type[np.generic]] = {
    **dict.fromkeys(("lengths", "unknown", "internal_stops", "first_stop"), np.int64),
    **dict.fromkeys(("forward", "reverse", "same_sequence", "same_name"), np.int64),
    "gc": np.float64,
    "starts": np.bool_,
    "stops": np.bool_,
}


def check(sequences: Sequences) -> RecordChecks:
    r"""Return the checks of every record of nucleotides.

    Examples
    --------
    >>> from bioskipgram.sequences.fasta import read
    >>> found = check(read(b">a\nATGGCCTAA\n>b\nCCATGGCCTAAGG\n"))
    >>> found.complete.tolist(), found.forward.tolist()
    ([True, False], [[0, 9], [2, 11]])
    """
    from .orf_kernel import scan

    sequences.alphabet.check_strands("reading frames")
    table = scan(sequences.codes, sequences.offsets)  # [R, 10]
    lengths, unknown = sequences.lengths, table[:, 0]
    known = lengths - unknown
    gc = np.where(known > 0, table[:, 1] / np.maximum(known, 1), np.nan)
    return RecordChecks(
        lengths=lengths, unknown=unknown, gc=gc,
        starts=table[:, 2] > 0, stops=table[:, 3] > 0,
        internal_stops=table[:, 4], first_stop=table[:, 5],
        forward=table[:, 6:8], reverse=table[:, 8:10],
        same_sequence=_first_with_same(
            [hashlib.blake2b(sequences[i].data, digest_size=16).digest()
             for i in range(len(sequences))]
        ),
        same_name=_first_with_same(sequences.names),
    )  # fmt: skip


def _first_with_same(values: Iterable[bytes | str]) -> NDArray[np.int64]:
    first: dict[bytes | str, int] = {}
    return np.array([first.setdefault(value, i) for i, value in enumerate(values)], np.int64)


def coding_part(bases: BaseCodes) -> tuple[int, int]:
    """Return the start of a record's coding part, and the stop after its last whole codon.

    Frame 0 unless a stop interrupts it; then the longest ORF of at least `SHORTEST_ORF` bases, or
    else frame 0.
    """
    offsets = np.array([0, len(bases)], np.int64)
    starts, stops = _coding_parts(bases, offsets)
    return int(starts[0]), int(stops[0])


def coding_parts(sequences: Sequences) -> tuple[Counts, Counts]:
    """Return the `coding_part` of every record, int64[R] and int64[R]: positions in the record."""
    return _coding_parts(sequences.codes, sequences.offsets)


def _coding_parts(codes: BaseCodes, offsets: Offsets) -> tuple[Counts, Counts]:
    from .orf_kernel import scan

    rows = scan(read_only(codes), read_only(offsets))
    starts, stops = rows[:, 6], rows[:, 7]
    orf = (rows[:, 4] != 0) & (stops - starts >= SHORTEST_ORF)
    return np.where(orf, starts, 0), np.where(orf, stops, np.diff(offsets) // 3 * 3)


def verdicts(checks: RecordChecks) -> list[str]:
    """Return the probable kind of each record in two or three words."""
    long = checks.forward_bases >= SHORTEST_ORF
    words = np.select(
        [
            checks.unknown == checks.lengths,
            checks.complete,
            checks.reversed,
            _frame_is_open(checks),
            long,
        ],
        ["nothing known", "complete ORF", "other strand?", "partial ORF", "UTRs around an ORF?"],
        "no long ORF",
    )
    found: list[str] = words.tolist()
    return found


def _frame_is_open(checks: RecordChecks) -> Flags:
    """Whether frame 0 has no stop before its last codon, and at least `SHORTEST_ORF` bases."""
    open_frame: Flags = (checks.internal_stops == 0) & (checks.lengths >= SHORTEST_ORF)
    return open_frame


def warnings(checks: RecordChecks, names: Sequence[str], i: int) -> list[str]:
    """Return warnings about record `i` as sentences; none if all is well."""
    L, unknown = int(checks.lengths[i]), int(checks.unknown[i])
    if unknown == L:
        return ["no known base: it has no k-mer", *_twins(checks, names, i)]
    found = [f"{unknown / L:.0%} of its bases are unknown"] if unknown > 0.05 * L else []
    if not checks.complete[i]:
        found += _frame_warnings(checks, i)
    return found + _twins(checks, names, i)


def _frame_warnings(checks: RecordChecks, i: int) -> list[str]:
    """Return why a record is not one open reading frame."""
    forward, reverse = int(checks.forward_bases[i]), int(checks.reverse_bases[i])
    if checks.reversed[i]:
        return [
            f"looks like the reverse complement: the longest reading frame has {forward:,} bases "
            f"as it stands, {reverse:,} on the other strand"
        ]
    found = [] if checks.starts[i] else ["does not start with ATG"]
    if over := int(checks.lengths[i]) % 3:
        found.append(f"length is no multiple of 3 ({over} over)")
    if not checks.stops[i]:
        found.append("no stop codon at the end")
    if count := int(checks.internal_stops[i]):
        many = "a stop codon" if count == 1 else f"{count:,} stop codons"
        found.append(f"{many} inside, first at base {checks.first_stop[i] + 1:,}")
        found.append(_best(checks, i))
    return found


def _best(checks: RecordChecks, i: int) -> str:
    start, stop = checks.forward[i].tolist()
    if stop - start < SHORTEST_ORF:
        return f"no open reading frame of {SHORTEST_ORF} bases: not coding?"
    return f"untranslated ends? Its longest ORF is at {start + 1:,}–{stop:,}"


def _twins(checks: RecordChecks, names: Sequence[str], i: int) -> list[str]:
    found = []
    if (first := int(checks.same_sequence[i])) != i:
        found.append(f"same sequence as record {first + 1:,}, {names[first][:60]}")
    if (first := int(checks.same_name[i])) != i:
        found.append(f"same name as record {first + 1:,}")
    return found
