"""The runs as a table: what each learnt from, how well, and a picture of its map."""

import streamlit as st

from bioskipgram.training.recorder import Status
from bioskipgram.training.runs import Run
from dashboard import state
from dashboard.shared import grid
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile
from dashboard.train import cache as remembered
from dashboard.train import presets

HEIGHT = 62
"""Pixels of a row: enough to see the picture."""


def choose(found: dict[str, Run]) -> str:
    """Draw the table of runs and return the chosen one; a click on a row chooses it."""
    import pandas as pd

    table = pd.DataFrame([row(run) for run in found.values()])
    columns = {
        "Map": st.column_config.ImageColumn("Map", width=84, help="t-SNE of its k-mers"),
        "Learnt": st.column_config.NumberColumn(
            "Learnt", format="%.0f %%", width=60,
            help="Of the way from vectors of zeros to the best that vectors of any number of "
            "dimensions can reach. Comparable between runs of other settings; the loss is not.",
        ),
        "State": st.column_config.TextColumn("State", width=68),
        "What it learns": st.column_config.TextColumn("What it learns", width=185),
        "Quality": st.column_config.TextColumn(
            "Quality", width=135,
            help="Of codons: how surely synonymous ones are nearer than others (AUC, 0.5 = not at "
            "all), beside the best rule of spelling. Of other words: the share of the nearest "
            "neighbours that are not alike in spelling. The page Quality has all measures.",
        ),
        "Loss": st.column_config.NumberColumn("Loss", format="%.4f", width=62),
    }  # fmt: skip
    event = st.dataframe(
        table, hide_index=True, row_height=HEIGHT, height=min(400, 38 + HEIGHT * len(table)),
        column_config=columns, column_order=[name for name in table if name != "Seconds"],
        key=state.RUNS_TABLE, on_select="rerun",
        selection_mode="single-row", placeholder=grid.NOTHING, alt="The runs, newest first",
    )  # fmt: skip
    rows = [index for index in event.selection.rows if index < len(found)]
    if state.is_new_choice(state.RUNS_TABLE, rows) and rows:
        st.session_state[state.RUN] = list(found)[rows[0]]
    return str(
        st.selectbox("Run", list(found), key=state.RUN, label_visibility="collapsed", width=240)
    )


def row(run: Run) -> dict[str, object]:
    """Return a run's row; cells that are not known yet are None."""
    status = run.status()
    model = model_of(run)
    learnt, quality, picture = (None, None, "")
    loss = status.progress.loss if status.progress else None
    if model and not status.active:
        facts = remembered.facts(model)
        learnt, quality, loss = facts.learnt, facts.quality, facts.loss
        picture = remembered.picture(model)
    return {
        "Map": picture or None,
        "Run": run.name,
        "State": status.state,
        "What it learns": what(status),
        "Learnt": learnt,
        "Loss": loss,
        "Quality": quality,
        "Seconds": status.seconds,
    }


def model_of(run: Run) -> ModelFile | None:
    """Return the model of a run, None while there is none."""
    try:
        return ModelFile.at(f"run: {run.name}", run.model)
    except OSError:
        return None


def what(status: Status) -> str:
    """Return what a run learns: "Codons", or "Custom: 5-mers, 16 dimensions"."""
    name, settings = presets.name_of(status.config), status.config
    if name != presets.CUSTOM:
        return name
    stride, contexts = settings.get("stride", 1), settings.get("contexts", "all")
    words = [f"{settings.get('k', '?')}-mers, {settings.get('dim', '?')} dimensions"]
    words += [f"step {stride}"] * (stride != 1) + [str(contexts)] * (contexts != "all")
    return safe.one_line(", ".join(words))
