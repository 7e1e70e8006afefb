"""The input of sequences, with the same limits and report on every page."""

from typing import TYPE_CHECKING

import streamlit as st

from bioskipgram.sequences.upload import PASTED, BadRecord
from dashboard import state
from dashboard.shared import cache, downloads, errors
from dashboard.shared import text as safe
from dashboard.shared.cache import LIMITS, Given, Upload

if TYPE_CHECKING:
    import pandas as pd


MAX_PASTED = 2_000_000
MAX_LISTED = 1000
LIMITED = (
    f"FASTA, GenBank or EMBL, plain or gzipped. Up to {LIMITS.records:,} records and "
    f"{LIMITS.bases / 1e6:.0f} million letters in all, {LIMITS.length / 1e6:.0f} million in one "
    f"record, {LIMITS.file_bytes / 1e6:.0f} MB a file. The command line takes more."
)


def ask(alphabet: str, *, key: str, several: bool = True) -> Upload | None:
    """Draw the inputs for sequences and the list of bad records; None without usable ones.

    Once something is given, one line says so and opens the inputs. What was given is kept for this
    session while other pages are shown.
    """
    pasted = str(st.session_state.get(state.pasted(key)) or "").strip()
    if not (state.kept(key) or pasted):
        said, place = st.empty(), st.container()
    else:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            said = st.empty()
            place = st.popover("Change", icon=":material/edit:", key=f"{key}_change")
    with place:
        files = _inputs(alphabet, key, several=several)
    if not files:
        return None
    found = cache.read(files, alphabet)
    names = safe.markdown(", ".join(file.name for file in files), 100)
    number = f"{len(found):,} {'record' if len(found) == 1 else 'records'}"
    said.markdown(f"**{names}** · {number}", width="content")
    left_out(found.records.bad, some_are_good=len(found) > 0)
    if len(found):
        return found
    if len(found.records.bad) > 1:
        errors.say("None of the records can be used; why is said above.")
    return None


def _inputs(alphabet: str, key: str, *, several: bool) -> tuple[Given, ...]:
    st.file_uploader(
        "Files of sequences" if several else "A file of sequences", key=key, help=LIMITED,
        accept_multiple_files=several, max_upload_size=LIMITS.file_bytes // 1_000_000,
        on_change=_keep, args=(key,),
    )  # fmt: skip
    files: tuple[Given, ...] = state.kept(key)
    if files and not st.session_state[key]:
        _offer_to_forget(key, files)
    pasted = st.text_area(
        "or paste them", key=state.pasted(key), height=100, persist_state="session",
        max_chars=MAX_PASTED, help="FASTA, GenBank, EMBL or one bare sequence.",
        placeholder=">mine\nMVHLTPEEK…" if alphabet == "protein" else ">my gene\nATGGTGCAT…",
    )  # fmt: skip
    if pasted and pasted.strip() and (several or not files):
        files += (Given(PASTED, pasted.encode("utf-8", "replace")),)
    return files


def _keep(key: str) -> None:
    new = st.session_state[key]
    files = new if isinstance(new, list) else [new] * (new is not None)
    state.keep(key, tuple(Given(file.name, file.getvalue()) for file in files))


def _offer_to_forget(key: str, files: tuple[Given, ...]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        names = ", ".join(file.name for file in files)
        st.caption(f"Still here from before: {safe.markdown(names, 200)}")
        if st.button("Forget", type="tertiary", key=f"{key}_forget"):
            state.keep(key, ())
            st.rerun()


def left_out(bad: tuple[BadRecord, ...], *, some_are_good: bool = True) -> None:
    """List the records and files that could not be used, and why."""
    if not bad:
        return
    if len(bad) == 1 and not some_are_good:
        errors.say(_sentence(bad[0]))
        return
    files = sum(not one.name for one in bad)
    counts = ((len(bad) - files, "record"), (files, "file"))
    what = " and ".join(f"{n:,} {name}{'s' * (n != 1)}" for n, name in counts if n)
    with st.expander(f"Left out: {what}", expanded=not some_are_good, icon=":material/warning:"):
        table = bad_table(bad)
        shown = table.head(MAX_LISTED).map(_short)
        st.dataframe(
            shown, hide_index=True, height=min(260, 38 + 35 * len(shown)),
            column_config={
                "line": st.column_config.NumberColumn("line", width=60),
                "reason": st.column_config.TextColumn("reason", width=600),
            },
            alt="What was left out, with its file, line and the reason",
        )  # fmt: skip
        downloads.csv(table, "left-out", label=f"CSV of {len(table):,}")


def bad_table(bad: tuple[BadRecord, ...]) -> "pd.DataFrame":
    """Return a row for each record or file that was left out."""
    import pandas as pd

    return pd.DataFrame(
        {"file": [one.file for one in bad],
         "record": [one.name or "the whole file" for one in bad],
         "line": pd.array([one.line or None for one in bad], "Int64"),
         "reason": [one.reason for one in bad]}
    )  # fmt: skip


def _sentence(bad: BadRecord) -> str:
    line = f", line {bad.line:,}" if bad.line else ""
    record = f", record {safe.one_line(bad.name)}" if bad.name else ""
    return f"{safe.one_line(bad.file)}{line}{record}: {bad.reason}"


def _short(cell: object) -> object:
    return safe.one_line(cell, safe.MAX_ERROR) if isinstance(cell, str) else cell
