"""How often each k-mer meets each other one: exact SGNS pair weights from a `Tally`.

At stride 1 the pair at distance d is a function of the (k+d)-mer at that position, so one
histogram of (k+window)-mers, with one more count per distance at each end of a run, holds
every distance; summing out letters recovers them. Other settings are counted pair by pair.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numba
import numpy as np

from .arrays import Counts, Doubles, Floats, Offsets, Tokens, checked
from .config import TrainConfig
from .errors import ConfigError
from .fasta import Sequences
from .kmers import KmerTokenizer, reverse_complement
from .tally import Tally, cores, count_sequences
from .vocabulary import Vocabulary

MAX_TABLE = 2**31
"""Bytes of the largest table of all pairs that is ever made whole: k up to 7."""
DENSE = 2**28
"""Bytes of the largest one that is worth its zeros: k up to 6."""
MAX_VOCABULARY = 4**9
"""The most k-mers the exact trainer takes: a step looks at every pair of them."""
_ROWS = 16
"""Rows made together: a cache line of a column of a table of doubles, twice."""


@dataclass(frozen=True)
class PairCounts:
    """Expected weight of every (centre, context) pair of one pass over the corpus.

    Attributes
    ----------
    vocabulary
        What rows and columns stand for.
    counts
        float32[V, V]. A pair at distance d counts (window - d + 1) / window: the chance that
        word2vec's shrinking window reaches that far. Symmetric. Subsampling enters as
        expected thinning.
    window
        The largest distance, in windows.
    """

    vocabulary: Vocabulary
    counts: Floats
    window: int

    def __post_init__(self) -> None:
        V = len(self.vocabulary)
        object.__setattr__(self, "counts", checked(self.counts, "counts", np.float32, (V, V)))

    @property
    def total(self) -> float:
        """The weight of all pairs."""
        return float(self.counts.sum(dtype=np.float64))


@dataclass(frozen=True)
class SparseCounts:
    """What `PairCounts` holds, without its zeros: for vocabularies whose table does not fit.

    Attributes
    ----------
    vocabulary
        What rows and columns stand for.
    indptr
        int64[V + 1]: row i is ``indices[indptr[i]:indptr[i + 1]]`` and the weights there.
    indices
        int32[nonzero], ascending in each row.
    weights
        float32[nonzero], all above 0. Symmetric.
    window
        How many contexts a centre has on each side.
    """

    vocabulary: Vocabulary
    indptr: Offsets
    indices: Tokens
    weights: Floats
    window: int

    def __post_init__(self) -> None:
        V = len(self.vocabulary)
        indptr = checked(self.indptr, "indptr", np.int64, (V + 1,))
        size = int(indptr[-1])
        indices = checked(self.indices, "indices", np.int32, (size,))
        weights = checked(self.weights, "weights", np.float32, (size,))
        object.__setattr__(self, "indptr", indptr)
        object.__setattr__(self, "indices", indices)
        object.__setattr__(self, "weights", weights)

    @property
    def total(self) -> float:
        """The weight of all pairs."""
        return float(self.weights.sum(dtype=np.float64))


def fits(tokenizer: KmerTokenizer) -> bool:
    """Return whether the full co-occurrence table of this tokenizer is at most `MAX_TABLE`."""
    return not tokenizer.k_min and 4 * len_codes(tokenizer) ** 2 <= MAX_TABLE


def trainer_of(config: TrainConfig) -> str:
    """Return which trainer these settings get: "exact" or "sampled"."""
    if config.trainer != "auto":
        return config.trainer
    return "exact" if fits(config.tokenizer) else "sampled"


def len_codes(tokenizer: KmerTokenizer) -> int:
    """Return how many different codes a tokenizer gives, palindromes counted once."""
    palindromes = 2**tokenizer.k if tokenizer.k % 2 == 0 else 0
    return (tokenizer.size + palindromes) // 2 if tokenizer.canonical else tokenizer.size


def count(sequences: Sequences, config: TrainConfig) -> PairCounts:
    """Return the exact pair weights of `sequences`.

    Parameters
    ----------
    sequences
        The training sequences.
    config
        Its k, stride, frame, canonical, both_strands, alphabet, window, contexts, min_count,
        subsample and threads are used.

    Raises
    ------
    ConfigError
        If the table would be too large.
    TrainingError
        If no k-mer is frequent enough.
    """
    _check_fits(config.tokenizer)
    return pairs(count_sequences(sequences, config), config)


def pairs(tally: Tally, config: TrainConfig) -> PairCounts:
    """Return the exact pair weights of what was counted; parameters and errors as `count`."""
    _check_fits(config.tokenizer)
    if tally.cells is not None:
        return _filled(sparse_pairs(tally, config))
    layout, counted = tally.layout, _Counted.of(tally, config)
    vocabulary, keep = counted.vocabulary, counted.keep
    table = np.empty((len(vocabulary), len(vocabulary)), np.float32)
    if layout.words:
        work = partial(_word_rows, *counted.sums, counted.words, vocabulary.kmers, keep, table)
    else:
        square = tally.counts[: layout.size**2].reshape(layout.size, layout.size)
        work = partial(_pair_rows, square, counted.rows, keep, config.window, table)
    _in_parts(work, len(vocabulary), config.threads)
    return PairCounts(vocabulary, table, config.window)


def counted(tally: Tally, config: TrainConfig) -> PairCounts | SparseCounts:
    """Return the exact pair weights, dense where the table is at most `DENSE`, else sparse.

    Raises
    ------
    ConfigError
        If there may be more than `MAX_VOCABULARY` k-mers.
    TrainingError
        If no k-mer is frequent enough.
    """
    if 4 * len_codes(config.tokenizer) ** 2 <= DENSE:
        return pairs(tally, config)
    return sparse_pairs(tally, config)


def check_countable(config: TrainConfig) -> None:
    """Raise unless the exact trainer can take these settings.

    Raises
    ------
    ConfigError
        If there may be more than `MAX_VOCABULARY` k-mers, or words are cut at random.
    """
    tokenizer = config.tokenizer
    _check_fixed(tokenizer)
    if len_codes(tokenizer) > MAX_VOCABULARY:
        raise ConfigError(
            f"k: there are {len_codes(tokenizer):,} {tokenizer.word}s, and the exact trainer takes "
            f"up to {MAX_VOCABULARY:,}; choose a smaller k, or the sampled trainer"
        )


def sparse_pairs(tally: Tally, config: TrainConfig) -> SparseCounts:
    """Return the exact pair weights of what was counted, without zeros.

    Parameters
    ----------
    tally
        What was counted, with the same settings.
    config
        As for `count`.

    Raises
    ------
    TrainingError
        If no k-mer is frequent enough.
    """
    counted = _Counted.of(tally, config)
    if not tally.layout.words:
        return _sparse_from_pairs(tally, config, counted)
    vocabulary, V = counted.vocabulary, len(counted.vocabulary)
    arguments = *counted.sums, counted.words, vocabulary.kmers, counted.keep
    indptr = np.zeros(V + 1, np.int64)
    nothing = np.empty(0, np.int32), np.empty(0, np.float32)
    _in_parts(partial(_sparse_rows, *arguments, indptr, *nothing), V, config.threads)
    np.cumsum(indptr, out=indptr)
    indices, weights = np.empty(indptr[-1], np.int32), np.empty(indptr[-1], np.float32)
    _in_parts(partial(_sparse_rows, *arguments, indptr, indices, weights), V, config.threads)
    return SparseCounts(vocabulary, indptr, indices, weights, config.window)


def _check_fits(tokenizer: KmerTokenizer) -> None:
    _check_fixed(tokenizer)
    if not fits(tokenizer):
        size = 4 * len_codes(tokenizer) ** 2 / 1e9
        raise ConfigError(
            f"k: the full pair table of {tokenizer.word}s would need {size:.0f} GB; "
            "choose k up to 7, or count without zeros (sparse_pairs)"
        )


def _check_fixed(tokenizer: KmerTokenizer) -> None:
    if tokenizer.k_min:
        raise ConfigError(
            "k-min: words of several lengths are drawn at random, which the exact trainer does "
            "not count; choose the sampled trainer, or k-min 0"
        )


@dataclass(frozen=True)
class _Counted:
    """A tally's vocabulary, and which of its k-mers add up to which token's row.

    Attributes
    ----------
    vocabulary, keep
        The vocabulary, and the share of each of its k-mers that subsampling keeps.
    words
        Where words were counted, all occurrences of those of every length; else empty.
    rows
        int64[parts, V]: the k-mers (ranks, where pairs were counted) that make up a row;
        -1 = none.
    columns
        int64[parts, 4^k]: for each part, in which column a k-mer counts.
    """

    vocabulary: Vocabulary
    keep: Doubles
    words: Counts
    rows: Counts
    columns: Counts
    steps: tuple[Counts, Counts]

    @classmethod
    def of(cls, tally: Tally, config: TrainConfig) -> "_Counted":
        layout, cut = tally.layout, config.tokenizer
        nothing = np.zeros(0, np.int64)
        words = _all_words(tally.counts, cut.k, layout.reach) if layout.words else nothing
        counts = words[: cut.size] if layout.words else _kmer_counts(tally)
        codes = np.arange(cut.size)
        if not (cut.canonical or config.both_strands):
            vocabulary = Vocabulary.from_counts(cut, counts, min_count=config.min_count)
            rows, columns = [vocabulary.kmers], [codes]
        else:
            twins = reverse_complement(codes, cut.k)
            merged = np.minimum(codes, twins)
            if cut.canonical and layout.words:
                counts = np.where(codes < twins, counts + counts[twins], counts)
                counts = np.where(codes > twins, 0, counts)
            if config.both_strands:
                counts = 2 * counts if cut.canonical else counts + counts[twins]
            vocabulary = Vocabulary.from_counts(cut, counts, min_count=config.min_count)
            kmers = vocabulary.kmers
            rows, columns = [kmers], [merged if cut.canonical else codes]
            if cut.canonical and layout.words:
                rows.append(np.where(twins[kmers] != kmers, twins[kmers], -1))
                columns.append(merged)
            if config.both_strands:
                rows += rows if cut.canonical else [twins[kmers]]
                columns += columns if cut.canonical else [twins]
        rows_, keep = np.stack(rows), vocabulary.keep_probability(config.subsample)
        if len(layout.ranks):
            rows_ = layout.ranks[rows_]
        return cls(vocabulary, keep, words, rows_, np.stack(columns), layout.steps)

    @property
    def sums(self) -> tuple[Counts, Counts, Counts, Counts, int]:
        """What `_add_row` needs: parts and distances."""
        return self.rows, self.columns, *self.steps, self.vocabulary.tokenizer.k


def _kmer_counts(tally: Tally) -> Counts:
    """Return int64[letters^k]: the occurrences of each k-mer, from a tally of pairs."""
    layout = tally.layout
    first = layout.size**2
    ranked = np.zeros(layout.size, np.int64)
    if tally.cells is None:
        ranked[:] = tally.counts[first:]
    else:
        start = np.searchsorted(tally.cells, first)
        ranked[tally.cells[start:] - first] = tally.counts[start:]
    if not len(layout.ranks):
        return ranked
    counts = np.zeros(layout.tokenizer.size, np.int64)
    counts[layout.tokenizer.all_codes()] = ranked
    return counts


def _in_parts(work: Callable[[int, int], None], rows: int, threads: int) -> None:
    """Call ``work(start, stop)`` for all rows, on so many threads (0 = all cores)."""
    threads = threads or cores()
    step = max(_ROWS, -(-rows // (8 * threads) // _ROWS) * _ROWS)
    with ThreadPoolExecutor(threads) as pool:
        for done in [
            pool.submit(work, start, min(rows, start + step)) for start in range(0, rows, step)
        ]:
            done.result()


@numba.njit(cache=True, nogil=True)
def _all_words(counts: Counts, k: int, reach: int) -> Counts:
    """Return all occurrences of words of every length, cells as in the tally.

    One letter shorter: the last letter summed out, and the words that only a run's end has.
    """
    words = counts.copy()
    for d in range(reach - 1, -1, -1):
        here, longer = (4 ** (k + d) - 4**k) // 3, (4 ** (k + d + 1) - 4**k) // 3
        for word in range(4 ** (k + d)):
            first = longer + 4 * word
            words[here + word] += (
                words[first] + words[first + 1] + words[first + 2] + words[first + 3]
            )
    return words


@numba.njit(cache=True, nogil=True)
def _add_row(
    kmer: int, columns: Counts, backs: Counts, gains: Counts, k: int, words: Counts, row: Counts
) -> None:
    """Add what a k-mer's contexts count, both sides of it, to the columns of a row."""
    mask = 4**k - 1
    for which in range(len(backs)):
        d, gain = backs[which], gains[which]
        base = (4 ** (k + d) - 4**k) // 3
        for other in range(4**d):
            word = (kmer << (2 * d)) | other
            row[columns[word & mask]] += gain * words[base + word]
            word = (other << (2 * k)) | kmer
            row[columns[word >> (2 * d)]] += gain * words[base + word]


