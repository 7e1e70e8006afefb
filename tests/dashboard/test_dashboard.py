"""Every page opens, says what is wrong in one sentence, and remembers nothing it should not."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from streamlit import net_util
from streamlit.testing.v1 import AppTest
from streamlit.web.server import server_util

import bioskipgram as bsg
from bioskipgram.groups.logos import aligned_counts, logo
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.model import beside, checkpoint
from bioskipgram.sequences import packed
from bioskipgram.sequences.alphabet import DNA, PROTEIN, RNA
from bioskipgram.training import runs
from dashboard import state
from dashboard.kmer_map import content
from dashboard.shared import cache, figures
from dashboard.state import Focus, Trail
from tests.dashboard import pages

ROOT = Path(__file__).resolve().parents[2]


def open_app(page: str = "", *, focus: Focus | None = None, **session: object) -> AppTest:
    """Return the app after its first run, on a page, looking at something."""
    if focus is not None:
        session["trail"] = Trail((Focus(), focus), 1)
    return pages.open_page(page, **session)


def focus_of(app: AppTest) -> Focus:
    """Return what the inspector of the app shows."""
    trail: Trail = app.session_state["trail"]
    return trail.looks[trail.place]


def small_model(path: Path) -> Path:
    """Train on a few letters and save; return the path."""
    sequences = bsg.read(b">a\nACGTTGCATTAGCATCGATTACGCATGC\n>b\nTTAGGCATCGGATTACAGT\n")
    training = bsg.Training(sequences, bsg.TrainConfig(k=2, dim=4, steps=3))
    for _ in training:
        pass
    return checkpoint.save(training.embedding(), path)


def text_of(app: AppTest) -> str:
    """Return every word of markdown, captions and headings on the page."""
    parts = [*app.markdown, *app.caption, *app.subheader, *app.error, *app.info]
    return "\n".join(str(part.value) for part in parts)


def test_explore_opens_on_the_shipped_model_with_its_map_laid_out() -> None:
    app = open_app()
    assert not app.exception
    assert not app.error
    assert app.session_state[state.MODEL] == "human-cds-k6"
    assert "t-SNE of 4,096 k-mers, all shown · trustworthiness 0.9" in text_of(app)
    assert "one of the 4,096 6-mers" in text_of(app)


@pytest.mark.parametrize("model", ["human-cds-k6", "human-cds-codon"])
@pytest.mark.parametrize("layout", ["t-SNE", "UMAP", "PCA"])
@pytest.mark.parametrize("view", ["2-D", "3-D"])
def test_every_shipped_layout_is_there_without_computing(
    model: str, layout: str, view: str
) -> None:
    method = {"t-SNE": "tsne", "UMAP": "umap", "PCA": "pca"}[layout]
    file = cache.models()[model]
    config = bsg.ProjectionConfig(method=method, dimensions=int(view[0]))
    path = bsg.load(file.path)
    from bioskipgram.projection.projection import cache_path

    assert cache_path(Path(file.path), path, config).exists()


@pytest.mark.parametrize(
    "colour", ["GC content", "log count", "amino acid", "CpG", "reverse-complement cosine"]
)
def test_every_colour_draws(colour: str) -> None:
    app = open_app()
    app.selectbox(key=state.COLOUR).set_value(colour).run()
    assert not app.exception
    assert not app.error


def test_a_whole_kmer_in_the_search_box_opens_its_card() -> None:
    app = open_app()
    app.text_input(key=state.FIND).set_value("atgaaa").run()
    embedding = cache.embedding(cache.models()["human-cds-k6"])
    token = embedding.vocabulary.token("ATGAAA")
    assert focus_of(app) == Focus("kmer", token)
    assert f"seen **{embedding.vocabulary.counts[token]:,}** times" in text_of(app)
    assert "frame 0: **MK**" in text_of(app)
    assert "`TTTCAT`" in text_of(app)


def test_a_pattern_in_the_search_box_lights_all_that_contain_it() -> None:
    app = open_app()
    app.text_input(key=state.FIND).set_value("CGNCG").run()
    embedding = cache.embedding(cache.models()["human-cds-k6"])
    expected = sum("CG" in t and any(t[i : i + 2] == "CG" == t[i + 3 : i + 5] for i in range(2))
                   for t in embedding.vocabulary.texts)  # fmt: skip
    assert "k-mers with CGNCG" in text_of(app)
    assert f"{expected:,} of the 4,096 6-mers" in text_of(app)


def test_a_bad_pattern_is_one_sentence_and_the_page_recovers() -> None:
    app = open_app()
    app.text_input(key=state.FIND).set_value("A!").run()
    assert "is no IUPAC nucleotide code" in pages.shown(app.error[0])
    app.text_input(key=state.FIND).set_value("").run()
    assert not app.error


def test_a_cluster_in_focus_shows_its_size_and_logo() -> None:
    app = open_app(focus=Focus("cluster", 0))
    found = cache.found_clusters(cache.models()["human-cds-k6"])
    assert f"{len(found.members(0)):,} of the 4,096 6-mers" in text_of(app)
    assert "Cluster 0" in text_of(app)


def test_another_model_forgets_the_focus() -> None:
    app = open_app(focus=Focus("kmer", 4000))
    app.selectbox(key=state.MODEL).set_value("human-cds-codon").run()
    assert not app.exception
    assert focus_of(app) == Focus()


def test_without_any_model_the_page_says_what_to_do(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "MODELS", elsewhere)
    app = open_app()
    assert "There is no model yet" in app.info[0].value


def test_what_cannot_be_opened_is_not_offered_and_takes_no_page_away(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "MODELS", elsewhere)
    small_model(elsewhere / "good.safetensors")
    (elsewhere / "broken.safetensors").symlink_to(elsewhere / "nowhere")
    (elsewhere / "circle.safetensors").symlink_to(elsewhere / "circle.safetensors")
    monkeypatch.setattr(runs, "all_runs", lambda _: [runs.Run(elsewhere / "just deleted")])
    assert list(cache.models()) == ["good"]


@pytest.mark.parametrize("damage", ["half", "flipped", "text"])
def test_a_damaged_model_is_one_sentence_and_others_still_open(
    damage: str, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = small_model(elsewhere / "a-good.safetensors").read_bytes()
    bad = {"half": good[: len(good) // 2], "flipped": good[:-1] + b"\x7f", "text": b"hello"}[damage]
    (elsewhere / "b-bad.safetensors").write_bytes(bad)
    monkeypatch.setattr(cache, "MODELS", elsewhere)
    app = open_app(model="b-bad")
    assert len(app.error) == 1
    assert "b-bad.safetensors: damaged" in pages.shown(app.error[0])
    app.selectbox(key=state.MODEL).set_value("a-good").run()
    assert not app.error


def test_a_model_without_maps_shows_pca_at_once_and_offers_the_others(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_model(elsewhere / "tiny.safetensors")
    monkeypatch.setattr(cache, "MODELS", elsewhere)
    app = open_app()
    assert "no 2-D t-SNE map yet" in app.info[0].value
    app.segmented_control(key=state.LAYOUT).set_value("PCA").run()
    assert not app.info
    assert "PCA of" in text_of(app)


def test_a_retrained_model_is_not_shown_as_its_predecessor(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = small_model(elsewhere / "tiny.safetensors")
    monkeypatch.setattr(cache, "MODELS", elsewhere)
    before = cache.embedding(cache.models()["tiny"]).digest
    shutil.copy(ROOT / "models" / "human-cds-codon.safetensors", path)
    assert cache.embedding(cache.models()["tiny"]).digest != before


def test_the_state_of_an_unfinished_training_is_no_model(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (elsewhere / "x.state.safetensors").write_bytes(b"")
    monkeypatch.setattr(cache, "MODELS", elsewhere)
    assert cache.models() == {}


def test_the_logo_draws_every_letter_at_its_height() -> None:
    codes = np.array([0b000110, 0b000110, 0b000111])  # ACG ACG ACT
    heights = logo(aligned_counts(codes, int(codes[0]), KmerTokenizer(3)))
    shapes = figures.logo(heights).layout.shapes
    assert len(shapes) == (heights > 0.005).sum() == 4
    assert {shape.fillcolor for shape in shapes} == set(content.BASE_COLOURS.values())
    assert DNA.decode(np.array([0, 1, 2], np.uint8)) == "ACG"


PROTEIN_TEXT = "MKVLAAGIVGLLLAQWERTYHPSDFGHKCNMKVLAAGHHWQRDEMKVLAAGIVGWWRTS"


@pytest.fixture
def protein(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A model of protein beside one of DNA, in a folder of models; its name."""
    monkeypatch.setattr(cache, "MODELS", elsewhere)
    small_model(elsewhere / "dna.safetensors")
    pages.save_trained(elsewhere / "protein.safetensors", PROTEIN_TEXT, alphabet="protein", k=2)
    return "protein"


