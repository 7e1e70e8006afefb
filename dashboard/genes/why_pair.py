"""Why two genes are alike or not: their cosine, split into the k-mers of one and where they are."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from bioskipgram.config import PoolConfig
from bioskipgram.genes.why import GeneWhy
from dashboard.genes import cache as remembered
from dashboard.genes import figures
from dashboard.genes.cache import Member
from dashboard.shared import cache, downloads, errors, grid
from dashboard.shared.cache import ModelFile

if TYPE_CHECKING:
    import pandas as pd

MOST, PLACES = 500, 12
HELP = (
    "The cosine is a sum of one part for each k-mer of the first record, exactly: how much it "
    "turns the record's vector towards the second's, beyond what an average gene has. A k-mer's "
    "part is spread evenly over its bases in the curve."
)


def show(model: ModelFile, pool: PoolConfig, first: Member, second: Member) -> None:
    """Offer the k-mers and positions behind the cosine of two records."""
    opened = st.expander(
        "Why this cosine? The k-mers and positions behind it", on_change="rerun", key="why-genes"
    )
    if not opened.open:
        return
    with opened, errors.told():
        found = remembered.why(model, pool, *first, *second)
        plus, minus = found.parts.clip(0).sum(), found.parts.clip(max=0).sum()
        st.markdown(
            f"K-mers of the first record that speak for the second add **{plus:+.3f}**, the others "
            f"**{minus:+.3f}**; together **{found.score:.3f}**.",
            help=HELP,
        )
        k = cache.embedding(model).vocabulary.tokenizer.k
        bases = found.by_base(len(first[0].records.sequences[first[1]]), k)
        st.plotly_chart(
            figures.parts(bases), config={"displayModeBar": False}, key="why-genes-curve",
            alt="What each base of the first record adds to the cosine, smoothed",
        )  # fmt: skip
        table = _table(model, found)
        grid.show(
            table, "K-mers with the greatest parts", height=grid.HEAD + 10 * grid.ROW,
            formats={"part": "%+.4f"},
        )  # fmt: skip
        downloads.csv(table, "why-genes")


def _table(model: ModelFile, found: GeneWhy) -> "pd.DataFrame":
    import pandas as pd

    embedding = cache.embedding(model)
    sums, numbers = found.by_kmer(len(embedding))
    order = np.argsort(-np.abs(sums), kind="stable")
    tokens = order[numbers[order] > 0][:MOST].astype(np.int32)
    places = [found.starts[found.tokens == token][:PLACES] + 1 for token in tokens]
    return pd.DataFrame(
        {
            "k-mer": embedding.vocabulary.spell(tokens),
            "part": sums[tokens],
            "times": numbers[tokens],
            "positions": [" ".join(map(str, each)) for each in places],
        }
    )
