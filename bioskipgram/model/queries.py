"""What may be asked of an embedding: a k-mer, a longer sequence, a pattern over the vocabulary."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bioskipgram.arrays import Tokens, checked
from bioskipgram.errors import QueryError
from bioskipgram.kmers.patterns import matching

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
    """A question and the k-mers that answer to it.

    Attributes
    ----------
    text
        As asked, without blanks, in capitals; a regex as it stands.
    kind
        "k-mer", "sequence" or "pattern".
    tokens
        int32[n] k-mers it stands for: itself, those along a sequence in order (one that comes
        twice is there twice), all that contain a pattern.
    unknown
        Windows of a sequence that the model does not know.
    """

    text: str
    kind: str
    tokens: Tokens
    unknown: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "tokens", checked(self.tokens, "tokens", np.int32, (None,)))

    @property
    def label(self) -> str:
        """The text, shortened to what a label holds."""
        return self.text if len(self.text) <= _ALONE // 2 else f"{self.text[: _ALONE // 2 - 1]}…"

    @property
    def token(self) -> int | None:
        """The one k-mer it stands for; None if it is not a k-mer."""
        return int(self.tokens[0]) if self.kind == KMER else None


def ask(embedding: "KmerEmbedding", text: str) -> Query:
    """Return what a text stands for.

    Letters of the alphabet are one k-mer where they have its length, and a sequence where they
    are more; fewer of them, IUPAC codes among as many, or ``/a regex/`` are a pattern.

    Raises
    ------
    QueryError
        If the text is empty, no pattern, matches no k-mer, or the model knows no k-mer of it.
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
    """Return the queries of a text: separated by commas, semicolons or line ends, or as FASTA.

    Raises
    ------
    QueryError
        See `ask`; also if there are more than `most`.
    """
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
    return [*found, (rare, f"the rarest {len(rare)}-mer")][:most]


def _answers(embedding: "KmerEmbedding", text: str) -> bool:
    try:
        return len(set(ask(embedding, text).tokens.tolist())) < len(embedding)
    except QueryError:
        return False


def analogy_example(embedding: "KmerEmbedding") -> tuple[str, str, str] | None:
    """Return "B, C", "A" and the D that letters lead one to expect of B - A + C.

    A is the commonest k-mer; B is A with a letter in its middle changed; C is the commonest that
    has A's letter there and differs elsewhere; D is C with the same change. None if the model
    does not know four such k-mers.
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
