"""All motifs of JASPAR along sequences, beside a shuffle of them."""

from dataclasses import asdict

import numpy as np
import streamlit as st

from bioskipgram.motifs.enrichment import Survey, survey
from bioskipgram.motifs.library import jaspar
from bioskipgram.motifs.scan import Scanner
from bioskipgram.numerics.statistics import commoner, false_discoveries
from dashboard import state
from dashboard.motifs import ask
from dashboard.motifs.cache import scanner
from dashboard.shared import downloads, grid

COLUMNS = {
    "motif": "motif", "consensus": "consensus", "hits": "hits", "expected": "expected",
    "shuffled": "in a shuffle", "ratio": "hits / shuffle", "records": "sequences with a hit",
}  # fmt: skip


def show() -> None:
    """Scan all of JASPAR on request, with progress; results are kept when stopped."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choice = ask.choose_source()
        config = ask.scan_settings()
    given = ask.sequences_of(choice)
    if given is None:
        return
    source, sequences = given
    key = (source, config)
    done = st.session_state.get(state.MOTIF_SURVEY, (None, []))
    rows: list[Survey] = done[1] if done[0] == key else []
    total = len(jaspar())
    with st.container(horizontal=True, vertical_alignment="center"):
        label = f"Scan {total} JASPAR motifs" if not rows else "Go on"
        start = st.button(
            label, type="primary", icon=":material/play_arrow:", disabled=len(rows) == total
        )
        st.caption(
            f"{len(sequences.codes) / 1e6:.2f} Mb; each motif is sought in the sequences and in "
            "one shuffle of them (counts of two bases in a row kept). Stopping keeps what is done."
        )
    if start:
        st.session_state[state.MOTIF_SURVEY] = (key, rows)
        _scan(scanner(source, config, sequences), rows)
    if rows:
        _table(rows, total)


def _scan(ready: Scanner, rows: list[Survey]) -> None:
    """Scan for the remaining motifs; any click, such as Stop, ends the script at the next step."""
    st.button("Stop", icon=":material/stop:", key="stop-survey")
    known, bar = jaspar(), st.progress(0.0)
    for row in survey(ready, known[len(rows) :]):
        rows.append(row)
        if len(rows) % 10 == 0 or len(rows) == len(known):
            bar.progress(len(rows) / len(known), f"{len(rows)} of {len(known)} motifs")
    st.rerun()


def _table(rows: list[Survey], total: int) -> None:
    import pandas as pd

    table = pd.DataFrame([asdict(row) for row in rows])
    own, other = (table[name].to_numpy(np.int64) for name in ("hits", "shuffled"))
    table["ratio"] = (own + 0.5) / (other + 0.5)
    table = table[list(COLUMNS)].rename(columns=COLUMNS)
    table["p"] = commoner(own, other)
    table["q"] = false_discoveries(table["p"].to_numpy())
    table = table.sort_values("p", ignore_index=True)
    formats = {"expected": "%.1f", "hits / shuffle": "%.2f", "p": "%.1e", "q": "%.1e"}
    grid.show(table, "Motifs, those commoner than in a shuffle first", height=420, formats=formats)
    st.caption(
        f"{len(rows)} of {total} motifs · half a hit is added to both numbers of the ratio. p: "
        "as many hits or more if the sequences were no richer than the shuffle (binomial test); "
        "q: Benjamini-Hochberg over the motifs so far. One shuffle is a rough null and hits "
        "overlap: look at a promising motif by itself. Related factors share motifs."
    )
    downloads.csv(table, "library-hits")
