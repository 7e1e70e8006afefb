"""The Variants page: its example, its errors, its lists, its downloads, its map."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import bioskipgram as bsg
from bioskipgram.model import checkpoint
from bioskipgram.model.embedding import ModelInfo
from bioskipgram.sequences import fasta
from bioskipgram.sequences.shipped import GENES
from bioskipgram.variants import null
from bioskipgram.variants.coding import coding_sequences, frame_warning
from bioskipgram.variants.saturation import saturate
from bioskipgram.variants.variant import Variant
from dashboard import state
from dashboard.shared import cache
from dashboard.variants import cache as remembered
from dashboard.variants import card, figures, saturation
from dashboard.variants.ask import MINE
from tests.dashboard import pages
from tests.dashboard.pages import shown, words

ROOT = Path(__file__).resolve().parents[2]
PAGE = "variants/page.py"
SHIPPED = fasta.read(GENES)
HBB = SHIPPED.names.index("HBB")


def open_page(**session: object) -> AppTest:
    return pages.open_page("variants", **session)


def type_in(app: AppTest, text: str) -> AppTest:
    return app.text_area(key=state.VARIANTS).set_value(text).run()


def test_the_page_opens_on_the_sickle_cell_change() -> None:
    app = open_page()
    assert not app.exception
    assert not app.error
    assert "not pathogenicity" in words(app)
    (table, kmers) = (frame.value for frame in app.dataframe)
    assert table.loc[0, ["gene", "coding", "protein", "consequence"]].tolist() == [
        "HBB", "c.20A>T", "p.Glu7Val", "missense",
    ]  # fmt: skip
    assert table.loc[0, "BLOSUM62"] == -2
    assert shown(app.subheader[0]) == "HBB c.20A>T"
    assert "**missense**, p.Glu7Val" in words(app)
    assert [metric.label for metric in app.metric] == ["Δ log-odds", "Window shift", "Gene shift"]
    assert [metric.delta for metric in app.metric] == [
        f"percentile {share:.0f}" for share in (92, 94, 91)
    ]
    assert kmers["old"].tolist() == ["TCCTGA", "CCTGAG", "CTGAGG", "TGAGGA", "GAGGAG", "AGGAGA"]
    assert kmers["new"].tolist() == ["TCCTGT", "CCTGTG", "CTGTGG", "TGTGGA", "GTGGAG", "TGGAGA"]
    assert kmers["from base"].tolist() == [15, 16, 17, 18, 19, 20]
    assert "+5.21 nats" in [metric.value for metric in app.metric]
    assert (
        "**more likely** beside those around them: the change in log-odds is higher than in 92 %"
        in words(app)
    )
    assert "Splicing · cannot be seen: this gene's exons are not known" in words(app)
    vocabulary = cache.embedding(cache.models()["human-cds-k6"]).vocabulary
    assert kmers["old count"].tolist() == [
        vocabulary.counts[vocabulary.token(text)] for text in kmers["old"]
    ]


def test_variants_are_read_anew_and_bad_ones_listed() -> None:
    app = open_page()
    type_in(app, "c.20A>T, c.20_22del, c.92+1G>A\nc.-5A>G\nTP53:c.1A>G")
    table = app.dataframe[0].value
    assert table["protein"].tolist() == ["p.Glu8del", "p.Glu7Val"]  # the worst first
    assert "**2 variants** of the box used; **3** left out" in words(app)
    (problems,) = (shown(each) for each in app.warning)
    assert [line[:8] for line in problems.splitlines()[1:]] == ["- line 1", "- line 2", "- line 3"]
    assert "lies in an intron" in problems
    assert "5' UTR" in problems
    type_in(app, "\n".join(f"c.{place}+1G>A" for place in range(1, 12)))
    assert len(shown(app.warning[0]).splitlines()) == 6
    assert app.dataframe[-1].value["line"].tolist() == list(range(1, 12))
    type_in(app, "c.20G>T")
    assert "has A at position 20, not G" in shown(app.error[0])
    type_in(app, "*[x]*:c.20A>T")
    assert "there is no record '*[x]*'" in shown(app.error[0])
    type_in(app, "chr11 5227002 T A\nchr11 5227003 T A")
    assert "belong to another reference, such as a genome" in shown(app.error[0])
    type_in(app, "")
    assert not app.error
    assert not app.exception


def test_the_direction_of_the_score_is_told_in_words() -> None:
    assert card.score_sentence(-0.5).endswith("**less likely** beside those around them.")
    assert "higher than in 92 % of" in card.score_sentence(0.5, 92.0)
    assert "as likely there as the old ones" in card.score_sentence(0.001)
    assert card.score_sentence(float("nan")) == ""


def test_a_change_beside_a_known_splice_site_is_said_to_be() -> None:
    record = b">r [cds=join(3..8,13..17)]\nCCATGAAACGTGTGTTTTAACC\n"
    sequences = coding_sequences(bsg.read(record))
    assert "0 bases of the exon lie between" in card.splicing(sequences, Variant(0, 6, "T", "A"))
    assert "2 bases of the exon lie between" in card.splicing(sequences, Variant(0, 2, "GA", ""))


def test_a_file_of_variants_goes_before_typed_ones_and_that_is_said() -> None:
    app = open_page()
    assert not app.text_area(key=state.VARIANTS).disabled
    vcf = ("x*y*.vcf", b"HBB\t19\t.\tG\tA\n", "text/plain")
    app.file_uploader(key=state.VARIANT_FILE).set_value(vcf).run()
    assert not app.exception
    assert app.dataframe[0].value["coding"].tolist() == ["c.19G>A"]
    assert app.text_area(key=state.VARIANTS).disabled
    assert "**1 variant** of the file x*y*.vcf; the box is not used." in words(app)


def test_a_frameshift_has_a_card_without_percentile() -> None:
    app = open_page()
    type_in(app, "c.20del")
    assert "frameshift" in words(app)
    assert "Percentile · none: only substitutions have a null" in words(app)
    app.selectbox(key=state.MODEL).set_value("human-cds-codon").run()
    assert "142 changed 3-mers" in words(app)
    assert "The first 60 of 142 are shown." in words(app)


def test_a_click_on_the_map_opens_the_card_of_another_variant() -> None:
    app = open_page(variant_focus=Variant(HBB, 18, "G", "A"))
    assert shown(app.subheader[0]) == "HBB c.19G>A"
    app.selectbox(key=state.VARIANT_GENE).set_value("HBD").run()
    assert not app.exception
    assert "HBD" in [h.value.split()[-1] for h in app.subheader]


def test_sequences_of_ones_own_are_pasted() -> None:
    app = open_page()
    app.segmented_control(key=state.VARIANT_SOURCE).set_value(MINE).run()
    assert "Give coding sequences" in words(app)
    pasted = ">*a* one\nATGGTGCATCTGACTCCTGAGGAGTAA\n>b\nATGCATT\n"
    app.text_area(key=state.pasted(state.VARIANT_SEQUENCES)).set_value(pasted).run()
    assert app.selectbox(key=state.VARIANT_GENE).options == ["*a*", "b"]
    assert app.dataframe[0].value["protein"].tolist() == ["p.Glu7Val"]
    assert shown(app.subheader[0]).startswith("*a* c.20")
    app.selectbox(key=state.VARIANT_GENE).set_value("b").run()
    assert "is no whole number of codons long" in words(app)
    assert "position 20 is outside b, which has 7 bases" in shown(app.error[0])
    app.text_area(key=state.pasted(state.VARIANT_SEQUENCES)).set_value(">x\nATG1\n").run()
    assert "is not a DNA letter" in shown(app.error[0])
    assert not app.exception


def test_what_is_wrong_with_a_reading_frame_is_told() -> None:
    assert frame_warning("ATGCATTAA") == ""
    warning = frame_warning("CATTAACATG")
    for part in ("not start with ATG", "no whole number of codons", "a stop codon inside"):
        assert part in warning


def small_model(path: Path, **settings: Any) -> Path:
    """Save random vectors of all words there are; return the path."""
    config = bsg.TrainConfig(dim=4, **settings)
    kmers = config.tokenizer.all_codes()
    words = bsg.Vocabulary(config.tokenizer, kmers, np.ones(len(kmers), np.int64))
    vectors = np.random.default_rng(1).standard_normal((len(kmers), 4)).astype(np.float32)
    info = ModelInfo(
        config=config, trainer="exact", source="", sha256="", records=1, bases=9, loss=1.5,
        optimum=None, zero_loss=None, losses=(), steps_done=1, seconds=0.1, created="", version="",
    )  # fmt: skip
    return checkpoint.save(bsg.KmerEmbedding(words, vectors, vectors, info), path)


def test_a_model_without_a_null_offers_to_make_it_and_keeps_it(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "MODELS", elsewhere)
    monkeypatch.setattr(remembered, "genes", lambda alphabet: bsg.read(
        f">HBB\n{SHIPPED.text(HBB)}\n>other\n{SHIPPED.text(0)}\n".encode()))  # fmt: skip
    path = small_model(elsewhere / "small.safetensors", k=2)
    app = open_page()
    assert "This model has no percentiles yet" in words(app)
    assert np.isnan(app.dataframe[0].value["percentile"][0])
    app.button(key="start_null").click().run()
    assert not app.exception
    assert 0 < app.dataframe[0].value["percentile"][0] < 100
    assert null.cache_path(path, bsg.load(path)).exists()


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"k": 1, "alphabet": "protein"}, "this is a model of protein"),
     ({"k": 3, "k_min": 2}, "2 to 3 bases and are cut at")],
)  # fmt: skip
def test_models_that_cannot_be_asked_say_so(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], message: str
) -> None:
    monkeypatch.setattr(cache, "MODELS", elsewhere)
    small_model(elsewhere / "other.safetensors", **settings)
    app = open_page()
    assert message in shown(app.error[0])
    assert not app.exception


def test_without_any_model_the_page_says_what_to_do(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "MODELS", elsewhere)
    assert "There is no model yet" in open_page().info[0].value


def test_a_stopped_list_keeps_what_it_has_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:

    monkeypatch.setattr("bioskipgram.variants.assess.BLOCK", 2)
    app = open_page()
    many = ", ".join(f"c.{p}del" for p in range(30, 36))
    monkeypatch.setattr(state, "stopped", lambda work: True)
    type_in(app, many)
    assert "Stopped after 0 of 6 variants." in words(app)
    monkeypatch.setattr(state, "stopped", lambda work: False)
    app.button(key="more_variants").click().run()
    assert len(app.dataframe[0].value) == 6


def test_clicks_are_read_with_suspicion() -> None:
    scorer = remembered.scorer(cache.models()["human-cds-codon"])
    found = saturate(scorer, scorer.text(SHIPPED[HBB]))
    assert saturation.clicked([{"x": 20, "y": 3}], found, 5) == Variant(5, 19, "A", "T")
    for bad in ([], [{}], [{"x": "a", "y": 1}], [{"x": 0, "y": 1}], [{"x": 20, "y": 4}],
                [{"x": 20, "y": 0}], [{"x": 445, "y": 1}], [{"x": None, "y": 1}],
                [{"x": float("inf"), "y": 1}]):  # fmt: skip
        assert saturation.clicked(bad, found, 5) is None


def test_the_figure_has_a_cell_for_each_substitution() -> None:
    scorer = remembered.scorer(cache.models()["human-cds-codon"])
    found = saturate(scorer, scorer.text(SHIPPED[HBB]))
    hover = saturation.hover_texts(found, SHIPPED.text(HBB))
    figure = figures.saturation_map(
        found, found.values[0], title="x", diverging=0.0, means=np.zeros(444, np.float32),
        band=np.array([-1, 1], np.float32), amino_acids="M*X", hover=hover,
    )  # fmt: skip
    cells = figure.data[-1]
    assert len(cells.x) == len(cells.y) == len(cells.text) == 3 * 444
    at = [(x, y) for x, y in zip(cells.x, cells.y, strict=True)].index((20, 3))
    assert cells.text[at].startswith("c.20A>T<br>missense<br>Δ log-odds ")
    names = {trace.name for trace in figure.data if trace.name}
    assert names == {*figures.KIND_COLOURS, "reference"}
    assert len(figure.layout.shapes) == 2
    kinds = next(trace for trace in figure.data if trace.type == "heatmap" and trace.zmax == 5.5).z
    assert kinds[3][19] == list(figures.KIND_COLOURS).index("missense")
    assert np.isnan(kinds[0][19])


def test_the_worst_of_many_variants_is_first_and_its_card_is_open() -> None:
    rows = [f"HBB\t{place}\t.\t{SHIPPED.text(HBB)[place - 1]}\tA" for place in range(4, 204)]
    rows = [row for row in rows if not row.endswith("\tA\tA")]
    app = open_page()
    data = ("\n".join(rows) + "\n").encode()
    app.file_uploader(key=state.VARIANT_FILE).set_value(("many.vcf", data, "text/plain")).run()
    assert not app.exception
    table = app.dataframe[0].value
    assert len(table) == len(rows)
    kinds = table["consequence"].tolist()
    assert kinds[0] == "stop gained"
    assert kinds == sorted(kinds, key=["stop gained", "missense", "synonymous"].index)
    assert "**stop gained**" in words(app)
    assert "expected by chance" in words(app)
