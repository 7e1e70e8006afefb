"""What a model knows of each k-mer beyond its null, and the map that shuffled sequences give."""

from typing import TYPE_CHECKING

import streamlit as st

from bioskipgram.model.beyond import LIT, Beyond
from dashboard.kmer_map.component import kmer_map
from dashboard.kmer_map.content import MapLook
from dashboard.quality import ask, keys
from dashboard.quality import cache as remembered
from dashboard.shared import basket, cache, downloads, findings, grid, model_map
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile
from dashboard.shared.quality import cache as quality

if TYPE_CHECKING:
    import pandas as pd

MOST = 500
HELP = (
    "A k-mer's deviation is how much its contexts differ from those in shuffled sequences, over "
    "all contexts, as the model learnt them. Each null is treated likewise. The q-value is the "
    "share of false k-mers among those with a score as great (Tusher et al. 2001)."
)


def show(model: ModelFile) -> None:
    """Draw which k-mers are more than the null, on the model's map and on the null's."""
    found = quality.beyond(model)
    if found is None:
        st.info(quality.NOT_ASKED)
        ask.show(model, quality.report(model))
        return
    size = len(cache.embedding(model))
    st.markdown(
        f"### {len(found.lit):,} of {size:,} k-mers are more than the null\n"
        f"Their contexts differ from those in sequences with **{safe.markdown(found.kind)}** "
        f"(q < {LIT}, {found.models} nulls).",
        help=HELP,
    )
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _map(model)
    with right, st.container(key="twin_list"):
        _list(model, found)


def _map(model: ModelFile) -> None:
    twin = st.segmented_control(
        "Map", [REAL, NULL], default=REAL, required=True, key=keys.TWIN_MAP,
        help="Two principal components of both, the null's turned to lie over the model's. A "
        "structure that stays on shuffled sequences is composition or spelling.",
    )  # fmt: skip
    points = remembered.twin_points(model)[int(twin == NULL)]
    look = MapLook(colouring=quality.lit(model), height=560)
    kmer_map(model_map.content(model, points, look), key=f"twin-{twin}")
    st.caption("Grey: no more than the null.")


REAL, NULL = "This model", "Shuffled sequences"


def _list(model: ModelFile, found: Beyond) -> None:
    table = _table(model, found)
    if not len(table):
        st.info("No k-mer stands out: the model tells no more than shuffled sequences do.")
        return
    grid.show(
        table, "k-mers that are more than the null, the greatest first",
        formats={"excess, nats": "%.3f", "standard deviations": "%.1f", "q": "%.1e"},
    )  # fmt: skip
    with st.container(horizontal=True):
        downloads.csv(table, "more-than-the-null")
        vocabulary = cache.embedding(model).vocabulary
        kept = findings.of_kmers(vocabulary, found.lit, "more than the null", model.name)
        basket.keep_button(kept, key="keep-lit")
    if len(found.lit) > MOST:
        st.caption(f"The first {MOST:,} are listed.")


def _table(model: ModelFile, found: Beyond) -> "pd.DataFrame":
    import pandas as pd

    first, vocabulary = found.lit[:MOST], cache.embedding(model).vocabulary
    return pd.DataFrame(
        {
            "k-mer": vocabulary.spell(first),
            "excess, nats": found.excess[first],
            "standard deviations": found.scaled[first],
            "q": found.q[first],
            "count": vocabulary.counts[first],
        }
    )
