"""Properties of k-mers apart from their vectors: one number or word per token.

`PROPERTIES` names them, `offered` says which mean something for which k-mers, and
`PROPERTIES[name](embedding)` gives the values. Those whose `needs_frames` is set take
`record_counts.FrameCounts` too: ``PROPERTIES[name](embedding, frame_counts)``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from bioskipgram.errors import QueryError
from bioskipgram.kmers import codons, composition
from bioskipgram.kmers.composition import A, C, G, T, gc_content
from bioskipgram.kmers.genetic_code import AMINO_ACIDS
from bioskipgram.kmers.record_counts import FrameCounts
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.numerics.arrays import Floats, checked

from . import property_values as how

GROUPS = ("composition", "strand", "coding", "training")
"""The groups of `PROPERTIES`, in the order of a menu."""


@dataclass(frozen=True)
class Property:
    """One value per k-mer, float32[V]: numbers, or positions in `categories`; NaN = not known."""

    title: str
    values: Floats
    categories: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", checked(self.values, "values", np.float32, (None,)))


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A property before it is computed: its texts, what it needs and which k-mers it suits.

    `values(embedding)`, or ``values(embedding, frame_counts)`` with `needs_frames`, computes it;
    `categories` () = numbers.
    """

    group: str
    help: str
    suits: Callable[[KmerTokenizer], bool]
    title: str
    values: Callable[..., Any]
    categories: tuple[str, ...] = ()
    needs_frames: bool = False

    def __call__(
        self, embedding: KmerEmbedding, frame_counts: FrameCounts | None = None
    ) -> Property:
        """Return the property of each k-mer; a QueryError if its counts by frame are missing."""
        if not self.needs_frames:
            return self._made(self.values(embedding))
        if frame_counts is None:
            raise QueryError(
                f"{self.title}: this needs the sequences the model was trained on, to count its "
                "k-mers by frame; give their file"
            )
        if len(frame_counts.counts) != len(embedding):
            raise QueryError(
                f"{self.title}: {len(frame_counts.counts)} k-mers were counted by frame, but this "
                f"model has {len(embedding)}; count them for this model"
            )
        return self._made(self.values(embedding, frame_counts))

    def _made(self, values: Any) -> Property:
        return Property(self.title, np.asarray(values, np.float32), self.categories)


def offered(tokenizer: KmerTokenizer, *, frame_counts: bool = False) -> tuple[str, ...]:
    """Return the names of the properties that suit such k-mers, group by group."""
    return tuple(
        name
        for name, kind in PROPERTIES.items()
        if kind.suits(tokenizer) and (frame_counts or not kind.needs_frames)
    )


# The table -----------------------------------------------------------------------------------

_AMINO_NAMES = tuple("stop" if amino == "*" else amino for amino in AMINO_ACIDS)


def _framed(name: str, **shared: Any) -> dict[str, Kind]:
    """Return a property of the first residue in each of the three frames of a k-mer."""
    title, values, text = (shared.pop(key) for key in ("title", "values", "help"))
    return {
        name if frame == 0 else f"{name}, frame {frame}": Kind(
            group="coding", suits=how.coding(3 + frame), title=f"{title}, frame {frame}",
            help=text.format(frame=frame), values=how.from_codes(values, frame), **shared,
        )
        for frame in range(3)
    }  # fmt: skip


