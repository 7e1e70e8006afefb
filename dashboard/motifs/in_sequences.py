"""One motif along sequences: where it is, how often, and how often by chance."""

import numpy as np
import streamlit as st

from bioskipgram.config import ScanConfig
from bioskipgram.motifs import hit_files
from bioskipgram.motifs.enrichment import FEWEST, MAX_BASES, SHUFFLES, null_of, shuffle_p
from bioskipgram.motifs.scan import Hits
from bioskipgram.numerics.arrays import Counts
from dashboard import state
from dashboard.motifs import ask, figures
from dashboard.motifs.ask import Given
from dashboard.motifs.cache import BLOCK, Chosen, entry, hits, shuffled
from dashboard.shared import downloads, grid
from dashboard.shared import text as safe

ROWS = 12
MAX_ROWS = 1000
CLEAR = 0.01
"""The p-value below which a number of hits is called more or fewer than by chance."""
NULLS = {"dinucleotide": "pairs of bases", "codon": "codons", "composition": "single bases"}
AT_ONCE = 500_000
"""Bases up to which shuffles are scanned automatically."""
MEANING = """
**A hit** is a window whose letters match the motif: the sum of its log-odds, log2(share in the
motif / share in the background), reaches the threshold. It does not show that a protein binds.

**p** is the chance that one window of independent bases scores as high, exact for these scores;
**q** is the share of false hits to expect among those as good (Benjamini-Hochberg over all
windows). **Expected** is the number of windows on all strands times the threshold's p. A
palindrome is counted once, on the + strand.

**Shuffled**: the sequences are scanned again with their codons, their pairs of bases or their
single bases in random order. In coding sequence codons are the fair null, since the genetic code
alone makes some words common; elsewhere pairs of bases are, which keep CpG depletion and runs of
one base. p is counted where ten shuffles are as extreme, and below that is the tail of a negative
binomial distribution with the shuffles' mean and variance.
"""


