"""The basket: what was kept on any page, in the top bar; sessions saved to a file and opened.

A page offers to keep what it shows with ``keep_button(finding, key=…)`` and offers what was kept
with ``kept("genes")``. A finding is made by ``findings.of_kmers`` or ``Finding("genes", name,
fasta)``. `opened` is the finding of the link that led to the page. Nothing else is to be done.
"""

import secrets
from dataclasses import replace

import streamlit as st

from bioskipgram.errors import BioSkipGramError
from dashboard import state
from dashboard.shared import cache, downloads, errors, findings, link, session_file
from dashboard.shared import text as safe
from dashboard.shared.findings import KINDS, SELECTION, Finding
from dashboard.shared.server import COOKIE, is_number
from dashboard.shared.session_file import Session

_OWNER, _KEPT, _TOLD, _NAME = "_basket_owner", "_basket", "_basket_told", "_basket_name_"
_FILE, _LABEL = "session_file", "_basket_label"


def kept(kind: str = "") -> tuple[Finding, ...]:
    """Return what was kept, in order; of one of `findings.KINDS` if one is given."""
    if _KEPT not in st.session_state:
        st.session_state[_KEPT] = findings.basket(_owner())
    everything: tuple[Finding, ...] = st.session_state[_KEPT]
    return tuple(found for found in everything if kind in ("", found.kind))


def opened(kind: str) -> Finding | None:
    """Return the finding that the address names, if it is of this kind."""
    found = findings.get(str(st.query_params.get(SELECTION, "")))
    return found if found is not None and found.kind == kind else None


def keep_button(found: Finding, *, key: str) -> None:
    """Draw the button that keeps a finding with one click; once kept, it says so."""
    there = any(one.number == found.number for one in kept())
    st.button(
        "Kept" if there else "Keep", key=key, on_click=keep, args=(found,), disabled=there,
        icon=":material/bookmark_added:" if there else ":material/bookmark_add:",
        help="It is in the basket, in the top bar" if there else "Put this into the basket",
    )  # fmt: skip


def keep(*found: Finding) -> None:
    """Put findings into the basket and say so; what is there already stays as it is."""
    new = {one.number: one for one in found}
    _change(lambda old: (*old, *(new[n] for n in new if n not in {one.number for one in old})))
    what = f"{safe.markdown(found[0].name)}, {found[0].size}" if len(found) == 1 else len(found)
    st.session_state.setdefault(_TOLD, f"Kept: {what}. See the basket, above.")


def draw(pages: frozenset[str], page: str) -> None:
    """Draw the basket in the top bar; `page` is the address of the one that is shown."""
    if told := st.session_state.pop(_TOLD, ""):
        st.toast(told, icon=":material/bookmark:")
    if not st.session_state.get("basket"):  # another label would close an open basket
        st.session_state[_LABEL] = f"Basket · {len(kept())}" if kept() else "Basket"
    label = st.session_state.setdefault(_LABEL, "Basket")
    panel = st.popover(label, icon=":material/bookmarks:", key="basket", on_change="rerun")
    if panel.open:
        with panel, errors.told():
            _contents()
            _session(pages, page)


def _contents() -> None:
    if not kept():
        st.markdown(
            "Nothing is kept yet. **Keep** on a card puts its k-mers, genes, motif or variant here."
        )
        return
    for found in kept():
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            with st.container(width="stretch", gap=None):
                st.text_input(
                    f"Name of {safe.markdown(found.name)}", found.name, key=_NAME + found.number,
                    max_chars=safe.MAX_NAME, label_visibility="collapsed",
                    on_change=_rename, args=(found.number,),
                )  # fmt: skip
            model = {"model": found.model} if found.model in cache.models() else {}
            where = KINDS[found.kind]
            st.html(
                link.anchor("Open", where, **model, **{SELECTION: found.number}), width="content"
            )
            st.button(
                "", icon=":material/close:", type="tertiary", key=f"remove-{found.number}",
                help=f"Remove {safe.markdown(found.name)}", on_click=_remove, args=(found.number,),
            )  # fmt: skip
        about = f"{found.size} · {safe.markdown(found.model)}" if found.model else found.size
        st.caption(about)
    with st.popover("Clear …", type="tertiary"):
        st.markdown(f"Remove all {len(kept())} from the basket? They cannot be brought back.")
        st.button("Clear the basket", type="primary", on_click=_change, args=(lambda old: (),))


