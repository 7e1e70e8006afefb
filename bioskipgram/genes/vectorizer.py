"""Sequences to vectors as a scikit-learn transformer."""

from collections.abc import Iterable
from itertools import accumulate
from pathlib import Path
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from bioskipgram.config import PoolConfig
from bioskipgram.model import checkpoint
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.numerics.arrays import Floats
from bioskipgram.sequences import fasta
from bioskipgram.sequences.alphabet import Alphabet
from bioskipgram.sequences.sequences import Sequences

from .embed import embed
from .pooling import fit_background


def as_sequences(given: object, alphabet: Alphabet) -> Sequences:
    """Return records from a path, or from texts and Biopython's `Seq` and `SeqRecord`.

    Parameters
    ----------
    given
        The path of a sequence file, or any iterable of str, bytes, ``Seq`` or ``SeqRecord``. A
        letter outside the alphabet counts as unknown, and a record may be empty.
    alphabet
        The letters.

    Raises
    ------
    FastaError
        If the file cannot be read.
    TypeError
        If an element is no sequence.
    """
    if isinstance(given, Sequences):
        return given
    if isinstance(given, str | Path):
        return fasta.read(given, alphabet=alphabet)
    if not isinstance(given, Iterable):
        raise TypeError(f"expected sequences or the path of a file, found {type(given).__name__}")
    names, texts = [], []
    for number, each in enumerate(given, 1):
        names.append(str(getattr(each, "id", None) or number))
        texts.append(_text(getattr(each, "seq", each), number))
    offsets = np.array([0, *accumulate(map(len, texts))], np.int64)
    return Sequences(tuple(names), tuple(names), alphabet.encode("".join(texts)), offsets)


def _text(each: Any, number: int) -> str:
    if isinstance(each, bytes):
        return each.decode("ascii", "replace")
    if isinstance(each, str) or type(each).__module__.startswith("Bio."):
        return str(each)
    raise TypeError(
        f"sequence {number} is of type {type(each).__name__}; give str, bytes, Seq or SeqRecord"
    )


class KmerEmbeddingVectorizer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turns each sequence into one vector, pooled from the vectors of its k-mers.

    What `bioskipgram embed` writes, as a step of a scikit-learn pipeline. `fit` takes from the
    training sequences what the pooling needs (weights, common directions); `transform` uses no
    other sequence, so that test data leak nothing.

    Parameters
    ----------
    model : str, Path or KmerEmbedding, default "human-cds-k6"
        The name of a model that ships, a model file, or a loaded model.
    pooling : {"mean", "sif", "tfidf", "whitened", "second-order"}, default "mean"
        How the k-mers' vectors are combined; see `fit_background`.
    smoothing : float
        sif: the constant a of a / (a + p).
    remove_components : int
        sif: common directions that are removed.
    shrinkage : float
        whitened, second-order: how far variances are drawn to their mean.

    Attributes
    ----------
    embedding_ : KmerEmbedding
        The model.
    background_ : Background
        What was fitted.

    Examples
    --------
    >>> vectorizer = KmerEmbeddingVectorizer("human-cds-codon")
    >>> vectorizer.fit_transform(["ATGGAAGAG", "ATGCTGCTC"]).shape
    (2, 16)
    """

    def __init__(
        self,
        model: str | Path | KmerEmbedding = "human-cds-k6",
        *,
        pooling: str = "mean",
        smoothing: float = PoolConfig.smoothing,
        remove_components: int = PoolConfig.remove_components,
        shrinkage: float = PoolConfig.shrinkage,
    ) -> None:
        self.model = model
        self.pooling = pooling
        self.smoothing = smoothing
        self.remove_components = remove_components
        self.shrinkage = shrinkage

    def fit(self, X: object, y: object = None) -> Self:
        """Load the model and fit the pooling on sequences; see `as_sequences` for `X`."""
        given = self.model
        model = given if isinstance(given, KmerEmbedding) else checkpoint.load(given)
        self.embedding_ = model
        self.config_ = PoolConfig(
            pooling=self.pooling, smoothing=self.smoothing,
            remove_components=self.remove_components, shrinkage=self.shrinkage,
        )  # fmt: skip
        alphabet = self.embedding_.vocabulary.tokenizer.alphabet
        sequences = as_sequences(X, alphabet)
        self.background_ = fit_background(self.embedding_, sequences, self.config_)
        self._n_features_out = self.background_.transform.shape[1]
        return self

    def transform(self, X: object) -> Floats:
        """Return a vector for each sequence, float32[n, D']; zeros without a known k-mer."""
        check_is_fitted(self)
        sequences = as_sequences(X, self.embedding_.vocabulary.tokenizer.alphabet)
        made = embed(self.embedding_, sequences, self.config_, background=self.background_)
        return np.array(made.vectors)

    def __sklearn_tags__(self) -> Any:
        """Say that sequences come in, and that a single sequence needs no other to be fitted."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.requires_fit = True
        return tags
