"""Two runs compared: what differs in their settings, and what their models share."""

import streamlit as st

from bioskipgram.training.runs import Run
from dashboard import state
from dashboard.shared import grid
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile
from dashboard.train import cache as remembered
from dashboard.train import presets, run_list

NEIGHBORS = 10


def show(one: Run, two: Run) -> None:
    """Draw the comparison of two runs across the page."""
    st.subheader(f"{safe.markdown(one.name)} and {safe.markdown(two.name)}", anchor=False)
    left, right = st.columns([4, 5], gap="large")
    with left:
        _differences(one, two)
    models = run_list.model_of(one), run_list.model_of(two)
    if models[0] is None or models[1] is None:
        right.info("Maps and neighbours are compared once both runs have a model.")
        return
    with right, st.container(key="compared"):
        _overlap(models[0], models[1])
        _maps(models[0], models[1])


def _differences(one: Run, two: Run) -> None:
    """Draw a table of all that differs: settings first, then what came of them."""
    import pandas as pd

    first, second = one.status(), two.status()
    rows: list[dict[str, object]] = [
        {"": presets.LABELS.get(name, name), one.name: _cell(name, value),
         two.name: _cell(name, second.config.get(name))}
        for name, value in first.config.items() if value != second.config.get(name)
    ]  # fmt: skip
    rows += [{"": "Sequences", one.name: first.source, two.name: second.source}] * (
        first.source != second.source
    )
    if not rows:
        st.caption("The same sequences and the same settings.")
    cells = [run_list.row(run) for run in (one, two)]
    for name, form in (("Learnt", "{:.1f} %"), ("Loss", "{:.4f}"), ("Seconds", "{:.0f}")):
        values = [form.format(row[name]) if row[name] is not None else None for row in cells]
        rows.append({"": name, one.name: values[0], two.name: values[1]})
    rows.append({"": "Quality", one.name: cells[0]["Quality"], two.name: cells[1]["Quality"]})
    grid.show(pd.DataFrame(rows), "What differs between the two runs", height=420)


def _cell(name: str, value: object) -> str:
    return safe.one_line(presets.told(name, value).partition(": ")[2])


def _overlap(one: ModelFile, two: ModelFile) -> None:
    """Say how many of a k-mer's neighbours both models share, beside chance."""
    shared, chance, common = remembered.overlap(one, two, NEIGHBORS)
    st.markdown(
        f"Of {common:,} k-mers that both know, the {NEIGHBORS} nearest neighbours agree to "
        f"**{100 * shared:.0f} %** (Jaccard index; two random lists: {100 * chance:.1f} %)."
    )


def _maps(one: ModelFile, two: ModelFile) -> None:
    """Draw both maps, the second turned onto the first."""
    pictures = remembered.pictures(one, two)
    if not pictures:
        return
    for place, picture, model in zip(st.columns(2), pictures, (one, two), strict=True):
        place.image(picture, caption=model.name.removeprefix("run: "))
    st.caption("A k-mer has the same colour in both; the second map is turned onto the first.")
    if st.button("Which k-mers differ? On the page Quality", icon=":material/verified:"):
        st.session_state[state.MODEL] = one.name
        st.session_state[state.OTHER_MODEL] = two.name
        st.session_state[state.QUALITY] = state.TWO_MODELS
        st.switch_page("quality/page.py")
