"""The Train page: what it refuses before a run starts, and what it shows of runs."""

import json
import subprocess
import time
from dataclasses import asdict, fields
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import bioskipgram as bsg
from bioskipgram.cli.keep import keep_layout
from bioskipgram.config import ProjectionConfig
from bioskipgram.errors import TrainingError
from bioskipgram.jobs.process import launch
from bioskipgram.jobs.progress import Progress
from bioskipgram.model import checkpoint
from bioskipgram.sequences.shipped import SAMPLE
from bioskipgram.training import runs
from bioskipgram.training.recorder import Metric, Recorder
from dashboard import state
from dashboard.shared import cache
from dashboard.train import cache as remembered
from dashboard.train import presets, run_list
from dashboard.train.presets import PRESETS
from tests.dashboard.pages import open_page, shown, words

ESTIMATE = remembered.estimate
PROTEIN_TEXT = "MKVLAAGIVGLLLAQWERTYHPSDFGHKCNMKVLAAGHHWQRDEMKVLAAGIVGWWRTS"


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def upload(data: bytes) -> AppTest:
    app = open_page("train")
    app.file_uploader(key=state.UPLOAD).set_value(("mine.fa", data, "text/plain")).run()
    assert not app.exception
    return app


def test_train_opens_with_the_sample_described() -> None:
    app = open_page("train")
    assert not app.exception
    assert "726 sequences, 1,385,112 bases" in words(app)


def test_time_and_memory_stand_beside_start() -> None:
    said = words(open_page("train"))
    assert "About 7 s" in said
    assert "0.5 GB of memory" in said


def test_too_little_memory_is_said_and_the_name_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise TrainingError("memory: needs 99 GB")

    monkeypatch.setattr(remembered, "estimate", refuse)
    app = open_page("train")
    assert "needs 99 GB" in shown(app.error[0])
    assert app.text_input(key=state.RUN_NAME)


def test_an_estimate_is_measured_by_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "estimate", ESTIMATE)
    config = bsg.TrainConfig(k=2, dim=2, steps=2)
    known = remembered._estimates()
    end = time.monotonic() + 100
    while (found := remembered.estimate(1234, config)) is None:
        assert len(known.running) == 1
        assert time.monotonic() < end
        time.sleep(0.1)
    assert found["bases"] == "about 1,200"  # two digits, so that few are measured
    assert found["in all"].endswith(" s")
    assert not known.running
    monkeypatch.setattr(remembered, "_start", None)
    assert remembered.estimate(1230, config) == found


