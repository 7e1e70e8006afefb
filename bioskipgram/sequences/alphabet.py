"""Letters <-> base codes. An alphabet is a value: DNA, RNA or protein."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bioskipgram.errors import ConfigError
from bioskipgram.numerics.arrays import BaseCodes

UNKNOWN = 4
"""The base code of anything but A, C, G and T; of other alphabets: `Alphabet.unknown`."""
INVALID = 255
"""What `Alphabet.table` holds for bytes that no sequence of this alphabet may contain."""


@dataclass(frozen=True)
class Alphabet:
    """The letters of a sequence, their codes and, for nucleotides, their complements.

    `letters` and `complement` (of the other strand; empty if there is none) are in the order of the
    codes; `synonyms` share the code of a letter, `ambiguous` letters become `unknown`, which is
    shown as `any`, and `unit` is what one letter stands for.

    Examples
    --------
    >>> DNA.encode("acgTN").tolist()
    [0, 1, 2, 3, 4]
    >>> DNA.decode(DNA.reverse_complement(DNA.encode("AAGN")))
    'NCTT'
    >>> PROTEIN.unknown, PROTEIN.decode(PROTEIN.encode("MKVX*"))
    (20, 'MKVXX')
    """

    name: str
    letters: str
    synonyms: tuple[tuple[str, str], ...] = ()
    ambiguous: str = ""
    complement: str = ""
    any: str = "N"
    unit: str = "base"

    @property
    def unknown(self) -> int:
        """The base code of every other symbol: the number of letters."""
        return len(self.letters)

    @cached_property
    def table(self) -> bytes:
        """Byte -> code, 256 entries, upper and lower case; `INVALID` for foreign bytes."""
        table = np.full(256, INVALID, np.uint8)
        pairs = [(letter, code) for code, letter in enumerate(self.letters)]
        pairs += [(other, self.letters.index(letter)) for other, letter in self.synonyms]
        pairs += [(letter, self.unknown) for letter in self.ambiguous]
        for letter, code in pairs:
            table[ord(letter.upper())] = table[ord(letter.lower())] = code
        return table.tobytes()

    def encode(self, text: str | bytes) -> BaseCodes:
        """Return the base codes, uint8[len(text)]; every unlisted symbol is `unknown`."""
        # "replace" keeps one byte per character, so positions are preserved.
        raw = text.encode("ascii", "replace") if isinstance(text, str) else text
        codes = np.frombuffer(raw.translate(self.table), np.uint8)
        return np.minimum(codes, np.uint8(self.unknown))

    def decode(self, codes: BaseCodes) -> str:
        """Return the letters of `codes`, `any` for `unknown`."""
        letters = np.frombuffer((self.letters + self.any).encode(), np.uint8)
        return bytes(letters[codes]).decode()

    def reverse_complement(self, codes: BaseCodes) -> BaseCodes:
        """Return the codes of the other strand, 5' to 3', uint8; a ConfigError if there is none."""
        self.check_strands("reverse complement")
        partners = [self.letters.index(letter) for letter in self.complement]
        complement = np.array([*partners, self.unknown], np.uint8)
        return complement[codes[::-1]]

    def check_strands(self, setting: str) -> None:
        """Raise a ConfigError that names `setting` unless there is another strand."""
        if not self.complement:
            raise ConfigError(
                f"{setting}: {self.name} has no other strand; leave it off, "
                "or give nucleotides and the alphabet DNA or RNA"
            )


_IUPAC = "RYSWKMBDHVNX-."
DNA = Alphabet("DNA", "ACGT", synonyms=(("U", "T"),), ambiguous=_IUPAC, complement="TGCA")
RNA = Alphabet("RNA", "ACGU", synonyms=(("T", "U"),), ambiguous=_IUPAC, complement="UGCA")
# Selenocysteine (U) and pyrrolysine (O) are too rare to be words of their own.
PROTEIN = Alphabet(
    "protein", "ACDEFGHIKLMNPQRSTVWY", ambiguous="BZXJOU*-.", any="X", unit="residue"
)
ALPHABETS = {alphabet.name: alphabet for alphabet in (DNA, RNA, PROTEIN)}
