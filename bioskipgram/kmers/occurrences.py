"""Occurrences of a k-mer: records, positions, strands and frames.

The records are scanned, without an index. Positions are 0-based from the start of the record; a
frame is a position modulo 3.
"""

from dataclasses import dataclass

import numpy as np

from bioskipgram.errors import ConfigError, QueryError
from bioskipgram.numerics.arrays import BaseCodes, Counts, Flags, Tokens, checked
from bioskipgram.numerics.threads import by_records
from bioskipgram.sequences.headers import parse_header
from bioskipgram.sequences.sequences import Sequences

from .tokenizer import KmerTokenizer

_SURROUNDINGS = 10


@dataclass(frozen=True)
class Occurrences:
    """The occurrences of one word, in the order of the records; only the first are listed.

    `query` is uint8[m]; for each listed one `records` (int32[n]), `positions` (int64[n], of the
    leftmost base on either strand) and `minus` (bool[n]; palindromes are on the plus strand).
    `totals`, int64[2, 3], counts all by strand and frame; `record_total` the records that have one.
    """

    query: BaseCodes
    records: Tokens
    positions: Counts
    minus: Flags
    totals: Counts
    record_total: int

    def __post_init__(self) -> None:
        n = len(self.records)
        for name, dtype, shape in (
            ("query", np.uint8, (None,)),
            ("records", np.int32, (n,)),
            ("positions", np.int64, (n,)),
            ("minus", np.bool_, (n,)),
            ("totals", np.int64, (2, 3)),
        ):
            object.__setattr__(self, name, checked(getattr(self, name), name, dtype, shape))

    @property
    def total(self) -> int:
        """How many occurrences there are, listed or not."""
        return int(self.totals.sum())

    @property
    def frames(self) -> Counts:
        """The frame of each listed occurrence, int64[n], 0 to 2."""
        return self.positions % 3


@dataclass(frozen=True)
class Hit:
    """One occurrence as shown: `position` of the leftmost base, 0-based; `frame`, it modulo 3.

    `before`, `match` and `after` (up to ten bases each side) are read on the strand of the match.
    """

    record: str
    symbol: str
    position: int
    strand: str
    frame: int
    before: str
    match: str
    after: str


def occurrences(
    sequences: Sequences,
    tokenizer: KmerTokenizer,
    query: str | int,
    *,
    both_strands: bool = True,
    most: int = 1000,
) -> Occurrences:
    """Return where a word occurs in the records: a k-mer code, or a text of any length.

    Every base is a possible start, whatever the tokenizer's stride. All occurrences are counted,
    the first `most` listed; for a canonical k-mer, those spelt like the query are on the plus
    strand. A QueryError for letters outside the alphabet, a ConfigError if the alphabets differ.
    """
    from . import scan_kernel

    check_alphabets(sequences, tokenizer)
    word = _base_codes(tokenizer, query)
    alphabet = tokenizer.alphabet
    other = both_strands and alphabet.complement
    other_strand = alphabet.reverse_complement(word) if other else word[:0]

    def search(first: int, last: int) -> tuple[Tokens, Counts, BaseCodes, Counts, int]:
        records, positions = np.empty(most, np.int32), np.empty(most, np.int64)
        minus, totals = np.empty(most, np.uint8), np.zeros((2, 3), np.int64)
        n, having = scan_kernel.find(
            sequences.codes, sequences.offsets, first, last, word, other_strand, alphabet.unknown,
            records, positions, minus, totals,
        )  # fmt: skip
        return records[:n], positions[:n], minus[:n], totals, having

    records, positions, minus, totals, having = zip(
        *by_records(search, sequences.offsets), strict=True
    )
    return Occurrences(
        word,
        np.concatenate(records)[:most],
        np.concatenate(positions)[:most],
        np.concatenate(minus)[:most].astype(np.bool_),
        np.sum(totals, axis=0),
        sum(having),
    )


def hits(sequences: Sequences, found: Occurrences, *, most: int | None = None) -> list[Hit]:
    """Return the first `most` listed occurrences with the names and the bases around them."""
    return [_hit(sequences, found, i) for i in range(len(found.records[:most]))]


def _hit(sequences: Sequences, found: Occurrences, i: int) -> Hit:
    record, start = int(found.records[i]), int(found.positions[i])
    codes, m, minus = sequences[record], len(found.query), bool(found.minus[i])
    pieces = [
        codes[max(0, start - _SURROUNDINGS) : start],
        codes[start : start + m],
        codes[start + m : start + m + _SURROUNDINGS],
    ]
    if minus:
        pieces = [sequences.alphabet.reverse_complement(piece) for piece in reversed(pieces)]
    before, match, after = map(sequences.alphabet.decode, pieces)
    symbol = parse_header(sequences.descriptions[record]).symbol
    strand = "-" if minus else "+"
    return Hit(sequences.names[record], symbol, start, strand, start % 3, before, match, after)


def _base_codes(tokenizer: KmerTokenizer, query: str | int) -> BaseCodes:
    alphabet = tokenizer.alphabet
    if not isinstance(query, str):
        return alphabet.encode(tokenizer.decode(np.array([query]))[0])
    text = "".join(query.split())
    codes = alphabet.encode(text)
    if not text or alphabet.unknown in codes:
        raise QueryError(
            f"{query!r} cannot be looked for: give one or more letters of {alphabet.letters}"
        )
    return codes


def check_alphabets(sequences: Sequences, tokenizer: KmerTokenizer) -> None:
    """Raise a ConfigError if sequences and tokenizer have different alphabets."""
    if sequences.alphabet != tokenizer.alphabet:
        raise ConfigError(
            f"the sequences are {sequences.alphabet.name}, but this model's {tokenizer.word}s are "
            f"{tokenizer.alphabet.name}; read them with that alphabet"
        )
