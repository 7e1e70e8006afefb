"""k-mer counts and the classifier as scikit-learn estimators."""

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from bioskipgram.genes.vectorizer import as_sequences
from bioskipgram.numerics.arrays import Doubles
from bioskipgram.sequences.alphabet import ALPHABETS
from bioskipgram.sequences.sequences import Sequences

from .blocks import Block, Csr
from .classifier import decided
from .fit import fit
from .labelled import labelled
from .settings import ClassifyConfig


class _Sequences:
    """What both have in common: sequences come in."""

    alphabet: str

    def _read(self, X: object) -> Sequences:
        found = as_sequences(X, ALPHABETS[self.alphabet])
        return Sequences(
            found.names, found.descriptions, found.codes, found.offsets, ALPHABETS[self.alphabet]
        )

    def __sklearn_tags__(self) -> Any:
        """Say that sequences come in."""
        tags = super().__sklearn_tags__()  # type: ignore[misc]
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags


class KmerCounts(_Sequences, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turns each sequence into square roots of k-mer counts, length 1 for each k.

    Parameters
    ----------
    kinds : tuple of str, default ("kmers",)
        What is counted: see `bioskipgram.classify.blocks.KINDS`; "aligned" needs sequences of one
        length.
    longest, shortest : int
        The longest and the shortest k-mers; 0 = 8 (protein 4) and 1.
    merged : bool, default False
        Whether a k-mer and its reverse complement are one.
    alphabet : {"DNA", "RNA", "protein"}, default "DNA"
        The letters.

    Attributes
    ----------
    block_ : Block
        What is counted.

    Examples
    --------
    >>> KmerCounts(longest=2).fit_transform(["ACGT", "AAAA"]).shape
    (2, 20)
    """

    def __init__(
        self,
        kinds: tuple[str, ...] = ("kmers",),
        *,
        longest: int = 0,
        shortest: int = 0,
        merged: bool = False,
        alphabet: str = "DNA",
    ) -> None:
        self.kinds = kinds
        self.longest = longest
        self.shortest = shortest
        self.merged = merged
        self.alphabet = alphabet

    def fit(self, X: object, y: object = None) -> Self:
        """Note the length of aligned sequences; X: str, bytes, ``Seq``, ``SeqRecord`` or a path."""
        length = int(self._read(X).lengths.max(initial=0)) if "aligned" in self.kinds else 0
        self.block_ = Block(
            tuple(self.kinds), self.alphabet, self.merged, length, self.longest, self.shortest
        )
        return self

    def transform(self, X: object) -> Csr:
        """Return the features, a sparse matrix of float32."""
        check_is_fitted(self)
        return self.block_.features(self._read(X))

    def get_feature_names_out(self, input_features: object = None) -> np.ndarray:
        """Return the words, with the position from 1 where that counts."""
        check_is_fitted(self)
        found = [self.block_.feature(column) for column in range(self.block_.size)]
        names = [word if at < 0 else f"{word}@{at + 1}" for word, at in found]
        return np.array(names, dtype=object)


class KmerClassifier(_Sequences, ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """The classifier of `bioskipgram classify`: every setting is chosen inside the training set.

    Parameters
    ----------
    strands, aligned, gapped : {"auto", "yes", "no"}
        See `ClassifyConfig`.
    alphabet : {"DNA", "RNA", "protein"}, default "DNA"
        The letters.
    seed : int, default 1
        The random seed.

    Attributes
    ----------
    classes_ : ndarray
        The labels.
    classifier_ : Classifier
        What was fitted; `bioskipgram.classify.file.save` saves it.

    Examples
    --------
    >>> made = KmerClassifier().fit(["ACACACACACAC", "GTTGTTGTTGTT"] * 8, ["a", "b"] * 8)
    >>> made.predict(["ACACACACAACA"]).tolist()
    ['a']
    """

    def __init__(
        self,
        *,
        strands: str = "auto",
        aligned: str = "auto",
        gapped: str = "auto",
        alphabet: str = "DNA",
        seed: int = 1,
    ) -> None:
        self.strands = strands
        self.aligned = aligned
        self.gapped = gapped
        self.alphabet = alphabet
        self.seed = seed

    def fit(self, X: object, y: Any) -> Self:
        """Fit on sequences (str, bytes, ``Seq``, ``SeqRecord`` or a path) and their labels."""
        self.classes_, places = np.unique(np.asarray(y), return_inverse=True)
        config = ClassifyConfig(
            strands=self.strands, aligned=self.aligned, gapped=self.gapped,
            alphabet=self.alphabet, seed=self.seed,
        )  # fmt: skip
        items = labelled(self._read(X), [str(place) for place in places])
        self.classifier_ = fit(items, config)
        return self

    def decision_function(self, X: object) -> Doubles:
        """Return the margins, float64[n], or float64[n, classes] if there are more than two."""
        check_is_fitted(self)
        margins = self.classifier_.margins(self._read(X))
        return margins[:, 0] if margins.shape[1] == 1 else margins

    def predict_proba(self, X: object) -> Doubles:
        """Return the probability of each class, float64[n, classes]."""
        check_is_fitted(self)
        return self.classifier_.probabilities(self._read(X))

    def predict(self, X: object) -> np.ndarray:
        """Return the label of each sequence."""
        chances = self.predict_proba(X)
        return np.asarray(self.classes_[decided(chances, self.classifier_.threshold)])
