"""Ask for nulls: train a model's settings again in the background, on shuffled sequences."""

from pathlib import Path

import streamlit as st

from bioskipgram.config import TrainConfig
from bioskipgram.model.quality_file import QualityReport
from bioskipgram.model.quality_job import QualityJob
from bioskipgram.model.word_vectors import IMPORTED
from bioskipgram.training import nulls, runs
from dashboard.quality import keys
from dashboard.shared import cache, errors, model_map, upload
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile

MOST = 50


def show(model: ModelFile, report: QualityReport | None) -> None:
    """Draw the form that starts the training of nulls, or how far they are."""
    if cache.embedding(model).info.trainer == IMPORTED:
        st.info("Another program made this model and does not say how: no null can be trained.")
        return
    job = QualityJob.of(model.path)
    status = job.status()
    active = status is not None and status.active
    if not active:
        job.forget_sequences()
        if status is not None:
            errors.say(status.error)
        with st.expander("Ask for a null", expanded=report is None):
            _form(model, job, report)
    _watch(model, active=active)


def _form(model: ModelFile, job: QualityJob, report: QualityReport | None) -> None:
    config = cache.embedding(model).info.config
    kinds = " and ".join(nulls.kinds(config))
    st.markdown(
        f"The same settings are trained again: from other seeds, and on its sequences with "
        f"{kinds}. The new numbers replace those above."
    )
    known = _own_sequences(model)
    given = None
    if known is None:
        source = safe.markdown(cache.embedding(model).info.source)
        st.caption(f"Give the sequences that the model was trained on: {source}")
        given = upload.ask(config.alphabet, key=keys.QUALITY_UPLOAD, several=False)
    left, right = st.columns(2)
    shuffles = int(left.number_input("Shuffles of each kind", 1, MOST, 5, key=keys.SHUFFLES))
    seeds = int(right.number_input("Other seeds", 1, MOST, 5, key=keys.SEEDS))
    st.caption(_time(model, config, seeds + shuffles * len(nulls.kinds(config))))
    if not st.button("Train them", type="primary", disabled=known is None and given is None):
        return
    if known is not None:
        paths, name = known
        job.start(paths, name=name, seeds=seeds, shuffles=shuffles)
    elif given is not None:
        (file, *_) = given.files
        _warn_of_other(file.digest, report)
        job.start(file.data, name=Path(file.name).name, seeds=seeds, shuffles=shuffles)
    st.rerun()


def _time(model: ModelFile, config: TrainConfig, models: int) -> str:
    seconds = cache.embedding(model).info.seconds
    text = f"{models} trainings in the background; you can close the page meanwhile."
    if not seconds:
        return text
    return f"{text} This model took {seconds:.0f} s, so about {seconds * models / 60:.0f} min."


def _own_sequences(model: ModelFile) -> tuple[list[Path], str] | None:
    """Return the training sequences of a run and their name; None where they are not at hand."""
    run = runs.Run(Path(model.path).parent)
    if run.model != Path(model.path):
        return None
    status = run.status()
    found = run.sequences_paths(status)
    return (found, status.source) if found and all(path.is_file() for path in found) else None


def _warn_of_other(digest: str, report: QualityReport | None) -> None:
    if report is not None and report.sha256 != digest:
        st.toast(
            "These are not the sequences of the report before: the new numbers are of these.",
            icon=":material/warning:",
        )


@st.fragment(run_every=1.0)
@errors.told()
def _watch(model: ModelFile, *, active: bool) -> None:
    """Show the progress; draw the page again when it is done."""
    job = QualityJob.of(model.path)
    status = job.status()
    if (status is not None and status.active) != active:
        st.rerun()
    if status is not None and active:
        model_map.watch_job(job, status, "nulls", key="stop_nulls")
