"""KmerEmbedding: vectors one can ask. No torch, no files: arrays in, small answers out."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from typing import Any, Self

import numpy as np

from .arrays import Floats, Tokens, checked
from .config import TrainConfig
from .errors import ConfigError, QueryError
from .kmers import translate
from .vocabulary import Vocabulary


@dataclass(frozen=True, kw_only=True)
class ModelInfo:
    """Where a model comes from and how its training went.

    Attributes
    ----------
    config
        The settings it was trained with.
    trainer
        "exact" or "sampled": what "auto" became.
    source, sha256
        Name and SHA-256 of the file of sequences.
    records, bases
        How much it held.
    loss
        Expected SGNS loss per pair at the end, nats. The exact one, except from the sampled
        trainer at a k whose table does not fit: then its last running estimate.
    optimum, zero_loss
        The loss no vectors of any dimension can beat, and that of all-zero vectors; None where
        the table does not fit.
    losses
        (step, loss) along the way.
    steps_done
        Steps taken; fewer than planned if the run was stopped.
    seconds
        Time training took, counting included.
    created, version
        UTC time in ISO 8601, and the package version.
    """

    config: TrainConfig
    trainer: str
    source: str
    sha256: str
    records: int
    bases: int
    loss: float
    optimum: float | None
    zero_loss: float | None
    losses: tuple[tuple[int, float], ...]
    steps_done: int
    seconds: float
    created: str
    version: str

    @property
    def gap(self) -> float | None:
        """(loss - optimum) / (zero_loss - optimum): 0 = perfect, 1 = nothing learnt."""
        if self.optimum is None or self.zero_loss is None:
            return None
        return (self.loss - self.optimum) / (self.zero_loss - self.optimum)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Return the info `to_dict` gave.

        Raises
        ------
        KeyError, TypeError, ValueError
            If the values are not what `to_dict` gives.
        """
        known = {spec.name: values[spec.name] for spec in fields(cls)}
        known["config"] = TrainConfig.from_dict(known["config"])
        known["losses"] = tuple((int(step), float(loss)) for step, loss in known["losses"])
        return cls(**known)


