"""Records of base codes in one flat array."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bioskipgram.errors import FastaError
from bioskipgram.numerics.arrays import BaseCodes, Offsets, checked

from .alphabet import DNA, Alphabet
from .headers import parse_header


@dataclass(frozen=True)
class BadRecord:
    """A record that was left out, or a whole file (name ""), and why; line 0 = not known."""

    file: str
    name: str
    line: int
    reason: str

    def __str__(self) -> str:
        """Return the sentence that commands and pages show."""
        where = f"{self.file}, line {self.line}" if self.line else self.file
        return f"{where}: {f'{self.name[:60]}: ' if self.name else ''}{self.reason}"


@dataclass(frozen=True, eq=False)
class Sequences:
    r"""Records of base codes, one flat array and where each record starts.

    Attributes
    ----------
    names
        First word of each header; duplicates are kept. "record 3" if the third has none.
    descriptions
        Each whole header line, without ``>`` and control characters.
    codes
        uint8[L], 0-3 = A C G T, 4 = anything else (protein: 0-19 and 20); all records one after
        another.
    offsets
        int64[R+1], record i is ``codes[offsets[i]:offsets[i + 1]]``.
    alphabet
        What the codes mean.

    Examples
    --------
    >>> from bioskipgram.sequences.fasta import read
    >>> sequences = read(b">HBB src=x id=y\nATGGTGCAT\n>empty\n")
    >>> len(sequences), sequences.lengths.tolist(), sequences.text(0), sequences.symbols
    (2, [9, 0], 'ATGGTGCAT', ('HBB', ''))
    """

    names: tuple[str, ...]
    descriptions: tuple[str, ...]
    codes: BaseCodes
    offsets: Offsets
    alphabet: Alphabet = DNA

    def __post_init__(self) -> None:
        codes = checked(self.codes, "codes", np.uint8, (None,))
        offsets = checked(self.offsets, "offsets", np.int64, (len(self.names) + 1,))
        if len(self.descriptions) != len(self.names):
            raise ValueError(f"{len(self.names)} names, {len(self.descriptions)} descriptions")
        if offsets[0] != 0 or offsets[-1] != len(codes) or (np.diff(offsets) < 0).any():
            raise ValueError(f"offsets must rise from 0 to {len(codes)}, the number of codes")
        object.__setattr__(self, "codes", codes)
        object.__setattr__(self, "offsets", offsets)

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, index: int) -> BaseCodes:
        if not -len(self) <= index < len(self):
            raise IndexError(f"record {index}: there are {len(self)}")
        index %= len(self)
        return self.codes[self.offsets[index] : self.offsets[index + 1]]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Bases in each record, int64[R]."""
        return np.diff(self.offsets)

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """Gene symbol of each record, "" where its header has none."""
        return tuple(parse_header(line).symbol for line in self.descriptions)

    def head(self, n: int) -> "Sequences":
        """Return the first `n` records, or all there are."""
        n = min(n, len(self))
        return Sequences(
            self.names[:n], self.descriptions[:n], self.codes[: self.offsets[n]],
            self.offsets[: n + 1], self.alphabet,
        )  # fmt: skip

    def both_strands(self) -> "Sequences":
        """Return the records and then, from the last to the first, their reverse complements."""
        L = len(self.codes)
        other = self.alphabet.reverse_complement(self.codes)
        return Sequences(
            self.names + tuple(f"{name} (other strand)" for name in reversed(self.names)),
            self.descriptions + self.descriptions[::-1],
            np.concatenate([self.codes, other]),
            np.concatenate([self.offsets, 2 * L - self.offsets[-2::-1]]),
            self.alphabet,
        )

    def check_longest(self, k: int, name: str) -> None:
        """Raise a FastaError, which names the file, unless a record has `k` letters or more."""
        if (longest := int(self.lengths.max())) < k:
            raise FastaError(
                f"{name}: the longest sequence has {longest} {self.alphabet.unit}s, fewer than "
                f"k = {k}; give longer sequences or a smaller k"
            )

    def text(self, index: int) -> str:
        """Return the letters of one record, ``N`` (protein: ``X``) where they are unknown."""
        return self.alphabet.decode(self[index])


def joined(blocks: "list[Sequences]", alphabet: Alphabet = DNA) -> Sequences:
    """Return the records of all blocks, one block after another."""
    ends = np.cumsum([0, *(len(block.codes) for block in blocks)])
    starts = [block.offsets[1:] + end for block, end in zip(blocks, ends, strict=False)]
    return Sequences(
        tuple(name for block in blocks for name in block.names),
        tuple(line for block in blocks for line in block.descriptions),
        np.concatenate([np.zeros(0, np.uint8), *(block.codes for block in blocks)]),
        np.concatenate([np.zeros(1, np.int64), *starts]),
        alphabet,
    )
