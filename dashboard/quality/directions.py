"""Directions of a model: the k-mers at their ends, what they follow, what is lost without them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from bioskipgram.config import ProjectionConfig
from bioskipgram.groups.directions import ETA, Direction, Form
from bioskipgram.model.quality import GAP, spread
from bioskipgram.numerics.arrays import Tokens
from dashboard.kmer_map.content import Colouring, MapLook
from dashboard.quality import cache as remembered
from dashboard.quality import keys
from dashboard.shared import cache, downloads, grid, model_map
from dashboard.shared.cache import ModelFile
from dashboard.shared.quality import cache as quality

if TYPE_CHECKING:
    import pandas as pd

LETTERS, MORE = 22, 12
"""Letters of the k-mers of an end in the table, and how many k-mers a card lists."""
KINDS = {
    remembered.COMPONENTS: "Principal components of the vectors: each of the most variance left.",
    remembered.ROTATED: "The leading components turned by varimax (Kaiser 1958): few k-mers far "
    "out on each, most near zero.",
    remembered.OWN: "The model's own dimensions of the most variance. A training from another seed "
    "turns them.",
    remembered.ATOMS: "Atoms of a sparse dictionary, learnt by a small autoencoder: each vector is "
    "a sum of four of them. An atom is a direction that some k-mers share and most have none of.",
}


# A narrow page has the columns below each other.
STYLE = """<style>
@media (max-width: 1000px) {
  .st-key-one_direction [data-testid="stHorizontalBlock"] { flex-wrap: wrap; }
  .st-key-one_direction [data-testid="stHorizontalBlock"] > [data-testid="stColumn"] {
    min-width: 100%;
  }
}
</style>"""


def show(model: ModelFile) -> None:
    """Draw the directions, the chosen one, and what other forms of comparison change."""
    kind = st.segmented_control(
        "Directions", list(KINDS), default=remembered.COMPONENTS, required=True,
        key=keys.DIRECTION_KIND, bind="query-params", label_visibility="collapsed",
    )  # fmt: skip
    if kind == remembered.ATOMS and len(cache.embedding(model)) > remembered.SAMPLE * 4:
        st.info(
            "A dictionary of so many k-mers takes minutes. The command `bioskipgram directions "
            "MODEL --atoms 200` learns and prints one."
        )
        return
    st.html(STYLE)
    with st.container(key="one_direction"):
        _one_of(model, kind)
    _forms(model)


def _one_of(model: ModelFile, kind: str) -> None:
    """Draw all directions of a kind, and the one that is chosen."""
    found, explained = remembered.directions(model, kind)
    left, right = st.columns([11, 9], gap="medium")
    with left:
        st.markdown(f"**{explained}**; a click on a row shows it", help=KINDS[kind])
        number = _choose(model, kind, found)
        _ends(model, kind, found[number], number)
    with right:
        _map(model, found[number], number)
    left, right = st.columns([9, 11], gap="medium")
    with left:
        _follows(model, kind, number)
    with right:
        _lost(model, kind, number)


def _choose(model: ModelFile, kind: str, found: Sequence[Direction]) -> int:
    """Draw a row for each direction; return which is chosen, the first by default."""
    import pandas as pd

    atoms, rows = kind == remembered.ATOMS, []
    names, n = _names(kind), LETTERS // (1 + cache.embedding(model).vocabulary.tokenizer.k)
    for number, one in enumerate(found):
        title, measure, value = remembered.follows(model, kind, number)[0]
        row: dict[str, Any] = {
            "no.": number + 1,
            "k-mers" if atoms else "variance": 100 * one.share,
        }
        row |= dict(zip(names, _spelt(model, one, n), strict=True))
        rows.append(row | {"follows": title, "by": _strength(measure, value)})
    column = st.column_config.NumberColumn
    share = column(
        "k-mers" if atoms else "variance", format="%.1f %%", width=70,
        help="Share of the k-mers that have some of it" if atoms else "Share of the variance",
    )  # fmt: skip
    table = pd.DataFrame(rows).drop(columns=[""] if atoms else [])
    columns = {
        "no.": column("no.", width=35), "k-mers": share, "variance": share,
        "by": st.column_config.TextColumn("by", width=70, help="Spearman's ρ of a number; of "
        "categories η², the share of the variance between them"),
    }  # fmt: skip
    chosen = grid.show(
        table, "Directions; choose one to see it", columns=columns, key=f"ways-{model.name}-{kind}"
    )
    return chosen if chosen is not None and chosen < len(found) else 0


def _names(kind: str) -> tuple[str, str]:
    """Return what the k-mers at the two ends are called; of an atom there is one end."""
    return ("have most of it", "") if kind == remembered.ATOMS else ("one end", "other end")


def _strength(measure: str, value: float) -> str:
    return f"η² {value:.2f}" if measure == ETA else f"ρ {value:+.2f}"


def _spelt(model: ModelFile, one: Direction, n: int) -> tuple[str, str]:
    """Return the k-mers at both ends, in a line each; of an atom those that have some of it."""
    spell = cache.embedding(model).vocabulary.spell

    def line(tokens: Tokens, sign: int) -> str:
        return " ".join(spell(tokens[sign * one.scores[tokens] > 0]))

    high, low = one.ends(n)
    return line(high, 1), line(low, -1)


def _ends(model: ModelFile, kind: str, one: Direction, number: int) -> None:
    ends = zip(_names(kind), _spelt(model, one, MORE), strict=True)
    lines = [f"{name}: `{kmers}`" for name, kmers in ends if kmers]
    st.markdown(f"**Direction {number + 1}**, " + "  \n".join(lines))


def _map(model: ModelFile, one: Direction, number: int) -> None:
    look = MapLook(colouring=Colouring(f"Direction {number + 1}", one.scores), height=430)
    model_map.show(model, ProjectionConfig(), look, key="directions-map")


def _follows(model: ModelFile, kind: str, number: int) -> None:
    """Draw all properties that a direction follows."""
    import pandas as pd

    st.markdown(f"**What direction {number + 1} follows**")
    found = remembered.follows(model, kind, number)
    rows = [(title, _strength(measure, value)) for title, measure, value in found]
    grid.show(
        pd.DataFrame(rows, columns=["property", "by"]), "Properties by how closely it follows them",
        height=grid.HEAD + 8 * grid.ROW,
    )  # fmt: skip


def _lost(model: ModelFile, kind: str, number: int) -> None:
    """Draw every measure with and without a direction, beside random directions."""
    import pandas as pd

    st.markdown(
        f"**What is lost without direction {number + 1}**",
        help="Its part is taken from every vector, and all is measured again. Beside it: without "
        f"one random direction, {remembered.DRAWS} draws.",
    )
    plain, left = remembered.measured(model), remembered.without(model, kind, number)
    chance = remembered.without_any(model)
    rows: list[dict[str, Any]] = [
        {
            "measure": name, "with all": value, "without it": left[name],
            "change": left[name] - value,
            "change, random direction": spread([each[name] - value for each in chance]),
        }
        for name, value in plain.items() if name in left
    ]  # fmt: skip
    rows.sort(key=lambda row: -abs(row["change"]))
    formats = {"with all": "%.3f", "without it": "%.3f", "change": "%+.3f"}
    table = pd.DataFrame(rows)
    grid.show(
        table,
        "Measures without it",
        formats=formats,
        columns=_wide(),
        height=grid.HEAD + 8 * grid.ROW,
    )


def _wide() -> dict[str, Any]:
    """Return a column that shows the longest name of a measure."""
    return {"measure": st.column_config.TextColumn("measure", width=290)}


def _forms(model: ModelFile) -> None:
    """Draw the switches of how vectors are compared, and what they do to every measure."""
    st.markdown("#### Regularized: what other ways of comparing change")
    embedding = cache.embedding(model)
    own, most = embedding.remove_components, min(5, embedding.info.config.dim - 1)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="large"):
        removed = st.segmented_control(
            "Leading components removed", range(most + 1), required=True, key=keys.COMPONENTS,
            default=0 if own else min(1, most),
            help="All-but-the-top (Mu & Viswanath 2018): the mean goes with them. This model is "
            f"compared without {own}.",
        )  # fmt: skip
        centred = st.toggle("Mean removed", key=keys.CENTRED, disabled=removed > 0)
        products = st.toggle(
            "Lengths kept", key=keys.PRODUCTS,
            help="Products of vectors instead of cosines: without normalization to length 1 (L2).",
        )  # fmt: skip
    form = Form(centred=centred and not removed, components=removed, unit_length=not products)
    table = _compared(model, form)
    formats = {"as it is": "%.3f", "as chosen": "%.3f", "change": "%+.3f"}
    formats["one null, as chosen"] = "%.3f"
    grid.show(
        table, "Every measure, as the model is and as chosen", formats=formats, columns=_wide()
    )
    with st.container(horizontal=True):
        downloads.csv(table, "regularized")
        null = "One null: a training on shuffled sequences, compared as chosen, too. "
        st.caption(
            null
            * ("one null, as chosen" in table)
            + "Frames are those of the sequences at hand, so that their figure may differ from the "
            "verdict's. An L2 penalty is a setting of the page Train: compare its model under Two "
            "models."
        )


def _compared(model: ModelFile, form: Form) -> "pd.DataFrame":
    import pandas as pd

    own, chosen = remembered.measured(model), remembered.measured(model, form)
    chance, twin = remembered.by_chance(model, form), remembered.of_twin(model, form)
    report, rows = quality.report(model), []
    for name, value in own.items():
        row: dict[str, Any] = {"measure": name, "as it is": value, "as chosen": chosen.get(name)}
        row["change"] = chosen[name] - value if name in chosen else None
        if twin is not None:
            row["one null, as chosen"] = twin.get(name)
        row["random vectors, as chosen"] = spread(
            [each[name] for each in chance if name in each] or [0]
        )
        judged = report.measures.get(name) if report and name != GAP else None
        nulls = judged.nulls if judged else {}
        row |= {f"{kind}, as it is": spread(nulls[kind]) for kind in nulls if "shuffled" in kind}
        rows.append(row)
    return pd.DataFrame(rows)
