"""k-mers as numbers: base codes -> k-mer codes, and arithmetic on the codes."""

from dataclasses import dataclass

import numpy as np

from .alphabet import DNA, UNKNOWN, Alphabet
from .arrays import BaseCodes, Floats, KmerCodes
from .errors import ConfigError, QueryError

MAX_K = 12


@dataclass(frozen=True)
class KmerTokenizer:
    """Cuts a record into k-mers.

    A k-mer code is the k-mer read as a number in base 4, first base most significant, so
    numeric order is alphabetical order.

    Attributes
    ----------
    k
        Length in bases, 1 to 12.
    stride
        Bases from one window to the next.
    frame
        Bases skipped at the start of a record, 0 to stride - 1.
    canonical
        Give a k-mer and its reverse complement the same code, the smaller of the two.
    alphabet
        The letters.

    Examples
    --------
    >>> codons = KmerTokenizer(3, stride=3)
    >>> codons.decode(codons.codes(DNA.encode("ATGGCNTAAA")))
    ['ATG', '', 'TAA']
    """

    k: int
    stride: int = 1
    frame: int = 0
    canonical: bool = False
    alphabet: Alphabet = DNA

    def __post_init__(self) -> None:
        if not 1 <= self.k <= MAX_K:
            raise ConfigError(f"k: {self.k} is outside 1 to {MAX_K}")
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

    @property
    def size(self) -> int:
        """How many codes there are: 4^k."""
        return int(len(self.alphabet.letters) ** self.k)

    def codes(self, bases: BaseCodes) -> KmerCodes:
        """Return one k-mer code per window of a record.

        Parameters
        ----------
        bases
            uint8[L] base codes of one record.

        Returns
        -------
        int64[windows]
            -1 where a window meets a non-ACGT base; empty if the record is shorter than k.
        """
        windows = max(0, (len(bases) - self.frame - self.k) // self.stride + 1)
        starts = self.frame + self.stride * np.arange(windows)
        codes = np.zeros(windows, np.int64)
        known = np.ones(windows, np.bool_)
        for offset in range(self.k):
            base = bases[starts + offset] if self.stride > 1 else bases[offset:][:windows]
            codes = codes * 4 + base
            known &= base < UNKNOWN
        if self.canonical:
            codes = np.minimum(codes, reverse_complement(codes, self.k))
        return np.where(known, codes, -1)

    def all_codes(self) -> KmerCodes:
        """Return every code a window can have, ascending, int64[size] or fewer if canonical."""
        codes = np.arange(self.size)
        return codes[codes <= reverse_complement(codes, self.k)] if self.canonical else codes

    def encode(self, kmer: str) -> int:
        """Return the code of one k-mer.

        Raises
        ------
        QueryError
            If it is not k letters of the alphabet.
        """
        bases = self.alphabet.encode(kmer)
        if len(kmer) != self.k or UNKNOWN in bases:
            raise QueryError(
                f"{kmer!r} is not a {self.k}-mer: give {self.k} letters of {self.alphabet.letters}"
            )
        code = int(bases @ 4 ** np.arange(self.k - 1, -1, -1))
        twin = int(reverse_complement(np.array([code]), self.k)[0])
        return min(code, twin) if self.canonical else code

    def decode(self, codes: KmerCodes) -> list[str]:
        """Return the k-mers of `codes` as text, an empty string for -1."""
        letters = np.frombuffer(self.alphabet.letters.encode(), np.uint8)
        text = letters[bases_of(codes, self.k)]  # [n, k]
        rows = np.ascontiguousarray(text).view(f"S{self.k}").ravel().astype(str)
        return [row if code >= 0 else "" for row, code in zip(rows.tolist(), codes, strict=True)]


def bases_of(codes: KmerCodes, k: int) -> BaseCodes:
    """Return the base codes of k-mers, uint8[n, k]; rows of code -1 are meaningless."""
    shifts = 2 * np.arange(k - 1, -1, -1)
    return ((np.asarray(codes)[:, None] >> shifts) & 3).astype(np.uint8)


def reverse_complement(codes: KmerCodes, k: int) -> KmerCodes:
    """Return the codes of the reverse complements, int64 like `codes` (all at least 0).

    Examples
    --------
    >>> t = KmerTokenizer(3)
    >>> t.decode(reverse_complement(np.array([t.encode("AAC")]), 3))
    ['GTT']
    """
    result = np.zeros_like(codes)
    rest = np.asarray(codes)
    for _ in range(k):
        result = (result << 2) | (3 - (rest & 3))
        rest = rest >> 2
    return result


def gc_content(codes: KmerCodes, k: int) -> Floats:
    """Return the share of G and C in each k-mer, float32[n], 0 to 1."""
    bases = bases_of(codes, k)
    share: Floats = ((bases == 1) | (bases == 2)).mean(axis=1, dtype=np.float32)
    return share


def translate(kmer: str, frame: int = 0) -> str:
    """Return the amino acids of the whole codons in `kmer` from `frame` on, ``*`` for a stop.

    The standard genetic code (NCBI table 1), as Biopython has it.

    Examples
    --------
    >>> translate("ATGTAA"), translate("CATGTA", frame=1)
    ('M*', 'M')
    """
    from Bio.Seq import translate as bio_translate

    whole = kmer[frame : frame + (len(kmer) - frame) // 3 * 3]
    return str(bio_translate(whole)) if whole else ""  # type: ignore[no-untyped-call]
