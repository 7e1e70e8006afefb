"""Two models compared on a page: alignment, shared neighbours, largest changes, both maps."""

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from bioskipgram.config import ProjectionConfig
from bioskipgram.model import compare
from bioskipgram.model.compare import Alignment
from bioskipgram.numerics.arrays import Floats, Offsets
from dashboard import state
from dashboard.kmer_map.component import kmer_map
from dashboard.kmer_map.content import Colouring, MapLook
from dashboard.kmer_map.events import MapEvents
from dashboard.quality import cache as remembered
from dashboard.quality import figures, keys
from dashboard.shared import cache, downloads, model_map
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile

if TYPE_CHECKING:
    import pandas as pd


MOST = 200
"""How many of the k-mers that changed most the table holds."""


def show(model: ModelFile) -> None:
    """Draw the choice of a second model, and its comparison with the first."""
    other = _choose(model)
    if other is None:
        st.info(
            "Choose a second model. To see how much of a list is chance, train the same sequences "
            "again with another seed on the Train page: its run appears here."
        )
        return
    found = remembered.alignment(model, other)
    _differences(model, other, found)
    _alignment(found)
    n = int(
        st.slider(
            "Neighbours compared", 1, compare.LONGEST_LIST, 10, key=keys.OVERLAP,
            bind="query-params", width=420,
            help="How many of a k-mer's nearest count in each model, among common k-mers only.",
        )
    )  # fmt: skip
    overlap = _overlap(model, other, found, n)
    left, right = st.columns([1, 1], gap="medium")
    with left:
        _distribution(overlap, found, n)
    with right:
        _changed(model, other, found, overlap)
    _maps(model, other, found)


def _choose(model: ModelFile) -> ModelFile | None:
    names = [name for name in cache.models() if name != model.name]
    if st.session_state.get(state.OTHER_MODEL) not in names:
        st.session_state.pop(state.OTHER_MODEL, None)
    chosen = st.selectbox(
        "Second model", names, index=None, key=state.OTHER_MODEL, bind="query-params",
        placeholder="choose a model" if names else "there is no other model", width=340,
        help="Of the same alphabet, with at least three k-mers in common.",
    )  # fmt: skip
    return cache.models()[chosen] if chosen is not None else None


def _differences(model: ModelFile, other: ModelFile, found: Alignment) -> None:
    one, two = cache.embedding(model), cache.embedding(other)
    differing = compare.differences(one.info, two.info)
    words = [
        name if name == "source" else safe.markdown(f"{name.replace('_', ' ')} {first} / {second}")
        for name, (first, second) in differing.items()
    ]
    if not differing:
        said = "Both were trained on the same sequences with the same settings."
    elif set(differing) == {"seed"}:
        said = (
            "They differ in the **seed** alone: what they do not share is the chance of training, "
            "and no other comparison should be expected to share more."
        )
    else:
        said = f"They differ in: {', '.join(words)}."
    sizes = {len(one), len(two), len(found.first)}
    common = f"**{len(found.first):,}** k-mers in common"
    if len(sizes) > 1:
        common += f" of {len(one):,} and {len(two):,}"
    strands = {m.vocabulary.tokenizer.canonical for m in (one, two)}
    note = " A canonical k-mer stands for both its strands." if len(strands) > 1 else ""
    dims = one.center.shape[1], two.center.shape[1]
    filled = (
        f" The {min(dims)}-dimensional vectors are filled up with zeros to {max(dims)}."
        if len(set(dims)) > 1
        else ""
    )
    st.markdown(f"{common}. {said}{note}{filled}")


def _alignment(found: Alignment) -> None:
    one, two, three = st.columns(3)
    one.metric(
        "Procrustes residual", f"{found.residual:.3f}",
        help="One model is turned (orthogonal Procrustes) to lie over the other as well as may "
        "be. 0 = the same up to a rotation; it is 1 less the mean cosine of a k-mer's two vectors.",
    )  # fmt: skip
    two.metric(
        "Residual, k-mers permuted", f"{found.null_residual:.3f}",
        help="The same with the k-mers of one model permuted at random: what a rotation "
        "reaches without any agreement. Below 1 because vectors share a common direction and "
        "because a rotation has freedom to fit.",
    )  # fmt: skip
    explained = 1 - found.residual / found.null_residual if found.null_residual else 0.0
    three.metric(
        "Agreement beyond chance", f"{explained:.0%}", help="1 - residual / permuted residual"
    )


def _overlap(model: ModelFile, other: ModelFile, found: Alignment, n: int) -> Floats:
    """Return the Jaccard index of each k-mer compared, found block by block."""
    parts = []
    blocks = remembered.blocks(len(found.first))
    bar = st.empty()
    for done, block in enumerate(blocks):
        if len(blocks) > 1:
            bar.progress(done / len(blocks), f"Neighbours of {block.start:,} k-mers compared …")
        one, two = remembered.lists(model, other, block)
        parts.append(compare.jaccard(one, two, n))
    bar.empty()
    return np.concatenate(parts)