def test_explore_opens_a_protein_model_and_offers_it_no_colour_of_dna(protein: str) -> None:
    app = open_app(model="dna")
    app.segmented_control(key=state.LAYOUT).set_value("PCA").run()
    app.selectbox(key=state.COLOUR).set_value("GC content").run()
    app.selectbox(key=state.MODEL).set_value(protein).run()
    assert not app.exception
    assert not app.error
    assert app.selectbox(key=state.COLOUR).value == "cluster"
    colours = app.selectbox(key=state.COLOUR).options
    assert colours[:2] == ["cluster", "similarity to the focus"]
    assert "hydropathy" in str(colours)
    assert "GC" not in str(colours)
    assert ". = any residue" in text_of(app)
    for colour in colours:
        app.selectbox(key=state.COLOUR).set_value(colour).run()
        assert not app.exception
        assert not app.error


def test_cards_of_protein_speak_of_residues(protein: str) -> None:
    app = open_app(model=protein, **{state.TAB_GROUP: "List"})
    app.segmented_control(key=state.LAYOUT).set_value("PCA").run()
    app.text_input(key=state.FIND).set_value("mk").run()
    assert not app.exception
    assert "Hydropathy -1.0" in text_of(app)  # M 1.9, K -3.9
    assert "Reverse complement" not in text_of(app)
    assert "frame" not in text_of(app)
    app.text_input(key=state.FIND).set_value("X").run()
    assert not app.exception
    assert "Mean Hydropathy" in text_of(app)
    assert "amino acids" not in app.dataframe[0].value
    app.text_input(key=state.FIND).set_value("B").run()
    assert "is no IUPAC amino acid code" in pages.shown(app.error[0])


