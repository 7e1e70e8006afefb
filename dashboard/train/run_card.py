"""The runs: one is chosen, watched, stopped, resumed, renamed, deleted, compared."""

import math

import streamlit as st

from bioskipgram.config import SAVE_EVERY, ProjectionConfig
from bioskipgram.model import beside
from bioskipgram.training import runs
from bioskipgram.training.recorder import Status
from bioskipgram.training.runs import Run
from dashboard import state
from dashboard.kmer_map.content import MapLook
from dashboard.shared import cache, downloads, errors, model_map
from dashboard.shared import text as safe
from dashboard.train import cache as remembered
from dashboard.train import figures, presets, run_list
from dashboard.train.figures import Curve

POLL_SECONDS = 0.7
NO_GAP = 99.95
"""Percent learnt that are printed as 100."""
ICONS = {
    "waiting": "hourglass_top", "running": "progress_activity", "finished": "check_circle",
    "stopped": "stop_circle",
}  # fmt: skip


def show() -> tuple[Run, Run] | None:
    """Draw the table of runs, and the chosen one; return two runs that are to be compared."""
    st.subheader("Runs", anchor=False)
    found = {run.name: run for run in runs.all_runs(cache.RUNS)}
    if not found:
        st.info("No run yet. Codons of the sample that ships take a few seconds.")
        return None
    started = st.session_state.pop(state.STARTED, None)
    if started in found:
        st.session_state[state.RUN] = started
    if st.session_state.get(state.RUN) not in found:
        st.session_state[state.RUN] = next(iter(found))
    chosen = found[run_list.choose(found)]
    others = _others(chosen, found)
    active = [run.name for run in found.values() if run.status().active]
    # Fragments, which poll only while there is something to see.
    if elsewhere := [name for name in active if name != chosen.name]:
        st.fragment(errors.told()(_watch_others), run_every=POLL_SECONDS)(elsewhere)
    active = [chosen.name] if chosen.name in active else []
    watch = st.fragment(errors.told()(_watch), run_every=POLL_SECONDS if active else None)
    watch(chosen, others, bool(active))
    return (chosen, others[0]) if len(others) == 1 else None


def _others(chosen: Run, found: dict[str, Run]) -> list[Run]:
    """Draw the choice of runs to compare with, and return them."""
    names = [name for name in found if name != chosen.name]
    kept = [name for name in st.session_state.get(state.COMPARED, []) if name in names]
    st.session_state[state.COMPARED] = kept
    picked = st.multiselect(
        "Compare with", names, key=state.COMPARED, max_selections=len(figures.COLOURS) - 1,
        placeholder="other runs: their curves are drawn too, and of one run all that differs",
    )  # fmt: skip
    return [found[name] for name in picked]


def _watch_others(names: list[str]) -> None:
    """Say how far the other runs are; the whole page is drawn again when one ends."""
    for run in (Run(cache.RUNS / name) for name in names):
        status = run.status()
        if not status.active:
            st.rerun()
        progress, left = status.progress, ""
        if progress and math.isfinite(progress.seconds_left):
            share = 100 * progress.step / max(1, progress.steps)
            left = f": {share:.0f} %, {max(0.0, progress.seconds_left):.0f} s left"
        st.caption(f":material/progress_activity: {safe.markdown(run.name)} {status.state}{left}")


def _watch(run: Run, others: list[Run], was_active: bool) -> None:  # noqa: FBT001 - a fragment's
    status = run.status()
    if not run.folder.exists() or was_active != status.active:
        st.rerun()  # the whole page: the picker has a new model, and polling ends or begins
    _headline(run, status)
    _buttons(run, status)
    metrics = run.metrics()
    with errors.told():  # a damaged model leaves the rest
        if metrics:
            _numbers(metrics[-1], status)
        if not status.active:
            _map(run)
        if metrics:
            _curves(run, status, others)
    with st.expander("Settings and log"):
        st.text("\n".join(presets.told(*each) for each in status.config.items()))
        st.code(run.log() or "nothing printed yet", language=None)


