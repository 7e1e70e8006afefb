"""Inputs of the Variants page: sequences, a gene of them, variants of it."""

from collections import Counter

import streamlit as st

from bioskipgram.sequences.sequences import Sequences
from bioskipgram.variants.coding import coding_sequences, frame_warning, table_of
from bioskipgram.variants.reading import VariantList
from bioskipgram.variants.variant import dna
from dashboard import state
from dashboard.shared import cache, downloads, errors, grid, upload
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile
from dashboard.variants import cache as remembered

SHIPPED = "Human genes that ship"
MINE = "My sequences"
DEFAULT_GENE = "HBB"
DEFAULT = "c.20A>T"
MAX_TYPED = 2000
"""Characters: typed text is in the URL; longer lists need a file."""
MAX_NAMES = 5000
MAX_PROBLEMS = 1000
MAX_TOLD = 5
"""Problems that are told as sentences; more are in a table, too."""


def choose_sequences(model: ModelFile) -> tuple[Sequences | None, str]:
    """Return the chosen sequences and their cache key; None where none were given yet."""
    alphabet = cache.embedding(model).vocabulary.tokenizer.alphabet.name
    choice = st.segmented_control(
        "Sequences", [SHIPPED, MINE], default=SHIPPED, required=True, key=state.VARIANT_SOURCE,
        persist_state="session",
    )  # fmt: skip
    if choice == SHIPPED:
        return remembered.genes(alphabet), remembered.SHIPPED
    found = upload.ask(alphabet, key=state.VARIANT_SEQUENCES)
    if found is None:
        return None, ""
    return coding_sequences(found.records.sequences), found.digest


def choose_record(sequences: Sequences) -> int:
    """Return the chosen gene, with a warning if it is not a whole reading frame."""
    often = Counter(sequences.names)
    names = [
        f"{name} ({number})" if often[name] > 1 else name
        for number, name in enumerate(sequences.names[:MAX_NAMES], 1)
    ]
    if st.session_state.get(state.VARIANT_GENE) not in names:
        st.session_state.pop(state.VARIANT_GENE, None)
    first = names.index(DEFAULT_GENE) if DEFAULT_GENE in names else 0
    chosen = st.selectbox("Gene", names, first, key=state.VARIANT_GENE, bind="query-params")
    if len(sequences) > MAX_NAMES:
        st.caption(f"The first {MAX_NAMES:,} of {len(sequences):,} sequences can be chosen.")
    record = names.index(chosen)
    if warning := frame_warning(dna(sequences, record), table_of(sequences, record)):
        st.warning(warning, icon=":material/warning:")
    return record


def ask_variants() -> tuple[str | bytes, str]:
    """Return the given variants, and where they are from; a file goes before typed text."""
    typing, giving = st.columns([3, 2], gap="medium")
    with giving:
        file = st.file_uploader(
            "or a file: VCF, MAF or a list, also .gz", key=state.VARIANT_FILE, max_upload_size=20,
            help="CHROM is the name of the gene, POS counts from its first base.",
        )  # fmt: skip
    with typing:
        typed = st.text_area(
            "Variants", DEFAULT, key=state.VARIANTS, bind="query-params", height=140,
            max_chars=MAX_TYPED, disabled=file is not None,
            help="HGVS names such as c.20A>T, c.20del, c.20_21insAG, HBB:c.20_22delinsT, rows of "
            "a VCF, or lines 'name position ref alt', positions from 1. Several with commas or "
            "on lines.",
        )  # fmt: skip
    if file is None:
        return typed or "", "the box"
    return file.getvalue(), f"the file {safe.markdown(file.name)}; the box is not"


def say_used(listed: VariantList, place: str) -> None:
    """Write how many variants are used, and where they are from."""
    used, out = len(listed.variants), len(listed.problems)
    said = f"**{used:,} variant{'s' * (used != 1)}** of {place} used"
    st.caption(said + (f"; **{out:,}** left out, listed below." if out else "."))


def say_problems(listed: VariantList) -> None:
    """List the variants that could not be used, and why."""
    if listed.verdict:
        errors.say(listed.verdict)
    few = listed.problems[:MAX_TOLD]
    if len(listed.problems) == 1 and not listed.verdict:
        errors.say(f"{few[0].text}: {few[0].reason}")
    elif few:
        lines = [
            f"- line {one.line}, {safe.code(one.text)}: {safe.markdown(one.reason, safe.MAX_ERROR)}"
            for one in few
        ]
        st.warning("Left out, and why:\n" + "\n".join(lines))
    if len(listed.problems) > MAX_TOLD:
        _list_problems(listed)


def _list_problems(listed: VariantList) -> None:
    import pandas as pd

    problems = listed.problems[:MAX_PROBLEMS]
    table = pd.DataFrame(
        {
            "line": [one.line for one in problems],
            "variant": [safe.one_line(one.text) for one in problems],
            "why": [safe.one_line(one.reason, safe.MAX_ERROR) for one in problems],
        }
    )
    with st.expander(f"All {len(listed.problems):,} that were left out"):
        grid.show(table, "Variants that could not be used, and why", height=330)
        downloads.csv(table, "left-out")
