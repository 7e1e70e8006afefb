"""Where k-mers come from: the records, positions, strands and frames that hold them.

Nothing is indexed: the records are scanned, which is quicker than a page can show the answer.
A position is 0-based from the start of its record, and a frame is a position modulo 3, so frame
0 is the reading frame of records that are coding sequences.
"""

from dataclasses import dataclass

import numpy as np

from bioskipgram.arrays import BaseCodes, Counts, Doubles, Flags, KmerCodes, Tokens, checked
from bioskipgram.errors import ConfigError, QueryError
from bioskipgram.sequences.headers import parse_header
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.statistics import false_discoveries
from bioskipgram.threads import by_records

from .tokenizer import KmerTokenizer, reverse_complement
from .vocabulary import Vocabulary

_SURROUNDINGS = 10


@dataclass(frozen=True)
class Occurrences:
    """The places of one word, in the order of the records; only the first ones are listed.

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
        """How many places there are, listed or not."""
        return int(self.totals.sum())

    @property
    def frames(self) -> Counts:
        """The frame of each listed place, int64[n], 0 to 2."""
        return self.positions % 3


@dataclass(frozen=True)
class Place:
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


@dataclass(frozen=True)
class FrameCounts:
    """How often each k-mer starts in each frame.

    Attributes
    ----------
    counts
        int64[V, 3], over every base of every record, whatever the tokenizer's stride.
    codons
        int64[64] codons of frame 0, by their code as 3-mers.
    """

    counts: Counts
    codons: Counts

    def __post_init__(self) -> None:
        object.__setattr__(self, "counts", checked(self.counts, "counts", np.int64, (None, 3)))
        object.__setattr__(self, "codons", checked(self.codons, "codons", np.int64, (64,)))


@dataclass(frozen=True)
class RecordShares:
    """How much of each record is made of a selection of k-mers.

    Attributes
    ----------
    observed, windows
        int64[R] windows that are one of the chosen k-mers, and windows there are.
    expected
        float64[R], were the chosen k-mers spread evenly over all windows.
    p, q
        float64[R]: the chance of so many or more (binomial), and the same after Benjamini &
        Hochberg 1995 (10.1111/j.2517-6161.1995.tb02031.x). Neighbouring windows overlap and
        are not independent, so p is too small: a ranking, not a proof.
    order
        int32[R], the richest record first: by p, then by observed / expected.
    """

    observed: Counts
    windows: Counts
    expected: Doubles
    p: Doubles
    q: Doubles
    order: Tokens

    @property
    def ratio(self) -> Doubles:
        """Observed over expected, float64[R]; 1 where nothing is expected."""
        expected = np.where(self.expected > 0, self.expected, 1.0)
        return np.where(self.expected > 0, self.observed / expected, 1.0)


def occurrences(
    sequences: Sequences,
    tokenizer: KmerTokenizer,
    query: str | int,
    *,
    both_strands: bool = True,
    most: int = 1000,
) -> Occurrences:
    """Return where a word stands in the records.

    Every base is looked at, whatever the tokenizer's stride: `Occurrences.totals` says how many
    places each frame has. A canonical k-mer stands for two words; those that are spelt like
    the query are on the plus strand.

    Parameters
    ----------
    sequences
        The records.
    tokenizer
        The model's.
    query
        A k-mer code, or a text of any length from 1 on; any case, U or T.
    both_strands
        Find its reverse complement too, if the alphabet has one.
    most
        How many places to list; all are counted.

    Raises
    ------
    QueryError
        If the query is empty or has a letter that is not the alphabet's.
    ConfigError
        If sequences and tokenizer have different alphabets.
    """
    from . import scan_kernel

    _check_alphabets(sequences, tokenizer)
    word = _base_codes(tokenizer, query)
    alphabet = tokenizer.alphabet
    other = both_strands and alphabet.complement
    twin = alphabet.reverse_complement(word) if other else word[:0]

    def search(first: int, last: int) -> tuple[Tokens, Counts, BaseCodes, Counts, int]:
        records, positions = np.empty(most, np.int32), np.empty(most, np.int64)
        minus, totals = np.empty(most, np.uint8), np.zeros((2, 3), np.int64)
        n, having = scan_kernel.find(
            sequences.codes, sequences.offsets, first, last, word, twin, alphabet.unknown,
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


def places(sequences: Sequences, found: Occurrences, *, most: int | None = None) -> list[Place]:
    """Return the listed occurrences with the names and the bases around them.

    Parameters
    ----------
    sequences
        The records that were searched.
    found
        What `occurrences` returned for them.
    most
        How many of the listed ones; None = all.
    """
    return [_place(sequences, found, i) for i in range(len(found.records[:most]))]


def _place(sequences: Sequences, found: Occurrences, i: int) -> Place:
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
    return Place(sequences.names[record], symbol, start, strand, start % 3, before, match, after)


def record_counts(sequences: Sequences, vocabulary: Vocabulary, chosen: Flags) -> Counts:
    """Return how many windows of each record are one of the chosen k-mers, int64[R].

    Windows are cut as in training (stride, frame, canonical, every length of words), so the
    sum over the records is the sum of the counts of the chosen k-mers, if the model was trained
    on these records as they stand.

    Parameters
    ----------
    sequences
        The records.
    vocabulary
        What the tokens mean.
    chosen
        bool[V].

    Raises
    ------
    ConfigError
        If sequences and vocabulary have different alphabets.
    """
    return _weighed(sequences, vocabulary, chosen)[0]


def richest(sequences: Sequences, vocabulary: Vocabulary, chosen: Flags) -> RecordShares:
    """Return how far each record is made of the chosen k-mers, beside what chance gives.

    Parameters
    ----------
    sequences, vocabulary, chosen
        As for `record_counts`.
    """
    from scipy.stats import binom

    observed, windows = _weighed(sequences, vocabulary, chosen)
    share = observed.sum() / max(1, windows.sum())
    p = np.asarray(binom.sf(observed - 1, windows, share), np.float64)
    p = np.where(windows > 0, p, 1.0)
    q = false_discoveries(p)
    expected = windows * share
    ratio = observed / np.where(expected > 0, expected, 1.0)
    order = np.lexsort((-ratio, p)).astype(np.int32)
    return RecordShares(observed, windows, expected, p, q, order)


def frame_counts(sequences: Sequences, vocabulary: Vocabulary) -> FrameCounts:
    """Return how often each k-mer starts in frame 0, 1 and 2 of its record.

    Every base is counted, whatever the tokenizer's stride; words of several lengths wherever
    one of the longest would fit, as the vocabulary counts them. A canonical k-mer is counted
    wherever it or its reverse complement stands.

    Raises
    ------
    ConfigError
        If the alphabets differ or have no reading frames.
    """
    tokenizer = vocabulary.tokenizer
    _check_alphabets(sequences, tokenizer)
    if not tokenizer.alphabet.complement:
        raise ConfigError(
            "frame counts: protein is not read in frames; give nucleotides and the alphabet "
            "DNA or RNA"
        )
    longest, codons = _by_frame(sequences, tokenizer.k), _by_frame(sequences, 3)[:, 0]
    return FrameCounts(_of_vocabulary(vocabulary, longest), codons.astype(np.int64))


def _by_frame(sequences: Sequences, k: int) -> Counts:
    """Return counts of every window by code and frame, uint32[4^k, 3]."""
    from . import scan_kernel

    counts = np.zeros((4**k, 3), np.uint32)

    def count(first: int, last: int) -> Counts:
        own = counts if first == 0 else np.zeros_like(counts)
        scan_kernel.count_frames(sequences.codes, sequences.offsets, first, last, 4, k, own)
        return own

    # A second table of 4^10 and more costs more than a second thread gives.
    for own in by_records(count, sequences.offsets, 1 if k > 9 else 0):
        if own is not counts:
            counts += own
    return counts


def _of_vocabulary(vocabulary: Vocabulary, longest: Counts) -> Counts:
    """Return the rows of a table by the longest words' codes for each token, int64[V, 3]."""
    tokenizer, kmers = vocabulary.tokenizer, vocabulary.kmers
    if tokenizer.canonical:
        twins = reverse_complement(kmers, tokenizer.k)
        other = np.where((twins != kmers)[:, None], longest[twins], 0)
        return longest[kmers].astype(np.int64) + other
    by_length = [
        longest.reshape(4**length, -1, 3).sum(axis=1, dtype=np.int64)  # by how they begin
        for length in range(tokenizer.shortest, tokenizer.k + 1)
    ]
    return np.concatenate(by_length)[kmers]


