"""k-mers as numbers: base codes -> k-mer codes, and arithmetic on the codes."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bioskipgram.errors import ConfigError, QueryError
from bioskipgram.numerics.arrays import BaseCodes, KmerCodes
from bioskipgram.sequences.alphabet import DNA, Alphabet

MAX_K = 12
MAX_CODES = 2**26
"""The most codes a tokenizer may have: their counters alone are 0.5 GB. Protein's k is up to 6."""


@dataclass(frozen=True)
class KmerTokenizer:
    """Cuts a record into k-mers.

    A k-mer code is the k-mer read as a number in base 4 (protein: 20), first base most
    significant, so numeric order is alphabetical order. With words of several lengths the
    shorter come first: a word's code is its number plus how many shorter words there are.

    Attributes
    ----------
    k
        Length in bases, 1 to 12; protein 1 to 6.
    stride
        Bases from one window to the next.
    frame
        Bases skipped at the start of a record, 0 to stride - 1.
    canonical
        Give a k-mer and its reverse complement the same code, the smaller of the two.
    alphabet
        The letters.
    k_min
        The shortest word, where words of every length from k_min to k share one space; 0 = all
        have length k.

    Examples
    --------
    >>> codons = KmerTokenizer(3, stride=3)
    >>> codons.decode(codons.codes(DNA.encode("ATGGCNTAAA")))
    ['ATG', '', 'TAA']
    >>> mixed = KmerTokenizer(2, k_min=1)
    >>> mixed.decode(mixed.all_codes())[:6], mixed.size
    (['A', 'C', 'G', 'T', 'AA', 'AC'], 20)
    """

    k: int
    stride: int = 1
    frame: int = 0
    canonical: bool = False
    alphabet: Alphabet = DNA
    k_min: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.k <= MAX_K:
            raise ConfigError(f"k: {self.k} is outside 1 to {MAX_K}")
        self._check_size()
        if not 1 <= self.stride <= self.k:
            raise ConfigError(
                f"stride: {self.stride} is outside 1 to k = {self.k}; "
                "a longer one would skip bases between the windows"
            )
        if not 0 <= self.frame < self.stride:
            raise ConfigError(
                f"frame: {self.frame} is outside 0 to stride - 1 = {self.stride - 1}; "
                "give stride 3 to choose one of the reading frames 0, 1, 2"
            )
        if self.canonical:
            self.alphabet.check_strands("canonical")
        self._check_lengths()

    def _check_size(self) -> None:
        A, most = len(self.alphabet.letters), self.k
        while A**most > MAX_CODES:
            most -= 1
        if self.k > most:
            raise ConfigError(
                f"k: {self.k} is too long for {self.alphabet.name}: {A}^{self.k} k-mers, of which "
                f"{MAX_CODES:,} can be counted; choose k up to {most}"
            )

    def _check_lengths(self) -> None:
        if not 0 <= self.k_min <= self.k:
            raise ConfigError(
                f"k-min: {self.k_min} is outside 0 to k = {self.k}; 0 = words of length k only"
            )
        if self.k_min and (self.stride > 1 or self.canonical):
            found = f"stride {self.stride}" if self.stride > 1 else "canonical"
            raise ConfigError(
                f"k-min: words of several lengths start at every base and are read as they stand, "
                f"which {found} contradicts; choose stride 1 without canonical, or k-min 0"
            )

    @property
    def shortest(self) -> int:
        """Length of the shortest words: k, unless `k_min` says otherwise."""
        return self.k_min or self.k

    @property
    def word(self) -> str:
        """The name of a word: "6-mer", or "3- to 8-mer"."""
        return f"{self.k}-mer" if self.shortest == self.k else f"{self.k_min}- to {self.k}-mer"

    @cached_property
    def starts(self) -> KmerCodes:
        """The first code of every length from `shortest` to k, and the end, int64[lengths + 1]."""
        sizes = len(self.alphabet.letters) ** np.arange(self.shortest, self.k + 1)
        return np.concatenate([[0], sizes.cumsum()]).astype(np.int64)

    @property
    def size(self) -> int:
        """How many codes there are: 4^k, or the sum over all lengths."""
        return int(self.starts[-1])

    def codes(self, bases: BaseCodes, length: int = 0) -> KmerCodes:
        """Return the k-mer code of each window, int64[windows], -1 where a base is unknown."""
        length = length or self.k
        windows = max(0, (len(bases) - self.frame - length) // self.stride + 1)
        starts = self.frame + self.stride * np.arange(windows)
        codes = np.zeros(windows, np.int64)
        known = np.ones(windows, np.bool_)
        for offset in range(length):
            base = bases[starts + offset] if self.stride > 1 else bases[offset:][:windows]
            codes = codes * len(self.alphabet.letters) + base
            known &= base < self.alphabet.unknown
        codes += self.starts[length - self.shortest]
        if self.canonical:
            codes = np.minimum(codes, reverse_complement(codes, self.k))
        return np.where(known, codes, -1)

    def drawn(self, bases: BaseCodes, rng: np.random.Generator) -> KmerCodes:
        """Return a word of random length (`shortest` to k) for every base where a k-mer fits.

        The rule of dna2vec's published vectors (Ng 2017, arXiv:1701.06279, there "sliding");
        int64[windows], -1 as in `codes`.
        """
        whole = self.codes(bases)
        lengths = rng.integers(self.shortest, self.k + 1, len(whole), dtype=np.uint8)
        left_out = len(self.alphabet.letters) ** (self.k - np.arange(self.shortest, self.k + 1))
        which = lengths - self.shortest
        words = self.starts[which] + (whole - self.starts[-2]) // left_out[which]
        return np.where(whole >= 0, words, -1)

    def all_codes(self) -> KmerCodes:
        """Return every code a window can have, ascending, int64[size] or fewer if canonical."""
        codes = np.arange(self.size)
        return codes[codes <= reverse_complement(codes, self.k)] if self.canonical else codes

    def encode(self, kmer: str) -> int:
        """Return the code of one k-mer; a QueryError if it is not k letters of the alphabet."""
        bases, letters = self.alphabet.encode(kmer), self.alphabet.letters
        if not self.shortest <= len(kmer) <= self.k or self.alphabet.unknown in bases:
            many = f"{self.k}" if self.shortest == self.k else f"{self.shortest} to {self.k}"
            raise QueryError(f"{kmer!r} is not a {self.word}: give {many} letters of {letters}")
        code = int(bases @ len(letters) ** np.arange(len(kmer) - 1, -1, -1))
        code += int(self.starts[len(kmer) - self.shortest])
        if self.canonical:
            return min(code, int(reverse_complement(np.array([code]), self.k)[0]))
        return code

    def decode(self, codes: KmerCodes) -> list[str]:
        """Return the k-mers of `codes` as text, an empty string for -1."""
        # numpy strips NULs at the end of a text.
        letters = np.frombuffer((self.alphabet.letters + "\0").encode(), np.uint8)
        text = letters[self.bases(codes)]  # [n, k]
        rows = np.ascontiguousarray(text).view(f"S{self.k}").ravel().astype(str)
        return [row if code >= 0 else "" for row, code in zip(rows.tolist(), codes, strict=True)]

    def lengths(self, codes: KmerCodes) -> KmerCodes:
        """Return how many letters each k-mer has, int64[n] (all codes at least 0)."""
        if self.shortest == self.k:
            return np.full(len(codes), self.k)
        return self.starts.searchsorted(codes, side="right") - 1 + self.shortest

    def bases(self, codes: KmerCodes) -> BaseCodes:
        """Return the base codes of k-mers, uint8[n, k], shorter words filled up with `unknown`."""
        result = np.full((len(codes), self.k), self.alphabet.unknown, np.uint8)
        for length, rows, numbers in self._by_length(codes):
            result[rows, :length] = bases_of(numbers, length, len(self.alphabet.letters))
        return result

    def reverse_complements(self, codes: KmerCodes) -> KmerCodes:
        """Return the codes of the reverse complements, int64[n] (all codes at least 0)."""
        self.alphabet.check_strands("reverse complement")
        result = np.zeros(len(codes), np.int64)
        for length, rows, numbers in self._by_length(codes):
            start = self.starts[length - self.shortest]
            result[rows] = start + reverse_complement(numbers, length)
        return result

    def _by_length(self, codes: KmerCodes) -> Iterator[tuple[int, KmerCodes | slice, KmerCodes]]:
        """Yield each length, the rows that have it, and their k-mers as numbers."""
        if self.shortest == self.k:
            yield self.k, slice(None), np.asarray(codes)
            return
        lengths = self.lengths(codes)
        for length, start in enumerate(self.starts[:-1], self.shortest):
            rows = np.flatnonzero(lengths == length)
            yield length, rows, codes[rows] - start


def bases_of(codes: KmerCodes, k: int, letters: int = 4) -> BaseCodes:
    """Return the base codes of k-mers of one length, uint8[n, k]; rows of -1 are meaningless."""
    if letters != 4:
        places = letters ** np.arange(k - 1, -1, -1)
        return (np.asarray(codes)[:, None] // places % letters).astype(np.uint8)
    shifts = 2 * np.arange(k - 1, -1, -1)
    return ((np.asarray(codes)[:, None] >> shifts) & 3).astype(np.uint8)


def reverse_complement(codes: KmerCodes, k: int) -> KmerCodes:
    """Return the codes of the reverse complements of k-mers of DNA or RNA, int64 like `codes`.

    Examples
    --------
    >>> t = KmerTokenizer(3)
    >>> t.decode(reverse_complement(np.array([t.encode("AAC")]), 3))
    ['GTT']
    """
    result = np.zeros_like(codes)
    rest = np.asarray(codes)
    for _ in range(k):
        # A C G T are 0 1 2 3, so the complement of c is 3 - c.
        result = (result << 2) | (3 - (rest & 3))
        rest = rest >> 2
    return result
