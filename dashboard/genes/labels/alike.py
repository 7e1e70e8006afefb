"""The records that are alike by vectors and protein words although Mash finds nothing."""

from typing import TYPE_CHECKING

import streamlit as st

from bioskipgram.genes.beyond import Beyond
from bioskipgram.genes.similarity import ALIKE, RELATED, percentiles
from dashboard.genes.labels import cache as remembered
from dashboard.shared import downloads, grid
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile, Upload

if TYPE_CHECKING:
    import pandas as pd

TOLD = 3
"""Pairs that are named in words; a table has all."""
LISTED = 1000
HELP = (
    f"Alike: vectors nearer than those of {ALIKE:.0f} % of random pairs of human genes, and a "
    f"distance of at most {RELATED} by 3-letter words of the proteins. Mash finds nothing: its "
    f"distance, by 11-mers of either strand, is above {RELATED}, as of unrelated genes. By chance: "
    "the share of random pairs of human genes that are so, relatives among them included."
)


def show(model: ModelFile, upload: Upload) -> None:
    """Say which records are alike beyond Mash, beside how many would be by chance."""
    if len(upload) < 2:
        return
    found, (lucky, random) = remembered.beyond_mash(model, upload), remembered.chance(model)
    expected = found.compared * lucky / max(random, 1)
    by_chance = f"by chance {expected:.2g} would be ({lucky:,} of {random:,} random pairs of genes)"
    if not len(found):
        st.markdown(
            f"**Alike beyond Mash: none of {found.compared:,} pairs.** Where vectors and protein "
            f"words find two of your records alike, Mash does too; {by_chance}.", help=HELP,
        )  # fmt: skip
        return
    table = _table(model, upload, found)
    pairs = "; ".join(
        f"**{safe.markdown(a, 30)}** and **{safe.markdown(b, 30)}** (protein words {protein:.2f}, "
        f"Mash {mash:.2f})"
        for a, b, _, protein, mash in table.head(TOLD).itertuples(index=False)
    )
    least = "at least " if found.left_out else ""
    more = f"; and {len(found) - TOLD:,} more" if len(found) > TOLD else ""
    st.markdown(
        f"**Alike beyond Mash: {least}{len(found):,} of {found.compared:,} pairs**; {by_chance}. "
        f"{pairs}{more}.", help=HELP,
    )  # fmt: skip
    with st.expander(f"All {len(found):,} pairs that are alike beyond Mash"):
        formats = {"vectors, percentile": "%.2f", "protein words": "%.2f", "Mash distance": "%.2f"}
        grid.show(
            table.head(LISTED), "Pairs alike beyond Mash, the nearest proteins first", height=330,
            formats=formats,
        )  # fmt: skip
        if found.left_out:
            st.caption(
                f"{found.left_out:,} further pairs of like vectors, with lower cosines, were not "
                "compared by words."
            )
        downloads.csv(table, "alike-beyond-mash", label=f"CSV of {len(table):,}")


def _table(model: ModelFile, upload: Upload, found: Beyond) -> "pd.DataFrame":
    import pandas as pd

    names = upload.records.sequences.names
    return pd.DataFrame(
        {
            "record": [safe.one_line(names[i]) for i in found.first],
            "other record": [safe.one_line(names[i]) for i in found.second],
            "vectors, percentile": percentiles(found.cosines, remembered.random_cosines(model)),
            "protein words": found.protein,
            "Mash distance": found.mash,
        }
    )