def _weighed(sequences: Sequences, vocabulary: Vocabulary, chosen: Flags) -> tuple[Counts, Counts]:
    """Return each record's windows that are chosen, and all its windows, int64[R] both."""
    from . import scan_kernel

    tokenizer = vocabulary.tokenizer
    _check_alphabets(sequences, tokenizer)
    chosen = checked(chosen, "chosen", np.bool_, (len(vocabulary),))
    weights = _weights(tokenizer, vocabulary.kmers[chosen])
    R = len(sequences)
    sums, windows = np.zeros(R, np.int64), np.zeros(R, np.int64)

    def weigh(first: int, last: int) -> None:
        scan_kernel.weigh(
            sequences.codes, sequences.offsets, first, last, tokenizer.alphabet.unknown,
            tokenizer.k, tokenizer.stride, tokenizer.frame, weights, sums, windows,
        )  # fmt: skip

    by_records(weigh, sequences.offsets)
    return sums, windows * (tokenizer.k - tokenizer.shortest + 1)


def _weights(tokenizer: KmerTokenizer, kmers: KmerCodes) -> BaseCodes:
    """Return how many of these k-mers begin where each longest word does, uint8[A^k]."""
    letters = tokenizer.alphabet.unknown
    chosen = np.zeros(tokenizer.size, np.uint8)
    chosen[kmers] = 1
    if tokenizer.canonical:
        chosen[reverse_complement(kmers, tokenizer.k)] = 1
    weights = np.zeros(letters**tokenizer.k, np.uint8)
    for length, start in enumerate(tokenizer.starts[:-1], tokenizer.shortest):
        part = chosen[start : start + letters**length]
        weights.reshape(len(part), -1)[:] += part[:, None]
    return weights


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


def _check_alphabets(sequences: Sequences, tokenizer: KmerTokenizer) -> None:
    if sequences.alphabet != tokenizer.alphabet:
        raise ConfigError(
            f"the sequences are {sequences.alphabet.name}, but this model's {tokenizer.word}s are "
            f"{tokenizer.alphabet.name}; read them with that alphabet"
        )
