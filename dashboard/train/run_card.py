"""The runs: one is chosen, watched, stopped, resumed, deleted."""

import math

import streamlit as st

from bioskipgram.model import beside
from bioskipgram.training import runs
from bioskipgram.training.recorder import Status
from bioskipgram.training.runs import Run
from dashboard import state
from dashboard.shared import cache, downloads, errors, figures
from dashboard.shared import text as safe

POLL_SECONDS = 0.7
ICONS = {
    "waiting": "hourglass_top", "running": "progress_activity", "finished": "check_circle",
    "stopped": "stop_circle",
}  # fmt: skip


def show() -> None:
    """Draw the choice of a run, and the run."""
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
    active = found[chosen].status().active
    # A fragment that polls only while there is something to see.
    watch = st.fragment(errors.told()(_watch), run_every=POLL_SECONDS if active else None)
    watch(found[chosen], active)


def _watch(run: Run, was_active: bool) -> None:  # noqa: FBT001 - a fragment's arguments
    status = run.status()
    if not run.folder.exists() or was_active != status.active:
        st.rerun()  # the whole page: the picker has a new model, and polling ends or begins
    _headline(status)
    metrics = run.metrics()
    if metrics:
        _numbers(metrics[-1], status)
        with errors.told():  # a damaged model leaves the buttons
            _curve(run, metrics)
    _buttons(run, status)
    with st.expander("Settings and log"):
        st.json(status.config, expanded=False)
        st.code(run.log() or "nothing printed yet", language=None)


def _headline(status: Status) -> None:
    """Write the state of a run, and its progress while it trains."""
    icon = ICONS.get(status.state, "error")
    doing = f": {safe.markdown(status.stage)} …" if status.active else ""
    source = f" · from {safe.code(status.source)}" if status.source else ""
    st.markdown(f":material/{icon}: **{status.state}**{doing}{source}")
    if status.warning:
        st.warning(safe.error(status.warning))
    if status.error:
        errors.say(status.error)
    elif status.active:
        progress = status.progress
        if progress is None:
            st.progress(0.0, "waiting for other runs" if status.state == "waiting" else "starting")
            return
        seconds = progress.seconds_left
        left = f" · {max(0.0, seconds):.0f} s left" if math.isfinite(seconds) else ""
        share = progress.step / max(1, progress.steps)
        st.progress(min(1.0, share), f"step {progress.step:,} of {progress.steps:,}{left}")


def _numbers(newest: dict[str, float], status: Status) -> None:
    one, two, three = st.columns(3)
    one.metric("Loss per pair, nats", f"{newest['loss']:.4f}")
    two.metric(
        "Tokens/s", _short(newest["tokens_per_second"]),
        help="Each step of the exact trainer stands for a whole pass over the corpus.",
    )  # fmt: skip
    three.metric("Seconds", f"{status.seconds:,.0f}")


def _short(number: float) -> str:
    """Return a number that fits a narrow column: 23.6 M."""
    if number >= 1e6:
        return f"{number / 1e6:,.1f} M"
    return f"{number / 1e3:,.0f} k" if number >= 1e4 else f"{number:,.0f}"


def _curve(run: Run, metrics: list[dict[str, float]]) -> None:
    """Draw the loss so far, and the optimum once the model is there."""
    optimum = None
    if run.model.exists():
        optimum = cache.embedding(cache.ModelFile.at(run.name, run.model)).info.optimum
    steps, losses = ([line[name] for line in metrics] for name in ("step", "loss"))
    st.plotly_chart(
        figures.loss_curve(steps, losses, optimum), config={"displayModeBar": False},
        key=f"loss-{run.name}", alt="Loss per pair against training step",
    )  # fmt: skip


def _buttons(run: Run, status: Status) -> None:
    with st.container(horizontal=True):
        if status.active:
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
            downloads.button(
                "Download", f"{run.name}{beside.SUFFIX}", run.model.read_bytes,
                "application/octet-stream",
            )  # fmt: skip
        with st.popover("Rename or delete", icon=":material/edit:"):
            _manage(run)


def _manage(run: Run) -> None:
    """Draw renaming and deleting of the run, which needs a confirmation."""
    name = st.text_input("New name", run.name, key=f"rename-{run.name}", max_chars=60)
    if st.button("Rename", key=f"rename-it-{run.name}", disabled=name == run.name):
        st.session_state[state.STARTED] = run.rename(name).name
        st.rerun()
    st.markdown(
        f"Delete {safe.code(run.name)} with its model, its sequences and its log? They cannot be "
        "brought back."
    )
    if st.button("Delete this run", type="primary", key=f"delete-{run.name}"):
        run.delete()
        st.rerun()


def _choose_model(name: str) -> None:
    st.session_state[state.MODEL] = name
