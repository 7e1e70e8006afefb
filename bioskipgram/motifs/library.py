"""The motifs that ship: JASPAR's human matrices, well-known patterns, restriction sites.

`data/JASPAR.md` states their source, licence and citation.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from bioskipgram.errors import QueryError
from bioskipgram.kmers.patterns import letters_of, matching, regex_of
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.numerics.arrays import Counts, Floats, KmerCodes
from bioskipgram.sequences.alphabet import DNA
from bioskipgram.sequences.shipped import DATA

from .log_odds import LogOdds, as_shares, best_score, cover_kmers
from .matrix import Motif

_MATRICES = DATA / "jaspar2026_core_human.jaspar.gz"
_PATTERNS = DATA / "motif_patterns.tsv"
JASPAR = "JASPAR 2026 CORE human"
_VERSIONED = re.compile(r"[A-Za-z]{2}\d{4}\.\d+")
_SUPPLIERS = 4
"""Fewest companies that sell an enzyme for it to be included."""


@dataclass(frozen=True)
class Entry:
    """One motif of the library."""

    name: str  # such as "TATA box", "EcoRI" or "TFAP2A MA0003.5"
    kind: str  # "pattern", "restriction site" or "JASPAR"
    about: str  # what it is, and its source
    pattern: str  # IUPAC codes or ``/regular expression/``; "" of a matrix
    motif: Motif | None  # also of an IUPAC pattern; None of a regular expression


@cache
def entries() -> dict[str, Entry]:
    """Return the whole library by name: patterns, restriction sites, JASPAR."""
    found = [*_patterns(), *_restriction_sites(), *_jaspar()]
    return {entry.name: entry for entry in found}


@cache
def jaspar() -> tuple[Motif, ...]:
    """Return JASPAR's matrices, in the order of their names."""
    return tuple(entry.motif for entry in _jaspar() if entry.motif is not None)


def find(text: str) -> list[Entry]:
    """Return the entries whose name or description has every word of a text, in any case.

    Names that begin with the text come first.
    """
    words = text.lower().split()
    found = [
        entry
        for entry in entries().values()
        if all(word in f"{entry.name} {entry.about} {entry.pattern}".lower() for word in words)
    ]
    return sorted(found, key=lambda entry: not entry.name.lower().startswith(text.strip().lower()))


def entry(name: str) -> Entry:
    """Return one entry by its name, JASPAR identifier or only factor, or raise a QueryError."""
    known = entries()
    if name in known:
        return known[name]
    wanted = name.strip().lower()
    same = [one for one in known.values() if wanted in _names(one)]
    if len(same) == 1:
        return same[0]
    base, dot, version = wanted.rpartition(".")
    others = [] if same or not (dot and version.isdecimal()) else find(f"{base}.")
    close = [one.name for one in (same or others or find(name))][:5]
    what = "more than one motif" if same else "no motif"
    what = f"another version of a motif of {JASPAR} in" if others else f"{what} of"
    raise QueryError(
        f"{name!r} is {what} the library" + (f"; do you mean {', '.join(close)}?" if close else "")
    )


def asked_for(text: str) -> Entry:
    """Return the motif that a text names: of the library, a ``/regex/``, or IUPAC codes.

    Any other text raises a QueryError.
    """
    if text.strip().startswith("/"):
        regex_of(text)
        return Entry(text.strip(), "pattern", "a regular expression", text.strip(), None)
    letters = "".join(text.split()).upper()
    if text in entries():
        return entries()[text]
    foreign = sorted(set(letters) - set(letters_of(DNA)))
    if letters and not foreign:
        return _pattern(letters, "pattern", letters, "a pattern of IUPAC codes")
    try:
        return entry(text)
    except QueryError as error:
        if _VERSIONED.fullmatch(text.strip()):
            raise
        why = f"{foreign[0]!r} is no IUPAC code" if foreign else "it is empty"
        raise QueryError(f"{error}; nor is it a pattern: {why}") from error


