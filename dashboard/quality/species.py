"""Codon models of several species side by side: aligned maps, and what their vectors follow."""

from typing import TYPE_CHECKING

import streamlit as st

from bioskipgram.model import verdict as rule
from bioskipgram.model.codon_quality import is_codons
from dashboard.quality import cache as remembered
from dashboard.quality import figures, keys
from dashboard.shared import cache, downloads
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile
from dashboard.shared.quality import cache as quality

if TYPE_CHECKING:
    import pandas as pd

FIRST = ("human-cds-codon", "yeast-cds-codon", "ecoli-cds-codon")
MOST = 4


def show(model: ModelFile) -> None:
    """Draw the atlas of codon models, the chosen one among them if it is one."""
    known = {name: one for name, one in cache.models().items() if _suits(one)}
    if not known:
        st.info("There is no model of codons here. Train one with the preset “codons”.")
        return
    default = list(dict.fromkeys([n for n in (*FIRST, model.name) if n in known]))[:MOST]
    chosen = st.multiselect(
        "Models of codons", list(known), default or list(known)[:1], max_selections=MOST,
        key=keys.SPECIES, help="Each is turned to lie over the first (orthogonal Procrustes).",
    )  # fmt: skip
    if not chosen:
        return
    models = tuple(known[name] for name in chosen)
    maps = remembered.codon_maps(models)
    st.plotly_chart(
        figures.codon_maps(maps), config={"displayModeBar": False},
        alt="The codons of each model on two principal components, coloured by amino acid",
    )  # fmt: skip
    st.caption(
        "Two principal components of the first model's vectors; the others turned and scaled to "
        "lie over it. Letters: codons; colour: amino acid. Near = used in like contexts."
    )
    _beyond(models)
    table = _follows(models)
    st.markdown("**What nearness follows**: Mantel test, 999 permutations of the codons")
    st.dataframe(table, hide_index=True, height="content")
    downloads.csv(table, "codon-atlas")
    st.caption(
        "Rank correlation of the distance of two codons' vectors with the difference of a "
        "property; p: share of permutations that correlate as much. Spelling: the number of "
        "differing bases instead of vectors. Stability: how a codon's frequency goes with the "
        "stability of human mRNA (1,421 genes, Medina-Muñoz et al. 2021). Copies of tRNA genes "
        "are not at hand."
    )


def _beyond(models: tuple[ModelFile, ...]) -> None:
    """Say for each model what is beyond its null, and draw every measure less its null."""
    import pandas as pd

    st.markdown("**Real sequences less shuffled ones**: is anything beyond the null?")
    columns: dict[str, dict[str, str]] = {}
    said = []
    for one in models:
        report = quality.report(one)
        measures = report.measures if report else {}
        said.append(f"{safe.code(one.name)}: {rule.verdict(measures)[0]}.")
        columns[one.name] = {
            name: ("{:+.3f} ({:+.3f} to {:+.3f})".format(*more) + " ●" * rule.beyond_zero(more))
            for name, more in rule.minus_shuffled(measures).items()
        }
    st.markdown("  \n".join(said))
    table = pd.DataFrame(columns).rename_axis("measure").reset_index()
    if len(table):
        st.dataframe(table, hide_index=True, height="content", placeholder="–")
        downloads.csv(table, "beyond-the-null")
        st.caption(
            "Median (lowest to highest) over all pairs of a training on the real sequences (this "
            "model and other seeds) and one on sequences with their codons shuffled within genes. "
            "●: all pairs differ in the same direction. A difference is no knowledge by itself: a "
            "rule of spelling may do as well, which the verdict above takes into account."
        )


def _suits(one: ModelFile) -> bool:
    return is_codons(cache.embedding(one).vocabulary.tokenizer)


def _follows(models: tuple[ModelFile, ...]) -> "pd.DataFrame":
    import pandas as pd

    found = {one.name: remembered.mantel_tests(one) for one in models}
    names = list(next(iter(found.values())))
    rows = []
    for name in names:
        row = {"property": name}
        for title, tests in found.items():
            row[title] = f"{tests[name].r:+.2f} (p {tests[name].p:.3f})"
        row["spelling"] = f"{next(iter(found.values()))[name].by_spelling:+.2f}"
        rows.append(row)
    return pd.DataFrame(rows)