def test_explore_writes_rna_with_u(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MODELS", elsewhere)
    pages.save_trained(
        elsewhere / "rna.safetensors", "ACGUUGCAUUAGCAUCGAUUACG", alphabet="RNA", k=2
    )
    app = open_app(model="rna", focus=Focus("kmer", 3))
    app.segmented_control(key=state.LAYOUT).set_value("PCA").run()
    app.text_input(key=state.FIND).set_value("UU").run()
    assert not app.exception
    table = next(frame.value for frame in app.dataframe if "relation" in frame.value)
    assert "T" not in "".join(table["k-mer"])
    assert "U" in "".join(table["k-mer"])
    assert not any("T" in name for name in cache.cluster_names(cache.models()["rna"]))


@pytest.mark.parametrize("alphabet", ["DNA", "protein"])
def test_explore_opens_a_model_of_words_of_several_lengths(
    alphabet: str, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "MODELS", elsewhere)
    text = PROTEIN_TEXT if alphabet == "protein" else "ACGTTGCATTAGCATCGATTACGCATGCTTAGGCATC"
    pages.save_trained(elsewhere / "m.safetensors", text, alphabet=alphabet, k=4, k_min=2, epochs=1)
    app = open_app(model="m")
    app.segmented_control(key=state.LAYOUT).set_value("PCA").run()
    assert "2- to 4-mers" in text_of(app)
    for colour in app.selectbox(key=state.COLOUR).options:
        app.selectbox(key=state.COLOUR).set_value(colour).run()
        assert not app.exception
        assert not app.error
    assert "word length" in app.selectbox(key=state.COLOUR).options
    for query in (text[:2], text[:3], text[:4], text[0]):
        app.text_input(key=state.FIND).set_value(query).run()
        assert not app.exception
        assert not app.error
        if len(query) == 3:
            table = next(frame.value for frame in app.dataframe if "relation" in frame.value)
            assert "extension" in set(table["relation"])
    assert f"k-mers with {text[0]}" in text_of(app)


def test_the_logo_of_rna_has_a_u_and_that_of_protein_has_letters() -> None:
    rna = figures.logo(np.array([[0.0, 0.0, 0.0, 2.0]]), RNA)
    assert rna.layout.shapes[0].fillcolor == content.BASE_COLOURS["T"]
    blocks = figures.logo(np.eye(20)[[3, 7]] * 4, PROTEIN).data[0]
    assert blocks.text == ("E", "I")
    assert blocks.x == (1, 2)


# Sequences kept beside a model ---------------------------------------------------------------


def test_sequences_beside_a_model_are_no_model_and_take_the_place_of_the_sample(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "codons.safetensors"
    path.write_bytes((cache.MODELS / "human-cds-codon.safetensors").read_bytes())
    monkeypatch.setattr(cache, "MODELS", tmp_path)
    (model,) = cache.models().values()
    before = cache.property_of(model, "frame strength").values
    assert "that ship" in cache.sequences_of(model, None)[1]
    own = bsg.read(b">a\nATG" + b"AAATTTGGGCCC" * 30 + b"TAA\n")
    index = packed.SequenceIndex(own, "own.fa", "")
    packed.save(index, beside.sequences(path))
    assert list(cache.models()) == ["codons"]
    assert cache.sequences_of(model, None)[1] == "own.fa, kept beside this model"
    frames = cache.property_of(model, "frame preference")
    assert not np.array_equal(cache.property_of(model, "frame strength").values, before)
    lysine = cache.embedding(model).vocabulary.token("AAA")
    assert frames.categories[int(frames.values[lysine])] == "frame 0"


def test_a_page_of_another_site_makes_no_request_to_the_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def ask(*given: object, **more: object) -> None:
        raise AssertionError(given)

    monkeypatch.setattr(net_util, "_external_ip", None)
    monkeypatch.setattr(net_util, "_make_blocking_http_get", ask)
    open_app("train")
    assert not server_util.is_url_from_allowed_origins("http://evil.example")
    assert server_util.is_url_from_allowed_origins("http://localhost:8501")
