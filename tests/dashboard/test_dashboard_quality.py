"""The Quality page: the verdict by its rule, two models, and the concatenation test."""

import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import bioskipgram as bsg
from bioskipgram.groups.directions import without
from bioskipgram.model import beside, quality_file
from bioskipgram.model.beyond import Beyond
from bioskipgram.model.beyond import save as save_beyond
from bioskipgram.model.codon_quality import AUC, synonym_auc
from bioskipgram.model.quality import GAP
from bioskipgram.model.quality_job import QualityJob
from bioskipgram.training import runs
from dashboard import state
from dashboard.quality import cache as remembered
from dashboard.quality import keys
from dashboard.shared import cache
from tests.dashboard import pages
from tests.dashboard.conftest import TEXT
from tests.dashboard.test_dashboard_similarity import listed, said


def quality(**session: object) -> AppTest:
    """Return the page after its first run; maps are PCA, which need no waiting."""
    app = pages.open_page("quality", **{state.LAYOUT: "PCA", **session})
    assert not app.exception
    return app


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("human-cds-k6", "Knows the reading frame"),
        ("human-cds-codon", "Spelling only"),
        ("ecoli-cds-codon", "The order of the sequences tells which codons are synonymous"),
        ("human-tf-k6", "Spelling only"),
    ],
)
def test_the_page_opens_with_the_verdict(name: str, words: str) -> None:
    app = quality(**{state.MODEL: name})
    assert not app.error
    assert words in said(app)
    assert "other seeds" in listed(app, "measure")


@pytest.mark.usefixtures("models")
def test_a_model_without_a_report_says_that_nothing_is_known() -> None:
    app = quality(**{state.MODEL: "seed1"})
    assert "Not known" in said(app)
    assert "Ask for a null below" in said(app)


@pytest.mark.usefixtures("models")
def test_two_seeds_are_named_as_such() -> None:
    app = quality(**{state.QUALITY: state.TWO_MODELS, state.MODEL: "seed1"})
    assert "Choose a second model" in app.info[0].value
    app.selectbox(key=state.OTHER_MODEL).set_value("seed2").run()
    assert not app.exception
    assert not app.error
    assert "They differ in the **seed** alone" in said(app)
    labels = [metric.label for metric in app.metric]
    assert labels[:2] == ["Procrustes residual", "Residual, k-mers permuted"]
    assert "random lists" in said(app)
    table = listed(app, "Jaccard")
    assert table["cosine"].is_monotonic_increasing
    app.slider(key=keys.OVERLAP).set_value(3).run()
    assert not app.exception
    assert "of the first 3" in said(app)


@pytest.mark.usefixtures("models")
def test_a_model_beside_itself_has_no_residual() -> None:
    app = quality(
        **{state.QUALITY: state.TWO_MODELS, state.MODEL: "seed1", state.OTHER_MODEL: "copy"}
    )
    assert app.metric[0].value in ("0.000", "-0.000")
    assert "mean Jaccard **1.000**" in said(app)
    assert "the same sequences with the same settings" in said(app)


@pytest.mark.parametrize(
    ("other", "message"), [("protein", "one of DNA"), ("codons", "0 words in common")]
)
@pytest.mark.usefixtures("models")
def test_models_without_common_words_say_why_not(other: str, message: str) -> None:
    app = quality(
        **{state.QUALITY: state.TWO_MODELS, state.MODEL: "seed1", state.OTHER_MODEL: other}
    )
    assert len(app.error) == 1
    assert message.removeprefix("one ") in pages.shown(app.error[0])


@pytest.mark.usefixtures("models")
def test_words_of_several_lengths_meet_those_of_one() -> None:
    app = quality(
        **{state.QUALITY: state.TWO_MODELS, state.MODEL: "seed1", state.OTHER_MODEL: "mixed"}
    )
    assert not app.error
    assert "k-mers in common of" in said(app)


def test_a_codon_model_says_why_there_is_no_concatenation_test() -> None:
    app = quality(**{state.QUALITY: keys.SUMS, state.MODEL: "human-cds-codon"})
    assert "no two of them join around a third" in said(app)


def test_the_concatenation_test_stands_beside_its_nulls() -> None:
    app = quality(**{state.QUALITY: keys.SUMS})
    labels = [metric.label for metric in app.metric]
    assert labels == [f"In first 10, {name}" for name in ("a + b", "b of another pair", "shuffled")]


def test_codon_models_of_three_species_stand_side_by_side() -> None:
    app = quality(**{state.QUALITY: keys.ATLAS})
    assert not app.error
    table = listed(app, "property")
    assert {"human-cds-codon", "yeast-cds-codon", "ecoli-cds-codon", "spelling"} <= set(table)
    assert table["property"].tolist()[2] == "hydropathy of the amino acid"


