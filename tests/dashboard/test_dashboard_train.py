"""The Train page: what it refuses before a run starts, and what it shows of runs."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import bioskipgram as bsg
from bioskipgram.sequences.shipped import SAMPLE
from bioskipgram.training import runs
from bioskipgram.training.recorder import Metric, Recorder
from dashboard import state
from dashboard.shared import cache
from tests.dashboard.pages import open_page, shown, words

PROTEIN_TEXT = "MKVLAAGIVGLLLAQWERTYHPSDFGHKCNMKVLAAGHHWQRDEMKVLAAGIVGWWRTS"


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def upload(data: bytes) -> AppTest:
    app = open_page("train")
    app.radio(key=state.SOURCE).set_value("A file of mine").run()
    app.file_uploader(key=state.UPLOAD).set_value(("mine.fa", data, "text/plain")).run()
    assert not app.exception
    return app


def test_train_opens_with_the_sample_described() -> None:
    app = open_page("train")
    assert not app.exception
    assert "726 sequences, 1,385,112 bases" in words(app)


def test_settings_out_of_reach_of_each_other_are_one_sentence() -> None:
    app = open_page("train")
    app.number_input(key="setting_k").set_value(2)
    app.number_input(key="setting_stride").set_value(3)
    press(app, "Start")
    assert "stride: 3 is outside 1 to k = 2" in shown(app.error[0])
    assert not runs.all_runs(cache.RUNS)


@pytest.mark.parametrize("name", ["../escape", "a b", "ä", "<b>x</b>"])
def test_a_run_name_is_never_a_path(name: str, elsewhere: Path) -> None:
    app = open_page("train")
    app.text_input(key=state.RUN_NAME).set_value(name)
    press(app, "Start")
    assert "is not 1 to 60 letters, digits" in shown(app.error[0])
    assert not (elsewhere / "runs").exists()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"ACGT\n", "before the first '>' header"),
        (b">p\nMKLVEFILPQ\n", "protein"),
        (b"\x00\x01\x02\x00", "binary"),
        (SAMPLE.read_bytes()[:5000], "ends early"),
        (b">n\n\n", "a header without a sequence"),
    ],
)
def test_a_bad_upload_is_one_sentence_and_starts_nothing(data: bytes, said: str) -> None:
    app = upload(data)
    assert len(app.error) == 1
    assert said in shown(app.error[0])
    assert not runs.all_runs(cache.RUNS)


def test_sequences_shorter_than_k_are_refused_before_anything_starts() -> None:
    app = upload(b">a\nACG\n")
    press(app, "Start")
    assert "the longest sequence has 3 bases, fewer than k = 6" in shown(app.error[0])
    assert not runs.all_runs(cache.RUNS)


def pretend(run: runs.Run, source: Path, config: bsg.TrainConfig, title: str) -> None:
    """Write what a run's process writes that finishes at once."""
    Recorder(run.folder, source=title, config=config).write(state="finished", stage="")


def test_a_second_run_starts_beside_the_first_and_is_the_one_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runs, "_launch", pretend)
    app = open_page("train")
    for name in ("run-1", "run-2"):  # the name that the form proposes
        press(app, "Start")
        assert not app.exception
        assert not app.error
        assert app.selectbox(key=state.RUN).value == name
    assert sorted(app.selectbox(key=state.RUN).options) == ["run-1", "run-2"]


