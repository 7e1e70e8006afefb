"""Train: start a small run, watch it, stop it; its model appears in the picker."""

from pathlib import Path

import numpy as np
import streamlit as st

from bioskipgram.config import TrainConfig
from bioskipgram.errors import FastaError
from bioskipgram.model import beside
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.sequences.shipped import SAMPLE
from bioskipgram.training import runs
from bioskipgram.training.recorder import Status
from bioskipgram.training.runs import Run
from dashboard import state
from dashboard.shared import cache, errors, figures, forms, upload
from dashboard.shared import text as safe

MAIN = ["k", "dim", "window", "negatives", "stride", "frame", "steps", "seed"]
EXTRA = [
    "contexts", "trainer", "epochs", "batch", "shared_negatives", "learning_rate", "canonical",
    "both_strands", "noise_power", "subsample", "min_count", "l2", "remove_components", "k_min",
    "alphabet", "threads", "device",
]  # fmt: skip
SAMPLE_TITLE = "The sample that ships"
UPLOAD_TITLE = "A file of mine"


def main() -> None:
    """Draw the page."""
    left, right = st.columns([1, 1], gap="large")
    with right:  # first, so that a bad upload on the left leaves the runs on the screen
        _runs()
    with left:
        _new_run()


def _new_run() -> None:
    """Ask for sequences and settings, and start."""
    st.subheader("A new run", anchor=False)
    place = st.container()
    settings = forms.ask(TrainConfig, MAIN, prefix=state.SETTING)
    with st.expander("More settings"):
        settings |= forms.ask(TrainConfig, EXTRA, prefix=state.SETTING, columns=2)
    with place:  # drawn now, because the alphabet chosen below says how a file is read
        given = _source(settings["alphabet"])
        if given is not None:
            _describe(given[2])
    name = st.text_input(
        "Name", key=state.RUN_NAME, placeholder=_free_name(), max_chars=60,
        help="Letters, digits, - and _; it becomes the model's name in the picker.",
    )  # fmt: skip
    pressed = st.button(
        "Start", type="primary", disabled=given is None, icon=":material/play_arrow:"
    )
    if pressed and given is not None:
        source, title, sequences = given
        config = TrainConfig.from_dict(settings)
        _check_length(sequences, config, title)
        run = runs.start(source, config, root=cache.RUNS, name=name or _free_name(), title=title)
        st.session_state[state.STARTED] = run.name  # the picker of runs is already drawn
        st.rerun()


def _source(alphabet: str) -> tuple[Path | bytes, str, Sequences] | None:
    """Return what to train on, its name and its sequences; None where nothing was given yet."""
    choice = st.radio("Sequences", [SAMPLE_TITLE, UPLOAD_TITLE], key=state.SOURCE, horizontal=True)
    if choice == SAMPLE_TITLE:
        return SAMPLE, SAMPLE.name, cache.shipped(SAMPLE, alphabet)
    found = upload.ask(alphabet, key=state.UPLOAD, several=False)
    if found is None:
        return None
    (file,) = found.files
    return file.data, file.name, found.records.sequences


def _describe(sequences: Sequences) -> None:
    alphabet, lengths = sequences.alphabet, sequences.lengths
    known = int((sequences.codes < alphabet.unknown).sum())
    empty = int((lengths == 0).sum())
    st.caption(
        f"{len(sequences):,} sequences, {len(sequences.codes):,} {alphabet.unit}s, "
        f"median length {int(np.median(lengths)):,}"
        + (
            f" · {len(sequences.codes) - known:,} {alphabet.unit}s are none of {alphabet.letters}"
            if known < len(sequences.codes)
            else ""
        )
        + (f" · {empty:,} records are empty" if empty else "")
    )


def _check_length(sequences: Sequences, config: TrainConfig, title: str) -> None:
    longest = int(sequences.lengths.max())
    if longest < config.k:
        raise FastaError(
            f"{title}: the longest sequence has {longest} {sequences.alphabet.unit}s, fewer than "
            f"k = {config.k}; give longer sequences or a smaller k"
        )


def _free_name() -> str:
    """Return a name no run has yet."""
    taken = {run.name for run in runs.all_runs(cache.RUNS)}
    return next(name for i in range(1, len(taken) + 2) if (name := f"run-{i}") not in taken)