def _headline(run: Run, status: Status) -> None:
    """Write the state of a run, and its progress while it trains or what is left of it."""
    icon = ICONS.get(status.state, "error")
    doing = f": {safe.markdown(status.stage)} …" if status.active else ""
    if status.state == "failed" and status.stage:
        doing = f" while {safe.markdown(status.stage)}{_reached(status)}"
    source = f" · from {safe.code(status.source)}" if status.source else ""
    st.markdown(f":material/{icon}: **{status.state}**{doing}{source}")
    if status.state == "waiting":
        st.caption(f"In the queue: {runs.AT_ONCE} runs work at once, the others wait their turn.")
    if status.warning:
        st.warning(safe.error(status.warning))
    if status.error:
        errors.say(status.error)
        if status.state == "failed":
            st.markdown(_left(run))
    elif status.active:
        progress = status.progress
        if progress is None:
            st.progress(0.0, "waiting for other runs" if status.state == "waiting" else "starting")
            return
        seconds = progress.seconds_left
        left = f" · {max(0.0, seconds):.0f} s left" if math.isfinite(seconds) else ""
        share = progress.step / max(1, progress.steps)
        st.progress(min(1.0, share), f"step {progress.step:,} of {progress.steps:,}{left}")


def _reached(status: Status) -> str:
    """Return the last step that a run reported."""
    progress = status.progress
    return f", step {progress.step:,} of {progress.steps:,}" if progress else ""


def _left(run: Run) -> str:
    """Return what is left of a run that failed, and what to do next."""
    losses = "its losses, and " if run.metrics() else ""
    if run.resumable:
        return f"**Kept:** {losses}its state as last saved. **Resume** goes on from there."
    if run.model.exists():
        return f"**Kept:** {losses}its model as last saved."
    kept = "Only its losses are kept" if losses else "Nothing is kept"
    return (
        f"**{kept}:** its state is saved about every {SAVE_EVERY:.0f} seconds, and was not saved "
        "yet. Start a **new run**."
    )


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
    if number >= 1e9:
        return f"{number / 1e9:,.1f} G"
    if number >= 1e6:
        return f"{number / 1e6:,.1f} M"
    return f"{number / 1e3:,.0f} k" if number >= 1e4 else f"{number:,.0f}"


def _curves(run: Run, status: Status, others: list[Run]) -> None:
    """Draw the loss so far, and that of other runs, and say what the last value means."""
    found = [_curve(run, status), *(_curve(other, other.status()) for other in others)]
    st.plotly_chart(
        figures.curves([one for one in found if one.steps]), config={"displayModeBar": False},
        key=f"loss-{run.name}", alt="Loss per pair against training step",
    )  # fmt: skip
    model = run_list.model_of(run)
    learnt = remembered.facts(model).learnt if model and not status.active else None
    if others:
        st.caption(
            "Losses of runs compare only if their words, contexts and negative samples are the "
            "same; the share learnt, in the table, compares always."
        )
    elif learnt is not None:
        gap = (
            " The optimum takes as many dimensions as there are k-mers; the vectors have "
            f"{status.config.get('dim', 0)}, so that a gap remains however long one trains."
        )
        st.caption(
            f"It learnt **{learnt:.1f} %** of the way from vectors of zeros to the optimum."
            + gap * (learnt < NO_GAP)
        )


def _curve(run: Run, status: Status) -> Curve:
    metrics, optimum = run.metrics(), None
    if model := run_list.model_of(run):
        optimum = cache.embedding(model).info.optimum
    steps, losses = ([line[name] for line in metrics] for name in ("step", "loss"))
    negatives = status.config.get("negatives")
    zero = figures.zero_loss(negatives if isinstance(negatives, int) else 5)
    return Curve(run.name, steps, losses, zero, optimum)


def _map(run: Run) -> None:
    """Draw the map of a run's model: codons by amino acid, other words by cluster."""
    model = run_list.model_of(run)
    if model is None or not cache.is_made(model, ProjectionConfig()):
        return
    colour = remembered.colour_of(model)
    st.markdown(f"**Map of its k-mers**, coloured by {colour}")
    look = MapLook(colouring=model_map.colouring_by(model, colour), height=380)
    model_map.show(model, ProjectionConfig(), look, key=f"run-map-{run.name}")


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