@pytest.mark.parametrize("ended", ["failed", "stopped"])
def test_a_run_that_left_a_state_can_be_resumed(
    ended: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runs.Run(cache.RUNS / "one")
    config = bsg.TrainConfig(k=2, dim=4)
    Recorder(run.folder, source="mine.fa", path="/mine.fa", config=config).write(
        state=ended, stage="", warning="the disk is full"
    )
    app = open_page("train")
    assert "Resume" not in [button.label for button in app.button]
    (run.folder / runs.STATE).write_bytes(b"")
    resumed: list[object] = []

    def launch(*given: object, resume: bool) -> None:
        resumed.append((*given, resume))
        pretend(run, Path("/mine.fa"), config, "mine.fa")

    monkeypatch.setattr(runs, "_launch", launch)
    app.run()
    assert shown(app.warning[0]) == "the disk is full"
    press(app, "Resume")
    assert not app.exception
    assert resumed == [(run, Path("/mine.fa"), config, "mine.fa", True)]
    assert "Resume" not in [button.label for button in app.button]


def test_a_protein_upload_starts_once_its_alphabet_is_chosen(elsewhere: Path) -> None:
    app = upload(f">p\n{PROTEIN_TEXT}\n".encode())
    assert "looks like protein" in shown(app.error[0])
    app.selectbox(key="setting_alphabet").set_value("protein").run()
    assert not app.error
    assert f"1 sequence, {len(PROTEIN_TEXT)} residues" in words(app)
    app.number_input(key="setting_k").set_value(7)
    press(app, "Start")
    assert "k: 7 is too long for protein" in shown(app.error[0])
    assert not runs.all_runs(cache.RUNS)


GENE = b">ok\n" + b"ACGTTGCATTAGCATCGATTACG" * 3 + b"\n"


def test_a_bad_record_is_listed_and_the_rest_can_be_trained_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sources: list[bytes] = []

    def launch(run: runs.Run, source: Path, config: bsg.TrainConfig, title: str) -> None:
        sources.append(source.read_bytes())
        assert source.stat().st_mode & 0o077 == 0
        pretend(run, source, config, title)

    monkeypatch.setattr(runs, "_launch", launch)
    app = upload(GENE + b">protein\nMKLVEFILPQ\n")
    assert app.dataframe[0].value["record"].tolist() == ["protein"]
    assert app.text_input(key=state.RUN_NAME).placeholder == "run-1"
    press(app, "Start")
    assert not app.exception
    assert not app.error
    assert sources == [GENE + b">protein\nMKLVEFILPQ\n"]


def test_pasted_letters_start_a_run_with_a_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "_launch", pretend)
    app = open_page("train")
    app.radio(key=state.SOURCE).set_value("A file of mine").run()
    app.text_area(key=state.pasted(state.UPLOAD)).set_value("ACGTTGCATTAGCATC").run()
    press(app, "Start")
    assert not app.error
    written = (cache.RUNS / "run-1" / runs.UPLOAD).read_bytes()
    assert written.startswith(b">")
    assert written.endswith(b"\nACGTTGCATTAGCATC\n")


def finished(name: str) -> runs.Run:
    """Return a run that has ended, in the folder of runs."""
    run = runs.Run(cache.RUNS / name)
    run.folder.mkdir(parents=True)
    pretend(run, Path("/mine.fa"), bsg.TrainConfig(k=2, dim=4), "x`*<b>.fa")
    return run


@pytest.mark.parametrize(
    "changes",
    [
        {"process": 2**31}, {"process": "12"}, {"started": "yesterday"}, {"progress": 7},
        {"state": "![x](http://127.0.0.1:1/p.png)"}, {"config": []}, {"stage": None},
        {"progress": {"step": 1}}, b"\xff\xfe", b"", b"[" * 100_000, b"null",
    ],
)  # fmt: skip
def test_a_malformed_record_is_one_sentence_and_the_run_can_be_deleted(
    changes: dict[str, object] | bytes,
) -> None:
    run = finished("one")
    good = finished("two")
    file = run.folder / "status.json"
    whole = changes if isinstance(changes, bytes) else None
    values = {} if whole is not None else json.loads(file.read_text()) | changes
    file.write_bytes(json.dumps(values).encode() if whole is None else whole)
    app = open_page("train", run="one")
    assert not app.exception
    assert "its record cannot be used" in shown(app.error[0])
    assert "![x](" not in app.error[0].value
    assert app.text_input(key=state.RUN_NAME)
    press(app, "Delete this run")
    assert not app.exception
    assert not run.folder.exists()
    assert app.selectbox(key=state.RUN).options == [good.name]


def test_malformed_losses_and_a_damaged_model_leave_the_rest() -> None:
    run = finished("one")
    good = Metric(step=1, steps=2, loss=1.25, learning_rate=0.1, tokens_per_second=5,
                  seconds_left=1, seconds=2)  # fmt: skip
    lines = [
        json.dumps(asdict(good)),
        '{"loss": null}',
        "[]",
        "\x00",
        '{"step": 1, "loss": "x"}',
        "7",
    ]
    (run.folder / runs.METRICS).write_text("\n".join(lines))
    (run.folder / "model.safetensors").write_bytes(b"no model")
    app = open_page("train")
    assert not app.exception
    assert "finished · from `` x`*<b>.fa ``" in words(app).replace("**", "")
    assert app.metric[0].value == "1.2500"
    assert "model.safetensors: damaged" in shown(app.error[0])
    assert "Delete this run" in [button.label for button in app.button]


def test_a_run_deleted_between_two_looks_is_no_longer_listed() -> None:
    run, other = finished("one"), finished("two")
    app = open_page("train", run="one")
    assert app.selectbox(key=state.RUN).value == "one"
    run.delete()
    app.run()
    assert not app.exception
    assert app.selectbox(key=state.RUN).options == [other.name]


def test_a_run_is_renamed() -> None:
    finished("one")
    app = open_page("train")
    app.text_input(key="rename-one").set_value("../x").run()
    press(app, "Rename")
    assert "is not 1 to 60 letters, digits" in shown(app.error[0])
    app.text_input(key="rename-one").set_value("codons").run()
    press(app, "Rename")
    assert not app.exception
    assert app.selectbox(key=state.RUN).value == "codons"
    assert not (cache.RUNS / "one").exists()
