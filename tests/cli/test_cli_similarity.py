"""similar, compare-models and concatenation on the command line: what the package says, printed."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bioskipgram.cli.main import main
from bioskipgram.model import checkpoint
from bioskipgram.model.compare import align, expected_jaccard
from bioskipgram.model.concatenation import measure
from bioskipgram.model.neighbors import arithmetic
from bioskipgram.model.queries import ask
from tests.model.test_embedding import made_up


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three models with random vectors: two of 4-mers, one of protein."""
    path = tmp_path_factory.mktemp("models")
    for name, model in {
        "one": made_up(4), "two": made_up(4, seed=5), "protein": made_up(2, alphabet="protein"),
    }.items():  # fmt: skip
        checkpoint.save(model, path / f"{name}.safetensors")
    return path


def said(capsys: pytest.CaptureFixture[str], *words: object) -> Any:
    assert main([*map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_similar_takes_patterns_sums_and_hides_relations(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "one.safetensors"
    model = checkpoint.load(path)
    rows = said(
        capsys, "similar", path, "CGN", "ACGTT", "--minus", "/^TT/", "-n", 7, "--hide", "shift"
    )
    plus, minus = [ask(model, "CGN"), ask(model, "ACGTT")], [ask(model, "/^TT/")]
    found = arithmetic(model, plus, minus, 7, hide=["shift"])
    assert [row["kmer"] for row in rows] == model.vocabulary.spell(found.tokens)
    assert [row["relation"] for row in rows] == list(found.relations)
    assert not any(row["relation"].startswith("shift") for row in rows)
    assert {row["query"] for row in rows} == {"CGN + ACGTT"}
    words = ["CGN", "ACGTT", "--sum", "--minus", "/^TT/", "-n", 7, "--hide", "shift"]
    assert said(capsys, "neighbors", path, *words) == rows


def test_compare_models_prints_each_number_beside_its_null(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = folder / "one.safetensors", folder / "two.safetensors"
    rows = said(capsys, "compare-models", one, two, "-n", 5)
    found = align(checkpoint.load(one), checkpoint.load(two))
    values = {row["measure"]: (row["value"], row["null"]) for row in rows}
    assert values["common k-mers"] == (256, None)
    assert values["Procrustes residual"] == pytest.approx((found.residual, found.null_residual))
    value, null = values["Jaccard of the first 5"]
    assert null == pytest.approx(expected_jaccard(255, 5))
    assert abs(value - null) < 0.01  # random vectors share nothing
    rows = said(capsys, "compare-models", one, one, "--sample", 9)
    assert rows[2]["value"] == 1


def test_concatenation_prints_a_row_for_each_length(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "one.safetensors"
    rows = said(capsys, "concatenation", path, "--sample", 40, "-n", 20)
    found = measure(checkpoint.load(path), sample=40)
    assert [row["letters"] for row in rows] == np.unique(found.joins.length).tolist()
    for row in rows:
        assert row["a + b"] == found.within(20, length=row["letters"])
        assert row["shuffled"] == found.within(20, "shuffled", row["letters"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["similar", "one", "A!"], "is no IUPAC nucleotide code"),
        (["similar", "one", "ACGT", "-n", "0"], "n: 0 is below 1"),
        (
            ["similar", "one", "ACGT", "--hide", "moved"],
            "hide: 'moved' is no relation; use reverse",
        ),
        (["compare-models", "one", "protein"], "one model is of DNA, the other of protein"),
        (["compare-models", "one", "absent"], "no such model file"),
    ],
)
def test_a_bad_question_is_told_in_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    named = [str(folder / f"{word}.safetensors") if word in ("one", "protein", "absent") else word
             for word in words]  # fmt: skip
    assert main(named) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert message in printed.err
    assert printed.err.count("\n") == 1