@numba.njit(cache=True, nogil=True)
def _word_rows(
    rows: Counts,
    columns: Counts,
    backs: Counts,
    gains: Counts,
    k: int,
    words: Counts,
    kmers: Counts,
    keep: Doubles,
    table: Floats,
    start: int,
    stop: int,
) -> None:
    """Write rows `start` to `stop` of the float32[V, V] table."""
    row = np.empty(4**k, np.int64)
    for a in range(start, stop):
        row[:] = 0
        for part in range(len(rows)):
            if rows[part, a] >= 0:
                _add_row(rows[part, a], columns[part], backs, gains, k, words, row)
        for b in range(len(kmers)):
            table[a, b] = row[kmers[b]] / len(gains) * (keep[a] * keep[b])


@numba.njit(cache=True, nogil=True)
def _sparse_rows(
    rows: Counts,
    columns: Counts,
    backs: Counts,
    gains: Counts,
    k: int,
    words: Counts,
    kmers: Counts,
    keep: Doubles,
    indptr: Offsets,
    indices: Tokens,
    weights: Floats,
    start: int,
    stop: int,
) -> None:
    """Write rows `start` to `stop`; only how long they are, if there is no room for them."""
    row = np.empty(4**k, np.int64)
    for a in range(start, stop):
        row[:] = 0
        for part in range(len(rows)):
            if rows[part, a] >= 0:
                _add_row(rows[part, a], columns[part], backs, gains, k, words, row)
        made = indptr[a] if len(indices) else 0
        for b in range(len(kmers)):
            if row[kmers[b]]:
                if len(indices):
                    indices[made] = b
                    weights[made] = row[kmers[b]] / len(gains) * (keep[a] * keep[b])
                made += 1
        if not len(indices):
            indptr[a + 1] = made


