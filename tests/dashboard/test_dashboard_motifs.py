"""The Motifs page: what it opens on, what it answers, what it says when it cannot."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from bioskipgram import read
from bioskipgram.kmers.patterns import matching
from bioskipgram.motifs.enrichment import SHUFFLES
from bioskipgram.motifs.library import entry
from bioskipgram.motifs.matrix import Motif
from bioskipgram.motifs.scan import Scanner
from bioskipgram.sequences.shipped import GENES
from dashboard import state
from dashboard.motifs import cache as remembered
from dashboard.motifs import figures, in_sequences
from dashboard.shared import cache
from tests.dashboard import pages
from tests.dashboard.pages import shown, words

ROOT = Path(__file__).resolve().parents[2]
JASPAR = ">M1 mine*x* <b>\nA [9 0 0]\nC [0 9 0]\nG [0 0 9]\nT [0 0 0]\n"


def open_page(**session: object) -> AppTest:
    return pages.open_page("motifs", **session)


AMONG = {state.MOTIF_VIEW: "Among the k-mers"}


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_it_opens_on_a_motif_along_genes_beside_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_sequences, "SHUFFLES", SHUFFLES)  # as many as users get
    app = open_page()
    assert not app.exception
    assert not app.error
    assert "CREB1 MA0018.5" in words(app)
    expected = Scanner(read(GENES)).scan(entry("CREB1 MA0018.5").motif)
    assert f"{len(expected)} hits here" in words(app)
    assert "on average in 1,000 shuffles" in words(app)


def test_a_pattern_of_the_library_stands_in_clusters() -> None:
    app = open_page(**AMONG, **{state.MOTIF: "CpG"})
    assert not app.exception
    assert not app.error
    vocabulary = cache.embedding(cache.models()["human-cds-k6"]).vocabulary
    assert metrics(app)["k-mers"] == f"{matching(vocabulary, 'CG').sum():,}"
    assert "clusters** are richer in matches than the rest (q < 0.05)" in words(app)
    clusters = app.dataframe[-1].value
    assert list(clusters.columns[:4]) == ["cluster", "name", "k-mers", "matches"]
    assert (np.diff(clusters["q"]) >= 0).all()
    assert clusters["explained by"].iloc[0] in ("order of the letters", "which letters")
    assert clusters["explained by"].iloc[-1] == ""
    assert clusters["q"].iloc[0] < 1e-30


def test_a_pattern_lights_the_kmers_that_hold_it_and_the_table_lists_them() -> None:
    app = open_page(**AMONG, **{state.MOTIF_FROM: "Pattern", state.MOTIF_PATTERN: "tataw"})
    app.slider(key=state.MOTIF_LEAST).set_value(1.0).run()
    table = app.dataframe[0].value
    assert all("TATAA" in kmer or "TATAT" in kmer for kmer in table["k-mer"])
    assert len(table) == 16
    assert (table["score"] == 1).all()


def test_a_regular_expression_has_no_logo_and_says_why() -> None:
    pattern = {state.MOTIF_FROM: "Pattern", state.MOTIF_PATTERN: "/^(...)*?TA[AG]/"}
    app = open_page(**AMONG, **pattern)
    assert "A regular expression has no logo" in words(app)
    assert len(app.dataframe[0].value) == 64 * 2 * 2 - 4


@pytest.mark.parametrize(
    ("session", "said"),
    [
        (
            {state.MOTIF_FROM: "Pattern", state.MOTIF_PATTERN: "hello"},
            "nor is it a pattern: 'E' is no IUPAC code",
        ),
        ({state.MOTIF_FROM: "Pattern", state.MOTIF_PATTERN: "/(/"}, "is no regular expression"),
        ({state.MOTIF_FROM: "Pattern", state.MOTIF_PATTERN: "/(?R)/"}, "may not call itself"),
        ({state.MOTIF_FROM: "Matrix", state.MOTIF_TEXT: "1 2 x"}, "'x' is no number"),
        ({state.MOTIF_FROM: "Matrix", state.MOTIF_TEXT: "0 0 0 0"}, "counts are 0 or more"),
    ],
)
def test_what_is_no_motif_is_one_sentence(session: dict[str, str], said: str) -> None:
    app = open_page(**session)
    assert not app.exception
    assert len(app.error) == 1
    assert said in shown(app.error[0])


def test_nothing_typed_yet_asks_for_it() -> None:
    assert "Type a pattern" in words(open_page(**{state.MOTIF_FROM: "Pattern"}))
    assert "Upload or paste a matrix" in words(open_page(**{state.MOTIF_FROM: "Matrix"}))


def test_a_pasted_matrix_is_used_and_its_name_is_only_text() -> None:
    app = open_page(**AMONG, **{state.MOTIF_FROM: "Matrix", state.MOTIF_TEXT: JASPAR})
    assert not app.error
    assert "**mine*x* <b> M1** `ACG`: " in words(app)
    assert "mine\\*x\\*" in "".join(caption.value for caption in app.caption)
    assert app.dataframe[0].value["k-mer"].str.contains("ACG").all()


def test_one_of_several_matrices_is_chosen() -> None:
    app = open_page(**{state.MOTIF_FROM: "Matrix", state.MOTIF_TEXT: ">a\n9 0 0 0\n>b\n0 9 0 0\n"})
    assert app.selectbox(key=state.MOTIF_WHICH).options == ["a", "b"]


SEQUENCES = {state.MOTIF_VIEW: "Along sequences"}


def test_hits_along_the_shipped_genes_stand_beside_chance() -> None:
    app = open_page(**SEQUENCES, **{state.MOTIF: "EcoRI"})
    assert not app.exception
    expected = Scanner(read(GENES)).scan(Motif.of_pattern("x", "GAATTC"))
    assert f"### {len(expected)} hits in " in words(app)
    assert f"would give {expected.expected:,.1f}" in words(app)
    table = app.dataframe[0].value
    assert (table["letters"] == "GAATTC").all()
    assert (table["end"] - table["start"] == 5).all()
    assert "in 100 shuffles" in words(app)
    assert app.segmented_control(key=f"{state.MOTIF_SHUFFLE}-86 human genes that ship").value == (
        "codon"
    )


def test_a_matrix_obeys_its_threshold() -> None:
    session = {**SEQUENCES, state.MOTIF: "TFAP2A MA0003.5"}
    loose = open_page(**session, **{state.MOTIF_P: 1e-3})
    strict = open_page(**session, **{state.MOTIF_P: 1e-5})
    said = [re.search(r"### ([\d,]+) hit", words(app)) for app in (loose, strict)]
    counts = [int(one[1].replace(",", "")) for one in said]
    assert counts[0] > 4 * counts[1] > 0
    assert loose.dataframe[0].value["p"].max() <= 1e-3


def upload(app: AppTest, data: bytes) -> AppTest:
    app.file_uploader(key=state.MOTIF_UPLOAD).set_value([("m.fa", data, "text/plain")]).run()
    assert not app.exception
    return app


def test_an_upload_is_scanned_and_names_are_shown_as_they_are() -> None:
    app = open_page(**SEQUENCES, **{state.MOTIF: "EcoRI"})
    app.segmented_control(key=state.MOTIF_SOURCE).set_value("Sequences of mine").run()
    assert "Give sequences to scan" in words(app)
    app = upload(app, b">=cmd|x\nTTGAATTCTT\n>protein\nMKLVEF\n")
    left_out, hits = (frame.value for frame in app.dataframe[:2])
    assert left_out["record"].tolist() == ["protein"]
    row = hits.iloc[0]
    assert (row["sequence"], row["start"], row["end"]) == ("=cmd|x", 3, 8)
    assert "before the first '>' header" in shown(upload(app, b"GAATTC\n").error[0])


def test_no_hit_and_too_vague_a_motif_are_said() -> None:
    app = open_page(**SEQUENCES, **{state.MOTIF_FROM: "Matrix", state.MOTIF_TEXT: JASPAR})
    assert "too short or too vague for p ≤ 0.0001" in shown(app.warning[0])
    assert "No hit" in words(app)


def test_a_cluster_gives_a_motif_beside_known_ones_and_it_can_be_used() -> None:
    app = open_page(**{state.MOTIF_VIEW: "From a cluster"})
    assert not app.exception
    assert "of 857** JASPAR motifs are more like it than chance" in words(app)
    assert len(app.dataframe[0].value) == 50
    next(button for button in app.button if button.label == "Use this motif").click().run()
    assert app.session_state[state.MOTIF_FROM] == "Matrix"
    assert "cluster_0_of_human" in words(app)


def test_new_clusters_give_new_motifs_and_none_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    model = cache.models()["human-cds-codon"]
    found = cache.found_clusters(model)
    old = remembered.cluster_motif(model, 0)
    turned = replace(found, labels=(found.labels + 1) % (found.labels.max() + 1))
    monkeypatch.setattr(cache, "found_clusters", lambda model: turned)
    monkeypatch.setattr(cache, "clusters_made", lambda model: 1)
    assert not np.array_equal(remembered.cluster_motif(model, 0).weights, old.weights)
    nothing = replace(found, labels=np.full_like(found.labels, -1))
    monkeypatch.setattr(cache, "found_clusters", lambda model: nothing)
    monkeypatch.setattr(cache, "cluster_names", lambda model: ())
    for view, said in (
        ("From a cluster", "no clusters yet; Explore offers to find them"),
        ("Among the k-mers", "This model has no clusters yet."),
    ):
        app = open_page(**{state.MOTIF_VIEW: view, state.MODEL: "human-cds-codon"})
        assert not app.exception
        assert said in words(app)


def test_the_model_that_suits_motifs_is_one_click_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("human-cds-codon", "human-tf-k6"):
        data = (ROOT / "models" / "human-cds-codon.safetensors").read_bytes()
        (tmp_path / f"{name}.safetensors").write_bytes(data)
    monkeypatch.setattr(cache, "MODELS", tmp_path)
    app = open_page(**AMONG, **{state.MODEL: "human-cds-codon"})
    assert "Motifs are best seen in human-tf-k6" in words(app)
    next(button for button in app.button if button.label == "Use human-tf-k6").click().run()
    assert app.session_state[state.MODEL] == "human-tf-k6"
    assert "Motifs are best seen" not in words(app)


def test_the_library_is_not_scanned_unasked_and_goes_on_where_it_stopped(monkeypatch) -> None:
    few = (entry("TFAP2A MA0003.5").motif, entry("TP53 MA0106.3").motif)
    monkeypatch.setattr("dashboard.motifs.in_library.jaspar", lambda: few)
    app = open_page(**{state.MOTIF_VIEW: "The whole library"})
    assert not app.dataframe
    next(button for button in app.button if button.label == "Scan 2 JASPAR motifs").click().run()
    assert not app.exception
    assert set(app.dataframe[0].value["motif"]) == {"TFAP2A MA0003.5", "TP53 MA0106.3"}
    assert "2 of 2 motifs" in words(app)


def test_the_track_counts_from_one_and_trusts_no_name() -> None:
    hits = Scanner(read(b">a<b>x</b>\nATGAA\n>c\nCCATT\n")).scan(Motif.of_pattern("x", "ATG"))
    figure = figures.track(hits, np.array([1, 0]))
    lines, plus, minus = figure.data
    assert figure.layout.yaxis.ticktext == ("c", "a&lt;b&gt;x&lt;/b&gt;")
    assert (list(plus.x), list(plus.y)) == ([1], [1])
    assert (list(minus.x), list(minus.y)) == ([2], [0])
    assert list(lines.x) == [1, 5, None, 1, 5, None]


def test_aligned_logos_stand_over_each_other() -> None:
    one, other = Motif.of_pattern("a", "ACGT"), Motif.of_pattern("b", "TACGTT")
    figure = figures.aligned(one, other, 1)
    first = {shape.path.split()[1] for shape in figure.layout.shapes if shape.yref == "y"}
    assert all(float(x) > 1.5 for x in first)
    assert len(figure.layout.shapes) == 10


def planted(word: str, seed: int) -> str:
    """Sixty random sequences of 60 bases, a word in the middle of each."""
    random = np.random.default_rng(seed)
    texts = ["".join(random.choice(list("ACGT"), 60)) for _ in range(60)]
    return "".join(
        f">s{i}\n{text[:26]}{word}{text[26 + len(word) :]}\n" for i, text in enumerate(texts)
    )


TWO_SETS = {state.MOTIF_VIEW: "In one set, not another"}


def found_in(first: str, second: str) -> AppTest:
    app = open_page(
        **TWO_SETS,
        **{state.pasted(state.MOTIF_FIRST): first, state.pasted(state.MOTIF_SECOND): second},
    )
    assert "60 sequences against 60 others" in words(app)
    next(button for button in app.button if button.label == "Find motifs").click().run()
    assert not app.exception
    assert not app.error
    return app


def test_a_motif_that_tells_two_sets_apart_is_found_and_can_be_used() -> None:
    app = found_in(planted("TGATAAGG", 1), planted("", 2))
    table = app.dataframe[0].value
    assert "GATAA" in table["motif"][0] or "TTATC" in table["motif"][0]
    assert table["first set"][0] > 90 > 40 > table["second set"][0]
    assert table["p (held out)"][0] < 0.001
    assert "A site in **" in words(app)
    next(button for button in app.button if button.label == "Use this motif").click().run()
    assert not app.exception
    assert app.segmented_control(key=state.MOTIF_VIEW).value == "Along sequences"
    assert app.text_area(key=state.MOTIF_TEXT).value.startswith("MEME version")


def test_sets_that_do_not_differ_have_no_motif() -> None:
    app = found_in(planted("", 3), planted("", 4))
    assert "No motif tells the sets apart" in app.info[0].value


def test_without_sequences_the_sets_are_asked_for() -> None:
    assert "Give the first set" in open_page(**TWO_SETS).info[0].value
