"""The command line: every command, and every bad input in one line and with exit code 2."""

import errno
import gzip
import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bioskipgram import files
from bioskipgram.cli import train
from bioskipgram.cli.main import main
from bioskipgram.config import ProjectionConfig, TrainConfig
from bioskipgram.model import checkpoint, stability
from bioskipgram.projection import projection
from bioskipgram.sequences import shipped
from bioskipgram.training.runs import Run

ROOT = Path(__file__).parents[2]
COMMANDS = (
    "train", "neighbors", "project", "info", "quality", "index", "where", "embed", "compare",
    "reference",
)  # fmt: skip
QUICK = ["--k=3", "--stride=3", "--dim=4", "--steps=30"]
Answer = tuple[int, str, str]
Ask = Callable[..., Answer]


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    """Training minds SIGINT and SIGTERM; give them back to pytest."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.fixture
def ask(capfd: pytest.CaptureFixture[str]) -> Ask:
    """``ask(*words)`` runs a command in this process: its exit code, its output, its errors."""

    def ask(*words: object) -> Answer:
        capfd.readouterr()
        code = main([str(word) for word in words])
        return code, *capfd.readouterr()

    return ask


@pytest.fixture(scope="module")
def fasta(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first hundred sequences of the sample."""
    path = tmp_path_factory.mktemp("cli") / "cds.fa"
    text = gzip.decompress(shipped.SAMPLE.read_bytes()).decode()
    path.write_text(">" + ">".join(text.split(">")[1:101]))
    return path


@pytest.fixture(scope="module")
def trained(fasta: Path) -> Path:
    """A model of codons; nobody may change it."""
    path = fasta.with_name("codons.safetensors")
    assert main(["train", str(fasta), *QUICK, "--out", str(path)]) == 0
    return path


@pytest.fixture
def model(trained: Path, tmp_path: Path) -> Path:
    """A copy of that model, to be changed."""
    path = tmp_path / "model.safetensors"
    path.write_bytes(trained.read_bytes())
    return path


def bioskipgram(*words: object, **options: Any) -> "subprocess.CompletedProcess[str]":
    """Run a command in a process of its own, outside the repository."""
    command = [sys.executable, "-m", "bioskipgram", *map(str, words)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})}
    options = {"capture_output": True, "timeout": 120, "cwd": "/", **options}
    return subprocess.run(command, env=environment, text=True, check=False, **options)


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def table(text: str) -> list[list[str]]:
    """The cells of a printed table: two blanks and more part them."""
    return [re.split(r" {2,}", line) for line in text.splitlines()]


# Every command -------------------------------------------------------------------------------


