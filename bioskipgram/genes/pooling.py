"""What a pooling is fitted on: weights of k-mers and common directions of genes."""

from dataclasses import dataclass

import numpy as np

from bioskipgram.config import PoolConfig
from bioskipgram.errors import QueryError
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.numerics.arrays import Doubles, Floats, check_fields, checked
from bioskipgram.sequences.sequences import Sequences

from .counts import Csr, GeneCounts, count

_MIN_RECORDS = 10
"""Fewest records from which common directions are fitted."""


@dataclass(frozen=True)
class FittedPooling:
    """What a pooling takes from the records it was fitted on."""

    weights: Doubles  # float64[V], of one occurrence of each k-mer
    mean: Floats  # float32[D'], subtracted from every pooled vector
    transform: Floats  # float32[D', D''], then multiplied: removes or scales directions
    records: int  # how many it was fitted on

    def __post_init__(self) -> None:
        check_fields(self, weights=(np.float64, None), mean=(np.float32, None))
        check_fields(self, transform=(np.float32, len(self.mean), None))


def fit_background(
    embedding: KmerEmbedding, records: Sequences | GeneCounts, config: PoolConfig
) -> FittedPooling:
    """Return the weights and common directions that `config` takes from these records.

    * sif weighs a k-mer of share p by a / (a + p) and removes the leading singular vectors
      (Arora, Liang & Ma 2017, https://openreview.net/forum?id=SyK00v5xx).
    * tfidf weighs by ln((1 + R) / (1 + df)) + 1, df of R records having the k-mer (Spärck Jones
      1972, doi:10.1108/eb026526, smoothed as scikit-learn does).
    * whitened and second-order subtract the mean and divide each principal direction by
      sqrt(variance + shrinkage * mean variance).
    * mean fits nothing.

    Below ten records that have a vector, only the weights are fitted. Second-order pooling
    of counts made for another pooling raises a QueryError.
    """
    counted = count(embedding, records, config) if isinstance(records, Sequences) else records
    weights = _weights(counted.matrix, config)
    pooled = pooled_plainly(embedding, counted, config, weights)
    pooled = pooled[pooled.any(axis=1)].astype(np.float64)
    mean, transform = np.zeros(pooled.shape[1]), np.eye(pooled.shape[1])
    if config.pooling == "sif" and len(pooled) >= _MIN_RECORDS:
        axes = _eigh((pooled.T @ pooled).astype(np.float64))[1][:, ::-1][
            :, : config.remove_components
        ]
        transform -= axes @ axes.T
    elif config.pooling in ("whitened", "second-order") and len(pooled) >= _MIN_RECORDS:
        mean = pooled.mean(axis=0)
        transform = _whitening(pooled - mean, config.shrinkage)
    single = np.float32
    return FittedPooling(weights, mean.astype(single), transform.astype(single), len(pooled))


def _weights(matrix: Csr, config: PoolConfig) -> Doubles:
    R, V = matrix.shape
    if config.pooling == "sif":
        totals = np.asarray(matrix.sum(axis=0, dtype=np.int64)).reshape(-1)
        smoothed: Doubles = config.smoothing / (config.smoothing + totals / max(totals.sum(), 1))
        return smoothed
    if config.pooling == "tfidf":
        idf: Doubles = np.log((1 + R) / (1 + np.bincount(matrix.indices, minlength=V))) + 1
        return idf
    return np.ones(V)


def _whitening(centred: Doubles, shrinkage: float) -> Doubles:
    """Return principal directions over their shrunk standard deviations, float64[D', D']."""
    variances, axes = _eigh(centred.T @ centred / len(centred))
    variances = np.maximum(variances, 0) + shrinkage * variances.mean()
    scaled: Doubles = axes / np.sqrt(np.maximum(variances, np.finfo(np.float32).tiny))
    return scaled


def _eigh(square: Doubles) -> tuple[Doubles, Doubles]:
    """Return eigenvalues, ascending, and eigenvectors of a symmetric matrix.

    By one thread: two wait for each other so often that on a busy machine they take forty times
    as long (0.4 and 17 seconds of 1,024 dimensions).
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, "blas"):
        values, vectors = np.linalg.eigh(square)
    return values, vectors


def pooled_plainly(
    embedding: KmerEmbedding, counted: GeneCounts, config: PoolConfig, weights: Doubles
) -> Floats:
    """Return the pooled vectors before the background is applied, float32[R, D']."""
    from .count_kernel import weighted_means

    if config.pooling == "second-order":
        if counted.pairs is None:
            raise QueryError(
                "second-order: these records were counted for another pooling; count them again"
            )
        return counted.pairs
    matrix = counted.matrix
    single = checked(weights.astype(np.float32), "weights", np.float32, (None,))
    indptr, indices = matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32, copy=False)
    means: Floats = weighted_means(indptr, indices, matrix.data, single, embedding.unit)
    return means
