"""What is known of every k-mer apart from its vector: one number or word per token.

`PROPERTIES` names them, `offered` says which mean something for which k-mers, and
`PROPERTIES[name](embedding)` gives the values. Those whose `needs_frames` is set take
`record_counts.FrameCounts` too: ``PROPERTIES[name](embedding, frame_counts)``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from bioskipgram.arrays import Floats, Tokens, checked
from bioskipgram.errors import QueryError
from bioskipgram.kmers import codons, composition
from bioskipgram.kmers.composition import A, C, G, T, gc_content
from bioskipgram.kmers.genetic_code import AMINO_ACIDS
from bioskipgram.kmers.record_counts import FrameCounts
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.model.embedding import KmerEmbedding

Numbers = Any
"""An array of V numbers of any dtype; `Kind` makes it float32."""
GROUPS = ("composition", "strand", "coding", "training")
"""The groups of `PROPERTIES`, in the order of a menu."""


@dataclass(frozen=True)
class Property:
    """One value per k-mer.

    Attributes
    ----------
    title
        What it is, for a legend.
    values
        float32[V]: numbers, or positions in `categories`; NaN = not known.
    categories
        The words, where the property is one of several words.
    note
        A sentence on what is missing, where a reader must be told.
    """

    title: str
    values: Floats
    categories: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", checked(self.values, "values", np.float32, (None,)))


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A property before it is worked out: what it is, what it needs and for which k-mers.

    Attributes
    ----------
    group
        One of `GROUPS`.
    help
        A sentence for a tooltip: what it is, with its source.
    suits
        Whether it means something for a tokenizer's k-mers.
    title
        Its legend.
    values
        Works it out: ``values(embedding)``, or ``values(embedding, frame_counts)``.
    categories
        The words its values stand for; () = numbers.
    needs_frames
        Whether it needs the counts of k-mers by frame, and so the sequences.
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
        """Return the property of each k-mer.

        Raises
        ------
        QueryError
            If it needs the counts by frame and they are not given, or are another model's.
        """
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

    def _made(self, values: Numbers) -> Property:
        return Property(self.title, np.asarray(values, np.float32), self.categories)


def offered(tokenizer: KmerTokenizer, *, frame_counts: bool = False) -> tuple[str, ...]:
    """Return the names of the properties that mean something for such k-mers, group by group.

    Parameters
    ----------
    tokenizer
        The model's.
    frame_counts
        Whether there are counts by frame, which some properties need.
    """
    return tuple(
        name
        for name, kind in PROPERTIES.items()
        if kind.suits(tokenizer) and (frame_counts or not kind.needs_frames)
    )


# Which k-mers a property suits ---------------------------------------------------------------


def _any(tokenizer: KmerTokenizer) -> bool:
    return True


def _nucleotides(tokenizer: KmerTokenizer) -> bool:
    return bool(tokenizer.alphabet.complement)


def _protein(tokenizer: KmerTokenizer) -> bool:
    return not tokenizer.alphabet.complement


def _stranded(tokenizer: KmerTokenizer) -> bool:
    """Whether k-mers are read on one strand: a canonical one stands for both."""
    return _nucleotides(tokenizer) and not tokenizer.canonical


def _coding(letters: int) -> Callable[[KmerTokenizer], bool]:
    return lambda tokenizer: _stranded(tokenizer) and tokenizer.k >= letters


# What is worked out from the model itself ----------------------------------------------------


def _from_codes(compute: Callable[..., Any], *more: object) -> Callable[[KmerEmbedding], Any]:
    """Return a function of the embedding that calls `compute(kmers, tokenizer, *more)`."""
    return lambda embedding: compute(
        embedding.vocabulary.kmers, embedding.vocabulary.tokenizer, *more
    )


def _cpg(embedding: KmerEmbedding) -> Numbers:
    bases = embedding.vocabulary.tokenizer.bases(embedding.vocabulary.kmers)
    return ((bases[:, :-1] == C) & (bases[:, 1:] == G)).sum(axis=1)


def _hydropathy(embedding: KmerEmbedding) -> Numbers:
    from Bio.SeqUtils.ProtParamData import kd

    tokenizer, kmers = embedding.vocabulary.tokenizer, embedding.vocabulary.kmers
    scale = np.array([*(kd[letter] for letter in tokenizer.alphabet.letters), 0.0])
    sums = scale[tokenizer.bases(kmers)].sum(axis=1)
    return sums / tokenizer.lengths(kmers)


def _length(embedding: KmerEmbedding) -> Numbers:
    return embedding.vocabulary.tokenizer.lengths(embedding.vocabulary.kmers)


def _twin(embedding: KmerEmbedding) -> Numbers:
    unit, twins = embedding.unit, embedding.twins
    cosines = np.einsum("nd,nd->n", unit, unit[np.maximum(twins, 0)])
    cosines[twins < 0] = np.nan
    return cosines


def _strand_counts(embedding: KmerEmbedding) -> tuple[Any, Any]:
    """Return the counts of each k-mer and of its reverse complement, float64[V] both.

    A twin the model does not know was not seen, or too rarely to be counted: NaN.
    """
    counts, twins = embedding.vocabulary.counts.astype(np.float64), embedding.twins
    unseen = 0.0 if embedding.info.config.min_count == 1 else np.nan
    return counts, np.where(twins >= 0, counts[np.maximum(twins, 0)], unseen)


def _strand_bias(embedding: KmerEmbedding) -> Numbers:
    own, other = _strand_counts(embedding)
    total = own + other
    return np.where(total > 0, (own - other) / np.maximum(total, 1), np.nan)


def _strand_ratio(embedding: KmerEmbedding) -> Numbers:
    own, other = _strand_counts(embedding)
    return np.log2((own + 0.5) / (other + 0.5))


def _palindrome(embedding: KmerEmbedding) -> Numbers:
    vocabulary = embedding.vocabulary
    twins = vocabulary.tokenizer.reverse_complements(vocabulary.kmers)
    return twins == vocabulary.kmers


def _count(embedding: KmerEmbedding) -> Numbers:
    return np.log10(np.maximum(embedding.vocabulary.counts, 1))


def _rank(embedding: KmerEmbedding) -> Numbers:
    counts = embedding.vocabulary.counts
    ranks: Tokens = np.empty(len(counts), np.int32)
    ranks[np.argsort(-counts, kind="stable")] = np.arange(1, len(counts) + 1)
    return np.log10(ranks)


def _norm(embedding: KmerEmbedding) -> Numbers:
    return np.linalg.norm(embedding.center, axis=1)


# What needs the sequences too ----------------------------------------------------------------


def _codon_usage(embedding: KmerEmbedding, frames: FrameCounts) -> Numbers:
    vocabulary = embedding.vocabulary
    return codons.codon_usage(vocabulary.kmers, vocabulary.tokenizer, frames.codons)


def _frame_preference(embedding: KmerEmbedding, frames: FrameCounts) -> Numbers:
    return codons.frame_preference(frames.counts)


def _frame_strength(embedding: KmerEmbedding, frames: FrameCounts) -> Numbers:
    return codons.frame_strength(frames.counts)


# The table -----------------------------------------------------------------------------------

_AMINO_NAMES = tuple("stop" if amino == "*" else amino for amino in AMINO_ACIDS)


def _amino_kinds() -> dict[str, Kind]:
    return {
        "amino acid" if frame == 0 else f"amino acid, frame {frame}": Kind(
            group="coding", suits=_coding(3 + frame),
            help=f"The first residue read after skipping {frame} bases of the k-mer; standard code",
            title=f"Amino acid, frame {frame}",
            values=_from_codes(codons.first_residue, frame), categories=_AMINO_NAMES,
        )
        for frame in range(3)
    }  # fmt: skip


def _class_kinds() -> dict[str, Kind]:
    return {
        "residue class" if frame == 0 else f"residue class, frame {frame}": Kind(
            group="coding", suits=_coding(3 + frame),
            help="The side chain of that residue at pH 7: aliphatic AGILMPV, aromatic FWY, polar "
            "CNQST, basic HKR, acidic DE (Nelson & Cox)",
            title=f"Residue class, frame {frame}",
            values=_from_codes(codons.first_class, frame), categories=codons.CLASSES,
        )
        for frame in range(3)
    }  # fmt: skip


PROPERTIES: dict[str, Kind] = {
    "GC content": Kind(
        group="composition", suits=_nucleotides, title="GC content",
        help="Share of G and C", values=_from_codes(gc_content),
    ),
    "CpG": Kind(
        group="composition", suits=_nucleotides, title="CpG in the k-mer",
        help="How often C stands before G", values=_cpg,
    ),
    "GC skew": Kind(
        group="composition", suits=_stranded, title="GC skew",
        help="(G - C) / (G + C): which strand the k-mer is like (Lobry 1996)",
        values=_from_codes(composition.skew, G, C),
    ),
    "AT skew": Kind(
        group="composition", suits=_stranded, title="AT skew",
        help="(A - T) / (A + T), U for T in RNA (Lobry 1996)",
        values=_from_codes(composition.skew, A, T),
    ),
    "purines": Kind(
        group="composition", suits=_stranded, title="Purine share",
        help="Share of A and G", values=_from_codes(composition.share, (A, G)),
    ),
    "letter entropy": Kind(
        group="composition", suits=lambda t: t.k >= 2, title="Letter entropy, bits",
        help="Shannon entropy of the letters; 0 = one letter over and over "
        "(Wootton & Federhen 1993)", values=_from_codes(composition.entropy),
    ),
    "low complexity": Kind(
        group="composition", suits=lambda t: _nucleotides(t) and t.k >= 4, title="DUST score",
        help="DUST: pairs of equal triplets per triplet; higher = more repetitive "
        "(Morgulis et al. 2006)", values=_from_codes(composition.dust),
    ),
    "melting temperature": Kind(
        group="composition", title="Melting temperature, °C",
        suits=lambda t: t.alphabet.name == "DNA" and t.shortest >= 6,
        help="Nearest neighbours, SantaLucia 1998, at 50 mM Na+ and 25 nM of each strand; for so "
        "short a duplex the order matters, not the degrees",
        values=_from_codes(composition.melting_temperature),
    ),
    "hydropathy": Kind(
        group="composition", suits=_protein, title="Hydropathy (Kyte-Doolittle)",
        help="Mean over the residues (Kyte & Doolittle 1982, 10.1016/0022-2836(82)90515-0)",
        values=_hydropathy,
    ),
    "word length": Kind(
        group="composition", suits=lambda t: bool(t.k_min), title="Word length",
        help="How many letters the word has", values=_length,
    ),
    "reverse-complement cosine": Kind(
        group="strand", suits=_stranded, title="Cosine to reverse complement",
        help="Between the vectors of a k-mer and of its reverse complement", values=_twin,
    ),
    "strand bias": Kind(
        group="strand", suits=_stranded, title="Strand bias",
        help="(count - count of the reverse complement) / their sum: 1 = only this strand",
        values=_strand_bias,
    ),
    "strand log-ratio": Kind(
        group="strand", suits=_stranded, title="Strand ratio, log2",
        help="log2 of the count over the reverse complement's, half a count added to both",
        values=_strand_ratio,
    ),
    "palindrome": Kind(
        group="strand", suits=lambda t: _nucleotides(t) and (t.k % 2 == 0 or t.shortest < t.k),
        title="Palindrome", help="Whether the k-mer is its own reverse complement",
        values=_palindrome, categories=("no", "yes"),
    ),
    **_amino_kinds(),
    **_class_kinds(),
    "dipeptide": Kind(
        group="coding", suits=_coding(6), title="First two residues, frame 0",
        help="Kinds of the first two residues in frame 0: hydrophobic AFGILMPVWY, polar CNQST, "
        "charged DEHKR", values=_from_codes(codons.first_pair), categories=codons.PAIRS,
    ),
    "stop codon": Kind(
        group="coding", suits=_coding(3), title="Stop codon",
        help="The frame of the k-mer that has TAA, TAG or TGA", values=_from_codes(codons.stops),
        categories=("none", "frame 0", "frame 1", "frame 2", "several frames"),
    ),
    "codon usage": Kind(
        group="coding", suits=_coding(3), title="Codon usage (mean RSCU)",
        help="How usual its codons in frame 0 are among their synonyms in the sequences: 1 = all "
        "alike (Sharp & Li 1987)", values=_codon_usage, needs_frames=True,
    ),
    "frame preference": Kind(
        group="coding", suits=_stranded, title="Preferred frame",
        help="The frame of the sequences it starts in most, where that is more than chance "
        "(chi-square, false discoveries 5 %)",
        values=_frame_preference, categories=codons.PREFERENCES, needs_frames=True,
    ),
    "frame strength": Kind(
        group="coding", suits=_stranded, title="Frame preference",
        help="Share of the preferred frame less 1/3: 0 = none, 0.67 = always that frame",
        values=_frame_strength, needs_frames=True,
    ),
    "log count": Kind(
        group="training", suits=_any, title="Count, log10",
        help="Occurrences in training", values=_count,
    ),
    "log rank": Kind(
        group="training", suits=_any, title="Rank by count, log10",
        help="0 = the most frequent", values=_rank,
    ),
    "vector length": Kind(
        group="training", suits=_any, title="Vector length",
        help="Length of the vector as learnt", values=_norm,
    ),
}  # fmt: skip
"""Name -> what it is and how it is worked out, group by group."""
