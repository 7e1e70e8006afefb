"""A new run: its sequences, its settings, its name."""

from pathlib import Path

import numpy as np
import streamlit as st

from bioskipgram.config import TrainConfig
from bioskipgram.errors import FastaError
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.sequences.shipped import SAMPLE
from bioskipgram.sequences.upload import PASTED
from bioskipgram.training import runs
from dashboard import state
from dashboard.shared import cache, forms, upload

MAIN = ["k", "dim", "window", "negatives", "stride", "frame", "steps", "seed"]
EXTRA = [
    "contexts", "trainer", "epochs", "batch", "shared_negatives", "learning_rate", "canonical",
    "both_strands", "noise_power", "subsample", "min_count", "l2", "remove_components", "k_min",
    "alphabet", "threads", "device",
]  # fmt: skip
SAMPLE_TITLE = "The sample that ships"
MINE_TITLE = "A file of mine"


def show() -> None:
    """Draw the inputs of sequences and settings, and start a run."""
    st.subheader("A new run", anchor=False)
    place = st.container()
    settings = forms.ask(TrainConfig, MAIN, prefix=state.SETTING)
    with st.expander("More settings"):
        settings |= forms.ask(TrainConfig, EXTRA, prefix=state.SETTING, columns=2)
    with place:  # drawn now, because the alphabet chosen below says how a file is read
        given = _source(settings["alphabet"])
        if given is not None:
            st.caption(_described(given[2]))
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
        st.session_state[state.STARTED] = run.name  # the picker of runs may be drawn already
        st.rerun()


def _source(alphabet: str) -> tuple[Path | bytes, str, Sequences] | None:
    """Return what to train on, its name and its sequences; None where nothing was given yet."""
    choice = st.radio("Sequences", [SAMPLE_TITLE, MINE_TITLE], key=state.SOURCE, horizontal=True)
    if choice == SAMPLE_TITLE:
        return SAMPLE, SAMPLE.name, cache.shipped(SAMPLE, alphabet)
    found = upload.ask(alphabet, key=state.UPLOAD, several=False)
    if found is None:
        return None
    (file,), sequences = found.files, found.records.sequences
    # Pasted text may lack the header that a file of sequences begins with.
    data = _fasta(sequences) if file.name == PASTED else file.data
    return data, file.name, sequences


def _fasta(sequences: Sequences) -> bytes:
    lines = (f">{line}\n{sequences.text(i)}\n" for i, line in enumerate(sequences.descriptions))
    return "".join(lines).encode("utf-8", "replace")


def _described(sequences: Sequences) -> str:
    alphabet, lengths = sequences.alphabet, sequences.lengths
    unknown = int((sequences.codes == alphabet.unknown).sum())
    empty = int((lengths == 0).sum())
    said = [
        f"{len(sequences):,} sequence{'s' * (len(sequences) != 1)}, "
        f"{len(sequences.codes):,} {alphabet.unit}s, median length {int(np.median(lengths)):,}"
    ]
    said += [f"{alphabet.unit}s that are none of {alphabet.letters}: {unknown:,}"] * bool(unknown)
    said += [f"empty records: {empty:,}"] * bool(empty)
    return " · ".join(said)


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
