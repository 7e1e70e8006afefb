"""Where a k-mer occurs: records, positions, strands and frames.

Nothing is indexed: the records are scanned, which is quicker than a page can show the answer.
A position is 0-based from the start of its record, and a frame is a position modulo 3, so frame
0 is the reading frame of records that are coding sequences.
"""

from dataclasses import dataclass

import numpy as np

from bioskipgram.arrays import BaseCodes, Counts, Flags, Tokens, checked
from bioskipgram.errors import ConfigError, QueryError
from bioskipgram.sequences.headers import parse_header
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.threads import by_records

from .tokenizer import KmerTokenizer

_SURROUNDINGS = 10


@dataclass(frozen=True)
class Occurrences:
    """The occurrences of one word, in the order of the records; only the first are listed.

    Attributes
    ----------
    query
        uint8[m] base codes of the word.
    records
        int32[n] record.
    positions
        int64[n] of the leftmost base in its record, whichever the strand.
    minus
        bool[n], True where the record holds the reverse complement of the word. A word that is
        its own reverse complement is listed once, as it stands.
    totals
        int64[2, 3], of all of them: how many on the plus and on the minus strand start at a
        position of frame 0, 1 and 2.
    record_total
        How many records hold the word.
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
    """One occurrence, as a person reads it.

    Attributes
    ----------
    record, symbol
        Name of the record, and its gene symbol or "".
    position
        0-based, of the leftmost base.
    strand
        "+" or "-".
    frame
        position modulo 3.
    before, match, after
        Up to ten bases each side, and the word itself; all read on the strand it is on, so that
        `match` is always the word that was asked for.
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
    """Return where a word occurs in the records.

    Every base is looked at, whatever the tokenizer's stride: `Occurrences.totals` says how many
    occurrences each frame has. A canonical k-mer stands for two words; those that are spelt like
    the query are on the plus strand.

    Parameters
    ----------
    query
        A k-mer code, or a text of any length from 1 on; any case, U or T.
    both_strands
        Find its reverse complement too, if the alphabet has one.
    most
        How many occurrences to list; all are counted.

    Raises
    ------
    QueryError
        If the query is empty or has a letter that is not the alphabet's.
    ConfigError
        If sequences and tokenizer have different alphabets.
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
