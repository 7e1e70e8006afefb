"""Properties of the letters of k-mers: one number per k-mer, computed from the codes alone.

Every function takes int64[n] k-mer codes and their tokenizer, and returns float32[n], NaN where the
number is not defined.
"""

import numpy as np
from numpy.typing import NDArray

from bioskipgram.numerics.arrays import BaseCodes, Doubles, Flags, Floats, KmerCodes

from .tokenizer import KmerTokenizer

A, C, G, T = range(4)
SODIUM, STRAND = 50.0, 25.0
"""mM of Na+ and nM of each strand at which duplexes melt: Biopython's defaults."""


def share(codes: KmerCodes, tokenizer: KmerTokenizer, letters: tuple[int, ...]) -> Floats:
    """Return the share of these base codes in each k-mer, 0 to 1."""
    found = np.isin(tokenizer.bases(codes), letters).sum(axis=1)
    result: Floats = (found / tokenizer.lengths(codes)).astype(np.float32)
    return result


def gc_content(codes: KmerCodes, tokenizer: KmerTokenizer) -> Floats:
    """Return the share of G and C in each k-mer of DNA or RNA, 0 to 1."""
    return share(codes, tokenizer, (C, G))


def skew(codes: KmerCodes, tokenizer: KmerTokenizer, plus: int, minus: int) -> Floats:
    """Return (plus - minus) / (plus + minus) of two base codes, -1 to 1; NaN without either.

    Lobry 1996, 10.1093/oxfordjournals.molbev.a025626.
    """
    bases = tokenizer.bases(codes)
    more, less = (bases == plus).sum(axis=1), (bases == minus).sum(axis=1)
    return _ratio(more - less, more + less)


def cpg_ratio(codes: KmerCodes, tokenizer: KmerTokenizer) -> Floats:
    """Return observed over expected CpG, CpG · length / (C · G); NaN without a C or a G.

    Gardiner-Garden & Frommer 1987, 10.1016/0022-2836(87)90689-9.
    """
    bases = tokenizer.bases(codes)
    pairs = ((bases[:, :-1] == C) & (bases[:, 1:] == G)).sum(axis=1)
    possible = (bases == C).sum(axis=1) * (bases == G).sum(axis=1)
    return _ratio(pairs * tokenizer.lengths(codes), possible)


def entropy(codes: KmerCodes, tokenizer: KmerTokenizer) -> Floats:
    """Return the Shannon entropy of each k-mer's letters, bits.

    The complexity K2 of Wootton & Federhen 1993, 10.1016/0097-8485(93)85006-X.
    """
    bases, lengths = tokenizer.bases(codes), tokenizer.lengths(codes)
    total = np.zeros(len(codes))
    for letter in range(tokenizer.alphabet.unknown):
        part = (bases == letter).sum(axis=1) / lengths
        total -= part * np.log2(np.where(part > 0, part, 1))
    result: Floats = np.abs(total).astype(np.float32)  # takes the sign off -0
    return result


def dust(codes: KmerCodes, tokenizer: KmerTokenizer) -> Floats:
    """Return the DUST score: pairs of equal triplets over the number of triplets less one.

    Morgulis et al. 2006, 10.1089/cmb.2006.13.1028. 0 = no repeated triplet; NaN below four letters.
    """
    bases, lengths = tokenizer.bases(codes), tokenizer.lengths(codes)
    triplets, known = subwords(bases, 3, tokenizer.alphabet.unknown)
    equal = np.zeros(len(codes), np.int64)
    for i in range(len(triplets)):
        for j in range(i):
            equal += (triplets[i] == triplets[j]) & known[i]
    return _ratio(equal, np.maximum(lengths - 3, 0))


def subwords(bases: BaseCodes, length: int, letters: int) -> tuple[NDArray[np.int32], Flags]:
    """Return every sub-word of a length by position as a number, int32[k - length + 1, n].

    `bases` is uint8[n, k]; a bool array of the same shape tells where the word is long enough.
    """
    columns = np.ascontiguousarray(bases.T)
    places = len(columns) - length + 1
    words = columns[:places].astype(np.int32)
    for offset in range(1, length):
        words *= letters
        words += columns[offset : offset + places]
    # Words are filled up at their end, so the last letter is known only if all are.
    return words, columns[length - 1 :] < letters


def melting_temperature(codes: KmerCodes, tokenizer: KmerTokenizer) -> Floats:
    """Return the melting temperature of each k-mer with its complement, degrees Celsius.

    Nearest neighbours with the parameters and salt correction of SantaLucia 1998
    (10.1073/pnas.95.4.1460), as in Biopython (``DNA_NN3``, ``saltcorr=5``), at 50 mM Na+ and 25 nM
    of each strand; palindromes pair with themselves. So short a duplex is hardly stable: only the
    order is meaningful.
    """
    bases, lengths = tokenizer.bases(codes), tokenizer.lengths(codes)
    steps, ends = _duplex_tables()
    pairs, known = subwords(bases, 2, 4)
    rows = np.arange(len(bases))
    sums = ends[bases[:, 0]] + ends[bases[rows, lengths - 1]]  # [n, 2]: kcal/mol, cal/(mol K)
    for pair, there in zip(pairs, known, strict=True):
        sums += steps[np.where(there, pair, _NO_STEP)]
    palindromes = tokenizer.reverse_complements(codes) == codes
    sums[:, 1] += np.where(palindromes, _SYMMETRY, 0)
    sums[:, 1] += 0.368 * (lengths - 1) * np.log(SODIUM * 1e-3)
    strands = np.where(palindromes, STRAND, STRAND / 2) * 1e-9
    kelvin = 1000 * sums[:, 0] / (sums[:, 1] + _GAS * np.log(strands))
    result: Floats = (kelvin - 273.15).astype(np.float32)
    return result


_NO_STEP = 16
_GAS = 1.987
"""cal/(mol K)"""
_SYMMETRY = -1.4
"""cal/(mol K): the entropy a duplex of one strand with itself loses."""


def _duplex_tables() -> tuple[Doubles, Doubles]:
    """Return enthalpy and entropy of each dinucleotide and of each end, float64[17 and 4, 2]."""
    from Bio.SeqUtils.MeltingTemp import DNA_NN3

    letters, other = "ACGT", "TGCA"
    steps = np.zeros((_NO_STEP + 1, 2))
    for first in range(4):
        for second in range(4):
            name = f"{letters[first]}{letters[second]}/{other[first]}{other[second]}"
            steps[4 * first + second] = DNA_NN3[name if name in DNA_NN3 else name[::-1]]
    weak, strong = DNA_NN3["init_A/T"], DNA_NN3["init_G/C"]
    return steps, np.array([weak, strong, strong, weak])


def _ratio(above: NDArray[np.int64], below: NDArray[np.int64]) -> Floats:
    """Return a ratio as float32, NaN where it is over 0."""
    result = np.full(len(above), np.nan, np.float32)
    np.divide(above, below, out=result, where=below > 0, casting="unsafe")
    return result