def test_train_writes_a_model_and_prints_its_history(ask: Ask, fasta: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "x.safetensors"
    code, printed, bar = ask("train", fasta, *QUICK, "--seed", 7, "--out", out, "--json")
    assert code == 0
    model = checkpoint.load(out)
    values = json.loads(printed)
    assert values["kmers"] == len(model) == 64
    assert values["digest"] == model.digest
    assert values["source"] == "cds.fa"
    assert values["config"] == vars(TrainConfig(k=3, stride=3, dim=4, steps=30, seed=7))
    assert values["losses"][-1] == [30, pytest.approx(values["loss"])]
    assert "30/30" in bar
    assert [path.name for path in out.parent.iterdir()] == [out.name]


def test_train_twice_gives_the_same_model(ask: Ask, fasta: Path, trained: Path) -> None:
    again = trained.with_name("again.safetensors")
    assert ask("train", fasta, *QUICK, "--out", again)[0] == 0
    assert checkpoint.load(again).digest == checkpoint.load(trained).digest


def test_train_takes_every_setting_there_is(ask: Ask, fasta: Path, tmp_path: Path) -> None:
    wanted: dict[str, Any] = {
        "k": 4, "stride": 2, "frame": 1, "canonical": True, "alphabet": "RNA", "dim": 5,
        "window": 2, "negatives": 3, "noise_power": 0.5, "subsample": 0.01, "min_count": 2,
        "trainer": "sampled", "steps": 3, "epochs": 1, "batch": 4000, "learning_rate": 0.1,
        "l2": 0.001, "remove_components": 1, "seed": 5, "device": "cpu",
        "contexts": "apart", "both_strands": True, "shared_negatives": True, "threads": 1,
        "k_min": 0,
    }  # fmt: skip
    defaults = {spec.name: spec.default for spec in fields(TrainConfig)}
    changed = {name for name, value in wanted.items() if value != defaults[name]}
    assert changed == set(defaults) - {"k_min"}  # which does not go with stride and canonical
    options = [f"--{name.replace('_', '-')}={value}" for name, value in wanted.items()]
    out = tmp_path / "x.safetensors"
    assert ask("train", fasta, *options, "--out", out)[0] == 0
    model = checkpoint.load(out)
    assert vars(model.info.config) == wanted | {"contexts": "non-overlapping"}  # its name now
    assert model.info.trainer == "sampled"


def test_stability_is_kept_beside_the_model(ask: Ask, fasta: Path, model: Path) -> None:
    code, output, _ = ask("stability", model, fasta, "--models=3", "--json")
    assert code == 0
    told = json.loads(output)
    found, digest = stability.load(Path(told["stability"]))
    assert Path(told["stability"]).parent == model.with_suffix(".layouts")
    assert digest == checkpoint.load(model).digest
    assert (found.models, found.tokens.shape[1]) == (told["models"], told["neighbors"]) == (3, 10)
    assert told["mean_share"] == pytest.approx(found.shares.mean())
    assert 0.3 < told["mean_share"] < 1
    assert ask("stability", model, fasta, "--models=0")[2].startswith("bioskipgram: models: 0 is")


def test_balance_writes_an_older_model_anew(ask: Ask, model: Path, tmp_path: Path) -> None:
    old = checkpoint.load(model)
    mixed = np.triu(np.ones((4, 4), np.float32))
    other = np.ascontiguousarray(old.context @ np.linalg.inv(mixed).T, dtype=np.float32)
    older = replace(old, center=old.center @ mixed, context=other)
    path = checkpoint.save(older, tmp_path / "older.safetensors", half=True)
    code, output, errors = ask("balance", path, "--json")
    assert code == 0
    assert "have to be made again" in errors
    told = json.loads(output)
    assert told["model"] == str(tmp_path / "older-balanced.safetensors")
    assert not told["was_balanced"]
    made = checkpoint.load(told["model"])
    assert told["digest"] == made.digest
    np.testing.assert_allclose(made.unit, old.unit, atol=0.02)  # float16
    assert files.read_tensors(Path(told["model"]))[0]["center"].dtype == np.float16


def test_balance_leaves_a_balanced_model_as_it_is(ask: Ask, model: Path, tmp_path: Path) -> None:
    code, output, errors = ask("balance", model, "--out", tmp_path / "x.safetensors", "--json")
    assert (code, errors) == (0, "")
    assert json.loads(output)["was_balanced"]
    assert checkpoint.load(tmp_path / "x.safetensors").digest == checkpoint.load(model).digest


def test_train_half_stores_half(ask: Ask, fasta: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.safetensors"
    assert ask("train", fasta, *QUICK, "--half", "--out", out)[0] == 0
    assert files.read_tensors(out)[0]["center"].dtype == np.float16


@pytest.mark.parametrize(
    ("words", "canonical"),
    [
        ([], False),
        (["--canonical"], True),
        (["--canonical=yes"], True),
        (["--canonical", "False"], False),
    ],
)
def test_a_yes_or_no_setting(
    ask: Ask, fasta: Path, tmp_path: Path, words: list[str], canonical: bool
) -> None:
    out = tmp_path / "x.safetensors"
    options = ["--k=2", "--dim=2", "--steps=1", "--out", out]
    assert ask("train", fasta, *options, *words)[0] == 0
    assert checkpoint.load(out).info.config.canonical is canonical


def test_train_records_a_run_with_its_layouts(ask: Ask, fasta: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    code, _, _ = ask("train", fasta, *QUICK, "--run", folder, "--title", "mine", "--layouts")
    assert code == 0
    run = Run(folder)
    assert (run.status().state, run.status().source) == ("finished", "mine")
    assert [line["step"] for line in run.metrics()] == list(range(5, 31, 5))
    assert checkpoint.load(run.model).info.source == "mine"
    made = sorted(path.name.split("-")[0] for path in run.model.with_suffix(".layouts").iterdir())
    assert made == ["kmeans", "pca", "tsne"]


def test_neighbors_are_a_table_or_json(ask: Ask, trained: Path) -> None:
    code, printed, errors = ask("neighbors", trained, "ATG", "-n", 4)
    assert (code, errors) == (0, "")
    heading, *rows = table(printed)
    assert heading == ["query", "kmer", "cosine", "relation", "to", "count"]
    found = checkpoint.load(trained).neighbors("ATG", 4)
    texts = [checkpoint.load(trained).vocabulary.texts[token] for token in found.tokens]
    assert [row[1] for row in rows] == texts
    as_json = json.loads(ask("neighbors", trained, "ATG", "-n", 4, "--json")[1])
    assert [row["kmer"] for row in as_json] == texts
    assert [row["relation"] for row in as_json] == list(found.relations)
    assert [f"{row['cosine']:.4f}" for row in as_json] == [row[2] for row in rows]


def test_neighbors_answers_each_query_in_its_own_line_of_json(ask: Ask, trained: Path) -> None:
    _, printed, _ = ask("neighbors", trained, "ATG", "atgGCC", "-n", 2, "--json")
    first, second = map(json.loads, printed.splitlines())
    assert {row["query"] for row in first} == {"ATG"}
    assert {row["query"] for row in second} == {"atgGCC"}


def test_project_keeps_layout_and_clusters_and_writes_a_table(
    ask: Ask, model: Path, tmp_path: Path
) -> None:
    words = ["--method", "pca", "--dimensions", 3, "--cluster", "kmeans", "--clusters", 5]
    tsv = tmp_path / "points.tsv"
    code, printed, errors = ask("project", model, *words, "--tsv", tsv, "--json")
    assert (code, errors) == (0, "")
    result = json.loads(printed)
    layout = projection.load(Path(result["layout"]))
    assert layout.config == ProjectionConfig(method="pca", dimensions=3)
    assert result["trustworthiness"] == layout.trustworthiness
    assert result["number"] == 5
    assert {Path(result[kind]).parent for kind in ("layout", "clusters")} == {
        model.with_suffix(".layouts")
    }
    heading, *rows = [line.split("\t") for line in tsv.read_text().splitlines()]
    assert heading == ["kmer", "x", "y", "z"]
    assert [row[0] for row in rows] == checkpoint.load(model).vocabulary.texts
    np.testing.assert_allclose([[*map(float, row[1:])] for row in rows], layout.points, rtol=1e-4)


def test_project_does_not_make_again_what_is_there(ask: Ask, model: Path) -> None:
    words = ["project", model, "--method", "pca", "--json"]
    first = json.loads(ask(*words)[1])
    before = Path(first["layout"]).stat().st_mtime_ns
    assert json.loads(ask(*words)[1]) == first
    assert Path(first["layout"]).stat().st_mtime_ns == before


def test_info_is_a_list_or_json(ask: Ask, trained: Path) -> None:
    code, printed, errors = ask("info", trained)
    assert (code, errors) == (0, "")
    lines = dict(line.split(maxsplit=1) for line in printed.splitlines())
    model = checkpoint.load(trained)
    assert lines["digest"] == model.digest
    assert lines["loss"] == f"{model.info.loss:.4f}"
    assert "k=3, stride=3" in lines["settings"]
    values = json.loads(ask("info", trained, "--json")[1])
    assert values["config"]["stride"] == 3
    assert values["sha256"] == model.info.sha256
    assert len(values["losses"]) == 6


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    from bioskipgram import __version__

    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"bioskipgram {__version__}\n"


# Help ----------------------------------------------------------------------------------------

HELP = f"""
import contextlib, sys
from bioskipgram.cli.main import main
for words in [], *([name] for name in {COMMANDS!r}):
    try:
        main([*words, "--help"])
    except SystemExit as end:
        assert end.code == 0
    loaded = {{"torch", "numba", "sklearn", "umap", "scipy", "pandas", "Bio"}} & set(sys.modules)
    assert not loaded, (words, loaded)
    assert words or "numpy" not in sys.modules
print("quick")
"""


def test_help_is_quick_and_tells_every_setting() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HELP], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "quick"
    for name in COMMANDS:
        assert f"usage: bioskipgram {name} " in done.stdout
    told = " ".join(done.stdout.split())
    for spec in [*fields(TrainConfig), *fields(ProjectionConfig)]:
        assert f"--{spec.name.replace('_', '-')} " in told
        assert " ".join(spec.metadata["help"].split()) in told.replace("- ", "-")


@pytest.mark.parametrize("words", [[], ["fly"], ["train"], ["train", "x", "--k", "six"]])
def test_what_is_no_command_ends_with_the_usage(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(words)
    assert capsys.readouterr().err.startswith("usage: bioskipgram ")


# Bad sequences -------------------------------------------------------------------------------

GZIPPED = gzip.compress(b">a\n" + bytes(np.random.default_rng(0).choice([*b"ACGT"], 9000)), mtime=0)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "bad.fa: there is no such file in .*; check the path"),
        (b"", "bad.fa: the file is empty; a FASTA file starts with a line '>name'"),
        (b"ACGTACGT\n", "bad.fa, line 1: sequence before the first '>' header"),
        (
            b">a\nMKVLEFW\n",
            "bad.fa: none of its 1 records can .*'L' at position 4 .*looks like protein",
        ),
        (b"\x7fELF\0\0\1\2", "bad.fa: this is a binary file"),
        (GZIPPED[:-1500], "bad.fa: the gzip data ends early"),
        (b">a\nACGT\n>b\nGG\n", "no 6-mer occurs 1 times or more: .*shorter than 6"),
        (b">a\n" + b"N" * 99, "no 6-mer occurs 1 times or more: .*all N"),
        (b">a\n>b\n", "bad.fa: none of its 2 records can .* line 1: a header without a sequence"),
    ],
    ids=["missing", "empty", "no header", "protein", "binary", "cut gzip", "short", "N", "no base"],
)
def test_bad_sequences_are_told_in_one_line_and_nothing_is_touched(
    ask: Ask, tmp_path: Path, content: bytes | None, said: str
) -> None:
    path, out = tmp_path / "bad.fa", tmp_path / "old.safetensors"
    out.write_text("an older model")
    if content is not None:
        path.write_bytes(content)
    before = snapshot(tmp_path)
    code, printed, errors = ask("train", path, "--out", out)
    assert (code, printed) == (2, "")
    assert re.fullmatch(rf"bioskipgram: .*{said}.*\n", errors)
    assert snapshot(tmp_path) == before


