"""A new run: its sequences, what it learns, its name, and what it will take."""

from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from bioskipgram.config import TrainConfig
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.sequences.shipped import SAMPLE
from bioskipgram.sequences.upload import PASTED
from bioskipgram.training import runs
from dashboard import state
from dashboard.shared import cache, errors, forms, upload
from dashboard.train import cache as remembered
from dashboard.train import presets
from dashboard.train.presets import CUSTOM, PRESETS

POLL_SECONDS = 0.7


def show() -> None:
    """Draw the inputs of a run: sequences, settings, name, and the button that starts it."""
    st.subheader("A new run", anchor=False)
    place = st.container()
    settings = _settings()
    given = None
    with place, errors.told():  # now, because the alphabet chosen below says how a file is read
        given = _source(settings["alphabet"])
    with errors.told():
        _start(settings, given)


def _settings() -> dict[str, Any]:
    """Draw the choice of what to learn, and return its settings."""
    chosen = st.radio(
        "What to learn", [*PRESETS, CUSTOM], key=state.PRESET, on_change=_take_over,
        horizontal=True,
    )  # fmt: skip
    if chosen in PRESETS:
        st.session_state[state.PRESET_BEFORE] = chosen
        settings = vars(PRESETS[chosen].config)
        st.markdown(PRESETS[chosen].about)
        st.caption(" · ".join(presets.changed(settings)))
        return settings
    texts: dict[str, Any] = {"labels": presets.LABELS, "zeros": presets.ZEROS, "columns": 2}
    found = forms.ask(TrainConfig, presets.MAIN, prefix=state.SETTING, **texts)
    with st.expander("More settings"):
        found |= forms.ask(TrainConfig, presets.EXTRA, prefix=state.SETTING, **texts)
    return found


def _take_over() -> None:
    """Let Custom begin with the settings of the preset that was chosen before it."""
    before = st.session_state.get(state.PRESET_BEFORE)
    if st.session_state[state.PRESET] != CUSTOM or before is None:
        return
    for name, value in vars(PRESETS[before].config).items():
        empty = name in presets.ZEROS and not value
        st.session_state[f"{state.SETTING}{name}"] = None if empty else value


def _source(alphabet: str) -> tuple[Path | bytes, str, Sequences] | None:
    """Return what to train on, its name and its sequences; None if nothing of it can be used."""
    found = upload.ask(alphabet, key=state.UPLOAD, several=False)
    if found is not None:
        (file,), sequences = found.files, found.records.sequences
        st.caption(described(sequences))
        # Pasted text may lack the header that a file of sequences begins with.
        data = _fasta(sequences) if file.name == PASTED else file.data
        return data, file.name, sequences
    if state.kept(state.UPLOAD) or st.session_state.get(state.pasted(state.UPLOAD)):
        return None
    if alphabet == "protein":
        st.info("No protein sequences ship with the program: give a file of yours.")
        return None
    sample = cache.shipped(SAMPLE, alphabet)
    about = "Without a file: the sample that ships, human coding sequences."
    st.caption(f"{about} {described(sample)}")
    return SAMPLE, SAMPLE.name, sample


def _fasta(sequences: Sequences) -> bytes:
    lines = (f">{line}\n{sequences.text(i)}\n" for i, line in enumerate(sequences.descriptions))
    return "".join(lines).encode("utf-8", "replace")


def described(sequences: Sequences) -> str:
    """Return how many sequences there are, how long, and what is odd about them."""
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


def _start(settings: dict[str, Any], given: tuple[Path | bytes, str, Sequences] | None) -> None:
    """Draw the name, the button that starts a run, and beside it what the run will take."""
    name = st.text_input(
        "Name", key=state.RUN_NAME, placeholder=_free_name(), max_chars=60,
        help="Letters, digits, - and _; it becomes the model's name in the picker.",
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(
            "Start", type="primary", disabled=given is None, icon=":material/play_arrow:"
        )
        if given is None:
            st.caption("Give sequences that can be used, and the run can start.")
            return
        source, title, sequences = given
        config = TrainConfig.from_dict(settings)
        _estimate(len(sequences.codes), config)
    if pressed:
        sequences.check_longest(config.k, title)
        run = runs.start(source, config, root=cache.RUNS, name=name or _free_name(), title=title)
        st.session_state[state.STARTED] = run.name  # the picker of runs may be drawn already
        st.rerun()


def _estimate(bases: int, config: TrainConfig) -> None:
    """Say how long the run will take and how much memory; measured, so it appears in seconds."""
    waiting = False
    with errors.told():
        waiting = remembered.estimate(bases, config) is None
    st.fragment(errors.told()(_say_estimate), run_every=POLL_SECONDS if waiting else None)(
        bases, config, waiting
    )


def _say_estimate(bases: int, config: TrainConfig, was_waiting: bool) -> None:  # noqa: FBT001
    found = remembered.estimate(bases, config)
    if found is None:
        st.caption(":material/hourglass_top: Measuring time and memory on this machine …")
        return
    if was_waiting:
        st.rerun()  # the whole page: the polling ends
    st.caption(
        f":material/schedule: About {_rounded(found['in all'])}, and some seconds to start and to "
        f"make the map. {found['peak memory']} of memory; {found['available']} are free."
    )


def _rounded(seconds: str) -> str:
    """Return seconds as a person says them: "12 s", "3 min", "2 h"."""
    number = float(seconds.removesuffix(" s"))
    if number < 90:
        return f"{max(1, round(number))} s"
    return f"{number / 60:.0f} min" if number < 5400 else f"{number / 3600:.1f} h"


def _free_name() -> str:
    """Return a name no run has yet."""
    taken = {run.name for run in runs.all_runs(cache.RUNS)}
    return next(name for i in range(1, len(taken) + 2) if (name := f"run-{i}") not in taken)
