"""Exact SGNS pair weights of all pairs of k-mers from a `RawCounts`."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from bioskipgram.config import TrainConfig
from bioskipgram.errors import ConfigError
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.numerics.arrays import Doubles, Floats, Offsets, Tokens, checked
from bioskipgram.numerics.threads import in_parts
from bioskipgram.sequences.sequences import Sequences

from .counts import RawCounts
from .fold import Folding
from .fold_kernel import pair_rows, word_rows
from .stream import count_sequences

MAX_TABLE = 2**31
"""Bytes of the largest dense table of pairs that is ever made: k up to 7."""
DENSE = 2**28
"""Bytes of the largest table that is kept dense: k up to 6."""
WHOLE = (0, 1)
MAX_VOCABULARY = 4**9
"""The most k-mers of the exact trainer, whose steps visit every pair."""


@dataclass(frozen=True)
class PairCounts:
    """Expected weight of every (centre, context) pair of one pass over the corpus.

    Attributes
    ----------
    vocabulary
        What rows and columns stand for.
    counts
        float32[R, V]. A pair at distance d counts (window - d + 1) / window: the chance that
        word2vec's shrinking window reaches that far. Symmetric. Subsampling enters as
        expected thinning.
    window
        The largest distance, in windows.
    first
        The token of the first row: a process of several has some of the V rows.
    """

    vocabulary: Vocabulary
    counts: Floats
    window: int
    first: int = 0

    def __post_init__(self) -> None:
        R = min(len(self.counts), len(self.vocabulary) - self.first)
        array = checked(self.counts, "counts", np.float32, (R, len(self.vocabulary)))
        object.__setattr__(self, "counts", array)

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def row_sums(self) -> Doubles:
        """The weight of each centre's pairs, float64[R]."""
        sums: Doubles = self.counts.sum(axis=1, dtype=np.float64)
        return sums

    @property
    def total(self) -> float:
        """The weight of all pairs."""
        return float(self.row_sums.sum())


@dataclass(frozen=True)
class SparseCounts:
    """What `PairCounts` holds, without its zeros: for vocabularies whose table does not fit.

    Compressed rows: `indptr` int64[R + 1], `indices` int32[nonzero] ascending in each row,
    `weights` float32[nonzero] above 0.
    """

    vocabulary: Vocabulary
    indptr: Offsets
    indices: Tokens
    weights: Floats
    window: int
    first: int = 0

    def __post_init__(self) -> None:
        R, size = min(len(self), len(self.vocabulary) - self.first), int(self.indptr[-1])
        for name, kind, length in (
            ("indptr", np.int64, R + 1), ("indices", np.int32, size), ("weights", np.float32, size)
        ):  # fmt: skip
            array = checked(getattr(self, name), name, kind, (length,))
            object.__setattr__(self, name, array)

    def __len__(self) -> int:
        return len(self.indptr) - 1

    @property
    def row_sums(self) -> Doubles:
        """The weight of each centre's pairs, float64[R]."""
        totals = np.concatenate([[0.0], np.cumsum(self.weights, dtype=np.float64)])
        return np.diff(totals[self.indptr])

    @property
    def total(self) -> float:
        """The weight of all pairs."""
        return float(self.row_sums.sum())