def _rename(number: str) -> None:
    name = safe.one_line(st.session_state[_NAME + number]).strip()
    _change(
        lambda old: tuple(
            replace(one, name=name) if one.number == number and name else one for one in old
        )
    )


def _remove(number: str) -> None:
    _change(lambda old: tuple(one for one in old if one.number != number))


def _change(made: findings.Change) -> None:
    """Change the basket on disk and here; where the disk fails, here alone, and say so."""
    try:
        st.session_state[_KEPT] = findings.change(_owner(), made)
    except BioSkipGramError as error:
        st.session_state[_KEPT] = made(kept())
        st.session_state[_TOLD] = safe.error(error)


def _owner() -> str:
    """Return the number of this browser's basket, from its cookie."""
    if _OWNER not in st.session_state:
        said = st.context.cookies.get(COOKIE, "")
        st.session_state[_OWNER] = said if is_number(said) else secrets.token_hex(16)
    return str(st.session_state[_OWNER])


# The session file ----------------------------------------------------------------------------


def _session(pages: frozenset[str], page: str) -> None:
    """Offer the session as a file, and to open one."""
    st.divider()
    st.markdown("**Session:** the model, this page with its settings, and all that is kept.")
    if st.session_state.get(state.MODEL_FILE) is not None:
        data = session_file.write(_now(page))  # now: a download is made outside the session
        downloads.button("Save the session", "session.json", lambda: data, "application/json")
    given = st.file_uploader(
        "Open a session file", key=_FILE, type="json",
        max_upload_size=session_file.MAX_BYTES // 1_000_000,
    )  # fmt: skip
    if given is not None:
        _offer(session_file.read(given.getvalue(), pages))


def _now(page: str) -> Session:
    model, query = cache.chosen(), st.query_params
    settings = {name: query.get_all(name) for name in query}
    shown = findings.get(str(query.get(SELECTION, "")))
    return Session(
        model.name, cache.embedding(model).digest, page,
        {name: values if len(values) > 1 else values[0] for name, values in settings.items()},
        kept(), () if shown is None else (shown,),
    )  # fmt: skip


def _offer(session: Session) -> None:
    """Put what a session kept into the basket, and link to its page if its model is here."""
    for found in session.shown:
        findings.put(found)
    there = {found.number for found in kept()}
    if new := [found for found in session.kept if found.number not in there]:
        keep(*new)
        st.rerun()
    name, why = _model_of(session)
    if not name:
        errors.say(why)
        return
    st.markdown(
        f"**{safe.markdown(session.page.title())}** with {safe.markdown(name)}, and "
        f"{len(session.kept):,} kept"
    )
    settings = {key: value for key, value in session.settings.items() if key != state.MODEL}
    st.html(link.anchor("Open this session", session.page, **settings, **{state.MODEL: name}))


def _model_of(session: Session) -> tuple[str, str]:
    """Return the name here of a session's model; "" and why there is none."""
    models = cache.models()
    names = sorted(models, key=lambda name: name != session.model)
    for name in names:
        try:
            if cache.embedding(models[name]).digest == session.digest:
                return name, ""
        except BioSkipGramError:
            continue
    other = "the model of that name here is another one" if session.model in models else "not here"
    return "", (
        f"This session was saved with the model {session.model} (digest {session.digest[:12]}), "
        f"{other}: what it kept is in the basket, its page cannot be shown. Put the model's file "
        "into models/, then open the session again."
    )