def test_without_codons_the_atlas_says_what_to_train(
    trained: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(trained / "seed1.safetensors", elsewhere)
    monkeypatch.setattr(cache, "MODELS", elsewhere)
    app = quality(**{state.QUALITY: keys.ATLAS, state.MODEL: "seed1"})
    assert "no model of codons" in app.info[0].value


def test_a_null_is_asked_for_and_comes_while_the_page_is_open(
    trained: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sequences are pasted; the report appears beside the model, and what was given is gone."""
    shutil.copy(trained / "codons.safetensors", elsewhere / "mine.safetensors")
    monkeypatch.setattr(cache, "MODELS", elsewhere)
    app = quality(**{state.MODEL: "mine", state.pasted(keys.QUALITY_UPLOAD): f">a\n{TEXT}"})
    assert "Not known" in said(app)
    app.number_input(key=keys.SHUFFLES).set_value(2).run()
    app.number_input(key=keys.SEEDS).set_value(1).run()
    next(button for button in app.button if button.label == "Train them").click().run()
    assert not app.error
    job = QualityJob.of(elsewhere / "mine.safetensors")
    assert job.sequences.stat().st_mode & 0o077 == 0
    give_up = time.monotonic() + 120
    while job.status() is not None and time.monotonic() < give_up:
        assert job.status().state != "failed", job.status()
        time.sleep(0.3)
    app.run()
    assert not job.sequences.exists()
    table = listed(app, "measure")
    assert "codons shuffled" in table
    report = quality_file.load(beside.quality(elsewhere / "mine.safetensors"))
    assert (report.source, len(report.measures[GAP].seeds)) == ("pasted text", 1)


def test_a_run_is_judged_on_its_own_sequences(elsewhere: Path) -> None:
    config = bsg.TrainConfig(k=2, dim=4, steps=3)
    run = runs.start(f">a\n{TEXT}".encode(), config, root=cache.RUNS, name="mine", title="my genes")
    give_up = time.monotonic() + 120
    while run.status().active and time.monotonic() < give_up:
        time.sleep(0.3)
    app = quality(**{state.MODEL: "run: mine"})
    assert not app.error
    assert not app.get("file_uploader")
    assert not next(button for button in app.button if button.label == "Train them").disabled


def test_k_mers_beyond_the_null_are_listed_and_the_null_has_a_map(
    trained: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(trained / "seed1.safetensors", elsewhere / "mine.safetensors")
    monkeypatch.setattr(cache, "MODELS", elsewhere)
    app = quality(**{state.QUALITY: keys.TWIN, state.MODEL: "mine"})
    assert "null-map MODEL SEQUENCES" in app.info[0].value
    assert "Ask for a null" in [expander.label for expander in app.expander]
    embedding = cache.embedding(cache.models()["mine"])
    V, D = embedding.center.shape
    scaled = np.linspace(5, -5, V, dtype=np.float32)
    q = np.where(scaled > 3, 0.01, 1).astype(np.float32)
    twin = np.random.default_rng(1).random((V, D), np.float32)
    found = Beyond("bases shuffled", 5, scaled / 9, scaled, q, twin)
    path = beside.beyond(elsewhere / "mine.safetensors", embedding.digest)
    save_beyond(found, embedding.digest, path)
    app = quality(**{state.QUALITY: keys.TWIN, state.MODEL: "mine"})
    assert f"{(q < 1).sum()} of {V} k-mers are more than the null" in said(app)
    table = listed(app, "excess, nats")
    assert table["k-mer"].tolist() == embedding.vocabulary.spell(found.lit)
    app.segmented_control(key=keys.TWIN_MAP).set_value("Shuffled sequences").run()
    assert not app.exception


KINDS = (remembered.COMPONENTS, remembered.ROTATED, remembered.OWN, remembered.ATOMS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_direction_has_ends_is_followed_and_can_be_left_out(kind: str) -> None:
    app = quality(
        **{state.QUALITY: keys.DIRECTIONS, state.MODEL: "yeast-cds-codon",
           keys.DIRECTION_KIND: kind}
    )  # fmt: skip
    assert not app.error
    end = "have most of it" if kind == remembered.ATOMS else "one end"
    table = listed(app, end)
    assert len(table) == 10
    assert table["follows"].str.len().min() > 0
    model = cache.models()["yeast-cds-codon"]
    (first, *_), _ = remembered.directions(model, kind)
    vocabulary = cache.embedding(model).vocabulary
    assert table[end][0].split()[0] == vocabulary.spell(first.scores.argmax()[None])[0]
    lost = listed(app, "without it").set_index("measure")
    assert lost["with all"][AUC] == pytest.approx(synonym_auc(cache.embedding(model)))
    left = without(cache.embedding(model), first.axis)
    assert lost["without it"][AUC] == pytest.approx(synonym_auc(left))
    assert lost["change"].abs().is_monotonic_decreasing


def test_removing_components_is_a_switch_with_its_effect() -> None:
    app = quality(**{state.QUALITY: keys.DIRECTIONS, state.MODEL: "yeast-cds-codon"})
    embedding = cache.embedding(cache.models()["yeast-cds-codon"])
    for components in (1, 2):
        app.segmented_control(key=keys.COMPONENTS).set_value(components).run()
        row = listed(app, "as chosen").set_index("measure").loc[AUC]
        assert row["as it is"] == pytest.approx(synonym_auc(embedding))
        assert row["as chosen"] == pytest.approx(synonym_auc(embedding.removing(components)))
        assert " to " in row["random vectors, as chosen"]
    app.toggle(key=keys.PRODUCTS).set_value(True).run()
    assert not app.exception


def test_what_is_beyond_the_null_is_said_of_each_species() -> None:
    app = quality(**{state.QUALITY: keys.ATLAS})
    assert "ecoli-cds-codon`: The order of the sequences tells" in said(app)
    assert "human-cds-codon`: Spelling only" in said(app)
    row = listed(app, "yeast-cds-codon")
    assert row["measure"].tolist()[0] == GAP
    cell = row.set_index("measure")["ecoli-cds-codon"][AUC]
    report = quality_file.load(beside.quality(cache.MODELS / "ecoli-cds-codon.safetensors"))
    one = report.measures[AUC]
    least = min(one.value, *one.seeds) - max(one.nulls["codons shuffled"])
    assert f"({least:+.3f} to" in cell
    assert cell.endswith("●") == (least > 0)
