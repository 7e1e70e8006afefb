"""The colour of the map's points: a property, the user's values, nearness, or two sets."""

import numpy as np
import streamlit as st

from bioskipgram.groups.properties import Property, offered
from bioskipgram.numerics.arrays import Floats, Tokens
from dashboard import state
from dashboard.explore import cache as explore
from dashboard.explore import pairs
from dashboard.kmer_map.content import Colouring
from dashboard.shared import cache, model_map
from dashboard.shared.cache import ModelFile
from dashboard.shared.quality import cache as quality

CLUSTER = "cluster"
NEARNESS = "similarity to the focus"
OWN = "own: "
BEYOND = "more than the null"


def choose(model: ModelFile) -> str:
    """Draw the choice of colour, and return it; the URL holds it."""
    names = [
        CLUSTER,
        NEARNESS,
        BEYOND,
        *(f"{OWN}{own.title}" for own in _own(model)),
        *model_map.known(model),
    ]
    default = default_for(model)
    if state.focus().kind == "pair":
        names = [pairs.PAIR, *names]
        default = pairs.PAIR
    state.choose_default(state.COLOUR, names, default)
    return st.selectbox(
        "Colour by", names, key=state.COLOUR, bind="query-params", width=170,
        label_visibility="collapsed",
        help="Type to search. Frames and codon usage are counted in the sequences that ship, or "
        "in those kept beside the model.",
    )  # fmt: skip


def default_for(model: ModelFile) -> str:
    """Return the colour a model is first shown in."""
    embedding = cache.embedding(model)
    names = model_map.known(model)
    if embedding.vocabulary.tokenizer.k == 3 and "amino acid" in names:
        return "amino acid"
    frames = embedding.info.config.contexts in ("frame", "frame-apart")
    return "frame preference" if frames and "frame preference" in names else CLUSTER


def colouring(model: ModelFile, name: str, tokens: Tokens) -> Colouring:
    """Return the colours of a choice."""
    if name == pairs.PAIR:
        return pairs.colouring(model, state.focus())
    if name == BEYOND:
        return quality.lit(model)
    if name == NEARNESS:
        return Colouring("Cosine to the focus", _nearness(model, tokens))
    if name.startswith(OWN):
        return model_map.coloured(
            next(own for own in _own(model) if own.title == name.removeprefix(OWN))
        )
    return model_map.colouring_by(model, name)


def explain(model: ModelFile, name: str) -> None:
    """Say what a colour needs that the model has not, or what grey means on it."""
    if name == BEYOND:
        found = quality.beyond(model)
        st.caption(quality.NOT_ASKED if found is None else quality.told(found, len(found.q)))


def _nearness(model: ModelFile, tokens: Tokens) -> Floats:
    """Return each k-mer's cosine to the mean of those in focus, float32[V]; NaN with no focus."""
    unit = cache.embedding(model).unit
    if not len(tokens):
        return np.full(len(unit), np.nan, np.float32)
    mean = unit[tokens].mean(axis=0)
    cosines: Floats = unit @ (mean / np.float32(max(float(np.linalg.norm(mean)), 1e-12)))
    return cosines


def facts(model: ModelFile) -> list[Colouring]:
    """Return the further values on the hover card of every k-mer."""
    suited = offered(cache.embedding(model).vocabulary.tokenizer)
    names = [name for name in ("amino acid", "GC content", "hydropathy") if name in suited]
    return [_counts(model), *(model_map.colouring_by(model, name) for name in names)]


def _counts(model: ModelFile) -> Colouring:
    return Colouring("Count", cache.embedding(model).vocabulary.counts.astype(np.float32))


def _own(model: ModelFile) -> list[Property]:
    """Return the columns of the user's table that are numbers; [] while there is none."""
    given = st.session_state.get(state.VALUES)
    return explore.own_values(model, given.digest, given) if given else []
