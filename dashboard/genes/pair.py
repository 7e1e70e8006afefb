"""Two records against each other: their measures, alignments and dot plots."""

import numpy as np
import streamlit as st

from bioskipgram.config import PoolConfig
from bioskipgram.genes import alignment
from bioskipgram.genes.alignment import Alignment
from bioskipgram.genes.similarity import percentiles, related_by
from dashboard import state
from dashboard.genes import cache as remembered
from dashboard.genes import why_pair
from dashboard.genes.cache import Member
from dashboard.genes.dot_map import card
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile, Upload

MAX_CLIPPED = 20_000
VERDICT = {
    "both": "both find them related.",
    "neither": "both find them no more alike than random genes.",
    "vectors only": "the vectors are as alike as those of the nearest 1 % of random pairs, but no "
    "more words are shared than between unrelated genes. Look at the alignment before calling "
    "them related.",
    "words only": "many words are shared, but the vectors are no more alike than those of random "
    "genes.",
}
"""The meaning of each of `similarity.VERDICTS`."""


def choose(upload: Upload, label: str, key: str, *, index: int = 0) -> int:
    """Draw the choice of a record and return which it is."""
    names = upload.records.sequences.names
    if st.session_state.get(key, 0) >= len(names):
        st.session_state.pop(key)
    chosen: int = st.selectbox(
        label, range(len(names)), index, key=key, persist_state="session",
        format_func=lambda i: f"{i + 1} · {safe.one_line(names[i], 40)}",
    )  # fmt: skip
    return chosen


def show(model: ModelFile, upload: Upload, pool: PoolConfig) -> None:
    """Draw two records against each other: measures side by side, alignments, dot plots."""
    left, right = st.columns(2)
    with left:
        record = choose(upload, "First", state.GENES_RECORD)
    with right:
        first, second = (upload, record), _second(model, upload, pool, record)
    _measures(model, pool, first, second)
    why_pair.show(model, pool, first, second)
    identities(first, second)
    card.show(model, first, second)


def _second(model: ModelFile, upload: Upload, pool: PoolConfig, record: int) -> Member:
    """Draw the choice of the other record, of the user's or of the genes that ship."""
    alphabet = upload.records.sequences.alphabet
    members = [(upload, i) for i in range(len(upload))]
    if alphabet.complement:
        shipped = remembered.named_genes(alphabet.name)
        members += [(shipped, i) for i in range(len(shipped))]
    near = int(remembered.nearest_records(model, upload, pool).indices[record, 0])
    if st.session_state.get(state.GENES_OTHER, 0) >= len(members):
        st.session_state.pop(state.GENES_OTHER)

    def title(place: int) -> str:
        owner, i = members[place]
        origin = f"{i + 1} · " if owner is upload else "human gene · "
        return origin + safe.one_line(owner.records.sequences.names[i], 40)

    chosen: int = st.selectbox(
        "Second", range(len(members)), near, key=state.GENES_OTHER, format_func=title,
        persist_state="session", help="Your records, then the named human genes that ship.",
    )  # fmt: skip
    return members[chosen]


def _measures(model: ModelFile, pool: PoolConfig, first: Member, second: Member) -> None:
    """Print the cosine of the vectors beside the measures without a model."""
    one, two = (remembered.vectors(model, owner, pool).unit[i] for owner, i in (first, second))
    cosine, baselines = one @ two, remembered.paired(model, *first, *second)
    among = np.full(1, np.nan)
    if remembered.reference(model)[0] is not None:
        among = percentiles(np.array([cosine]), remembered.random_cosines(model, pool))
    columns = st.columns(4)
    columns[0].metric(
        "Cosine of the vectors", f"{cosine:.3f}",
        None if np.isnan(among[0]) else f"percentile {among[0]:.2f}",
        delta_color="off", delta_arrow="off",
        help=f"{pool.pooling} pooling; how alike the model finds the contexts of their k-mers. "
        "Percentile: the share of random pairs of reference genes with a lower cosine.",
    )  # fmt: skip
    columns[1].metric(
        "k-mer cosine", f"{baselines.kmer_cosine[0]:.3f}", help="Of the counts; no model."
    )
    columns[2].metric(
        "Mash distance", _number(baselines.mash[0]),
        help="Estimated substitutions per base from the 11-mers in common, of either strand; "
        "1 = none in common.",
    )  # fmt: skip
    columns[3].metric(
        "Protein words", _number(baselines.protein[0]),
        help="The same of the 3-letter words of what they code for.",
    )  # fmt: skip
    (found,) = related_by(among, baselines.mash, baselines.protein)
    if found in ("both", "neither"):
        st.markdown(f"Vectors and words agree: {VERDICT[found]}")
    elif found:
        st.markdown(f"**Vectors and words disagree**: {VERDICT[found]}")


def _number(value: float) -> str:
    """Return a measure to three digits; a dash where it is NaN."""
    return f"{value:.3f}" if value == value else "–"


def identities(first: Member, second: Member) -> None:
    """Print the true identities, and the alignment behind each."""
    coding = bool(first[0].records.sequences.alphabet.complement)
    own = "nucleotides" if coding else "protein"
    kinds = [("end to end", "global", own), ("best part", "local", own)]
    kinds += [("translated", "global", "protein")] * coding
    lengths = [len(owner.records.sequences[i]) for owner, i in (first, second)]
    if sentence := alignment.refusal(*lengths):
        st.info(sentence)
        return
    # Nothing that takes seconds starts by itself.
    if lengths[0] * lengths[1] > alignment.QUICK_CELLS and not st.toggle(
        f"Align {lengths[0]:,} x {lengths[1]:,} letters, which takes some seconds",
        key=f"align-{first[1]}-{second[0].digest[:8]}-{second[1]}",
    ):
        return
    found = [remembered.aligned(*first, *second, mode, kind) for _, mode, kind in kinds]
    for column, (title, mode, kind), one in zip(st.columns(len(kinds)), kinds, found, strict=True):
        column.metric(
            f"Identity, {title}", f"{one.identity:.1%}", f"{len(one):,} columns",
            delta_color="off", delta_arrow="off", help=_explain(one, mode, kind),
        )  # fmt: skip
    with st.expander("Alignment"):
        shown = st.radio(
            "Which", range(len(kinds)), format_func=lambda i: kinds[i][0], horizontal=True,
            label_visibility="collapsed", key=f"alignment-{first[0].digest[:8]}",
        )  # fmt: skip
        st.code(_clipped(found[shown]), language=None)


def _explain(found: Alignment, mode: str, kind: str) -> str:
    ends = "gaps at the ends cost nothing" if mode == "global" else "the best part of each"
    return (
        f"{found.matches:,} equal of {len(found):,} columns, {found.gaps:,} with a gap; {mode}, "
        f"{ends}; {kind}: {alignment.SCORING[kind]}. By Biopython's PairwiseAligner."
    )


def _clipped(found: Alignment) -> str:
    text = found.text()
    return text if len(text) <= MAX_CLIPPED else f"{text[:MAX_CLIPPED]}\n… the rest is not shown"
