"""Letters <-> base codes. An alphabet is a value: DNA and RNA now, protein can follow."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .arrays import BaseCodes

UNKNOWN = 4
"""The base code of every symbol that is not one of the alphabet's letters."""
INVALID = 255
"""What `Alphabet.table` holds for bytes that no sequence of this alphabet may contain."""


@dataclass(frozen=True)
class Alphabet:
    """The letters of a sequence, their codes and their complements.

    Attributes
    ----------
    name
        How people call it, for messages.
    letters
        One letter per code, in code order.
    synonyms
        Further letters with the code of a letter: ``{"U": "T"}`` for DNA.
    ambiguous
        Letters that stand for several bases or for a gap; they become `UNKNOWN`.

    Examples
    --------
    >>> DNA.encode("acgTN").tolist()
    [0, 1, 2, 3, 4]
    >>> DNA.decode(DNA.reverse_complement(DNA.encode("AAGN")))
    'NCTT'
    """

    name: str
    letters: str
    synonyms: tuple[tuple[str, str], ...] = ()
    ambiguous: str = ""

    @cached_property
    def table(self) -> bytes:
        """Byte -> code, 256 entries, upper and lower case; `INVALID` for foreign bytes."""
        table = np.full(256, INVALID, np.uint8)
        pairs = [(letter, code) for code, letter in enumerate(self.letters)]
        pairs += [(other, self.letters.index(letter)) for other, letter in self.synonyms]
        pairs += [(letter, UNKNOWN) for letter in self.ambiguous]
        for letter, code in pairs:
            table[ord(letter.upper())] = table[ord(letter.lower())] = code
        return table.tobytes()

    def encode(self, text: str | bytes) -> BaseCodes:
        """Return the base codes, uint8[len(text)]; every unlisted symbol is `UNKNOWN`."""
        # "replace" keeps one byte per character, so positions stay true.
        raw = text.encode("ascii", "replace") if isinstance(text, str) else text
        codes = np.frombuffer(raw.translate(self.table), np.uint8)
        return np.minimum(codes, np.uint8(UNKNOWN))

    def decode(self, codes: BaseCodes) -> str:
        """Return the letters of `codes`, ``N`` for `UNKNOWN`."""
        letters = np.frombuffer((self.letters + "N").encode(), np.uint8)
        return bytes(letters[codes]).decode()

    def reverse_complement(self, codes: BaseCodes) -> BaseCodes:
        """Return the codes of the other strand, uint8, read in its own 5' to 3' direction."""
        # A C G T are 0 1 2 3, so the complement of c is 3 - c; UNKNOWN stays.
        complement = np.array([3, 2, 1, 0, UNKNOWN], np.uint8)
        return complement[codes[::-1]]


_IUPAC = "RYSWKMBDHVNX-."

DNA = Alphabet("DNA", "ACGT", synonyms=(("U", "T"),), ambiguous=_IUPAC)
RNA = Alphabet("RNA", "ACGU", synonyms=(("T", "U"),), ambiguous=_IUPAC)

ALPHABETS = {alphabet.name: alphabet for alphabet in (DNA, RNA)}
