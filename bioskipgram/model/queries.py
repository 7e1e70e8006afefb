"""Queries of an embedding: a k-mer, a longer sequence, a pattern over the vocabulary."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bioskipgram.errors import QueryError
from bioskipgram.kmers.patterns import matching
from bioskipgram.numerics.arrays import Tokens, checked

if TYPE_CHECKING:
    from .embedding import KmerEmbedding

KMER, SEQUENCE, PATTERN = "k-mer", "sequence", "pattern"
_ITEM = re.compile(r"/[^/\n]*/|[^,;\n]+")  # a regex between slashes may hold a comma
_KNOWN = {
    "DNA": [
        ("AATAAA", "polyadenylation signal"),
        ("GCCACCATGG", "Kozak start"),
        ("CGNCG", "two CpGs"),
        ("TTAGGGTTAGGG", "telomere repeat"),
    ],
    "protein": [("GXG", "two glycines"), ("RGD", "integrin motif"), ("PPPP", "polyproline")],
}
_ALONE = 40
_COMMON = 500


@dataclass(frozen=True)
class Query:
    """A question and its k-mers, `tokens` int32[n]; `kind` is "k-mer", "sequence" or "pattern".

    The tokens of a sequence are in order, repeats included; `unknown` counts its windows that the
    model does not know.
    """

    text: str
    kind: str
    tokens: Tokens
    unknown: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "tokens", checked(self.tokens, "tokens", np.int32, (None,)))

    @property
    def label(self) -> str:
        """The text, shortened for a label."""
        return self.text if len(self.text) <= _ALONE // 2 else f"{self.text[: _ALONE // 2 - 1]}…"

    @property
    def token(self) -> int | None:
        """The token of the query if it is one k-mer, else None."""
        return int(self.tokens[0]) if self.kind == KMER else None


def ask(embedding: "KmerEmbedding", text: str) -> Query:
    """Return the k-mer, sequence or pattern that a text stands for.

    Letters of the alphabet are one k-mer where they have its length, and a sequence where they are
    more; fewer of them, IUPAC codes among as many, or ``/a regex/`` are a pattern. A QueryError if
    no k-mer of the model answers to it.
    """
    tokenizer = embedding.vocabulary.tokenizer
    if text.strip().startswith("/"):
        return _pattern(embedding, text.strip())
    text = "".join(text.split()).upper()
    plain = bool(text) and bool(
        (tokenizer.alphabet.encode(text) < tokenizer.alphabet.unknown).all()
    )
    if len(text) <= tokenizer.k and not (plain and len(text) >= tokenizer.shortest):
        return _pattern(embedding, text)
    windows = embedding.windows_of(text)
    known = windows[windows >= 0]
    kind = KMER if len(text) <= tokenizer.k else SEQUENCE
    if kind == KMER:  # as the model spells it: T or U, and the canonical strand
        text = embedding.vocabulary.spell(known)[0]
    return Query(text, kind, known, len(windows) - len(known))


def _pattern(embedding: "KmerEmbedding", text: str) -> Query:
    tokens = np.flatnonzero(matching(embedding.vocabulary, text)).astype(np.int32)
    if not len(tokens):
        raise QueryError(
            f"{text}: no {embedding.vocabulary.tokenizer.word} of this model matches it"
        )
    return Query(text, PATTERN, tokens)


def ask_all(embedding: "KmerEmbedding", text: str, *, most: int = 24) -> list[Query]:
    """Return up to `most` queries of a text: FASTA, or separated by commas, semicolons or lines."""
    if text.lstrip().startswith(">"):
        records = [record.partition("\n")[2] for record in text.strip()[1:].split("\n>")]
        items = [record for record in records if record.strip()]
    else:
        items = [item for item in _ITEM.findall(text) if item.strip()]
    if len(items) > most:
        raise QueryError(f"{len(items)} queries; give up to {most} at a time")
    return [ask(embedding, item) for item in items]


def examples(embedding: "KmerEmbedding", *, most: int = 5) -> list[tuple[str, str]]:
    """Return queries this model can answer, each with what it is: the commonest k-mer first."""
    vocabulary = embedding.vocabulary
    commonest = vocabulary.spell(np.array([vocabulary.counts.argmax()], np.int32))[0]
    found = [(commonest, f"the most frequent {len(commonest)}-mer")]
    known = _KNOWN["DNA" if vocabulary.tokenizer.alphabet.complement else "protein"]
    found += [(text, what) for text, what in known if _answers(embedding, text)]
    rare = vocabulary.spell(np.argsort(vocabulary.counts)[:1].astype(np.int32))[0]
    found += [(rare, f"the rarest {len(rare)}-mer")] * (rare != commonest)
    return found[:most]


def _answers(embedding: "KmerEmbedding", text: str) -> bool:
    try:
        return len(set(ask(embedding, text).tokens.tolist())) < len(embedding)
    except QueryError:
        return False


def analogy_example(embedding: "KmerEmbedding") -> tuple[str, str, str] | None:
    """Return "B, C", "A" and the D expected of B - A + C; None without four such k-mers.

    A is the commonest k-mer; B is A with a middle letter changed; C is the commonest that shares
    A's letter there; D is C with the same change.
    """
    vocabulary = embedding.vocabulary
    order = np.argsort(-vocabulary.counts, kind="stable")[:_COMMON].astype(np.int32)
    common = vocabulary.spell(order)
    known, start = set(vocabulary.texts), common[0]
    place = len(start) // 2
    for letter in vocabulary.tokenizer.alphabet.letters:
        changed = start[:place] + letter + start[place + 1 :]
        for other in common[1:]:
            alike = len(other) == len(start) and other[place] == start[place]
            far = sum(a != b for a, b in zip(start, other, strict=False)) >= len(start) // 2
            expected = other[:place] + letter + other[place + 1 :]
            if alike and far and letter != start[place] and {changed, expected} <= known:
                return f"{changed}, {other}", start, expected
    return None