PROPERTIES: dict[str, Kind] = {
    "GC content": Kind(
        group="composition", suits=how.nucleotides, title="GC content",
        help="Share of G and C", values=how.from_codes(gc_content),
    ),
    "CpG": Kind(
        group="composition", suits=how.nucleotides, title="CpG in the k-mer",
        help="How often C is followed by G", values=how.cpg,
    ),
    "GC skew": Kind(
        group="composition", suits=how.stranded, title="GC skew",
        help="(G - C) / (G + C): which strand the k-mer is like (Lobry 1996)",
        values=how.from_codes(composition.skew, G, C),
    ),
    "AT skew": Kind(
        group="composition", suits=how.stranded, title="AT skew",
        help="(A - T) / (A + T), U for T in RNA (Lobry 1996)",
        values=how.from_codes(composition.skew, A, T),
    ),
    "purines": Kind(
        group="composition", suits=how.stranded, title="Purine share",
        help="Share of A and G", values=how.from_codes(composition.share, (A, G)),
    ),
    "letter entropy": Kind(
        group="composition", suits=lambda t: t.k >= 2, title="Letter entropy, bits",
        help="Shannon entropy of the letters; 0 = one letter over and over "
        "(Wootton & Federhen 1993)", values=how.from_codes(composition.entropy),
    ),
    "low complexity": Kind(
        group="composition", suits=lambda t: how.nucleotides(t) and t.k >= 4, title="DUST score",
        help="DUST: pairs of equal triplets per triplet; higher = more repetitive "
        "(Morgulis et al. 2006)", values=how.from_codes(composition.dust),
    ),
    "melting temperature": Kind(
        group="composition", title="Melting temperature, °C",
        suits=lambda t: t.alphabet.name == "DNA" and t.shortest >= 6,
        help="Nearest neighbours, SantaLucia 1998, at 50 mM Na+ and 25 nM of each strand; for so "
        "short a duplex the order matters, not the degrees",
        values=how.from_codes(composition.melting_temperature),
    ),
    "hydropathy": Kind(
        group="composition", suits=how.protein, title="Hydropathy (Kyte-Doolittle)",
        help="Mean over the residues (Kyte & Doolittle 1982, 10.1016/0022-2836(82)90515-0)",
        values=how.hydropathy,
    ),
    "word length": Kind(
        group="composition", suits=lambda t: bool(t.k_min), title="Word length",
        help="How many letters the word has",
        values=lambda e: e.vocabulary.tokenizer.lengths(e.vocabulary.kmers),
    ),
    "reverse-complement cosine": Kind(
        group="strand", suits=how.stranded, title="Cosine to reverse complement",
        help="Between the vectors of a k-mer and of its reverse complement", values=how.twin,
    ),
    "strand bias": Kind(
        group="strand", suits=how.stranded, title="Strand bias",
        help="(count - count of the reverse complement) / their sum: 1 = only this strand",
        values=how.strand_bias,
    ),
    "strand log-ratio": Kind(
        group="strand", suits=how.stranded, title="Strand ratio, log2",
        help="log2 of the count over the reverse complement's, half a count added to both",
        values=how.strand_ratio,
    ),
    "palindrome": Kind(
        group="strand", suits=lambda t: how.nucleotides(t) and (t.k % 2 == 0 or t.shortest < t.k),
        title="Palindrome", help="Whether the k-mer is its own reverse complement",
        values=how.palindrome, categories=("no", "yes"),
    ),
    **_framed(
        "amino acid", title="Amino acid", values=codons.first_residue, categories=_AMINO_NAMES,
        help="The first residue read after skipping {frame} bases of the k-mer; standard code",
    ),
    **_framed(
        "residue class", title="Residue class", values=codons.first_class,
        categories=codons.CLASSES,
        help="The side chain of that residue at pH 7: aliphatic AGILMPV, aromatic FWY, polar "
        "CNQST, basic HKR, acidic DE (Nelson & Cox)",
    ),
    "dipeptide": Kind(
        group="coding", suits=how.coding(6), title="First two residues, frame 0",
        help="Kinds of the first two residues in frame 0: hydrophobic AFGILMPVWY, polar CNQST, "
        "charged DEHKR", values=how.from_codes(codons.first_pair), categories=codons.PAIRS,
    ),
    "stop codon": Kind(
        group="coding", suits=how.coding(3), title="Stop codon",
        help="The frame of the k-mer that has TAA, TAG or TGA", values=how.from_codes(codons.stops),
        categories=("none", "frame 0", "frame 1", "frame 2", "several frames"),
    ),
    "codon usage": Kind(
        group="coding", suits=how.coding(3), title="Codon usage (mean RSCU)",
        help="How usual its codons in frame 0 are among their synonyms in the sequences: 1 = all "
        "alike (Sharp & Li 1987)", needs_frames=True,
        values=lambda e, frames: codons.codon_usage(
            e.vocabulary.kmers, e.vocabulary.tokenizer, frames.codons
        ),
    ),
    "frame preference": Kind(
        group="coding", suits=how.stranded, title="Preferred frame",
        help="The frame of the sequences it starts in most, where that is more than chance "
        "(chi-square, false discoveries 5 %)",
        values=lambda e, frames: codons.frame_preference(frames.counts),
        categories=codons.PREFERENCES, needs_frames=True,
    ),
    "frame strength": Kind(
        group="coding", suits=how.stranded, title="Frame preference",
        help="Share of the preferred frame less 1/3: 0 = none, 0.67 = always that frame",
        values=lambda e, frames: codons.frame_strength(frames.counts), needs_frames=True,
    ),
    "log count": Kind(
        group="training", suits=lambda t: True, title="Count, log10",
        help="Occurrences in training",
        values=lambda e: np.log10(np.maximum(e.vocabulary.counts, 1)),
    ),
    "log rank": Kind(
        group="training", suits=lambda t: True, title="Rank by count, log10",
        help="0 = the most frequent", values=how.rank,
    ),
    "vector length": Kind(
        group="training", suits=lambda t: True, title="Vector length",
        help="Length of the vector as learnt", values=lambda e: np.linalg.norm(e.center, axis=1),
    ),
}  # fmt: skip
"""Name -> the property and its computation, group by group."""
