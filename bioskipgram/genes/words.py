"""Records -> sets of words that need no model: 11-mers, and amino-acid words.

The Mash distance (Ondov et al. 2016, doi:10.1186/s13059-016-0997-x) compares sets of canonical
k-mers by their lowest hashes, a sample that is the same for equal sets. Here k is 11 for every
model, so that a pair of genes has one distance.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bioskipgram.kmers.genetic_code import amino_acid_of_codon
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.numerics.arrays import BaseCodes, Counts, KmerCodes, Offsets, check_fields
from bioskipgram.sequences.alphabet import DNA, PROTEIN
from bioskipgram.sequences.orfs import coding_parts
from bioskipgram.sequences.sequences import Sequences

from .counts import Csr

Rows = slice | NDArray[np.integer[Any]] | list[int]
DNA_WORDS = KmerTokenizer(11, canonical=True, alphabet=DNA)
PROTEIN_WORDS = KmerTokenizer(3, alphabet=PROTEIN)
_BITS = 2 * DNA_WORDS.k
_AT_ONCE = 1 << 22
"""Letters cut into words at once: 32 MB for each array."""


@dataclass(frozen=True, eq=False)
class WordSets:
    """The sets of words of R records, or the part of each up to a limit."""

    matrix: Csr  # [R, words], 1 where a record has a word; indices ascending
    limits: Counts  # int64[R], a record's words are complete up to this column
    k: int  # letters of a word

    def __post_init__(self) -> None:
        check_fields(self, limits=(np.int64, self.matrix.shape[0]))

    def __len__(self) -> int:
        return len(self.limits)

    def __getitem__(self, rows: Rows) -> "WordSets":
        return WordSets(self.matrix[rows], self.limits[rows], self.k)

    @classmethod
    def joined(cls, parts: list["WordSets"]) -> "WordSets":
        """Return the records of several, one after another."""
        from scipy.sparse import vstack

        matrix = vstack([part.matrix for part in parts], "csr")
        return cls(matrix, np.concatenate([part.limits for part in parts]), parts[0].k)

    @classmethod
    def of_counts(cls, counts: Csr, k: int) -> "WordSets":
        """Return the sets of k-mers of records from their counts."""
        matrix = counts.copy()
        matrix.eliminate_zeros()
        matrix.sort_indices()
        return cls._complete(matrix, k)

    @classmethod
    def of_keys(cls, keys: KmerCodes, records: int, tokenizer: KmerTokenizer) -> "WordSets":
        """Return the sets of words written as record * (number of words) + word, ascending."""
        from scipy.sparse import csr_matrix

        rows, columns = np.divmod(keys, tokenizer.size)
        indptr = rows.searchsorted(np.arange(records + 1))
        ones = np.ones(len(keys), np.int32)
        shape = (records, tokenizer.size)
        matrix = csr_matrix((ones, columns.astype(np.int32), indptr), shape=shape)
        matrix.has_sorted_indices = True
        return cls._complete(matrix, tokenizer.k)

    @classmethod
    def _complete(cls, matrix: Csr, k: int) -> "WordSets":
        matrix = matrix.astype(np.int32)
        matrix.data[:] = 1
        return cls(matrix, np.full(matrix.shape[0], matrix.shape[1] - 1, np.int64), k)

    @property
    def sizes(self) -> Counts:
        """How many words are kept of each record, int64[R]."""
        sizes: Counts = np.diff(self.matrix.indptr).astype(np.int64)
        return sizes

    @cached_property
    def complete(self) -> bool:
        """Whether no record has words beyond its limit."""
        return bool((self.limits == self.matrix.shape[1] - 1).all())

    @cached_property
    def keys(self) -> KmerCodes:
        """Every entry as record * (number of words) + word, ascending, int64[entries]."""
        rows = np.repeat(np.arange(len(self)), self.sizes)
        keys: KmerCodes = rows * self.matrix.shape[1] + self.matrix.indices
        return keys

    def up_to(self, rows: Counts, limits: Counts) -> Counts:
        """Return how many words of records are at or below their limits, int64 of that shape."""
        found = self.keys.searchsorted(rows * self.matrix.shape[1] + limits, side="right")
        numbers: Counts = found - self.matrix.indptr[rows]
        return numbers

    def sketch(self, size: int) -> "WordSets":
        """Return the `size` lowest words of each record, complete up to the last of them."""
        from scipy.sparse import csr_matrix

        kept = np.arange(len(self.keys)) - np.repeat(self.matrix.indptr[:-1], self.sizes) < size
        sizes = np.minimum(self.sizes, size)
        indptr = np.concatenate([[0], np.cumsum(sizes)])
        columns = self.matrix.indices[kept]
        last = columns[np.maximum(indptr[1:] - 1, 0)] if len(columns) else self.limits
        limits = np.where(sizes == size, np.minimum(last, self.limits), self.limits)
        matrix = csr_matrix((self.matrix.data[kept], columns, indptr), shape=self.matrix.shape)
        return WordSets(matrix, limits.astype(np.int64), self.k)


@dataclass(frozen=True, eq=False)
class Words:
    """What records are compared by without a model."""

    dna: WordSets | None  # canonical 11-mers in the order of a hash; None for protein
    protein: WordSets  # 3-letter words of the proteins; of nucleotides, of `orfs.coding_part`

    def __len__(self) -> int:
        return len(self.protein)

    def __getitem__(self, rows: Rows) -> "Words":
        return Words(None if self.dna is None else self.dna[rows], self.protein[rows])

    def sketch(self, size: int) -> "Words":
        """Return the same with the lowest `size` 11-mers of each record."""
        return Words(None if self.dna is None else self.dna.sketch(size), self.protein)

    @classmethod
    def joined(cls, parts: list["Words"]) -> "Words":
        """Return the records of several, one after another."""
        dna = [part.dna for part in parts if part.dna is not None]
        return cls(
            WordSets.joined(dna) if dna else None,
            WordSets.joined([part.protein for part in parts]),
        )


def words(sequences: Sequences) -> Words:
    """Return the sets of words of R records."""
    if not sequences.alphabet.complement:
        return Words(None, _sets(sequences.codes, sequences.offsets, PROTEIN_WORDS))
    return Words(
        _sets(sequences.codes, sequences.offsets, DNA_WORDS),
        _sets(*_proteins(sequences), PROTEIN_WORDS),
    )


def _sets(codes: BaseCodes, offsets: Offsets, tokenizer: KmerTokenizer) -> WordSets:
    """Return the sets of words of consecutive records of a flat array, many at a time."""
    R = len(offsets) - 1
    cuts = np.unique(offsets.searchsorted(np.arange(0, offsets[-1], _AT_ONCE), side="right") - 1)
    cuts = np.append(cuts, R)
    parts = [np.zeros(0, np.int64)]
    for first, last in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        part = codes[offsets[first] : offsets[last]]
        found = tokenizer.codes(part)
        record = np.repeat(np.arange(first, last), np.diff(offsets[first : last + 1]))
        starts = np.flatnonzero(found >= 0)
        starts = starts[record[starts] == record[starts + tokenizer.k - 1]]
        columns = _hashed(found[starts]) if tokenizer is DNA_WORDS else found[starts]
        keys = np.sort(record[starts] * tokenizer.size + columns)
        parts.append(keys[np.diff(keys, prepend=-1) > 0])
    return WordSets.of_keys(np.concatenate(parts), R, tokenizer)


def _hashed(codes: KmerCodes) -> KmerCodes:
    """Return a fixed permutation of all 11-mer codes that separates neighbours."""
    mask = (1 << _BITS) - 1
    mixed = codes * 0x2C1B3C6D & mask
    mixed ^= mixed >> (_BITS // 2)
    mixed = mixed * 0x297A2D39 & mask
    return mixed ^ mixed >> (_BITS // 2)


def _proteins(sequences: Sequences) -> tuple[BaseCodes, Offsets]:
    """Return the residue codes of the records' coding parts, 20 for a stop or unknown."""
    starts, stops = coding_parts(sequences)
    sizes = (stops - starts) // 3
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    first = np.repeat(sequences.offsets[:-1] + starts - 3 * offsets[:-1], sizes)
    places = first + 3 * np.arange(offsets[-1])
    bases = [sequences.codes[places + i].astype(np.int64) for i in range(3)]
    known = np.maximum.reduce(bases) < DNA.unknown
    codons = np.where(known, 16 * bases[0] + 4 * bases[1] + bases[2], 0)
    residues = np.where(known, amino_acid_of_codon()[codons], PROTEIN.unknown)
    return residues.astype(np.uint8), offsets
