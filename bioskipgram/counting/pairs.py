"""Exact SGNS pair weights of all pairs of k-mers from a `RawCounts`."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from bioskipgram.config import TrainConfig
from bioskipgram.errors import ConfigError
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.numerics.arrays import Floats, Offsets, Tokens, checked
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

    Compressed rows: `indptr` int64[V + 1], `indices` int32[nonzero] ascending in each row,
    `weights` float32[nonzero] above 0, symmetric.
    """

    vocabulary: Vocabulary
    indptr: Offsets
    indices: Tokens
    weights: Floats
    window: int

    def __post_init__(self) -> None:
        V, size = len(self.vocabulary), int(self.indptr[-1])
        for name, kind, length in (
            ("indptr", np.int64, V + 1), ("indices", np.int32, size), ("weights", np.float32, size)
        ):  # fmt: skip
            array = checked(getattr(self, name), name, kind, (length,))
            object.__setattr__(self, name, array)

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
    """Return the exact pair weights of `sequences`, dense."""
    _check_fits(config.tokenizer)
    return pairs(count_sequences(sequences, config), config)


def pairs(raw: RawCounts, config: TrainConfig) -> PairCounts:
    """Return the exact pair weights of what was counted; parameters and errors as `count`."""
    _check_fits(config.tokenizer)
    if raw.cells is not None:
        return _filled(sparse_pairs(raw, config))
    folding, size = Folding.of(raw, config), raw.layout.size
    sums, V = folding.sums, len(folding.vocabulary)
    table = np.empty((V, V), np.float32)
    if raw.layout.words:
        rows = np.arange(V) * V, np.empty(0, np.int32), table.reshape(-1)
        in_parts(partial(word_rows, sums, *rows), V, config.threads)
    else:
        square = raw.counts[: size**2].reshape(size, size)
        work = partial(pair_rows, square, sums.rows, sums.keep, config.window, table)
        in_parts(work, V, config.threads)
    return PairCounts(folding.vocabulary, table, config.window)


def counted(raw: RawCounts, config: TrainConfig) -> PairCounts | SparseCounts:
    """Return the exact pair weights, dense where the table is at most `DENSE`, else sparse."""
    if 4 * len_codes(config.tokenizer) ** 2 <= DENSE:
        return pairs(raw, config)
    return sparse_pairs(raw, config)


def check_countable(config: TrainConfig) -> None:
    """Raise a ConfigError for more than `MAX_VOCABULARY` k-mers or words cut at random."""
    tokenizer = config.tokenizer
    _check_fixed(tokenizer)
    if len_codes(tokenizer) > MAX_VOCABULARY:
        raise ConfigError(
            f"k: there are {len_codes(tokenizer):,} {tokenizer.word}s, and the exact trainer takes "
            f"up to {MAX_VOCABULARY:,}; choose a smaller k, or the sampled trainer"
        )


def sparse_pairs(raw: RawCounts, config: TrainConfig) -> SparseCounts:
    """Return the exact pair weights without zeros; a TrainingError if no k-mer is frequent."""
    folding = Folding.of(raw, config)
    if not raw.layout.words:
        return _sparse_from_pairs(raw, config, folding)
    sums, V = folding.sums, len(folding.vocabulary)
    indptr, indices = np.zeros(V + 1, np.int64), np.empty(0, np.int32)
    weights = np.empty(0, np.float32)
    for _ in ("count", "fill"):
        in_parts(partial(word_rows, sums, indptr, indices, weights), V, config.threads)
        if not len(weights):
            np.cumsum(indptr, out=indptr)
            indices, weights = np.empty(indptr[-1], np.int32), np.empty(indptr[-1], np.float32)
    return SparseCounts(folding.vocabulary, indptr, indices, weights, config.window)


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


def _sparse_from_pairs(raw: RawCounts, config: TrainConfig, folding: Folding) -> SparseCounts:
    from scipy.sparse import csr_array

    size = raw.layout.size
    stop = size**2 if raw.cells is None else int(np.searchsorted(raw.cells, size**2))
    counts = raw.counts[:stop]
    if raw.cells is None:
        ahead = csr_array(counts.reshape(size, size))
    else:
        first, second = np.divmod(raw.cells[:stop], size)
        indptr = np.searchsorted(first, np.arange(size + 1))
        ahead = csr_array((counts, second.astype(np.int32), indptr), shape=(size, size))
    both = (ahead + ahead.T).tocsr()
    parts = (both[part][:, part] for part in folding.sums.rows)
    whole = sum(parts, next(parts)).tocsr()
    whole.sort_indices()
    keep, indptr = folding.sums.keep, whole.indptr.astype(np.int64)
    share = np.repeat(keep, np.diff(indptr)) * keep[whole.indices]
    weights = (whole.data / config.window * share).astype(np.float32)
    indices = whole.indices.astype(np.int32)
    return SparseCounts(folding.vocabulary, indptr, indices, weights, config.window)


def _filled(sparse: SparseCounts) -> PairCounts:
    V = len(sparse.vocabulary)
    table = np.zeros((V, V), np.float32)
    table[np.repeat(np.arange(V), np.diff(sparse.indptr)), sparse.indices] = sparse.weights
    return PairCounts(sparse.vocabulary, table, sparse.window)