@dataclass(frozen=True)
class Neighbors:
    """The nearest k-mers of Q queries, best first.

    Attributes
    ----------
    tokens
        int32[Q, n].
    scores
        float32[Q, n] cosines, -1 to 1.
    relations
        Q tuples of n words: how each neighbour is spelt relative to the query; see `relations`.
    """

    tokens: Tokens
    scores: Floats
    relations: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class KmerEmbedding:
    """Vectors of k-mers, with their vocabulary and history.

    Attributes
    ----------
    vocabulary
        What each row stands for.
    center, context
        float32[V, D], as learnt.
    info
        Where they come from.
    remove_components
        How many leading principal components `unit` leaves out (all-but-the-top, Mu &
        Viswanath 2018, arXiv:1702.01417). The learnt vectors stay whole, so this is undone
        by `removing(0)`.
    """

    vocabulary: Vocabulary
    center: Floats
    context: Floats
    info: ModelInfo
    remove_components: int = 0

    def __post_init__(self) -> None:
        shape = (len(self.vocabulary), self.info.config.dim)
        if not 0 <= self.remove_components < self.info.config.dim:
            raise ConfigError(
                f"remove-components: {self.remove_components} is outside 0 to dim - 1 = "
                f"{self.info.config.dim - 1}"
            )
        for name in ("center", "context"):
            array = checked(getattr(self, name), name, np.float32, shape)
            if not np.isfinite(array).all():
                raise ValueError(f"{name}: holds a value that is not finite")
            object.__setattr__(self, name, array)

    def __len__(self) -> int:
        return len(self.vocabulary)

    @cached_property
    def digest(self) -> str:
        """The model's identity: SHA-256 of its arrays, 64 hexadecimal digits."""
        return digest(self.center, self.context, self.vocabulary.kmers, self.vocabulary.counts)

    def removing(self, components: int) -> "KmerEmbedding":
        """Return the same vectors, compared without their leading principal components.

        Raises
        ------
        ConfigError
            If there are not that many besides one.
        """
        return replace(self, remove_components=components)

    @cached_property
    def unit(self) -> Floats:
        """Centre vectors at length 1, float32[V, D], leading components removed; zero stays."""
        vectors = self.center
        if self.remove_components:
            vectors = vectors - vectors.mean(axis=0)
            axes = np.linalg.svd(vectors, full_matrices=False)[2][: self.remove_components]
            vectors = vectors - vectors @ axes.T @ axes
        unit: Floats = checked(_normalized(vectors), "unit", np.float32, self.center.shape)
        return unit

    @cached_property
    def twins(self) -> Tokens:
        """The token of each k-mer's reverse complement, int32[V]; -1 where there is none."""
        tokenizer, kmers = self.vocabulary.tokenizer, self.vocabulary.kmers
        if not tokenizer.alphabet.complement:
            return np.full(len(kmers), -1, np.int32)
        return self.vocabulary.tokens(tokenizer.reverse_complements(kmers))

    def vector(self, query: str) -> Floats:
        """Return the unit vector of a k-mer, or the mean direction of a longer sequence's k-mers.

        Parameters
        ----------
        query
            At least k letters (or one word, where words have several lengths); any case, U or T.
            k-mers the model does not know are left out.

        Returns
        -------
        float32[D]

        Raises
        ------
        QueryError
            If the query is shorter than k or none of its k-mers is known.
        """
        found = self.unit[self.tokens_of(query)]
        direction: Floats = _normalized(found.mean(axis=0, keepdims=True))[0]
        return direction

    def tokens_of(self, query: str) -> Tokens:
        """Return the tokens of the known k-mers of a sequence, int32[at least 1]; see `vector`.

        Where words have several lengths, a text of such a length is one word, and a longer one
        is cut into the longest.
        """
        text, tokenizer = "".join(query.split()), self.vocabulary.tokenizer
        if len(text) < tokenizer.shortest:
            raise QueryError(f"{query!r} is shorter than this model's {tokenizer.word}s")
        # The frame says where records start; a query starts where it starts.
        length = min(len(text), tokenizer.k)
        codes = replace(tokenizer, frame=0).codes(tokenizer.alphabet.encode(text), length)
        tokens = self.vocabulary.tokens(codes)
        if not (tokens >= 0).any():
            raise QueryError(
                f"{_short(query)}: this model knows no {tokenizer.word} of it; "
                f"give letters of {tokenizer.alphabet.letters}"
            )
        known: Tokens = tokens[tokens >= 0]
        return known

    def neighbors(self, queries: str | Sequence[str], n: int = 10) -> Neighbors:
        """Return the `n` nearest k-mers of each query by cosine, the query's own left out.

        Parameters
        ----------
        queries
            One or more k-mers or longer sequences.
        n
            How many, at most V - 1.

        Raises
        ------
        QueryError
            See `vector`; also if nothing is asked, or a query takes every k-mer there is.
        """
        texts = [queries] if isinstance(queries, str) else list(queries)
        if not texts:
            raise QueryError("give at least one k-mer to look for")
        vectors = np.stack([self.vector(text) for text in texts])  # [Q, D]
        return self._nearest(vectors, [self.tokens_of(text) for text in texts], n)

    def analogy(
        self, positive: Iterable[str], negative: Iterable[str] = (), n: int = 10
    ) -> Neighbors:
        """Return the k-mers nearest to the sum of `positive` less the sum of `negative`.

        Raises
        ------
        QueryError
            See `vector`; also if nothing is given.
        """
        plus, minus = list(positive), list(negative)
        if not plus and not minus:
            raise QueryError("give at least one k-mer to add or to take away")
        total = sum((self.vector(t) for t in plus), np.zeros(self.center.shape[1], np.float32))
        total = total - sum(self.vector(t) for t in minus)
        used = np.concatenate([self.tokens_of(text) for text in plus + minus])
        return self._nearest(_normalized(total[None]), [used], n)

    def similarity(self, first: str, second: str) -> float:
        """Return the cosine of two k-mers or sequences, -1 to 1."""
        return float(self.vector(first) @ self.vector(second))

    def _nearest(self, vectors: Floats, own: list[Tokens], n: int) -> Neighbors:
        """Return the neighbours of unit vectors [Q, D], each without its own tokens."""
        left = min(len(self) - len(np.unique(tokens)) for tokens in own)
        if not left:
            raise QueryError("the query holds every k-mer of this model; none is left to find")
        scores = vectors @ self.unit.T  # [Q, V]
        for row, tokens in zip(scores, own, strict=True):
            row[tokens] = -np.inf
        n = max(1, min(n, left))
        first = np.argpartition(-scores, n - 1, axis=1)[:, :n]
        order = np.argsort(-np.take_along_axis(scores, first, axis=1), axis=1, kind="stable")
        best: Tokens = np.take_along_axis(first, order, axis=1).astype(np.int32)  # [Q, n]
        named = tuple(
            relations(self.vocabulary, int(tokens[0]), row) if len(tokens) == 1 else ("",) * n
            for tokens, row in zip(own, best, strict=True)
        )
        return Neighbors(best, np.take_along_axis(scores, best, axis=1), named)