def test_a_folder_of_sequences_is_refused(ask: Ask, tmp_path: Path) -> None:
    code, _, errors = ask("train", tmp_path, "--out", tmp_path / "x")
    assert code == 2
    assert re.fullmatch("bioskipgram: .*: this is a directory; name one of .*\n", errors)


# Bad settings --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--k=0"], "k: 0 is outside 1 to 12"),
        (["--k=13"], "k: 13 is outside 1 to 12"),
        (["--k=3", "--stride=4"], "stride: 4 is outside 1 to k = 3; .*"),
        (["--frame=1"], "frame: 1 is outside 0 to stride - 1 = 0; .*"),
        (["--dim=-1"], "dim: -1 is outside 1 to 2000"),
        (["--subsample=nan"], "subsample: nan is outside 0.0 to 1.0"),
        (["--k=10", "--trainer=exact"], "k: there are 1,048,576 10-mers, and the exact .*"),
    ],
)
def test_a_bad_setting_is_told_in_one_line(
    ask: Ask, fasta: Path, tmp_path: Path, words: list[str], said: str
) -> None:
    code, printed, errors = ask("train", fasta, *words, "--out", tmp_path / "x.safetensors")
    assert (code, printed) == (2, "")
    assert re.fullmatch(f"bioskipgram: {said}\n", errors)
    assert snapshot(tmp_path) == {}