@dataclass(frozen=True, eq=False)
class KmerMatches:
    """How well each of V k-mers matches a motif, which may be longer than the k-mer."""

    shares: Floats  # float32[V], of the best score that a k-mer of its length can have, 0 to 1
    whole: Floats  # float32[V], of the best score of the whole motif: a fragment is below 1
    columns: Counts  # int64[V], columns of the motif that it covers; 0 of a regular expression
    length: int  # columns of the motif; 0 of a regular expression

    def covered(self, token: int) -> str:
        """Return "6 of 7 columns"; "" of a regular expression."""
        return f"{self.columns[token]} of {self.length} columns" if self.length else ""


def kmer_matches(one: Entry, vocabulary: Vocabulary, *, both: bool) -> KmerMatches:
    """Return how well each k-mer matches a motif.

    A matrix is scored by `log_odds.score_kmers`; a pattern by the share of the letters that can
    agree; a regular expression is 1 where it matches, else 0. `both` counts the reverse complement
    too. K-mers of protein, or a slow regular expression, raise a QueryError.
    """
    if one.motif is None:
        found = matching(vocabulary, one.pattern)
        if both:
            found = found | matching(_other_strand(vocabulary), one.pattern)[_partners(vocabulary)]
        shares = found.astype(np.float32)
        return KmerMatches(shares, shares, np.zeros(len(shares), np.int64), 0)
    log_odds = LogOdds.of(one.motif)
    scores, columns = cover_kmers(log_odds, vocabulary, both=both)
    best = np.array([best_score(log_odds, k) for k in range(vocabulary.tokenizer.k + 1)[1:]])
    lengths = vocabulary.tokenizer.lengths(vocabulary.kmers)
    whole = as_shares(scores, np.array(best_score(log_odds, len(log_odds))))
    return KmerMatches(as_shares(scores, best[lengths - 1]), whole, columns, len(log_odds))


def kmer_shares(one: Entry, vocabulary: Vocabulary, *, both: bool) -> Floats:
    """Return `KmerMatches.shares` alone."""
    return kmer_matches(one, vocabulary, both=both).shares


def _other_strand(vocabulary: Vocabulary) -> Vocabulary:
    codes = np.unique(vocabulary.tokenizer.reverse_complements(vocabulary.kmers))
    return Vocabulary(vocabulary.tokenizer, codes, np.ones(len(codes), np.int64))


def _partners(vocabulary: Vocabulary) -> KmerCodes:
    """Return the index of each k-mer's reverse complement in `_other_strand`, int64[V]."""
    codes = vocabulary.tokenizer.reverse_complements(vocabulary.kmers)
    return np.unique(codes, return_inverse=True)[1].astype(np.int64)


def _names(one: Entry) -> set[str]:
    words = one.name.lower()
    return {words, *words.split()} if one.kind == "JASPAR" else {words}


def _patterns() -> list[Entry]:
    rows = [line.split("\t") for line in _PATTERNS.read_text("utf-8").splitlines()[1:]]
    return [
        _pattern(name, "pattern", pattern, f"{what} ({source})")
        for name, pattern, what, source in rows
    ]


def _pattern(name: str, kind: str, pattern: str, about: str) -> Entry:
    motif = None if pattern.startswith("/") else Motif.of_pattern(name, pattern, about)
    return Entry(name, kind, about, pattern, motif)


def _restriction_sites() -> list[Entry]:
    """Return the sites of enzymes that many companies sell (REBASE, by Bio.Restriction)."""
    import Bio.Restriction

    enzymes: Any = Bio.Restriction

    common = sorted((e for e in enzymes.CommOnly if len(e.suppl) >= _SUPPLIERS), key=str)
    return [
        _pattern(
            str(enzyme), "restriction site", enzyme.site,
            f"cuts {enzyme.elucidate()} (REBASE, by Bio.Restriction)",
        )
        for enzyme in common
    ]  # fmt: skip


def _jaspar() -> list[Entry]:
    import gzip

    from .files import read_motifs

    found = read_motifs(gzip.decompress(_MATRICES.read_bytes()), name=JASPAR)
    rows = sorted(found, key=lambda motif: motif.name.lower())
    return [
        Entry(motif.name, "JASPAR", f"{JASPAR}, {len(motif)} columns", "", motif) for motif in rows
    ]