def relations(vocabulary: Vocabulary, token: int, others: Tokens) -> tuple[str, ...]:
    """Return how each of `others` is spelt relative to `token`.

    The first that holds: "same", "reverse complement" (not of protein), "synonymous" (in-frame
    vocabularies of nucleotides: stride and k multiples of 3), "extension" (words of different
    lengths, one inside the other), "shift +d" or "shift -d" (the other starts d bases downstream
    or upstream and agrees where both are, d up to half of the shorter), "substitution" (words of
    one length, one base differs), "other".
    """
    tokenizer, texts = vocabulary.tokenizer, vocabulary.texts
    word, found = texts[token], [texts[other] for other in others]
    names = [_spelt(word, other) for other in found]
    if not (complement := tokenizer.alphabet.complement):
        return tuple(names)
    if tokenizer.k % 3 == 0 and tokenizer.stride % 3 == 0:
        protein = translate(word)
        names = [
            "synonymous" if word != other and translate(other) == protein else name
            for name, other in zip(names, found, strict=True)
        ]
    twin = word.translate(str.maketrans(tokenizer.alphabet.letters, complement))[::-1]
    return tuple(
        "reverse complement" if word != other == twin else name
        for name, other in zip(names, found, strict=True)
    )


def _spelt(word: str, other: str) -> str:
    """Return the relation that the letters alone show; see `relations`."""
    short, long = sorted((word, other), key=len)
    if short in long:
        return "same" if short == long else "extension"
    for d in range(1, len(short) // 2 + 1):
        if _agree(word[d:], other):
            return f"shift +{d}"
        if _agree(word, other[d:]):
            return f"shift -{d}"
    differences = sum(a != b for a, b in zip(word, other, strict=False))
    return "substitution" if len(word) == len(other) and differences == 1 else "other"


def _agree(first: str, second: str) -> bool:
    """Return whether two texts that start together have the same letters as far as both go."""
    both = min(len(first), len(second))
    return first[:both] == second[:both]


def digest(*arrays: np.ndarray[Any, Any]) -> str:
    """Return the SHA-256 over dtype, shape and bytes of the arrays, in hexadecimal."""
    total = hashlib.sha256()
    for array in arrays:
        total.update(f"{array.dtype.str}{array.shape}".encode())
        total.update(np.ascontiguousarray(array).data)
    return total.hexdigest()


def _normalized(vectors: Floats) -> Floats:
    """Return rows at length 1; rows of zeros stay zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    result: Floats = (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return result


def _short(text: str) -> str:
    return repr(text if len(text) <= 30 else text[:27] + "…")