def test_a_model_without_a_place_is_refused_at_once(ask: Ask, fasta: Path) -> None:
    assert ask("train", fasta) == (
        2, "", "bioskipgram: out: give --out FILE or --run DIR, so that the model has a place\n",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["neighbors", "ATG", "-n", 0], "n: 0 is below 1"),
        (["neighbors", "NNNN"], "'NNNN': this model knows no 3-mer of it; give letters of ACGT"),
        (["neighbors", "NNN"], "the query holds every k-mer of this model; none is left to find"),
        (["neighbors", "ATG", "--hide", "moved"],
         "hide: 'moved' is no relation; use reverse complement, synonymous, extension, "
         "substitution, other, shift"),
        (["project", "--perplexity", 1], "perplexity: 1.0 is outside 2.0 to 500.0"),
        (["project", "--method=pca", "--cluster=kmeans", "--clusters=64"],
         "clusters: 64 of 64 k-mers; give fewer"),
        (["project", "--method=pca", "--cluster=kmeans", "--clusters=1"],
         "clusters: 1 is outside 2 to 500"),
        (["quality", "/nowhere.fa"], "nowhere.fa: there is no such file in /; check the path"),
    ],
)  # fmt: skip
def test_a_bad_question_is_told_in_one_line(
    ask: Ask, model: Path, words: list[object], said: str
) -> None:
    command, *rest = words
    code, printed, errors = ask(command, model, *rest)
    assert (code, printed) == (2, "")
    assert errors == f"bioskipgram: {said}\n"