@numba.njit(cache=True, nogil=True)
def _pair_rows(
    square: Counts,
    rows: Counts,
    keep: Doubles,
    window: int,
    table: Floats,
    start: int,
    stop: int,
) -> None:
    """Write rows `start` to `stop` of the table: pairs in both orders, a cache line at a time."""
    for first in range(start, stop, _ROWS):
        for b in range(table.shape[1]):
            for a in range(first, min(stop, first + _ROWS)):
                total = 0
                for part in range(len(rows)):
                    one, other = rows[part, a], rows[part, b]
                    total += square[one, other] + square[other, one]
                table[a, b] = total / window * (keep[a] * keep[b])


def _sparse_from_pairs(tally: Tally, config: TrainConfig, counted: _Counted) -> SparseCounts:
    from scipy.sparse import csr_array

    size = tally.layout.size
    stop = size**2 if tally.cells is None else int(np.searchsorted(tally.cells, size**2))
    counts = tally.counts[:stop]
    if tally.cells is None:
        ahead = csr_array(counts.reshape(size, size))
    else:
        first, second = np.divmod(tally.cells[:stop], size)
        indptr = np.searchsorted(first, np.arange(size + 1))
        ahead = csr_array((counts, second.astype(np.int32), indptr), shape=(size, size))
    both = (ahead + ahead.T).tocsr()
    whole = sum(
        (both[part][:, part] for part in counted.rows[1:]),
        both[counted.rows[0]][:, counted.rows[0]],
    )
    whole = whole.tocsr()
    whole.sort_indices()
    lengths = np.diff(whole.indptr)
    keep = counted.keep
    share = np.repeat(keep, lengths) * keep[whole.indices]
    weights = (whole.data / config.window * share).astype(np.float32)
    indptr, indices = whole.indptr.astype(np.int64), whole.indices.astype(np.int32)
    return SparseCounts(counted.vocabulary, indptr, indices, weights, config.window)


def _filled(sparse: SparseCounts) -> PairCounts:
    V = len(sparse.vocabulary)
    table = np.zeros((V, V), np.float32)
    table[np.repeat(np.arange(V), np.diff(sparse.indptr)), sparse.indices] = sparse.weights
    return PairCounts(sparse.vocabulary, table, sparse.window)
