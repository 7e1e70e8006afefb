"""Addresses: what a page shows as a link, and what a link shows on a page.

A page's settings stand in its address by themselves where their widget has
``bind="query-params"``. `write` adds what is in focus, `arrived` tells that a link was opened.
"""

from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlencode

import numpy as np
import streamlit as st

from bioskipgram.config import default_clusters
from bioskipgram.errors import BioSkipGramError, QueryError
from dashboard import state
from dashboard.shared import cache, findings
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile
from dashboard.shared.findings import SELECTION
from dashboard.state import Focus

KMER, CLUSTER = "kmer", "cluster"
_NAMES = (KMER, CLUSTER, SELECTION)


def address(page: str, **settings: str | list[str]) -> str:
    """Return the address of a page with these settings, relative to the app."""
    return f"{page}?{urlencode(settings, doseq=True)}" if settings else page


def anchor(label: str, page: str, **settings: str | list[str]) -> str:
    """Return a link as HTML; it opens the page anew, with these settings and no others."""
    return f'<a href="{safe.html(address(page, **settings), 10**5)}">{safe.html(label)}</a>'


def arrived(*names: str) -> bool:
    """Return once whether a link was opened, or Back pressed, that says something of these names.

    A change made on the page itself is none: call `noted` with what the page has written.
    """
    now = {name: st.query_params[name] for name in names if name in st.query_params}
    before = st.session_state.get(f"_arrived_{names}", {})
    noted(names, now)
    return bool(now) and now != before


def noted(names: tuple[str, ...], now: Mapping[str, str]) -> None:
    """Store what an address says of these names, so that it is not taken for a link's."""
    st.session_state[f"_arrived_{names}"] = dict(now)


def follow(model: ModelFile) -> None:
    """Focus on the k-mer, cluster or selection of a link that was opened; call it first."""
    if not arrived(*_NAMES):
        return
    try:
        state.set_focus(_linked(model))
        state.set_find_problem("")
    except QueryError as error:
        state.set_find_problem(str(error))


def _linked(model: ModelFile) -> Focus:
    said, vocabulary = st.query_params, cache.embedding(model).vocabulary
    if KMER in said:
        return Focus("kmer", vocabulary.token(safe.one_line(said[KMER])))
    if CLUSTER in said:
        clusters = len(cache.found_clusters(model))
        if said[CLUSTER].isdecimal() and len(said[CLUSTER]) < 9 and int(said[CLUSTER]) < clusters:
            return Focus("cluster", int(said[CLUSTER]))
        raise QueryError(f"this model has {clusters} clusters, numbered from 0, none of them that")
    return selected(model, findings.get(said[SELECTION]))


def selected(model: ModelFile, found: findings.Finding | None) -> Focus:
    """Return the focus on the k-mers of a finding; a QueryError where there is nothing to show."""
    if found is None:
        raise QueryError(
            "the selection of this link is not on this server: it was made on another one or not "
            f"opened for {findings.DAYS} days; ask for the session file"
        )
    vocabulary = cache.embedding(model).vocabulary
    flags = np.zeros(len(vocabulary), np.bool_)
    flags[findings.tokens_of(found, vocabulary)] = True
    if not flags.any():
        word = vocabulary.tokenizer.word
        raise QueryError(f"{found.name}: none of its {found.size} is one of this model's {word}s")
    return Focus("selection", text=found.name, flags=state.pack(flags))


def write(model: ModelFile) -> None:
    """Put the focus into the address; call it last. A selection is stored for those who get it."""
    now, said = _said(model, state.focus()), st.query_params
    if now != {name: said[name] for name in _NAMES if name in said}:
        for name in _NAMES:
            if name in said:
                del said[name]
        said.update(now)
    noted(_NAMES, now)


def _said(model: ModelFile, focus: Focus) -> dict[str, str]:
    vocabulary = cache.embedding(model).vocabulary
    if focus.kind == "kmer":
        return {KMER: vocabulary.spell(np.array([focus.number], np.int32))[0]}
    if focus.kind == "cluster":
        found = cache.found_clusters(model)
        if found.config == default_clusters(len(vocabulary)):
            return {CLUSTER: str(focus.number)}
        name = f"Cluster of {found.config.method}"  # whoever opens the link has other clusters
        focus = Focus("selection", text=name, flags=state.pack(found.labels == focus.number))
    if focus.kind == "selection":
        number = _stored(model, focus)
        return {SELECTION: number} if number else {}
    return {}


def _stored(model: ModelFile, focus: Focus) -> str:
    """Return the number of a selection, which is written once; "" where that fails."""
    before, number = st.session_state.get("_stored", (None, ""))
    if before != (model, focus.flags):
        vocabulary = cache.embedding(model).vocabulary
        tokens = np.flatnonzero(state.unpack(focus.flags, len(vocabulary))).astype(np.int32)
        name = focus.text or f"{len(tokens):,} selected k-mers"
        number = ""
        with suppress(BioSkipGramError):  # a full disk takes the link away, not the page
            number = findings.put(findings.of_kmers(vocabulary, tokens, name, model.name))
        st.session_state["_stored"] = ((model, focus.flags), number)
    return str(number)