def show(chosen: Chosen) -> None:
    """Draw one motif's hits along sequences, and whether there are more than by chance."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choice = ask.choose_source()
        config = ask.scan_settings()
    given = ask.sequences_of(choice)
    if given is None:
        return
    source, sequences = given
    found = hits(source, config, chosen, sequences)
    if found.note:
        st.warning(safe.error(found.note))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _numbers(found)
        if len(found):
            _track(found)
        else:
            st.info("No hit. Choose a higher p-value or a lower relative score.")
    with right:
        _chance(given, config, chosen, found)
    if len(found):
        _table(found)
    with st.expander("What a hit means"):
        st.markdown(MEANING)


def _numbers(found: Hits) -> None:
    """Write how many hits there are, and how many independent bases would have."""
    records = len(np.unique(found.records))
    st.markdown(
        f"### {len(found):,} hit{'s' * (len(found) != 1)} in {records:,} of "
        f"{len(found.sequences):,} sequences"
    )
    if np.isfinite(found.expected):
        st.caption(
            f"Independent bases of the same composition would give {found.expected:,.1f}.",
            help="The number of windows times the p-value of the threshold.",
        )
    else:
        st.caption("A regular expression has no score, so no p-value and no number by chance.")


def _chance(given: Given, config: ScanConfig, chosen: Chosen, found: Hits) -> None:
    """Say whether there are more hits than in shuffled sequences, and draw both."""
    motif = entry(chosen).motif
    if motif is None:
        return
    kinds = list(NULLS)
    kind = st.segmented_control(
        "Compare with shuffles of", kinds, default=kinds[kinds.index(null_of(found.sequences))],
        required=True, key=f"{state.MOTIF_SHUFFLE}-{given[0]}", format_func=NULLS.__getitem__,
        help="Codons for coding sequences: each sequence keeps its codons, in a random order. "
        "Pairs of bases: each keeps its counts of two bases in a row.",
    )  # fmt: skip
    if len(motif) <= 2 and kind == "dinucleotide":
        st.caption("Such shuffles keep every hit of a motif of two letters: choose single bases.")
        return
    large = len(found.sequences.codes) > AT_ONCE
    if large and not st.toggle(f"Scan {_shuffles(found):,} shuffles too; switch off to stop"):
        return
    mixed = _mixed(given, config, chosen, kind, _shuffles(found))
    p = shuffle_p(len(found), mixed)
    more = "more" if len(found) > mixed.mean() else "fewer"
    beyond = f"**{more.capitalize()} than by chance**" if p < CLEAR else "**No clear difference**"
    st.markdown(
        f"{beyond}: {len(found):,} hits here, {mixed.mean():,.1f} on average in {len(mixed):,} "
        f"shuffles ({mixed.min():,} to {mixed.max():,}), two-sided p = {p:.1g}."
    )
    st.plotly_chart(
        figures.spread(len(found), mixed, found.expected),
        config={"displayModeBar": False}, key="motif-spread",
        alt=f"{len(found)} hits observed, {mixed.mean():.0f} on average in shuffles",
    )  # fmt: skip


def _shuffles(found: Hits) -> int:
    """Return how many shuffles to scan, in whole blocks: 1,000 of up to 150,000 bases."""
    most = max(FEWEST, MAX_BASES // max(1, len(found.sequences.codes)))
    return min(SHUFFLES, most // BLOCK * BLOCK)


def _mixed(given: Given, config: ScanConfig, chosen: Chosen, kind: str, shuffles: int) -> Counts:
    """Return the hits in each shuffle, int64[shuffles]; a click stops it, and results are kept."""
    source, sequences = given
    bar, counts = st.empty(), []
    for block in range(shuffles // BLOCK):
        counts.append(shuffled(source, config, chosen, kind, block, sequences))
        done = BLOCK * (block + 1)
        bar.progress(done / shuffles, f"{done:,} of {shuffles:,} shuffles scanned")
    bar.empty()
    return np.concatenate(counts)


def _track(found: Hits) -> None:
    names, per_record = found.sequences.names, found.per_record
    order = np.argsort(-per_record, kind="stable")
    with_hits = order[: np.count_nonzero(per_record)].tolist()
    chosen = st.multiselect(
        f"Sequences to draw (the {min(ROWS, len(with_hits))} with most hits if none is chosen)",
        with_hits[:2000], key=state.MOTIF_RECORDS, max_selections=40,
        format_func=lambda i: f"{safe.one_line(names[i], 40)} ({per_record[i]:,} hits)",
    )  # fmt: skip
    records = np.array(chosen or with_hits[:ROWS], np.int64)
    st.plotly_chart(
        figures.track(found, records), key="motif-track",
        alt=f"Hits along {len(records)} sequences; the table below lists them",
    )  # fmt: skip
    drawn = min(int(per_record[records].sum()), figures.MAX_MARKS)
    st.caption(f"showing {drawn:,} of {len(found):,} hits, in {len(records)} of {len(names):,} "
               "sequences; the lines are as long as the sequences")  # fmt: skip


def _table(found: Hits) -> None:
    import pandas as pd

    best = np.argsort(found.p_values, kind="stable")[:MAX_ROWS]
    names = found.sequences.names
    table = pd.DataFrame(
        {
            "sequence": [safe.one_line(names[found.records[i]]) for i in best],
            "start": found.starts[best] + 1,
            "end": found.stops[best],
            "strand": np.where(found.strands[best] > 0, "+", "−"),
            "score, bits": found.scores[best],
            "p": found.p_values[best],
            "q": found.q_values[best],
            "letters": [found.text(int(i)) for i in best],
        }
    ).dropna(axis="columns", how="all")  # a regular expression has no score and no p
    formats = {"p": "%.1e", "q": "%.1e", "score, bits": "%.2f"}
    grid.show(table, "Hits, the best first", height=280, formats=formats)
    if len(best) < len(found):
        st.caption(f"showing the best {len(best):,} of {len(found):,}; the downloads have all")
    with st.container(horizontal=True):
        downloads.button("CSV", "hits.csv", lambda: hit_files.csv_text([found]), "text/csv")
        downloads.button("BED", "hits.bed", lambda: hit_files.bed_text([found]))
        downloads.button("GFF3", "hits.gff3", lambda: hit_files.gff3_text([found]))