def _runs() -> None:
    """Let one choose a run, and show it."""
    st.subheader("Runs", anchor=False)
    found = {run.name: run for run in runs.all_runs(cache.RUNS)}
    if not found:
        st.info("No run yet. The sample takes a few seconds with the settings as they stand.")
        return
    started = st.session_state.pop(state.STARTED, None)
    if started in found:
        st.session_state[state.RUN] = started
    if st.session_state.get(state.RUN) not in found:
        st.session_state[state.RUN] = next(iter(found))
    chosen = st.selectbox("Run", list(found), key=state.RUN, label_visibility="collapsed")
    run = found[chosen]
    active = run.status().state not in runs.ENDED
    # A fragment that polls only while there is something to see.
    st.fragment(_watch, run_every=0.7 if active else None)(run, active)


@errors.told()
def _watch(run: Run, was_active: bool) -> None:  # noqa: FBT001 - a fragment's arguments
    status = run.status()
    if was_active and status.state in runs.ENDED:
        st.rerun()  # the whole page: the picker has a new model, and polling ends
    _headline(run, status)
    _numbers(run, status)
    _curve(run)
    _buttons(run, status)
    with st.expander("Settings and log"):
        st.json(status.config, expanded=False)
        st.code(run.log() or "nothing printed yet", language=None)


def _headline(run: Run, status: Status) -> None:
    icons = {"running": "progress_activity", "finished": "check_circle", "stopped": "stop_circle"}
    icon = icons.get(status.state, "error")
    doing = f": {safe.markdown(status.stage)} …" if status.state == "running" else ""
    source = safe.code(status.source)
    st.markdown(f":material/{icon}: **{safe.markdown(status.state)}**{doing} · from {source}")
    if status.warning:
        st.warning(safe.markdown(status.warning, safe.MAX_ERROR))
    if status.error:
        errors.say(status.error)
    elif status.state == "running":
        progress = status.progress
        share = progress.step / progress.steps if progress else 0.0
        left = f"{max(0.0, progress.seconds_left):.0f} s left" if progress else "starting"
        step = f"step {progress.step:,} of {progress.steps:,} · " if progress else ""
        st.progress(min(1.0, share), f"{step}{left}")


def _numbers(run: Run, status: Status) -> None:
    metrics = run.metrics()
    if not metrics:
        return
    one, two, three = st.columns(3)
    one.metric("Loss per pair", f"{metrics[-1]['loss']:.4f}")
    two.metric(
        "Tokens/s",
        _short(metrics[-1]["tokens_per_second"]),
        help="The exact trainer's steps each stand for a whole pass over the corpus.",
    )
    three.metric("Seconds", f"{status.seconds:.0f}")


def _short(number: float) -> str:
    """Return a number that fits a narrow column: 23.6 M."""
    if number >= 1e6:
        return f"{number / 1e6:,.1f} M"
    return f"{number / 1e3:,.0f} k" if number >= 1e4 else f"{number:,.0f}"


def _curve(run: Run) -> None:
    metrics = run.metrics()
    if not metrics:
        return
    optimum = None
    if run.model.exists():
        optimum = cache.embedding(cache.ModelFile.at(run.name, run.model)).info.optimum
    steps, losses = ([line[name] for line in metrics] for name in ("step", "loss"))
    st.plotly_chart(
        figures.loss_curve(steps, losses, optimum),
        config={"displayModeBar": False},
        key=f"loss-{run.name}",
        alt="Loss per pair against training step",
    )


def _buttons(run: Run, status: Status) -> None:
    with st.container(horizontal=True):
        if status.state == "running":
            if st.button("Stop and keep what was learnt", icon=":material/stop:"):
                run.stop()
            return
        if run.resumable and st.button("Resume", icon=":material/resume:"):
            runs.resume(run)
            st.rerun()
        if run.model.exists():
            if st.button(
                "Explore this model", type="primary", icon=":material/bubble_chart:",
                on_click=_choose_model, args=(f"run: {run.name}",),
            ):  # fmt: skip
                st.switch_page("explore/page.py")
            st.download_button(
                "Download", run.model.read_bytes(), f"{run.name}{beside.SUFFIX}",
                "application/octet-stream", icon=":material/download:", on_click="ignore",
            )  # fmt: skip


def _choose_model(name: str) -> None:
    st.session_state[state.MODEL] = name


main()
