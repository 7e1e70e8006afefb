"""A fitted classifier: sums of weights of words, and what they make of new sequences."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bioskipgram.errors import QueryError
from bioskipgram.numerics.arrays import Doubles, Flags, Floats, Tokens, checked
from bioskipgram.sequences.sequences import Sequences

from .blocks import Block


@dataclass(frozen=True, eq=False)
class Classifier:
    """A linear function of counts for each class, then a probability.

    Attributes
    ----------
    classes
        Their names. Two classes have one margin, that of the second; more have one each.
    block, weights
        What is counted, and float32[columns, margins].
    bias
        float64[margins].
    threshold
        Two classes: the probability from which an item is of the second.
    info
        How it was made: settings, training set, what was chosen and why. JSON values.
    """

    classes: tuple[str, ...]
    block: Block
    weights: Floats
    bias: Doubles
    threshold: float = 0.5
    info: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        K = 1 if len(self.classes) == 2 else len(self.classes)
        if len(self.classes) < 2 or not 0 < self.threshold < 1:
            raise ValueError(f"{len(self.classes)} classes, threshold {self.threshold}")
        weights = checked(self.weights, "weights", np.float32, (self.block.size, K))
        bias = checked(self.bias, "bias", np.float64, (K,))
        if not np.isfinite(bias).all() or not np.isfinite(weights).all():
            raise ValueError("weights that are not finite")
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "bias", bias)

    @property
    def alphabet(self) -> str:
        """The alphabet of its sequences."""
        return self.block.alphabet

    @property
    def length(self) -> int:
        """The only length of sequences it takes, 0 = any."""
        return self.block.length

    def margins(self, sequences: Sequences, threads: int = 0) -> Doubles:
        """Return the sums of weights, float64[R, margins]: log odds if there are two classes."""
        if sequences.alphabet.name != self.alphabet:
            raise QueryError(
                f"this classifier is of {self.alphabet}, and the sequences are of "
                f"{sequences.alphabet.name}"
            )
        found: Doubles = self.bias + self.block.scores(sequences, self.weights, threads)
        return found

    def probabilities(self, sequences: Sequences, threads: int = 0) -> Doubles:
        """Return the probability of each class, float64[R, classes]."""
        return probabilities(self.margins(sequences, threads))

    def predict(self, sequences: Sequences, threads: int = 0) -> Tokens:
        """Return the class of each record, int32[R]."""
        return decided(self.probabilities(sequences, threads), self.threshold)

    def contributions(self, sequences: Sequences, record: int, target: int = -1) -> Doubles:
        """Return each base's share of a record's margin, float64[L].

        Their sum and `bias` is the margin of the class `target`; of two classes, that of the
        second, and its negative for the first.
        """
        column, sign = self.margin_of(target)
        weights = np.ascontiguousarray(self.weights[:, column])
        return sign * self.block.contributions(sequences, record, weights)

    def margin_of(self, target: int) -> tuple[int, int]:
        """Return the margin of a class, and its sign."""
        if len(self.classes) == 2:
            return 0, -1 if target == 0 else 1
        return target % len(self.classes), 1

    def fits(self, sequences: Sequences) -> Flags:
        """Return which records have a length that it takes, bool[R]."""
        found: Flags = (sequences.lengths == self.length) | (self.length == 0)
        return found


def probabilities(margins: Doubles) -> Doubles:
    """Return the probabilities of margins, float64[R, classes]: logistic, or softmax."""
    from scipy.special import expit, softmax

    if margins.shape[1] == 1:
        return np.hstack([expit(-margins), expit(margins)])
    found: Doubles = softmax(margins, axis=1)
    return found


def decided(found: Doubles, threshold: float = 0.5) -> Tokens:
    """Return the class of each row of probabilities, int32[R]; `threshold` if there are two."""
    if found.shape[1] == 2:
        return (found[:, 1] >= threshold).astype(np.int32)
    said: Tokens = found.argmax(axis=1).astype(np.int32)
    return said