def test_a_kmer_that_was_never_seen_is_not_found(ask: Ask, tmp_path: Path) -> None:
    path, out = tmp_path / "x.fa", tmp_path / "x.safetensors"
    path.write_text(">a\nACGACGACG\n")
    assert ask("train", path, "--k=3", "--dim=2", "--steps=1", "--out", out)[0] == 0
    code, printed, errors = ask("neighbors", out, "TTT")
    assert (code, printed) == (2, "")
    assert errors.startswith("bioskipgram: 'TTT': this model knows no 3-mer of it")
    assert errors.count("\n") == 1


# Bad models ----------------------------------------------------------------------------------

DAMAGE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "cut in half": (lambda raw: raw[: len(raw) // 2], "damaged .not a whole safetensors file"),
    "flipped byte": (lambda raw: raw[:-9] + bytes([raw[-9] ^ 1]) + raw[-8:], "damaged .*checksum"),
    "other version": (
        lambda raw: raw.replace(b"bioskipgram/1", b"bioskipgram/9"),
        "format 'bioskipgram/9', but this program reads 'bioskipgram/1'; train the model again",
    ),
    "sequences": (lambda raw: b">a\nACGT\n", "a file of sequences; train a model on it"),
    "empty": (lambda raw: b"", "damaged .not a whole safetensors file"),
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("words", [["info"], ["neighbors", "ATG"], ["project"], ["quality"]])
def test_a_bad_model_is_told_in_one_line_and_nothing_is_touched(
    ask: Ask, model: Path, words: list[str], damage: str
) -> None:
    change, said = DAMAGE[damage]
    model.write_bytes(change(model.read_bytes()))
    before = snapshot(model.parent)
    code, printed, errors = ask(words[0], model, *words[1:])
    assert (code, printed) == (2, "")
    assert re.fullmatch(rf"bioskipgram: model\.safetensors: {said}.*\n", errors)
    assert snapshot(model.parent) == before


def test_a_missing_model_and_a_folder_are_told_in_one_line(ask: Ask, tmp_path: Path) -> None:
    for path, said in ((tmp_path / "x", "no such model file"), (tmp_path, "this is a directory")):
        code, _, errors = ask("info", path)
        assert code == 2
        assert re.fullmatch(f"bioskipgram: {path}: {said}.*\n", errors)


def test_a_damaged_layout_is_told_in_one_line(ask: Ask, model: Path) -> None:
    words = ["project", model, "--method=pca", "--json"]
    layout = Path(json.loads(ask(*words)[1])["layout"])
    layout.write_bytes(layout.read_bytes()[:-1])
    code, printed, errors = ask(*words)
    assert (code, printed) == (2, "")
    assert re.fullmatch(r"bioskipgram: pca-2d-.*\.safetensors: damaged .*\n", errors)


def test_a_place_that_cannot_be_written_leaves_the_old_model(
    ask: Ask, fasta: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("old")
    code, _, errors = ask("train", fasta, *QUICK, "--out", tmp_path / "file" / "x.safetensors")
    assert code == 2
    last = errors.splitlines()[-1]  # after the bar
    assert re.fullmatch(r"bioskipgram: .*could not be written \(File exists\); .*", last)
    assert snapshot(tmp_path) == {str(tmp_path / "file"): b"old"}


# Stop, crash, go on --------------------------------------------------------------------------


@pytest.fixture
def stop_after(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """``stop_after(n)``: the next trainings are asked to stop once n steps are done."""

    def stop_after(steps: int) -> None:
        class Stop:
            looks = 0

            @property
            def asked(self) -> bool:
                # Looks while counting are not looks after a step.
                self.looks += sys._getframe(1).f_code.co_name == "_fit"
                return self.looks >= steps

        monkeypatch.setattr(train, "StopRequest", Stop)

    return stop_after


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """A disk that takes no file of more than ``disk["room"]`` bytes."""
    facts = {"room": 10**9}

    def fsync(number: int) -> None:
        if os.fstat(number).st_size > facts["room"]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fsync)
    return facts


def test_a_stopped_training_is_gone_on_with_to_the_same_model(
    ask: Ask, fasta: Path, trained: Path, tmp_path: Path, stop_after: Callable[[int], None]
) -> None:
    out, kept = tmp_path / "x.safetensors", tmp_path / "x.state.safetensors"
    for steps in (7, 5):  # stopped twice
        stop_after(steps)
        assert ask("train", fasta, *QUICK, "--out", out, "--resume")[0] == 0
        assert kept.exists()
    assert checkpoint.load(out).info.steps_done == 12
    stop_after(10**9)
    code, _, said = ask("train", fasta, *QUICK, "--out", out, "--resume")
    assert code == 0
    assert "going on after step 12 of 30" in said
    assert "30/30" in said
    done = checkpoint.load(out)
    assert done.digest == checkpoint.load(trained).digest
    assert done.info.losses == checkpoint.load(trained).info.losses
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


def test_without_a_state_it_starts_anew_and_says_so(
    ask: Ask, fasta: Path, trained: Path, tmp_path: Path
) -> None:
    out = tmp_path / "x.safetensors"
    code, _, said = ask("train", fasta, *QUICK, "--out", out, "--resume")
    assert code == 0
    assert said.startswith(f"bioskipgram: no saved state at {tmp_path}/x.state.safetensors: start")
    assert checkpoint.load(out).digest == checkpoint.load(trained).digest


def test_a_finished_model_is_left_alone(ask: Ask, fasta: Path, model: Path) -> None:
    before = snapshot(model.parent)
    words = ["train", fasta, *QUICK, "--out", model, "--resume", "--json"]
    code, printed, said = ask(*words, "--threads=2")
    assert code == 0
    assert (
        said == f"bioskipgram: {model} is finished, with these settings: there is nothing to do\n"
    )
    assert json.loads(printed)["digest"] == checkpoint.load(model).digest
    assert snapshot(model.parent) == before
    assert ask(*words, "--dim=3")[0] == 0  # another model: trained
    assert checkpoint.load(model).center.shape[1] == 3


def test_a_state_of_other_settings_is_refused(
    ask: Ask, fasta: Path, tmp_path: Path, stop_after: Callable[[int], None]
) -> None:
    stop_after(3)
    words = ["train", fasta, *QUICK, "--out", tmp_path / "x.safetensors"]
    assert ask(*words)[0] == 0
    before = snapshot(tmp_path)
    code, printed, errors = ask(*words, "--resume", "--window=4")
    assert (code, printed) == (2, "")
    assert errors == (
        "bioskipgram: x.state.safetensors: saved with window 5, not 4; give the same settings, or "
        "start again without resume\n"
    )
    assert snapshot(tmp_path) == before


def test_a_disk_too_full_for_the_state_is_one_warning(
    ask: Ask, fasta: Path, trained: Path, tmp_path: Path, disk: dict[str, int]
) -> None:
    disk["room"] = trained.stat().st_size + 500
    words = ["train", fasta, *QUICK, "--run", tmp_path, "--save-every=0"]
    code, _, said = ask(*words)
    assert code == 0
    assert len(re.findall("state was not saved", said)) == 1
    assert "(No space left on device)" in said
    assert "; training goes on" in said
    assert Run(tmp_path).status().warning.startswith("the state was not saved: ")
    assert checkpoint.load(tmp_path / "model.safetensors").digest == checkpoint.load(trained).digest


def test_a_disk_too_full_for_the_model_loses_nothing(
    ask: Ask, fasta: Path, trained: Path, tmp_path: Path, disk: dict[str, int],
    stop_after: Callable[[int], None],
) -> None:  # fmt: skip
    out, kept = tmp_path / "x.safetensors", tmp_path / "x.state.safetensors"
    words = ["train", fasta, *QUICK, "--out", out, "--resume"]
    stop_after(20)
    assert ask(*words)[0] == 0
    before = snapshot(tmp_path)
    stop_after(10**9)
    disk["room"] = 100
    code, printed, said = ask(*words)
    assert (code, printed) == (2, "")
    last = said.splitlines()[-1]
    assert re.fullmatch(
        r"bioskipgram: .*could not be written \(No space left .*; free some.*", last
    )
    assert snapshot(tmp_path) == before
    disk["room"] = 10**9
    assert ask(*words)[0] == 0
    assert checkpoint.load(out).digest == checkpoint.load(trained).digest
    assert not kept.exists()


def test_a_model_that_did_not_fit_is_made_of_the_state_at_the_end(
    ask: Ask, fasta: Path, trained: Path, tmp_path: Path
) -> None:
    """The model's place is bad, the state's is not: nothing is to be learnt twice."""
    (tmp_path / "file").write_text("")
    words = ["train", fasta, *QUICK, "--run", tmp_path / "run", "--resume"]
    assert ask(*words, "--out", tmp_path / "file" / "x.safetensors")[0] == 2
    code, _, said = ask(*words)
    assert code == 0
    assert "going on after step 30 of 30" in said
    made = checkpoint.load(tmp_path / "run" / "model.safetensors")
    assert made.digest == checkpoint.load(trained).digest


def test_a_log_on_a_full_disk_does_not_end_the_training(
    ask: Ask, fasta: Path, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    out = tmp_path / "x.safetensors"
    monkeypatch.setattr(sys, "stderr", Full())
    assert ask("train", fasta, *QUICK, "--out", out, "--resume")[0] == 0
    assert checkpoint.load(out).digest == checkpoint.load(trained).digest
    assert ask("info", tmp_path / "none") == (2, "", "")


@pytest.mark.parametrize("text", ["-1", "nan", "soon"])
def test_seconds_are_not_negative(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["train", "x.fa", f"--save-every={text}"])
    assert "--save-every" in capsys.readouterr().err.splitlines()[-1]


def test_estimate_tells_and_starts_nothing(ask: Ask, fasta: Path, tmp_path: Path) -> None:
    before = snapshot(fasta.parent)
    code, printed, errors = ask("train", fasta, *QUICK, "--estimate")
    assert (code, errors) == (0, "")
    lines = dict(table(printed.replace("peak memory ", "peak memory  ").replace("all ", "all  ")))
    assert lines["trainer"] == "exact"
    assert lines["file"] == f"{fasta.stat().st_size:,} bytes"
    values = json.loads(ask("train", fasta, *QUICK, "--trainer=sampled", "--estimate", "--json")[1])
    assert values["trainer"] == "sampled"
    assert snapshot(fasta.parent) == before
    assert snapshot(tmp_path) == {}


def test_what_cannot_fit_is_said_before_it_starts(
    ask: Ask, fasta: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bioskipgram.training import memory

    monkeypatch.setattr(memory, "available", lambda: 1e9)
    said = (
        r"bioskipgram: memory: needs \d\.\d GB, 1\.4 GB of it for the pair table of 8-mers; "
        r"1\.0 GB are free; choose k 7(, or trainer sampled)?\n"
    )
    eight = ["--k=8", "--dim=4", "--trainer=exact"]
    for more in ([], ["--estimate"]):
        code, _, errors = ask("train", fasta, *eight, "--run", tmp_path / "run", *more)
        assert code == 2
        assert re.fullmatch(said, errors)
        if more == []:
            assert Run(tmp_path / "run").status().state == "failed"


# Signals and pipes ---------------------------------------------------------------------------


LONG = {
    "exact": ["--dim=4", "--k=3", "--steps=100000"],
    "sampled": ["--dim=4", "--k=6", "--trainer=sampled", "--batch=99", "--epochs=9999"],
}


def whole(out: Path, printed: str) -> bool:
    """Whether the model of a training that was ended is what was printed."""
    info = checkpoint.load(out).info
    assert f"steps_done       {info.steps_done}\n" in printed
    assert 1 <= info.steps_done < 100_000
    return bool(np.isfinite(info.loss))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("trainer", LONG)
def test_a_signal_ends_training_and_keeps_what_was_learnt(
    ask: Ask,
    fasta: Path,
    tmp_path: Path,
    trainer: str,
    number: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Watcher(io.StringIO):
        def write(self, text: str) -> int:
            if "step/s" in text and "step/s" not in self.getvalue():  # the bar moves
                os.kill(os.getpid(), number)
            return super().write(text)

    def unminded(number: int, frame: object) -> None:
        raise AssertionError("no handler is there")

    out, watcher = tmp_path / "x.safetensors", Watcher()
    signal.signal(number, unminded)
    monkeypatch.setattr(sys, "stderr", watcher)
    code, printed, _ = ask("train", fasta, "--out", out, *LONG[trainer])
    assert code == 0, watcher.getvalue()
    assert "step/s" in watcher.getvalue()
    assert whole(out, printed)


def test_a_signal_ends_a_process_in_the_same_way(fasta: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.safetensors"
    command = [sys.executable, "-m", "bioskipgram", "train", str(fasta), "--out", str(out)]
    with subprocess.Popen(
        [*command, *LONG["sampled"]], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        drawn = b""
        while b"step/s" not in drawn:  # until the bar moves
            byte = process.stderr.read(1)
            assert byte, drawn
            drawn += byte
        process.terminate()
        rest, printed = process.stderr.read(), process.stdout.read()
        assert process.wait(timeout=60) == 0, rest
    assert b"Traceback" not in rest
    assert whole(out, printed.decode())


def test_an_interruption_is_said_and_has_its_own_exit_code(
    ask: Ask, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(path: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(checkpoint, "load", interrupted)
    assert ask("info", trained) == (130, "", "bioskipgram: interrupted\n")


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("words", [["neighbors", "ATG"], ["info"], ["quality"]])
def test_a_reader_that_has_seen_enough_is_no_error(
    trained: Path, words: list[str], unbuffered: str
) -> None:
    """As in ``| head -1``: here nobody reads at all."""
    read, write = os.pipe()
    os.close(read)
    done = bioskipgram(
        words[0], trained, *words[1:],
        env={"PYTHONUNBUFFERED": unbuffered},
        capture_output=False, stdout=write, stderr=subprocess.PIPE,
    )  # fmt: skip
    os.close(write)
    assert done.returncode == 0
    assert "Error" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_closed_output_is_no_error(trained: Path) -> None:
    command = f"{sys.executable} -m bioskipgram info {trained} >&-"
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