def rows_of(V: int, share: tuple[int, int]) -> slice:
    """Return the rows of a table of `V` that the process ``(rank, size)`` has: even shares."""
    rank, size = share
    return slice(V * rank // size, V * (rank + 1) // size)


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
    """Return the exact pair weights of `sequences`, dense."""
    _check_fits(config.tokenizer)
    return pairs(count_sequences(sequences, config), config)


def pairs(raw: RawCounts, config: TrainConfig, *, share: tuple[int, int] = WHOLE) -> PairCounts:
    """Return the exact pair weights of what was counted, dense; see `counted` for `share`."""
    _check_fits(config.tokenizer)
    if raw.cells is not None:
        return _filled(sparse_pairs(raw, config, share=share))
    folding, size = Folding.of(raw, config), raw.layout.size
    V = len(folding.vocabulary)
    rows = rows_of(V, share)
    R, first, sums = rows.stop - rows.start, rows.start, folding.sums
    table = np.empty((R, V), np.float32)
    if raw.layout.words:
        starts, none, flat = np.arange(R) * V, np.empty(0, np.int32), table.reshape(-1)
        in_parts(partial(word_rows, sums, first, starts, none, flat), R, config.threads)
    else:
        square = raw.counts[: size**2].reshape(size, size)
        in_parts(partial(pair_rows, sums, first, square, table), R, config.threads)
    return PairCounts(folding.vocabulary, table, config.window, rows.start)


def counted(
    raw: RawCounts, config: TrainConfig, *, share: tuple[int, int] = WHOLE
) -> PairCounts | SparseCounts:
    """Return the exact pair weights, dense where the table is at most `DENSE`, else sparse.

    `share`, ``(rank, size)``, are the rows of one of several processes: see `rows_of`.
    """
    if 4 * len_codes(config.tokenizer) ** 2 <= DENSE:
        return pairs(raw, config, share=share)
    return sparse_pairs(raw, config, share=share)


def check_countable(config: TrainConfig) -> None:
    """Raise a ConfigError for more than `MAX_VOCABULARY` k-mers or words cut at random."""
    tokenizer = config.tokenizer
    _check_fixed(tokenizer)
    if len_codes(tokenizer) > MAX_VOCABULARY:
        raise ConfigError(
            f"k: there are {len_codes(tokenizer):,} {tokenizer.word}s, and the exact trainer takes "
            f"up to {MAX_VOCABULARY:,}; choose a smaller k, or the sampled trainer"
        )


def sparse_pairs(
    raw: RawCounts, config: TrainConfig, *, share: tuple[int, int] = WHOLE
) -> SparseCounts:
    """Return the exact pair weights without zeros; a TrainingError if no k-mer is frequent."""
    folding = Folding.of(raw, config)
    rows = rows_of(len(folding.vocabulary), share)
    if not raw.layout.words:
        return _sparse_from_pairs(raw, config, folding, rows)
    R, sums = rows.stop - rows.start, (folding.sums, rows.start)
    indptr, indices = np.zeros(R + 1, np.int64), np.empty(0, np.int32)
    weights = np.empty(0, np.float32)
    for _ in ("count", "fill"):
        in_parts(partial(word_rows, *sums, indptr, indices, weights), R, config.threads)
        if not len(weights):
            np.cumsum(indptr, out=indptr)
            indices, weights = np.empty(indptr[-1], np.int32), np.empty(indptr[-1], np.float32)
    return SparseCounts(folding.vocabulary, indptr, indices, weights, config.window, rows.start)


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


def _sparse_from_pairs(
    raw: RawCounts, config: TrainConfig, folding: Folding, rows: slice
) -> SparseCounts:
    from scipy.sparse import csr_array

    size, keep = raw.layout.size, folding.sums.keep
    stop = size**2 if raw.cells is None else int(np.searchsorted(raw.cells, size**2))
    counts = raw.counts[:stop]
    if raw.cells is None:
        ahead = csr_array(counts.reshape(size, size))
    else:
        first, second = np.divmod(raw.cells[:stop], size)
        indptr = np.searchsorted(first, np.arange(size + 1))
        ahead = csr_array((counts, second.astype(np.int32), indptr), shape=(size, size))
    both = (ahead + ahead.T).tocsr()
    parts = (both[part[rows]][:, part] for part in folding.sums.rows)
    whole = sum(parts, next(parts)).tocsr()
    whole.sort_indices()
    indptr = whole.indptr.astype(np.int64)
    chances = np.repeat(keep[rows], np.diff(indptr)) * keep[whole.indices]
    weights = (whole.data / config.window * chances).astype(np.float32)
    indices = whole.indices.astype(np.int32)
    return SparseCounts(folding.vocabulary, indptr, indices, weights, config.window, rows.start)


def _filled(sparse: SparseCounts) -> PairCounts:
    table = np.zeros((len(sparse), len(sparse.vocabulary)), np.float32)
    table[np.repeat(np.arange(len(sparse)), np.diff(sparse.indptr)), sparse.indices] = (
        sparse.weights
    )
    return PairCounts(sparse.vocabulary, table, sparse.window, sparse.first)
