"""WordVectors: what other programs know of an embedding, to and from a `KmerEmbedding`."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bioskipgram import __version__
from bioskipgram.config import TrainConfig
from bioskipgram.errors import CheckpointError
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.numerics.arrays import Counts, Floats, KmerCodes
from bioskipgram.sequences.alphabet import ALPHABETS

from .embedding import MAX_VALUE, KmerEmbedding, ModelInfo

IMPORTED = "imported"
"""The trainer in the info of a model that another program made."""


@dataclass(frozen=True, kw_only=True)
class WordVectors:
    """Words and their vectors, in any order, and what else a file may hold.

    Attributes
    ----------
    words
        V words.
    vectors
        float32[V, D].
    context
        float32[V, D], None = not known.
    counts
        int64[V], None = not known.
    columns
        Further columns by name: V numbers or texts each.
    points
        Projections by the name of their method: float32[V, 2 or 3].
    """

    words: list[str]
    vectors: Floats
    context: Floats | None = None
    counts: Counts | None = None
    columns: Mapping[str, Any] = field(default_factory=dict)
    points: Mapping[str, Floats] = field(default_factory=dict)


def check_trained_here(embedding: KmerEmbedding) -> None:
    """Raise a CheckpointError if a model's settings of training, to repeat it, are not known."""
    if embedding.info.trainer == IMPORTED:
        raise CheckpointError(
            "another program made this model and does not say how, so it cannot be trained again; "
            "give a model that was trained here"
        )


def of_model(embedding: KmerEmbedding, **more: Any) -> WordVectors:
    """Return a model's k-mers and vectors, as learnt; `more` are columns and points."""
    return WordVectors(
        words=embedding.vocabulary.texts,
        vectors=embedding.center,
        context=embedding.context if embedding.has_context else None,
        counts=embedding.vocabulary.counts if embedding.vocabulary.counted else None,
        **more,
    )


def as_model(
    found: WordVectors, *, source: str, sha256: str = "", **settings: Any
) -> tuple[KmerEmbedding, list[str]]:
    """Return a model of another program's vectors, and the words that were left out.

    The alphabet and the lengths follow from the words: those of A, C, G, T are DNA, with U for T
    RNA, others protein. A word that is no k-mer (``</s>``, ``UNK``) is left out, as is the second
    of two that are the same k-mer.

    Parameters
    ----------
    found
        What was read.
    source, sha256
        The name and the checksum of the file.
    settings
        What vectors alone do not say, by the names of `TrainConfig`: stride, canonical.

    Raises
    ------
    CheckpointError
        If there are no k-mers, or the vectors cannot be used.
    ConfigError
        If the k-mers are too long, or a setting does not suit them.
    """
    vectors = np.asarray(found.vectors)
    if vectors.ndim != 2 or len(vectors) != len(found.words) or not vectors.size:
        raise CheckpointError(f"{source}: {len(found.words)} words, vectors of {vectors.shape}")
    if not (np.abs(vectors) <= MAX_VALUE).all():
        raise CheckpointError(f"{source}: holds a value that is not finite, or beyond 1e9")
    config = _config(found.words, vectors.shape[1], source, settings)
    codes = _codes(found.words, config)
    kmers, first = np.unique(codes, return_index=True)
    first = first[kmers >= 0]  # the rows that are kept, in the order of their codes
    kept = np.zeros(len(codes), np.bool_)
    kept[first] = True
    counts = np.zeros(len(codes), np.int64) if found.counts is None else found.counts
    context = np.zeros_like(vectors) if found.context is None else found.context
    vocabulary = Vocabulary(config.tokenizer, codes[first], np.asarray(counts, np.int64)[first])
    center, outer = (np.asarray(table, np.float32)[first] for table in (vectors, context))
    model = KmerEmbedding(vocabulary, center, outer, _info(config, source, sha256))
    return model, [word for word, keep in zip(found.words, kept, strict=True) if not keep]


def _config(words: list[str], dim: int, source: str, settings: dict[str, Any]) -> TrainConfig:
    """Return the settings that words of this kind could be trained with."""
    letters = {word: set(word.upper()) for word in words}
    for alphabet in ("DNA", "RNA", "protein"):
        allowed = set(ALPHABETS[alphabet].letters)
        lengths = [len(word) for word in words if word and letters[word] <= allowed]
        if len(lengths) > len(words) / 2:
            break
    else:
        raise CheckpointError(
            f"{source}: most of its {len(words):,} words are k-mers of neither DNA, RNA nor "
            f"protein, as {words[0]!r:.40}"
        )
    k, shortest = max(lengths), min(lengths)
    k_min = 0 if k == shortest else shortest
    # RNA's letters are DNA's in this package's codes, so that both train alike.
    return TrainConfig.from_dict(
        {"k": k, "k_min": k_min, "dim": dim, "alphabet": alphabet, **settings}
    )


def _codes(words: list[str], config: TrainConfig) -> KmerCodes:
    """Return the code of each word, int64[V], -1 where it is no k-mer."""
    tokenizer = config.tokenizer
    alphabet, codes = tokenizer.alphabet, np.full(len(words), -1, np.int64)
    allowed = set(alphabet.letters)
    for row, word in enumerate(words):
        if tokenizer.shortest <= len(word) <= tokenizer.k and set(word.upper()) <= allowed:
            codes[row] = tokenizer.encode(word)
    return codes


def _info(config: TrainConfig, source: str, sha256: str) -> ModelInfo:
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return ModelInfo(
        config=config, trainer=IMPORTED, source=source, sha256=sha256, records=0, bases=0,
        loss=None, optimum=None, zero_loss=None, losses=(), steps_done=0, seconds=0.0,
        created=now, version=__version__,
    )  # fmt: skip
