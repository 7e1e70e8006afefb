"""Every substitution of a record: scores, consequences, and the range in shuffles."""

from dataclasses import dataclass

import numpy as np

from bioskipgram.kmers.genetic_code import code, start_codons
from bioskipgram.numerics.arrays import BaseCodes, Floats, check_fields
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.sequences.shuffle import shuffled

from .consequence import KINDS
from .null import ContextNull, every, trinucleotides
from .protein import Protein, translated
from .score import Scorer, Text
from .variant import Variant

SHUFFLES = 10
_LETTERS = np.frombuffer(b"ACGTN", np.uint8)
BAND = (2.5, 97.5)
"""Percentiles of the shuffles at the ends of the band."""


@dataclass(frozen=True)
class Saturation:
    """The effect of every substitution in a record.

    `kinds` are int8[4, L] positions in `consequence.KINDS`; -1 = reference or unknown base.
    """

    bases: BaseCodes  # uint8[L] the record
    values: Floats  # float32[3, 4, L]: measure, new base, position; NaN at the reference base
    kinds: np.ndarray[tuple[int, ...], np.dtype[np.int8]]

    def __post_init__(self) -> None:
        L = len(self.bases)
        check_fields(self, bases=(np.uint8, L), values=(np.float32, 3, 4, L), kinds=(np.int8, 4, L))

    def variants(self, record: int = 0) -> list[Variant]:
        """Return the substitutions, along the record."""
        letters = "ACGT"
        return [
            Variant(record, int(p), letters[self.bases[p]], letters[b])
            for p, b in zip(*every(self.bases), strict=True)
        ]


def saturate(scorer: Scorer, text: Text, *, table: int = 1, threads: int = 0) -> Saturation:
    """Return the effects of all 3 L substitutions; `table` is the genetic code."""
    positions, alts = every(text.bases)
    values = np.full((3, 4, len(text.bases)), np.nan, np.float32)
    values[:, alts, positions] = scorer.substitutions(text, positions, alts, threads=threads)
    return Saturation(text.bases, values, kinds(text.bases, table))


def kinds(bases: BaseCodes, table: int = 1) -> np.ndarray[tuple[int, ...], np.dtype[np.int8]]:
    """Return the consequence of each base at each position, int8[4, L], as in `Saturation`."""
    protein = translated(bytes(_LETTERS[bases]).decode(), table)
    L, whole = len(bases), len(bases) // 3 * 3
    codons = bases[:whole].reshape(-1, 3).astype(np.int64)
    found = np.full((4, L), KINDS.index("not known"), np.int8)
    for place in range(3):
        for base in range(4):
            new = codons.copy()
            new[:, place] = base
            found[base, place:whole:3] = _kind(protein, codons, new, table)
    found[:, 3 * (protein.stop + 1) :] = KINDS.index("UTR")
    own = (bases >= 4) | (np.arange(4)[:, None] == bases)
    return np.where(own, np.int8(-1), found)


def _kind(
    protein: Protein,
    codons: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
    new: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
    table: int,
) -> np.ndarray[tuple[int, ...], np.dtype[np.int8]]:
    """Return the class of a new codon in place of each of a record's, int8[codons]."""
    known = (codons < 4).all(axis=1) & (new < 4).all(axis=1)
    number = np.where(known, new @ [16, 4, 1], 0)
    before = np.frombuffer(protein.letters.encode(), np.uint8)
    after = np.frombuffer("".join(code(table).values()).encode(), np.uint8)[number]
    stop = ord("*")
    first = np.zeros(len(codons), np.bool_)
    first[:1] = protein.starts
    starting = np.isin(number, [list(code()).index(codon) for codon in start_codons(table)])
    named = [
        (~known, "not known"),
        (first & ~starting, "start lost"),
        (first, "synonymous"),
        ((before == stop) & (after == stop), "stop retained"),
        (before == after, "synonymous"),
        (after == stop, "stop gained"),
        (before == stop, "stop lost"),
    ]
    choices = [np.int8(KINDS.index(name)) for _, name in named]
    return np.select([flag for flag, _ in named], choices, np.int8(KINDS.index("missense")))


def band(
    scorer: Scorer, sequences: Sequences, record: int, *, shuffles: int = SHUFFLES, seed: int = 1
) -> Floats:
    """Return the range of the mean of a position's values in shuffled codons, float32[3, 2].

    The two ends, at `BAND`, of each of `effects.MEASURES`; NaN where nothing is known. Shuffled
    codons keep the record's composition and codon usage.
    """
    bases = sequences[record]
    one = Sequences(("",), ("",), bases, np.array([0, len(bases)], np.int64), sequences.alphabet)
    texts = [scorer.text(shuffled(one, unit=3, seed=seed + n)[0]) for n in range(shuffles)]
    pooled = np.concatenate([position_means(saturate(scorer, text)) for text in texts], axis=1)
    pooled = pooled[:, ~np.isnan(pooled).any(axis=0)]
    if not pooled.size:
        return np.full((3, 2), np.nan, np.float32)
    ends: Floats = np.percentile(pooled, BAND, axis=1).T.astype(np.float32)
    return ends


def percentiles(saturation: Saturation, text: Text, null: ContextNull) -> Floats:
    """Return each substitution's percentile among those of its trinucleotide and new base.

    float32[3, 4, L], 0 to 100, for each value of the saturation of `text`; NaN where unknown.
    """
    positions, alts = every(saturation.bases)
    values = text.comparable(saturation.values[:, alts, positions])
    contexts = trinucleotides(saturation.bases)[positions]
    found = np.full(saturation.values.shape, np.nan, np.float32)
    found[:, alts, positions] = null.percentiles(values, contexts, alts)
    return found


def position_means(saturation: Saturation) -> Floats:
    """Return the mean of each position's three values, float32[3, L]; NaN where none is known."""
    known = ~np.isnan(saturation.values)
    count, total = known.sum(axis=1), np.where(known, saturation.values, 0).sum(axis=1)
    means: Floats = np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)
    return means
