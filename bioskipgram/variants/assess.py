"""Variants -> effects on the protein, the k-mers and the score, with percentiles of a null."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from bioskipgram.numerics.arrays import Floats
from bioskipgram.sequences.sequences import Sequences

from .coding import table_of
from .consequence import Consequence, consequence
from .null import ContextNull, trinucleotides
from .score import MEASURES, Scorer, Text
from .variant import Variant, dna

BLOCK = 256
"""Variants between two reports of progress."""
_FEW = 32
"""The most substitutions that are scored without loading the compiled loop."""


@dataclass(frozen=True)
class Assessment:
    """The effect of one variant on the protein and on the model's scores."""

    variant: Variant
    gene: str  # name of its record
    consequence: Consequence
    values: tuple[float, ...]  # one for each of `effects.MEASURES`; NaN where there is none
    percentiles: tuple[float, ...]  # share of the null at or below, 0 to 100; NaN without a null
    kmers: int  # how many k-mers it changes

    def row(self) -> dict[str, str | int | float | None]:
        """Return it as a row of a table; positions from 1, None for missing values."""
        known, change = self.consequence, self.variant
        row: dict[str, str | int | float | None] = {
            "gene": self.gene,
            "position": change.position + 1,
            "ref": change.ref or "-",
            "alt": change.alt or "-",
            "coding": known.coding,
            "protein": known.protein,
            "consequence": known.kind,
        }
        for name, value, share in zip(MEASURES, self.values, self.percentiles, strict=True):
            row[name] = None if np.isnan(value) else value
            row[f"{name}_percentile"] = None if np.isnan(share) else round(share, 2)
        return row | {
            "kmers_changed": self.kmers,
            "codons": known.codons or None,
            "amino_acids": known.amino_acids or None,
            "blosum62": known.blosum62,
            "change": known.change or None,
            "cpg": known.cpg or None,
        }


@dataclass
class Assessor:
    """Assesses variants of coding sequences; what it computes of a record is kept."""

    scorer: Scorer
    sequences: Sequences
    null: ContextNull | None = None  # where percentiles are taken from; None = none are given
    _texts: dict[int, tuple[Text, str]] = field(default_factory=dict)

    def text(self, record: int) -> tuple[Text, str]:
        """Return a record as k-mers and as letters A C G T N."""
        if record not in self._texts:
            text = self.scorer.text(self.sequences[record])
            self._texts[record] = text, dna(self.sequences, record)
        return self._texts[record]

    def each(self, variants: Sequence[Variant]) -> Iterator[list[Assessment]]:
        """Yield the assessments of variants, in their order, `BLOCK` at a time."""
        for start in range(0, len(variants), BLOCK):
            yield self._block(variants[start : start + BLOCK])

    def all(self, variants: Sequence[Variant]) -> list[Assessment]:
        """Return the assessments of variants, in their order."""
        return [one for block in self.each(variants) for one in block]

    def _block(self, variants: Sequence[Variant]) -> list[Assessment]:
        found: dict[int, Assessment] = {}
        for record in dict.fromkeys(one.record for one in variants):
            which = [i for i, one in enumerate(variants) if one.record == record]
            mine = [variants[i] for i in which]
            for i, assessed in zip(which, self._of_record(record, mine), strict=True):
                found[i] = assessed
        return [found[i] for i in range(len(variants))]

    def _of_record(self, record: int, variants: list[Variant]) -> Iterator[Assessment]:
        text, letters = self.text(record)
        table = table_of(self.sequences, record)
        values, kmers = self._values(text, variants)
        shares = self._percentiles(text, variants, values)
        name = self.sequences.names[record]
        for one, value, share, number in zip(variants, values.T, shares.T, kmers, strict=True):
            effect = consequence(one, letters, table)
            yield Assessment(
                one, name, effect, tuple(value.tolist()), tuple(share.tolist()), number
            )

    def _values(self, text: Text, variants: list[Variant]) -> tuple[Floats, list[int]]:
        """Return float32[3, n] values, and how many k-mers each variant changes."""
        values, kmers = np.full((3, len(variants)), np.nan, np.float32), [0] * len(variants)
        simple = [i for i, one in enumerate(variants) if one.is_substitution]
        if len(simple) > _FEW:
            alphabet = self.scorer.embedding.vocabulary.tokenizer.alphabet
            positions = np.array([variants[i].position for i in simple], np.int64)
            alts = alphabet.encode("".join(variants[i].alt for i in simple))
            values[:, simple] = self.scorer.substitutions(text, positions, alts)
            for i, count in zip(simple, self.scorer.covering(text, positions), strict=True):
                kmers[i] = int(count)
        for i in set(range(len(variants))) - set(simple if len(simple) > _FEW else []):
            change = self.scorer.change(text, variants[i])
            values[:, i], kmers[i] = change.values, max(len(change.old), len(change.new))
        return values, kmers

    def _percentiles(self, text: Text, variants: list[Variant], values: Floats) -> Floats:
        if self.null is None:
            return np.full(values.shape, np.nan, np.float32)
        around = trinucleotides(text.bases)
        contexts = [int(around[v.position]) if v.is_substitution else -1 for v in variants]
        alts = [v.alt if v.is_substitution else "A" for v in variants]
        codes = self.scorer.embedding.vocabulary.tokenizer.alphabet.encode("".join(alts))
        return self.null.percentiles(text.comparable(values), np.array(contexts, np.int64), codes)