def asleep(
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[list[subprocess.Popen[str]], remembered._Estimates]:
    """Return the processes to be started, which only sleep, and what is known of estimates."""

    def start(*_: object) -> subprocess.Popen[str]:
        started.append(subprocess.Popen(["sleep", "30"], stdout=-1, stderr=-1, text=True))
        return started[-1]

    started: list[subprocess.Popen[str]] = []
    monkeypatch.setattr(remembered, "_start", start)
    known = remembered._Estimates()
    monkeypatch.setattr(remembered, "_estimates", lambda: known)
    return started, known


def test_many_sessions_measure_two_estimates_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    started, _ = asleep(monkeypatch)
    for number in range(6):  # of six sessions, two of them with the same settings
        monkeypatch.setattr(remembered.st, "session_state", {})
        assert ESTIMATE(1000, bsg.TrainConfig(seed=number // 2)) is None
    assert len(started) == 2
    started[0].terminate()
    started[0].wait()
    with pytest.raises(TrainingError, match="no estimate could be made"):
        ESTIMATE(1000, bsg.TrainConfig(seed=0))
    assert ESTIMATE(1000, bsg.TrainConfig(seed=2)) is None
    assert len(started) == 3
    monkeypatch.setattr(remembered, "LONGEST", 0.0)
    assert ESTIMATE(1000, bsg.TrainConfig(seed=3)) is None
    assert [process.poll() is None for process in started] == [False, False, False, True]
    started[-1].kill()
    started[-1].communicate()


def test_what_nobody_asks_for_any_more_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    started, known = asleep(monkeypatch)
    sessions: list[dict[str, object]] = [{}, {}]
    for which, seed in ((0, 1), (1, 1), (0, 2), (0, 3), (1, 3)):
        monkeypatch.setattr(remembered.st, "session_state", sessions[which])
        assert ESTIMATE(1000, bsg.TrainConfig(seed=seed)) is None
    # Seed 1 until the second session left it, seed 2 until the first did; both have seed 3.
    assert [process.poll() is None for process in started] == [False, False, True]
    assert len(known.wanted) == 1
    started[-1].kill()
    started[-1].communicate()


def test_every_preset_is_valid_and_recognized() -> None:
    for name, preset in PRESETS.items():
        assert presets.name_of({**vars(preset.config), "seed": 9, "threads": 2}) == name
    assert presets.name_of(vars(bsg.TrainConfig(k=5))) == "Custom"
    assert {spec.name for spec in fields(bsg.TrainConfig)} == set(presets.LABELS)


def test_custom_begins_with_the_choice_before_and_an_empty_box_is_0(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[bsg.TrainConfig] = []

    def launch(run: runs.Run, source: Path, config: bsg.TrainConfig, title: str) -> None:
        started.append(config)
        pretend(run, source, config, title)

    monkeypatch.setattr(runs, "_launch", launch)
    app = open_page("train")
    app.radio(key=state.PRESET).set_value("Codons").run()
    press(app, "Start")
    app.radio(key=state.PRESET).set_value("Custom").run()
    boxes = {box.label: box for box in app.number_input}
    assert boxes["Step from k-mer to k-mer"].value == 3
    assert boxes["Highest learning rate"].value is None
    assert boxes["Highest learning rate"].proto.placeholder == "automatic"
    press(app, "Start")
    assert not app.exception
    assert started == [PRESETS["Codons"].config] * 2


def test_settings_out_of_reach_of_each_other_are_one_sentence() -> None:
    app = open_page("train", preset="Custom")
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
    assert resumed == [(run, [Path("/mine.fa")], config, "mine.fa", True)]
    assert "Resume" not in [button.label for button in app.button]


def test_a_run_that_was_killed_says_how_what_is_kept_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own.py").write_text("import os; os.kill(os.getpid(), 9)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    folder = cache.RUNS / "one"
    folder.mkdir(parents=True)
    process = launch(["own"], log=folder / runs.LOG)
    progress = Progress(step=7, steps=90, loss=1, learning_rate=1, tokens_per_second=1,
                        seconds_left=1)  # fmt: skip
    Recorder(
        folder, source="mine.fa", path="/mine.fa", config=bsg.TrainConfig(), process=process
    ).write(stage="training", progress=progress)
    while process.alive:
        time.sleep(0.02)
    app = open_page("train")
    assert "was killed (SIGKILL) by a person" in shown(app.error[0])
    assert "**failed** while training, step 7 of 90" in words(app)
    assert "**Nothing is kept:** its state is saved about every 20 seconds" in words(app)
    (folder / runs.STATE).write_bytes(b"")
    assert "**Resume** goes on from there" in words(app.run())


def test_a_protein_upload_starts_once_its_alphabet_is_chosen(elsewhere: Path) -> None:
    app = upload(f">p\n{PROTEIN_TEXT}\n".encode())
    assert "looks like protein" in shown(app.error[0])
    assert next(button for button in app.button if button.label == "Start").disabled
    assert app.text_input(key=state.RUN_NAME)
    app.radio(key=state.PRESET).set_value("Proteins").run()
    assert not app.error
    assert f"1 sequence, {len(PROTEIN_TEXT)} residues" in words(app)
    app.radio(key=state.PRESET).set_value("Custom").run()
    assert app.selectbox(key="setting_alphabet").value == "protein"  # as the choice before
    app.number_input(key="setting_k").set_value(7)
    press(app, "Start")
    assert "k: 7 is too long for protein" in shown(app.error[0])
    assert not runs.all_runs(cache.RUNS)


GENE = b">ok\n" + b"ACGTTGCATTAGCATCGATTACG" * 3 + b"\n"


def test_a_bad_record_is_listed_and_the_rest_can_be_trained_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sources: list[bytes] = []

    def launch(run: runs.Run, paths: list[Path], config: bsg.TrainConfig, title: str) -> None:
        (source,) = paths
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
    app.text_area(key=state.pasted(state.UPLOAD)).set_value("ACGTTGCATTAGCATC").run()
    press(app, "Start")
    assert not app.error
    written = (cache.RUNS / "run-1" / runs.UPLOAD).read_bytes()
    assert written.startswith(b">")
    assert written.endswith(b"\nACGTTGCATTAGCATC\n")


def with_model(name: str, **settings: int) -> runs.Run:
    """A finished run with a model."""
    run = finished(name)
    config = bsg.TrainConfig(**{"k": 3, "stride": 3, "dim": 4, "steps": 5, **settings})
    pretend(run, Path("x.fa"), config, "x.fa")
    training = bsg.Training(bsg.read(GENE), config)
    for _ in training:
        pass
    checkpoint.save(training.embedding(), run.model)
    keep_layout(training.embedding(), run.model, ProjectionConfig())
    (run.folder / runs.METRICS).write_text(
        "".join(
            json.dumps(asdict(Metric(step=step, steps=5, loss=3.5 - step / 10, learning_rate=0.1,
                                     tokens_per_second=5, seconds_left=1, seconds=2))) + "\n"
            for step in (1, 5)
        )
    )  # fmt: skip
    return run


def test_the_table_says_what_a_run_learnt_and_how_well() -> None:
    made = run_list.row(with_model("one"))
    assert made["What it learns"] == "3-mers, 4 dimensions, step 3"
    assert isinstance(made["Learnt"], float)
    assert 0 < made["Learnt"] <= 100
    assert str(made["Quality"]).startswith("AUC ")
    assert str(made["Map"]).startswith("data:image/png;base64,")
    (cache.RUNS / "one" / "model.safetensors").write_bytes(b"no model")
    made = run_list.row(runs.Run(cache.RUNS / "one"))
    assert made["Learnt"] is None
    assert made["Map"] is None


def test_two_runs_are_compared() -> None:
    with_model("one")
    with_model("two", seed=2, dim=5)
    app = open_page("train", run="one")
    app.multiselect(key=state.COMPARED).set_value(["two"]).run()
    assert not app.exception
    assert not app.error
    table = next(frame.value for frame in app.dataframe if "one" in frame.value)
    rows = {name: (one, two) for name, one, two in table.itertuples(index=False)}
    assert rows["Random seed"] == ("1", "2")
    assert rows["Dimensions of the vectors"] == ("4", "5")
    assert set(rows) == {"Random seed", "Dimensions of the vectors", "Learnt", "Loss", "Seconds",
                         "Quality"}  # fmt: skip
    assert "nearest neighbours agree to" in words(app)
    assert "Losses of runs compare only" in words(app)


def test_no_more_runs_than_the_queue_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    def wait(run: runs.Run, source: Path, config: bsg.TrainConfig, title: str) -> None:
        Recorder(run.folder, source=title, config=config, queue=True).write()

    monkeypatch.setattr(runs, "_launch", wait)
    monkeypatch.setattr(runs, "MAX_WAITING", 2)
    app = open_page("train")
    for _ in range(3):
        press(app, "Start")
    assert "2 runs are active or waiting" in shown(app.error[0])
    assert len(runs.all_runs(cache.RUNS)) == 2


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