def _distribution(overlap: Floats, found: Alignment, n: int) -> None:
    expected = compare.expected_jaccard(len(found.first) - 1, n)
    st.markdown(
        f"**Shared neighbours**: mean Jaccard **{overlap.mean():.3f}** of the first {n}; "
        f"random lists {expected:.3f}"
    )
    st.plotly_chart(
        figures.overlaps(overlap, expected),
        config={"displayModeBar": False},
        alt=f"Histogram of the Jaccard index; mean {overlap.mean():.3f}, random {expected:.3f}",
    )
    if len(overlap) < len(found.first):
        st.caption(f"A random sample of {len(overlap):,} of {len(found.first):,} common k-mers.")


def _changed(model: ModelFile, other: ModelFile, found: Alignment, overlap: Floats) -> None:
    """List the k-mers that changed most; a click on a row rings its k-mer on both maps."""
    table = _table(model, found, overlap, remembered.compared(model, other))
    st.markdown("**Changed most**, by cosine after alignment; a click rings it on both maps")
    key = f"changed-{model.name}-{other.name}"
    event: Any = st.dataframe(
        table, hide_index=True, height=240, key=key, on_select="rerun",
        selection_mode="single-row",
        column_config={
            "cosine": st.column_config.NumberColumn("cosine", format="%.3f"),
            "Jaccard": st.column_config.NumberColumn("Jaccard", format="%.2f"),
        },
        alt="k-mers by how little their vectors agree; choose one to see it on both maps",
    )  # fmt: skip
    rows = event.selection.rows
    if rows and st.session_state.get(f"{key}-seen") != rows:
        st.session_state[keys.PAIR_FOCUS] = str(table["k-mer"][rows[0]])
    st.session_state[f"{key}-seen"] = rows
    downloads.csv(table, "changed")


def _table(
    model: ModelFile, found: Alignment, overlap: Floats, compared: Offsets
) -> "pd.DataFrame":
    import pandas as pd

    vocabulary = cache.embedding(model).vocabulary
    shared = np.full(len(found.first), np.nan, np.float32)
    shared[compared] = overlap
    worst = np.argsort(found.cosines, kind="stable")[:MOST]
    return pd.DataFrame(
        {
            "k-mer": vocabulary.spell(found.first[worst]),
            "cosine": found.cosines[worst],
            "Jaccard": shared[worst],
            "count": vocabulary.counts[found.first[worst]],
        }
    )


def _maps(model: ModelFile, other: ModelFile, found: Alignment) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        config = model_map.choose_layout()
    for one in (model, other):
        if cache.layout(one, config) is None:
            st.markdown(safe.code(one.name))
            nothing = Colouring("", np.zeros(len(cache.embedding(one)), np.float32))
            model_map.show(one, config, MapLook(colouring=nothing), key=keys.PAIR_MAPS[0])
            return
    for place, which in zip(st.columns(2), (0, 1), strict=True):
        with place:
            events = _map((model, other)[which], found, config, (model, other), which)
            _take(events, (model, other)[which])
    st.caption(
        "The second map is turned, mirrored and scaled as a whole to lie over the first "
        "(Procrustes on the points of common k-mers). Colour: cosine of a k-mer's two vectors "
        "after alignment in the full space; grey is in one model only. A click on a point rings "
        "its k-mer on both."
    )


def _map(
    one: ModelFile,
    found: Alignment,
    config: ProjectionConfig,
    pair: tuple[ModelFile, ModelFile],
    which: int,
) -> MapEvents:
    vocabulary, layout = cache.embedding(one).vocabulary, cache.layout(one, config)
    points = remembered.laid_over(*pair, config)
    if points is None or layout is None:
        return MapEvents()
    values = np.full(len(vocabulary), np.nan, np.float32)
    values[(found.first, found.second)[which]] = found.cosines
    colouring = Colouring("Cosine after alignment", values)
    look = MapLook(colouring=colouring, focus=_focus(one), height=440)
    content = model_map.content(one, points if which else layout.points, look)
    st.markdown(safe.code(one.name))
    return kmer_map(content, key=keys.PAIR_MAPS[which])


def _focus(one: ModelFile) -> int | None:
    """Return the token of the ringed k-mer, where this model has it."""
    text, vocabulary = st.session_state.get(keys.PAIR_FOCUS, ""), cache.embedding(one).vocabulary
    tokenizer = vocabulary.tokenizer
    bases = tokenizer.alphabet.encode(text)
    if not tokenizer.shortest <= len(text) <= tokenizer.k or tokenizer.alphabet.unknown in bases:
        return None
    token = int(vocabulary.tokens(np.array([tokenizer.encode(text)]))[0])
    return token if token >= 0 else None


def _take(events: MapEvents, one: ModelFile) -> None:
    if events.clicked is not None:
        text = cache.embedding(one).vocabulary.spell(np.array([events.clicked], np.int32))[0]
        if st.session_state.get(keys.PAIR_FOCUS) != text:
            st.session_state[keys.PAIR_FOCUS] = text
            st.rerun()
