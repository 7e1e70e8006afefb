"""The Classify page: examples, uploads, leaks before scores, reports, a sentence for mistakes."""

from collections.abc import Sequence

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from bioskipgram.classify import held_out, report
from bioskipgram.classify.baselines import baselines
from bioskipgram.classify.jobs import EXAMPLE, ClassifyJob, table_bytes
from bioskipgram.classify.labelled import Labelled
from bioskipgram.cli.main import main
from bioskipgram.jobs.status import Status
from dashboard import state
from dashboard.classify import cache
from tests.classify.conftest import planted
from tests.dashboard import pages

SOURCE, FILES = state.CLASSIFY + "source", state.CLASSIFY + "files"
BUTTON, MINE = "Train and test", "My sequences"


def classify(**session: object) -> AppTest:
    """Return the page after its first run."""
    app = pages.open_page("classify", timeout=600, **session)
    assert not app.exception
    return app


def given(*files: tuple[str, bytes]) -> AppTest:
    """Return the page with files of one's own."""
    app = classify(**{SOURCE: MINE})
    app.file_uploader(key=FILES).set_value([(n, data, "text/plain") for n, data in files]).run()
    assert not app.exception
    return app


def buttons(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports are made in this process, before the page is drawn again."""

    def launch(job: ClassifyJob, arguments: Sequence[str]) -> None:
        job.place.parent.mkdir(parents=True, exist_ok=True)
        assert main(list(arguments[1:])) == 0

    monkeypatch.setattr(ClassifyJob, "launch", launch)
    monkeypatch.setattr(report, "baselines", lambda *a, **k: baselines(*a, **k | {"shuffles": 1}))
    monkeypatch.setattr(held_out, "FOLDED", 0)  # quicker


def test_the_page_opens_on_an_example_that_is_answered_leaks_first() -> None:
    app = classify()
    said = pages.words(app)
    assert said.index("share a 31-mer") < said.index("On the test set")
    report = EXAMPLE.report()
    assert report is not None
    assert app.metric[0].value == f"{report['test']['mcc']:.3f}"
    assert BUTTON not in buttons(app)
    assert "Train again" in buttons(app)
    app.segmented_control(key=SOURCE).set_value("Example: coding").run()
    assert not app.exception
    assert BUTTON in buttons(app)
    assert not app.metric
    assert "6,000 items (coding: 3,000, regulatory: 3,000); tested in five folds" in pages.words(
        app
    )


def test_without_files_nothing_is_asked_to_run() -> None:
    app = classify(**{SOURCE: MINE})
    assert BUTTON not in buttons(app)
    assert not app.error


@pytest.mark.usefixtures("at_once")
def test_a_table_is_reported_on_in_folds() -> None:
    app = given(("mine.csv", table_bytes(planted(60))))
    assert "60 items (bound: 30, free: 30); tested in five folds" in pages.words(app)
    next(button for button in app.button if button.label == BUTTON).click().run()
    assert not app.exception
    assert not app.error
    assert [metric.label for metric in app.metric] == ["MCC", "AUROC", "Macro F1", "Accuracy"]
    said = pages.words(app)
    assert "folds that share no long word" in said
    assert "In random folds" in said
    assert {"word", "position", "effect"} <= set(app.dataframe[0].value.columns)
    assert [tab.label for tab in app.tabs] == [
        "What drives it", "One sequence", "New sequences", "Details",
    ]  # fmt: skip
    app.number_input(key=state.CLASSIFY + "item").set_value(7).run()
    assert not app.exception
    new = state.CLASSIFY + "new"
    app.file_uploader(key=new).set_value([("n.fa", b">a\nACGTTGACTCAGCACGT\n", "text/plain")]).run()
    assert not app.exception
    assert any("class" in frame.value.columns for frame in app.dataframe)


def test_a_file_for_each_class_and_bad_records_are_listed() -> None:
    good = "".join(f">{i}\n{'ACGT' * 9}{'ACGT'[i % 4]}\n" for i in range(6))
    app = given(("bound.fa", good.encode()), ("free.fa", (good + ">x\nAC!T\n").encode()))
    said = pages.words(app)
    assert "12 items (bound: 6, free: 6)" in said
    assert "Leaks: a random split would flatter" in said
    assert "'!'" in said or any("'!'" in str(frame.value) for frame in app.dataframe)


def test_copies_in_a_table_are_told_before_any_score() -> None:
    items = planted(60)
    twice = items.take(np.tile(np.arange(60), 2))
    said = pages.words(given(("leaky.csv", table_bytes(twice))))
    assert "Leaks: a random split would flatter" in said
    assert "60 are copies of another" in said


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("a.csv", b"seq,label\nACGT,1\n", "no column 'sequence'"),
        ("a.csv", b"sequence,label\n" + b"ACGT,1\n" * 8, "one class, '1'; two or more"),
        ("a.csv", b"sequence,label\nAC,1\nAA,0\nCC,1\nCG,1\nCA,1\n", "class '0' has 1 items"),
        ("a.fa", b">a\nACGT\n", "one FASTA file is one class; give a file for each class"),
        ("a.csv", b"", "a.csv"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_sentence(name: str, data: bytes, sentence: str) -> None:
    app = given((name, data))
    assert len(app.error) == 1
    assert sentence in pages.shown(app.error[0])
    assert BUTTON not in buttons(app)


def test_what_runs_is_shown_and_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = list[ClassifyJob]()
    running = Status(state="running", stage="fitting", share=0.3, seconds_left=12)
    monkeypatch.setattr(ClassifyJob, "status", lambda _: None if stopped else running)
    monkeypatch.setattr(ClassifyJob, "stop", lambda job: stopped.append(job))
    app = given(("mine.csv", table_bytes(planted(40))))
    assert BUTTON not in buttons(app)
    next(button for button in app.button if button.label == "Stop").click().run()
    assert len(stopped) == 1
    assert BUTTON in buttons(app)


def test_a_run_that_failed_says_why_and_can_be_started_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failed = Status(state="failed", error="no room left")
    monkeypatch.setattr(ClassifyJob, "status", lambda _: failed)
    app = given(("mine.csv", table_bytes(planted(40))))
    assert "no room left" in pages.shown(app.error[0])
    assert BUTTON in buttons(app)


def test_the_second_example_has_pieces_of_one_length() -> None:
    items, test = cache.coding()
    assert isinstance(items, Labelled)
    assert test is None
    assert set(items.sequences.lengths) == {cache.WINDOW}
