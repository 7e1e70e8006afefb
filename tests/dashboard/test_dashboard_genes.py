"""The Genes page opens on an example, takes what strangers bring, and says what it cannot use."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from bioskipgram.config import TrainConfig
from bioskipgram.genes.gene_map import GeneMapJob
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.model import checkpoint
from bioskipgram.sequences.alphabet import PROTEIN
from dashboard import state
from dashboard.genes import cache as remembered
from dashboard.genes import gene_map, nearest
from dashboard.genes.labels import cache as labels
from dashboard.shared import cache
from tests.dashboard import pages
from tests.dashboard.pages import words

ROOT = Path(__file__).resolve().parents[2]
GENE = b"ATG" + b"GCTGAACGTCTG" * 12 + b"TAA"
GLOBINS = {"HBB", "HBD", "HBE1", "HBG1", "HBG2"}


def open_page(view: str = "Records", **session: object) -> AppTest:
    """Return the Genes page, one of its views chosen."""
    app = pages.open_page("genes", **{state.GENES_VIEW: view, **session})
    assert not app.exception
    return app


def look_at(app: AppTest, view: str) -> AppTest:
    app.segmented_control(key=state.GENES_VIEW).set_value(view).run()
    assert not app.exception
    assert not app.error
    return app


def upload(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    app.radio(key=state.GENES_SOURCE).set_value("Records of mine").run()
    sent = [(name, data, "text/plain") for name, data in files]
    app.file_uploader(key=state.GENES_FILES).set_value(sent).run()
    assert not app.exception
    return app


def test_the_page_opens_on_the_example_and_every_view_of_it() -> None:
    app = open_page()
    assert "**25 records** · none with a warning" in words(app)
    names = app.dataframe[0].value["name"].tolist()
    assert set(names) > GLOBINS
    for view, said in {
        "Map": "25 records of yours, on the same axes",
        "Heat map": "records in the order of average linkage",
        "Tree": "Neighbour joining on cosine of the vectors",
        "Path": "k-mers that begin at 1 to 60",
    }.items():
        assert said in words(look_at(app, view)), view


def test_each_globins_nearest_gene_is_another_globin() -> None:
    table = open_page("Nearest").dataframe[0].value
    globins = table[table["name"].isin(GLOBINS)]
    assert len(globins) == 5
    for column in ("nearest of yours", "nearest reference gene"):
        assert set(globins[column]) <= GLOBINS
        assert not (globins[column] == globins["name"]).any()
    assert globins["itself in the reference"].tolist() == globins["name"].tolist()


def test_a_pair_has_its_measures_side_by_side() -> None:
    app = open_page("Pair")
    shown = {metric.label: metric.value for metric in app.metric}
    assert 0.5 < float(shown["Cosine of the vectors"]) < 1
    assert shown["Identity, end to end"] == "92.6%"
    assert shown["Identity, translated"] == "89.1%"
    assert float(shown["Mash distance"]) < 0.1
    assert "Vectors and words agree: both find them related." in words(app)
    assert float(app.metric[0].delta.removeprefix("percentile ")) > 99
    assert "385 x 385 windows of 60 bases, every 1" in words(app)
    app.number_input(key=f"{state.GENES_DOTS}window").set_value(100).run()
    assert "345 x 345 windows of 100 bases" in words(app)


def test_the_cosine_of_a_pair_is_split_into_kmers_and_positions() -> None:
    app = open_page("Pair", **{"why-genes": True})
    assert not app.error
    parts = next(frame.value for frame in app.dataframe if "part" in frame.value)
    cosine = float(app.metric[0].value)
    assert parts["part"].sum() == pytest.approx(cosine, abs=6e-4)  # three digits are shown
    assert f"together **{cosine:.3f}**" in words(app)
    assert parts["positions"].str.fullmatch(r"\d+( \d+)*").all()


def test_disagreement_of_vectors_and_words_is_told() -> None:
    said = nearest.disagreement(["both", "vectors only", "", "words only", "vectors only"])
    assert "2 of 5 nearest reference genes: the vectors are as alike" in said
    assert "1 of 5 nearest reference genes: many words are shared" in said
    assert nearest.disagreement(["both", "neither", ""]) == ""


def test_good_records_are_used_and_bad_ones_listed() -> None:
    app = upload(
        open_page(),
        ("one.fa", b">ok\n" + GENE + b"\n>protein\nMKLVEF\n"),
        ("two.fa", b"PK\x03\x04"),
        ("three.fa", b"><b>x</b>\n" + GENE + b"A\n"),
    )
    left_out, report = (frame.value for frame in app.dataframe[:2])
    assert left_out["file"].tolist() == ["one.fa", "two.fa"]
    assert left_out["line"].tolist()[0] == 3
    assert "looks like protein" in left_out["reason"][0]
    assert "zip archive" in left_out["reason"][1]
    assert report["name"].tolist() == ["ok", "<b>x</b>"]
    assert "no multiple of 3 (1 over)" in report["warnings"][1]
    assert app.expander[0].label == "Left out: 1 record and 1 file"
    for view in ("Map", "Heat map", "Nearest", "Tree", "Pair", "Path"):
        look_at(app, view)


@pytest.mark.parametrize(
    "data", [b"", b">e\n\n", b"\x00\x01", b">p\nMKLVEFILPQ\n", b"\x1f\x8bjunk"]
)
def test_nothing_usable_is_one_sentence(data: bytes) -> None:
    app = upload(open_page(), ("x.fa", data))
    (error,) = app.error
    assert pages.shown(error).startswith("x.fa")
    assert not app.dataframe


def test_one_record_has_every_view() -> None:
    app = upload(open_page(), ("x.fa", b">only\n" + GENE + b"\n"))
    assert "**1 record**" in words(app)
    assert "give at least two" in words(look_at(app, "Heat map"))
    assert "at least two records" in words(look_at(app, "Tree"))
    for view in ("Map", "Nearest", "Pair", "Path"):
        look_at(app, view)


def test_short_and_unknown_records_break_no_view() -> None:
    app = upload(open_page(), ("x.fa", b">n\nNNNNNNNNNN\n>s\nACG\n>a\nACGTACGTAA\n"))
    for view in ("Map", "Heat map", "Nearest", "Tree", "Pair", "Path"):
        look_at(app, view)


def test_pasted_letters_need_no_header() -> None:
    app = open_page()
    app.radio(key=state.GENES_SOURCE).set_value("Records of mine").run()
    assert not app.dataframe
    app.text_area(key=state.pasted(state.GENES_FILES)).set_value(GENE.decode()).run()
    assert app.dataframe[0].value["looks like"].tolist() == ["complete ORF"]


def test_an_upload_is_still_there_after_another_page() -> None:
    app = upload(open_page(), ("mine.fa", b">ok\n" + GENE + b"\n"))
    app.switch_page("explore/page.py").run()
    app.switch_page("genes/page.py").run()
    assert "Still here from before: mine.fa" in pages.words(app)
    assert app.dataframe[0].value["name"].tolist() == ["ok"]


@pytest.mark.parametrize("pooling", ["sif", "mean", "second-order"])
def test_every_pooling_embeds(pooling: str) -> None:
    app = open_page("Nearest")
    app.selectbox(key=f"{state.GENES_POOL}pooling").set_value(pooling).run()
    assert not app.exception
    assert not app.error
    assert len(app.dataframe[0].value) == 25


def test_a_map_that_takes_long_is_offered_not_started(monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page("Map")
    monkeypatch.setattr(GeneMapJob, "start", lambda *_: pytest.fail("started"))
    app.segmented_control(key=state.GENES_LAYOUT).set_value("UMAP").run()
    assert not app.exception
    assert "There is no UMAP map of the reference genes" in app.info[0].value


def test_a_model_of_protein_goes_on_without_reference_and_frames(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = checkpoint.load(ROOT / "models" / "human-cds-codon.safetensors")
    config = TrainConfig(k=1, alphabet="protein", dim=model.info.config.dim)
    letters = Vocabulary(
        KmerTokenizer(1, alphabet=PROTEIN), np.arange(20), np.arange(1, 21, dtype=np.int64)
    )
    protein = replace(
        model, vocabulary=letters, center=model.center[:20], context=model.context[:20],
        info=replace(model.info, config=config),
    )  # fmt: skip
    checkpoint.save(protein, elsewhere / "protein.safetensors")
    monkeypatch.setattr(cache, "MODELS", elsewhere)
    app = open_page()
    assert app.radio(key=state.GENES_SOURCE).options == ["Records of mine"]
    data = (
        b">a\nMKVLAAGIRSTTMKVLAAGIKSTT\n>b\nMKVLAAGIRSTTMKVLSSGIKSTT\n>dna\nACGTACGTACGTACGTACGT\n"
    )
    app.file_uploader(key=state.GENES_FILES).set_value([("p.fa", data, "text/plain")]).run()
    assert not app.exception
    assert "No reference genes" in words(app)
    assert "is DNA or RNA, not protein" in app.dataframe[0].value["reason"][0]
    assert "looks like" not in app.dataframe[1].value
    for view in ("Heat map", "Nearest", "Tree", "Pair"):
        look_at(app, view)
    assert "this model has none" in words(look_at(app, "Map"))


def test_the_model_that_finds_relatives_best_is_one_click_away() -> None:
    app = open_page()
    assert "Relatives are found best with human-cds-codon" in words(app)
    next(button for button in app.button if button.label == "Use human-cds-codon").click().run()
    assert app.session_state[state.MODEL] == "human-cds-codon"
    assert "Relatives are found best" not in words(app)


def test_the_page_opens_on_what_each_record_is_and_why() -> None:
    app = pages.open_page("genes", model="human-cds-codon")
    assert not app.exception
    assert not app.error
    assert "What is nearest to each record?" in words(app)
    table = app.dataframe[0].value.set_index("record")
    for name in GLOBINS:
        assert table.loc[name, "likely"] == "Globin (IPR000971)"
        assert table.loc[name, "the measures"] == "all three agree"
    assert "Globin (IPR000971): **likely**, right for" in words(app)
    assert "hemoglobin subunit beta" in words(app)
    assert "It is HBB of the reference" in words(app)


def test_a_gene_that_is_not_in_the_reference_is_named_by_its_relatives() -> None:
    """A beta globin with one base in five changed: no measure finds it identical to another."""
    example = remembered.example("DNA").records.sequences
    bases = list(example.text(example.names.index("HBB")))
    random = np.random.default_rng(1)
    for place in random.choice(np.arange(3, len(bases) - 3), len(bases) // 12, replace=False):
        if place % 3 == 2:
            bases[place] = "ACGT"[random.integers(4)]
    app = pages.open_page("genes", model="human-cds-codon")
    app = upload(app, ("mine.fa", f">mine\n{''.join(bases)}\n".encode()))
    row = app.dataframe[0].value.iloc[0]
    assert "Globin" in row["likely"]
    assert row["reliability"] > 50
    assert "of the reference." not in words(app)


def test_a_model_without_annotated_genes_says_so(elsewhere: Path, monkeypatch) -> None:
    monkeypatch.setattr(labels, "near_by_measure", lambda model, upload: None)
    assert "no annotated reference genes" in words(pages.open_page("genes"))


@pytest.mark.parametrize("colour", gene_map.COLOURS)
def test_the_map_is_coloured_by_what_is_known_of_the_reference(colour: str) -> None:
    app = open_page("Map", **{state.GENES_COLOUR: colour, "model": "human-cds-codon"})
    assert not app.error
    found = labels.gene_colours(cache.models()["human-cds-codon"], colour)
    size = len(remembered.reference(cache.models()["human-cds-codon"])[0])
    assert found is None or len(found) == size
    if colour == "GC":
        assert 25 < np.min(found) < np.max(found) < 80


def test_a_lasso_around_globins_says_that_they_are_globins() -> None:
    reference = remembered.reference(cache.models()["human-cds-codon"])[0]
    chosen = [i for i, name in enumerate(reference.names) if name in GLOBINS]

    def page() -> None:
        from dashboard.genes import cache as remembered
        from dashboard.genes.labels import enriched
        from dashboard.shared import cache
        from tests.dashboard.test_dashboard_genes import GLOBINS

        reference = remembered.reference(cache.models()["human-cds-codon"])[0]
        enriched.show(reference, [i for i, n in enumerate(reference.names) if n in GLOBINS])

    app = AppTest.from_function(page).run(timeout=60)
    assert not app.exception
    assert f"**{len(chosen)} reference genes chosen" in words(app)
    first = app.dataframe[0].value.iloc[0]
    assert "Globin" in first["label"]
    assert first["q"] < 1e-6


def test_a_column_of_the_users_own_is_a_colour_of_the_map() -> None:
    app = open_page("Map", model="human-cds-codon")
    table = b"gene,tissue\nHBB,blood\nMB,muscle\n"
    app.file_uploader(key=state.GENES_OWN_UPLOAD).set_value(("t.csv", table, "text/csv")).run()
    assert "t.csv: tissue (2 names)" in words(app)
    app.selectbox(key=state.GENES_COLOUR).set_value("own: tissue").run()
    assert not app.exception
    assert not app.error


def test_a_table_without_a_name_that_is_here_is_an_error_beside_its_field() -> None:
    app = open_page("Map", model="human-cds-codon")
    app.file_uploader(key=state.GENES_OWN_UPLOAD).set_value(("t.csv", b"a,1\nb,2\n", "")).run()
    (error,) = app.error
    assert "nothing in its first column" in pages.shown(error)
    assert "reference genes, all shown" in words(app)


def test_groups_of_the_tree_have_support_values() -> None:
    app = open_page("Tree", model="human-cds-codon")
    app.toggle(key=state.GENES_SUPPORT).set_value(True).run()
    assert not app.exception
    assert "numbers: support in % of 100 trees" in words(app)


def test_records_alike_beyond_mash_are_named_beside_how_many_are_by_chance() -> None:
    app = pages.open_page("genes", model="human-cds-codon")
    assert "**Alike beyond Mash:" in words(app)
    assert "random pairs of genes" in words(app)
