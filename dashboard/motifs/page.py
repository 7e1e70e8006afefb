"""Motifs: a pattern or a matrix among the k-mers, along sequences, and out of a cluster."""

import streamlit as st

from bioskipgram.motifs.library import Entry
from bioskipgram.motifs.matrix_text import meme_text
from dashboard import state
from dashboard.motifs import figures, from_cluster, in_kmers, in_library, in_sequences, two_sets
from dashboard.motifs.cache import Chosen, entry, library, matrices
from dashboard.shared import better_model, cache, downloads
from dashboard.shared import text as safe

BEST_MODEL = "human-tf-k6"
WHY = (
    f"Motifs are best seen in {BEST_MODEL}, which was learnt from sequences that transcription "
    "factors bind."
)
FIRST = "CREB1 MA0018.5"
MAX_MATRIX_MB = 50
KINDS = ["Library", "Pattern", "Matrix"]
WHERE, WHAT = QUESTIONS = ("Where is my motif?", "What motifs are in these?")
ALONG, AMONG = "Along sequences", "Among the k-mers"
TWO_SETS, LIBRARY, CLUSTER = "In one set, not another", "The whole library", "From a cluster"
VIEWS = {WHERE: [ALONG, AMONG], WHAT: [TWO_SETS, LIBRARY, CLUSTER]}
EXAMPLE = """>example
A [ 0 18  0 17  1 19 ]
C [ 1  0  0  1  2  0 ]
G [ 0  1  1  1  0  1 ]
T [19  1 19  1 17  0 ]"""


def main() -> None:
    """Draw the page."""
    model = cache.chosen()
    view = _view()
    if view in (AMONG, CLUSTER):
        better_model.advise(BEST_MODEL, WHY)
    if view == TWO_SETS:
        two_sets.show()
    elif view == LIBRARY:
        in_library.show()
    elif view == CLUSTER:
        from_cluster.show(model)
    elif (chosen := _choose()) is not None:
        if view == AMONG:
            in_kmers.show(model, chosen)
        else:
            in_sequences.show(chosen)


def _view() -> str:
    """Draw the two questions and where each is answered; a view in the address decides both."""
    wanted = st.session_state.get(state.MOTIF_VIEW, st.query_params.get(state.MOTIF_VIEW))
    first = next((question for question, views in VIEWS.items() if wanted in views), WHERE)
    with st.container(horizontal=True, vertical_alignment="center"):
        question = st.segmented_control(
            "Question", QUESTIONS, default=first, required=True, key=state.MOTIF_QUESTION,
            label_visibility="collapsed",
        )  # fmt: skip
        views = VIEWS[question]
        if st.session_state.get(state.MOTIF_VIEW, views[0]) not in views:
            st.session_state[state.MOTIF_VIEW] = views[0]
        return st.segmented_control(
            "Look", views, default=views[0], required=True, key=state.MOTIF_VIEW,
            bind="query-params", label_visibility="collapsed",
        )  # fmt: skip


def _choose() -> Chosen | None:
    """Draw the choice of a motif and its logo; None while nothing is given."""
    left, right = st.columns([3, 2], gap="medium")
    with left:
        kind = st.segmented_control(
            "Motif from", KINDS, default=KINDS[0], required=True, key=state.MOTIF_FROM,
            bind="query-params",
        )  # fmt: skip
        asked = {KINDS[0]: _from_library, KINDS[1]: _from_pattern, KINDS[2]: _from_matrix}[kind]
        chosen = asked()
        if chosen is None:
            return None
        one = entry(chosen)
        st.caption(_about(one))
    with right:
        _logo(one)
    return chosen


def _from_library() -> Chosen:
    found = library()
    if st.session_state.get(state.MOTIF) not in found:
        st.session_state.pop(state.MOTIF, None)
    names = list(found)
    name = st.selectbox(
        "Search by name", names, index=names.index(FIRST), key=state.MOTIF, bind="query-params",
        help=f"{len(found):,} motifs: well-known patterns, restriction sites, and JASPAR 2026 CORE "
        "human (CC BY 4.0). Type a part of a name.",
    )  # fmt: skip
    return Chosen(name)


def _from_pattern() -> Chosen | None:
    text = st.text_input(
        "Pattern", key=state.MOTIF_PATTERN, bind="query-params", max_chars=210,
        placeholder="TATAWAW, or /^(...)*?TA[AG]/",
        help="Letters and IUPAC codes (N any base, R A or G, …), or a regular expression between "
        "slashes: `/(?:GAATTC){s<=1}/` allows one substitution. It is stopped after 2 seconds.",
    )  # fmt: skip
    if not text.strip():
        st.info("Type a pattern.")
        return None
    return Chosen(text.strip())


def _from_matrix() -> Chosen | None:
    file = st.file_uploader(
        "A file of matrices: JASPAR, MEME, TRANSFAC or plain counts", key=state.MOTIF_FILE,
        max_upload_size=MAX_MATRIX_MB,
    )  # fmt: skip
    text = st.text_area(
        "or paste one here", key=state.MOTIF_TEXT, height=130, placeholder=EXAMPLE,
        disabled=file is not None,
        help="Plain counts: four rows or four columns in the order A C G T.",
    )  # fmt: skip
    if file is not None and text.strip():
        st.caption("The file is used, not the pasted text.")
    given = file.getvalue().decode("utf-8", "replace") if file is not None else text
    if not given.strip():
        st.info("Upload or paste a matrix.")
        return None
    found = matrices(given)
    which = 0
    if len(found) > 1:
        which = st.selectbox(
            f"Which of {len(found):,}", range(len(found)), key=state.MOTIF_WHICH,
            format_func=lambda i: safe.one_line(found[i].name),
        )  # fmt: skip
    return Chosen(given, which)


def _about(one: Entry) -> str:
    """Return a line of Markdown on what a motif is."""
    spelt = safe.code(one.pattern or (one.motif.consensus if one.motif else ""))
    return f"**{safe.markdown(one.name, 160)}** {spelt}: {safe.markdown(one.about, 160)}"


def _logo(one: Entry) -> None:
    motif = one.motif
    if motif is None:
        st.caption("A regular expression has no logo, score or p-value: it matches or not.")
        return
    st.plotly_chart(
        figures.motif_logo(motif), config=figures.STATIC, key="motif-logo",
        alt=f"Sequence logo, consensus {motif.consensus}",
    )  # fmt: skip
    named = [(motif.name, motif.weights)]
    downloads.button("Matrix (MEME)", "motif.meme", lambda: meme_text(named))


main()
