"""Download buttons that make their file when they are pressed."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.shared import text as safe

if TYPE_CHECKING:
    import pandas as pd


def button(
    label: str, name: str, made: Callable[[], str | bytes], mime: str = "text/plain"
) -> None:
    """Draw a button that saves a file, made when it is pressed."""
    st.download_button(
        label, made, name, mime, icon=":material/download:", on_click="ignore",
        key=f"download-{label}-{name}",
    )  # fmt: skip


def csv(table: "pd.DataFrame", name: str, label: str = "CSV") -> None:
    """Draw a button that saves a table as CSV, without anything a spreadsheet would run."""

    def made() -> str:
        text: str = safe.table(table).to_csv(index=False, float_format="%.6g")
        return text

    button(label, f"{name}.csv", made, "text/csv")


def fasta(table: "pd.DataFrame", name: str, *facts: str) -> None:
    """Draw a button that saves the k-mers of a table, with these columns in the headers."""
    button("FASTA", f"{name}.fa", lambda: fasta_text(table, *facts))


def fasta_text(table: "pd.DataFrame", *facts: str) -> str:
    """Return the k-mers of a table as FASTA, each after its name and these columns."""
    return "".join(
        f">{kmer} {' '.join(map(_fact, facts, values))}\n{kmer}\n"
        for kmer, *values in table[["k-mer", *facts]].itertuples(index=False)
    )


def _fact(name: str, value: object) -> str:
    return f"{name}={value:.4f}" if isinstance(value, float) else f"{name}={value}"
