"""Motifs that more sequences of one set have than of another, found anew."""

from typing import TYPE_CHECKING

import streamlit as st

from bioskipgram.motifs.discovery import compare
from bioskipgram.motifs.discriminative import HELD_OUT, PATIENCE, Discovered, discover
from bioskipgram.motifs.library import jaspar
from bioskipgram.motifs.matrix_text import meme_text
from bioskipgram.sequences.alphabet import DNA
from bioskipgram.sequences.sequences import Sequences
from dashboard import state
from dashboard.motifs import figures
from dashboard.motifs.from_cluster import use
from dashboard.shared import basket, downloads, grid, upload
from dashboard.shared import text as safe
from dashboard.shared.findings import Finding

if TYPE_CHECKING:
    import pandas as pd

MOST = 5
Sets = tuple[str, Sequences, Sequences | None]
MEANING = f"""
Words of 5 to 8 bases that more sequences of the first set have are made into matrices, which are
refined on the sites they find, as STREME does (Bailey 2021). {HELD_OUT:.0%} of the sequences are
**held out** of the search, and the p-value is theirs (Fisher's exact test; binomial where the sets
differ in length). The search ends after {PATIENCE} motifs in a row that the held-out sequences do
not confirm. A motif shows what tells the sets apart: a binding site, or what else differs, such as
GC content. Choose a second set that is like the first in all but what you ask for.
"""


def show() -> None:
    """Draw the inputs and the motifs found in them."""
    sets = _ask()
    if sets is None:
        return
    key, first, second = sets
    done: tuple[str, list[Discovered]] = st.session_state.get(state.MOTIF_FOUND, ("", []))
    if done[0] != key:
        with st.container(horizontal=True, vertical_alignment="center"):
            started = st.button("Find motifs", type="primary", icon=":material/play_arrow:")
            st.caption(_sizes(first, second))
        if not started:
            return
        _search(key, first, second)
        st.rerun()
    _results(done[1])
    with st.expander("What this means"):
        st.markdown(MEANING)


def _ask() -> Sets | None:
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**Sequences that may have a motif**")
        first = upload.ask(DNA.name, key=state.MOTIF_FIRST)
    with right:
        st.markdown("**Compared with** (nothing given: the same sequences, shuffled)")
        second = upload.ask(DNA.name, key=state.MOTIF_SECOND)
    if first is None:
        st.info("Give the first set: FASTA of 20 sequences or more, such as peaks of ChIP-seq.")
        return None
    other = second.records.sequences if second else None
    return f"{first.digest} {second.digest if second else ''}", first.records.sequences, other


def _sizes(first: Sequences, second: Sequences | None) -> str:
    other = f"{len(second):,} others" if second is not None else "the same shuffled"
    return f"{len(first):,} sequences against {other}; up to {MOST} motifs."


def _search(key: str, first: Sequences, second: Sequences | None) -> None:
    """Find motifs; any click, such as Stop, ends the search and keeps what was found."""
    found: list[Discovered] = []
    st.session_state[state.MOTIF_FOUND] = (key, found)
    st.button("Stop", icon=":material/stop:", key="stop-two-sets")
    bar = st.progress(0.0, "Counting words in both sets …")
    for one in discover(first, second, motifs=MOST):
        found.append(one)
        share = sum(each.significant for each in found) / MOST
        bar.progress(share, f"{len(found)} found, the next is being refined …")


def _results(found: list[Discovered]) -> None:
    kept = [one for one in found if one.significant]
    if not kept:
        st.info(
            "No motif tells the sets apart: none of the candidates is confirmed by the sequences "
            "that were held out of the search (p < 0.05)."
        )
        return
    st.markdown(
        f"**{len(kept)} motif{'s tell' if len(kept) > 1 else ' tells'} the sets apart**, confirmed "
        f"by sequences held out of the search"
    )
    known = [_nearest(one) for one in kept]
    left, right = st.columns([3, 2], gap="medium")
    with left:
        row = grid.show(
            _table(kept, known), "Motifs found; choose a row to see its logo",
            formats={"p (held out)": "%.1e", "first set": "%.1f %%", "second set": "%.1f %%"},
            key="found-motifs",
        ) or 0  # fmt: skip
        text = meme_text([(one.motif.name, one.motif.weights) for one in kept])
        with st.container(horizontal=True):
            downloads.button("Matrices (MEME)", "motifs.meme", lambda: text)
            downloads.csv(_table(kept, known), "motifs")
    with right:
        _one(kept[row], known[row])


def _one(one: Discovered, known: str) -> None:
    st.plotly_chart(
        figures.motif_logo(one.motif), config=figures.STATIC, key="found-logo",
        alt=f"Logo of a motif found, consensus {one.motif.consensus}",
    )  # fmt: skip
    st.markdown(
        f"A site in **{one.sites:,} of {one.size:,}** of the first set and in {one.others:,} of "
        f"{one.other_size:,} of the second. Held out: {one.held_sites:,} of {one.held_size:,} "
        f"against {one.held_others:,} of {one.held_other_size:,}, p = {one.p:.1e}. "
        + (f"Like {safe.markdown(known)}." if known else "Like no motif of JASPAR (q < 0.05).")
    )
    text = meme_text([(one.motif.name, one.motif.weights)])
    with st.container(horizontal=True):
        basket.keep_button(Finding("motifs", one.motif.name, text), key="keep-found")
        st.button(
            "Use this motif", icon=":material/arrow_forward:", on_click=use, args=(text,),
            help="Look for it along sequences and among the k-mers.",
        )  # fmt: skip


def _nearest(one: Discovered) -> str:
    """Return the motif of JASPAR that is most like it, "" if none is more than chance."""
    found = compare(one.motif, jaspar())
    return jaspar()[int(found.targets[0])].name if found.q[0] < 0.05 else ""


def _table(found: list[Discovered], known: list[str]) -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame(
        {
            "motif": [one.motif.consensus for one in found],
            "first set": [100 * one.sites / one.size for one in found],
            "second set": [100 * one.others / one.other_size for one in found],
            "p (held out)": [one.p for one in found],
            "like": known,
        }
    )
