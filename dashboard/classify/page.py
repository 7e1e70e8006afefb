"""Classify: tell classes of sequences apart by their k-mers; leaks first, baselines beside."""

import streamlit as st

from bioskipgram.classify.fit import check
from bioskipgram.classify.jobs import EXAMPLE, ClassifyJob
from bioskipgram.classify.labelled import Labelled
from bioskipgram.classify.leaks import Leaks
from bioskipgram.classify.settings import ClassifyConfig
from dashboard import state
from dashboard.classify import cache, result
from dashboard.shared import cache as shared
from dashboard.shared import errors, forms, upload
from dashboard.shared import text as safe
from dashboard.shared.cache import LIMITS, Given

BINDING, CODING, MINE = "Example: protein binding", "Example: coding", "My sequences"
ABOUT = {
    BINDING: "101 bases of the human genome, bound by a transcription factor in cells or not "
    "(ChIP-seq; the first human task of the GUE benchmark, Apache-2.0).",
    CODING: "101 bases of human coding sequences against the 101 bases of the first example, "
    "regulatory DNA and its like. Items that share a 31-mer stay in one fold.",
    MINE: "A CSV or TSV table with the columns sequence and label, or a FASTA file for each class.",
}
_FILES_KEY = state.CLASSIFY + "files"
SETTINGS = ["strands", "aligned", "gapped", "alphabet", "seed"]
WORDS = {
    "pass": ("No leaks found", "green"),
    "warn": ("Some leaks", "orange"),
    "fail": ("Leaks: a random split would flatter", "red"),
}


def main() -> None:
    """Draw the page."""
    st.markdown(
        "**Which class does a sequence belong to, and which k-mers say so?** Counts of k-mers and "
        "a linear classifier, every setting chosen on held-out sequences."
    )
    source = st.segmented_control(
        "Sequences", list(ABOUT), default=BINDING, required=True, key=state.CLASSIFY + "source",
        bind="query-params", label_visibility="collapsed",
    )  # fmt: skip
    st.caption(ABOUT[source])
    with st.expander("Settings"):
        config = ClassifyConfig(
            **forms.ask(ClassifyConfig, SETTINGS, prefix=state.CLASSIFY + "setting_")
        )
    found = _items(source, config.alphabet)
    if found is None:
        return
    train, test = found
    _described(train, test)
    _leaks(cache.leaks_of(train, test))
    check(train, config)
    job = ClassifyJob.of(train, test, config, cache.folder())
    status = job.status()
    if status is not None and status.active:
        _watch(job)
        return
    if status is not None:
        errors.say(status.error)
    shown, report = job, job.report()
    if report is None and source == BINDING and config == ClassifyConfig():
        shown, report = EXAMPLE, EXAMPLE.report()

    def start() -> None:
        job.start(train, test, config, _vectors(config.alphabet))
        st.rerun()

    if report is not None:
        result.show(shown, report, train, start)
    elif st.button("Train and test", type="primary", icon=":material/play_arrow:"):
        start()


def _vectors(alphabet: str) -> str | None:
    """Return the path of the chosen model, which stands among the baselines, if it fits."""
    model = shared.chosen()
    own = shared.embedding(model).vocabulary.tokenizer.alphabet.name
    return model.path if own == alphabet else None


def _items(source: str, alphabet: str) -> tuple[Labelled, Labelled | None] | None:
    if source == BINDING:
        return cache.binding()
    if source == CODING:
        return cache.coding()
    files = _files()
    if not files:
        return None
    items, bad, error = cache.given(files, alphabet)
    upload.left_out(bad, some_are_good=items is not None)
    if items is None:
        errors.say(error)
        return None
    return items, None


def _files() -> tuple[Given, ...]:
    st.file_uploader(
        "A table, or a file for each class", key=_FILES_KEY, accept_multiple_files=True,
        max_upload_size=LIMITS.file_bytes // 1_000_000, help=upload.LIMITED, on_change=_keep,
    )  # fmt: skip
    found: tuple[Given, ...] = state.kept(_FILES_KEY)
    return found


def _keep() -> None:
    files = st.session_state[_FILES_KEY]
    kept = tuple(Given(file.name, file.getvalue()) for file in files)
    state.keep(_FILES_KEY, kept)


def _described(train: Labelled, test: Labelled | None) -> None:
    sizes = [int((train.labels == k).sum()) for k in range(len(train.classes))]
    names = zip(train.classes, sizes, strict=True)
    parts = ", ".join(f"{safe.markdown(name, 30)}: {n:,}" for name, n in list(names)[:12])
    held = f"; {len(test):,} test items" if test is not None else "; tested in five folds"
    st.caption(f"{len(train):,} items ({parts}){held}")


def _leaks(found: Leaks) -> None:
    title, colour = WORDS[found.verdict]
    with st.container(border=True):
        st.markdown(f":{colour}-badge[{title}] before any score")
        st.markdown("\n".join(f"- {safe.markdown(line, 400)}" for line in found.sentences()))


@st.fragment(run_every=1.0)
def _watch(job: ClassifyJob) -> None:
    """Draw how far the process is, and the button that stops it."""
    status = job.status()
    if status is None or not status.active:
        st.rerun()
        return
    left = f", about {status.seconds_left:.0f} s of this left" if status.seconds_left else ""
    st.progress(status.share, f"{safe.markdown(status.stage)}{left}")
    if st.button("Stop", icon=":material/stop:"):
        job.stop()
        st.rerun()


main()
