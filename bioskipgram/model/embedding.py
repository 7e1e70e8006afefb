"""KmerEmbedding: vectors and their queries, without torch or files."""

import math
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from html import escape
from typing import Any, Self

import numpy as np

from bioskipgram.config import TrainConfig
from bioskipgram.errors import ConfigError, QueryError
from bioskipgram.files import digest
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.numerics.arrays import Floats, Tokens, checked
from bioskipgram.numerics.nearest import best, normalized

from .neighbors import Neighborhood, neighborhood
from .queries import ask

MAX_VALUE = 1e9
"""The largest component of a vector: squares, and sums of them, stay finite in float32."""


@dataclass(frozen=True, kw_only=True)
class ModelInfo:
    """Where a model comes from and how its training went.

    `trainer` is "exact" or "sampled". `loss` is the SGNS loss per pair at the end, nats: exact
    unless the table does not fit; `optimum` (of any dimension) and `zero_loss` (all-zero vectors)
    are None then, and so is `loss` where another program made the model. `losses` are (step,
    loss); `seconds` includes counting; `created` is UTC, ISO 8601.
    """

    config: TrainConfig
    trainer: str
    source: str
    sha256: str
    records: int
    bases: int
    loss: float | None
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
        if self.loss is None or self.optimum is None or self.zero_loss is None:
            return None
        return (self.loss - self.optimum) / (self.zero_loss - self.optimum)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Return the info `to_dict` gave; a KeyError, TypeError or ValueError for anything else."""
        known = {spec.name: values[spec.name] for spec in fields(cls)}
        known["config"] = TrainConfig.from_dict(known["config"])
        known["losses"] = tuple((int(step), float(loss)) for step, loss in known["losses"])
        found = cls(**known)
        found._check()
        return found

    def _check(self) -> None:
        words = (self.trainer, self.source, self.sha256, self.created, self.version)
        numbers = [self.seconds, *(loss for _, loss in self.losses)]
        known = (self.loss, self.optimum, self.zero_loss)
        numbers += [each for each in known if each is not None]
        whole = (self.records, self.bases, self.steps_done)
        if not all(isinstance(word, str) for word in words):
            raise TypeError("info: a name that is no text")
        "".join(words).encode()  # a lone surrogate is a ValueError
        if not all(type(n) in (int, float) and math.isfinite(n) for n in numbers):
            raise ValueError("info: a loss or a time that is no finite number")
        if not all(type(n) is int and 0 <= n < 2**63 for n in whole):
            raise ValueError("info: a count that is no whole number of 0 or more")


@dataclass(frozen=True, repr=False)
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
            if not (np.abs(array) <= MAX_VALUE).all():  # also where it is NaN
                raise ValueError(f"{name}: holds a value that is not finite, or beyond 1e9")
            object.__setattr__(self, name, array)

    def __len__(self) -> int:
        return len(self.vocabulary)

    def __repr__(self) -> str:
        return f"<KmerEmbedding: {', '.join(f'{value} {name}' for name, value in self._facts())}>"

    def _repr_html_(self) -> str:
        """Return what the model is as a table, which a notebook shows."""
        info = self.info
        facts = [*self._facts(), ("source", info.source), ("trainer", info.trainer)]
        facts += [("gap to the optimum", "not known" if info.gap is None else f"{info.gap:.1%}")]
        rows = (f"<tr><th>{name}</th><td>{escape(str(value))}</td></tr>" for name, value in facts)
        return f"<table>{''.join(rows)}</table>"

    def _facts(self) -> list[tuple[str, object]]:
        word = f"{self.vocabulary.tokenizer.word}s of {self.info.config.alphabet}"
        return [(word, f"{len(self):,}"), ("dimensions", self.center.shape[1])]

    @cached_property
    def digest(self) -> str:
        """The model's identity: SHA-256 of its arrays, 64 hexadecimal digits."""
        return digest(self.center, self.context, self.vocabulary.kmers, self.vocabulary.counts)

    @property
    def has_context(self) -> bool:
        """Whether context vectors are known; another program's file may hold none."""
        return bool(self.context.any())

    def removing(self, components: int) -> "KmerEmbedding":
        """Return the same vectors, compared without their leading principal components."""
        return replace(self, remove_components=components)

    @cached_property
    def unit(self) -> Floats:
        """Centre vectors at length 1, float32[V, D], leading components removed; zero stays."""
        vectors = self.center
        if self.remove_components:
            vectors = vectors - vectors.mean(axis=0)
            axes = np.linalg.svd(vectors, full_matrices=False)[2][: self.remove_components]
            vectors = vectors - vectors @ axes.T @ axes
        unit: Floats = checked(normalized(vectors), "unit", np.float32, self.center.shape)
        return unit

    @cached_property
    def twins(self) -> Tokens:
        """The token of each k-mer's reverse complement, int32[V]; -1 = not in the vocabulary."""
        tokenizer, kmers = self.vocabulary.tokenizer, self.vocabulary.kmers
        if not tokenizer.alphabet.complement:
            return np.full(len(kmers), -1, np.int32)
        return self.vocabulary.tokens(tokenizer.reverse_complements(kmers))

    def vector(self, query: str) -> Floats:
        """Return the unit vector of a k-mer, or the mean direction of a sequence's k-mers.

        `query` has at least k letters (or one word, where words have several lengths) in any case,
        U or T; k-mers that the model does not know are left out. The result is float32[D]. A
        QueryError if the query is shorter than k or none of its k-mers is known.
        """
        return self.direction(self.tokens_of(query))

    def direction(self, tokens: Tokens) -> Floats:
        """Return the mean direction of some k-mers, a unit vector, float32[D]."""
        direction: Floats = normalized(self.unit[tokens].mean(axis=0, keepdims=True))[0]
        return direction

    def tokens_of(self, query: str) -> Tokens:
        """Return the tokens of the known k-mers of a sequence, int32[at least 1]; see `vector`.

        Where words have several lengths, a longer text is cut into the longest words.
        """
        tokens = self.windows_of(query)
        known: Tokens = tokens[tokens >= 0]
        return known

    def windows_of(self, query: str) -> Tokens:
        """Return a token for every window of a sequence, -1 where it is not known."""
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
        return tokens

    def neighbors(self, query: str, n: int = 10, *, hide: Collection[str] = ()) -> Neighborhood:
        """Return the `n` nearest k-mers of a query by cosine, the query's own left out.

        `query` is a k-mer, a longer sequence or a pattern (see `queries.ask`); `hide` holds kinds
        of relation to leave out (see `neighbors.neighborhood`). Fewer come where fewer are left. A
        QueryError if the text is no query, or nothing is left.
        """
        return neighborhood(self, ask(self, query), n, hide=hide)

    def similarity(self, first: str, second: str) -> float:
        """Return the cosine of two k-mers or sequences, -1 to 1."""
        return float(self.vector(first) @ self.vector(second))

    def nearest(
        self, vectors: Floats, n: int, *, without: Sequence[Tokens]
    ) -> tuple[Tokens, Floats]:
        """Return the tokens and cosines of the k-mers nearest to vectors, int32 and float32[Q, n].

        `vectors` are unit vectors, float32[Q, D]; `without` lists for each the tokens to leave out;
        fewer than `n` come where fewer are left.
        """
        left = min(len(self) - len(np.unique(tokens)) for tokens in without)
        if not left:
            raise QueryError("the query holds every k-mer of this model; none is left to find")
        scores = vectors @ self.unit.T  # [Q, V]
        for row, tokens in zip(scores, without, strict=True):
            row[tokens] = -np.inf
        n = max(1, min(n, left))
        found = best(scores, n)  # [Q, n]
        return found, np.take_along_axis(scores, found, axis=1)


def _short(text: str) -> str:
    return repr(text if len(text) <= 30 else text[:27] + "…")
