"""Models to and from other programs: what was written comes back, the real readers read it."""

import contextlib
import json
import random
from collections.abc import Callable
from pathlib import Path

import anndata
import gensim
import numpy as np
import pyarrow.parquet
import pytest

from bioskipgram.cli.main import main
from bioskipgram.errors import BioSkipGramError, CheckpointError, ConfigError
from bioskipgram.model import checkpoint, exchange, word2vec_files, word_vectors
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.model.word_vectors import WordVectors, as_model
from bioskipgram.variants.score import Scorer

FORMATS = tuple(exchange.FORMATS)
KeyedVectors = gensim.models.KeyedVectors


@pytest.fixture(scope="module")
def model() -> KmerEmbedding:
    return checkpoint.load("human-cds-codon")


@pytest.fixture
def exported(model: KmerEmbedding, tmp_path: Path) -> Callable[[str], Path]:
    """Return ``exported(format)``: the path of the model in that format."""

    def exported(form: str) -> Path:
        path = tmp_path / form
        columns = {"amino": np.array(["=a"] * 64), "gc": np.zeros(64, np.float32)}
        points = {"umap": model.center[:, :2].copy(), "pca": model.center[:, 2:5].copy()}
        exchange.write(word_vectors.of_model(model, columns=columns, points=points), path, form)
        return path

    return exported


# There and back ------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMATS)
def test_what_was_written_comes_back(
    exported: Callable[[str], Path], model: KmerEmbedding, form: str
) -> None:
    back, left_out = exchange.read(exported(form), stride=3)
    assert left_out == []
    assert np.array_equal(back.center, model.center)
    assert back.vocabulary.texts == model.vocabulary.texts
    assert back.vocabulary.tokenizer == model.vocabulary.tokenizer
    if form in ("npz", "h5ad"):
        assert np.array_equal(back.context, model.context)
    else:
        assert not back.has_context
    assert back.vocabulary.counted == (not form.startswith("word2vec"))
    if back.vocabulary.counted:
        assert np.array_equal(back.vocabulary.counts, model.vocabulary.counts)


def test_an_imported_model_is_saved_and_opened(
    exported: Callable[[str], Path], tmp_path: Path
) -> None:
    back, _ = exchange.read(exported("word2vec"))
    opened = checkpoint.load(checkpoint.save(back, tmp_path / "back.safetensors"))
    assert (opened.info.loss, opened.info.gap, opened.info.trainer) == (None, None, "imported")
    assert (opened.info.source, len(opened.info.sha256)) == ("word2vec", 64)


# The real readers ----------------------------------------------------------------------------


@pytest.mark.parametrize("binary", [False, True])
def test_gensim_finds_the_same_neighbours(
    exported: Callable[[str], Path], model: KmerEmbedding, binary: bool
) -> None:
    path = exported("word2vec-binary" if binary else "word2vec")
    theirs = KeyedVectors.load_word2vec_format(str(path), binary=binary)
    ours, plain = model.vocabulary.texts, model.removing(0)
    for kmer in ("GAA", "TGT", "ATG"):
        near = plain.neighbors(kmer, 5).tokens
        assert [word for word, _ in theirs.most_similar(kmer, topn=5)] == [ours[t] for t in near]


@pytest.mark.parametrize("binary", [False, True])
def test_what_gensim_writes_is_read(model: KmerEmbedding, tmp_path: Path, binary: bool) -> None:
    theirs = KeyedVectors(model.center.shape[1])
    theirs.add_vectors(
        [*model.vocabulary.texts, "</s>"], np.vstack([model.center, model.center[0]])
    )
    theirs.save_word2vec_format(str(tmp_path / "x"), binary=binary)
    back, left_out = exchange.read(tmp_path / "x", stride=3)
    assert left_out == ["</s>"]
    assert np.allclose(back.center, model.center, atol=0 if binary else 1e-6)


def test_the_original_program_ends_a_word_with_a_line(model: KmerEmbedding, tmp_path: Path) -> None:
    path, D = tmp_path / "x.bin", model.center.shape[1]
    rows = zip(model.vocabulary.texts, model.center, strict=True)
    path.write_bytes(
        f"64 {D}\n".encode() + b"".join(f"{w} ".encode() + v.tobytes() + b"\n" for w, v in rows)
    )
    assert np.array_equal(exchange.read(path)[0].center, model.center)


def test_the_words_of_dna2vec_share_one_space(tmp_path: Path) -> None:
    """The form of its published vectors: text, words of 3 to 8 bases, most frequent first."""
    draw = random.Random(5)
    words = sorted({"".join(draw.choices("ACGT", k=k)) for k in range(3, 9) for _ in range(40)})
    draw.shuffle(words)
    lines = [f"{w} " + " ".join(f"{draw.gauss(0, 1):.6f}" for _ in range(12)) for w in words]
    path = tmp_path / "dna2vec.w2v"
    path.write_text(f"{len(words)} 12\n" + "\n".join(lines) + "\n")
    model, left_out = exchange.read(path)
    assert (model.info.config.k_min, model.info.config.k, left_out) == (3, 8, [])
    theirs = KeyedVectors.load_word2vec_format(str(path))
    for word in words[:20]:
        assert np.array_equal(model.center[model.vocabulary.token(word)], theirs[word])
    near = [model.vocabulary.texts[t] for t in model.neighbors(words[0], 3).tokens]
    assert near == [word for word, _ in theirs.most_similar(words[0], topn=3)]


def test_embedding_atlas_finds_its_columns(
    exported: Callable[[str], Path], model: KmerEmbedding
) -> None:
    table = pyarrow.parquet.read_table(exported("parquet")).to_pydict()
    assert np.array_equal(table["projection_x"], model.center[:, 0])
    assert np.array_equal(table["pca_z"], model.center[:, 4])
    assert table["kmer"] == model.vocabulary.texts
    first = table["neighbors"][0]
    plain = model.removing(0)
    assert first["ids"] == plain.neighbors("AAA", 15).tokens.tolist()
    assert first["distances"][0] == pytest.approx(
        1 - plain.neighbors("AAA", 1).cosines[0], abs=1e-6
    )


def test_scanpy_finds_its_layers(exported: Callable[[str], Path], model: KmerEmbedding) -> None:
    data = anndata.read_h5ad(exported("h5ad"))
    assert list(data.obs_names) == model.vocabulary.texts
    assert data.obs["amino"].dtype == "category"
    assert data.obsm["X_umap"].shape == (64, 2)
    assert np.array_equal(data.obs["count"], model.vocabulary.counts)


def test_the_projector_has_tables_and_their_config(
    exported: Callable[[str], Path], model: KmerEmbedding
) -> None:
    folder = exported("projector")
    lines = (folder / "metadata.tsv").read_text().splitlines()
    assert lines[0] == "kmer\tcount\tamino\tgc"
    assert lines[1].split("\t")[2] == "'=a"  # no spreadsheet runs it
    assert np.array_equal(np.loadtxt(folder / "tensors.tsv", np.float32), model.center)
    assert 'metadata_path: "metadata.tsv"' in (folder / "projector_config.pbtxt").read_text()


# What cannot be read -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "its first line must be the number of words"),
        (b"ACG 1 2\n", "its first line must be the number of words"),
        (b"0 3\nACG 1 2 3\n", "0 words of 3 dimensions cannot be read"),
        (b"2 3\nACG 1 2 3\n", "cut short"),
        (b"99999999999 3\nACG 1 2 3\n", "cannot be read"),
        (b"2 2\nACG 1 2\nACT 1    \n", r"line 3: 1 values after 'ACT', not 2 numbers"),
        (b"1 2\nACG 1 two\n", "line 2: 2 values after 'ACG', not 2 numbers"),
        (b"1 2\nACG 1 nan\n", "not finite"),
        (b"1 2\nACG 1 1e30\n", "beyond 1e9"),
        (b"2 2\nACG 1 2\nAC 1 2\nA 1 2\n", "3 words, but its first line says 2"),
        (b"2 2\nthe 1 2\n!! 1 2\n", "most of its 2 words are k-mers of neither"),
        (b"1 2\nACG \x00\x00\x80?", "cut short"),
        (b"1 2\nACG \x00\x00\x80?\x00\x00\x80?more", "more follows after its 1 words"),
        (b"PK\x03\x04 no archive", "no npz"),
        (b"PAR1 nothing", "no Parquet file"),
        (b"\x89HDF nothing", "no AnnData file"),
    ],
)
def test_a_bad_file_is_one_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "bad"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=said) as error:
        exchange.read(path)
    assert "bad" in str(error.value)


@pytest.mark.parametrize("form", FORMATS)
def test_a_damaged_file_never_ends_in_another_error(
    exported: Callable[[str], Path], form: str
) -> None:
    path = exported(form)
    path = path / "metadata.tsv" if path.is_dir() else path
    whole, draw = path.read_bytes(), random.Random(7)
    for _ in range(40):
        damaged = bytearray(whole[: draw.randrange(len(whole))] if draw.random() < 0.5 else whole)
        for _ in range(draw.randrange(1, 6)):
            if damaged:
                damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        path.write_bytes(damaged)
        with contextlib.suppress(BioSkipGramError):
            exchange.read(path.parent if form == "projector" else path)


def test_tables_of_another_length_are_refused() -> None:
    with pytest.raises(CheckpointError, match=r"metadata.tsv has 1 rows of 1 cells for 2 vectors"):
        word2vec_files.read_projector(b"1\t2\n3\t4\n", b"ACG\n", "x")
    with pytest.raises(CheckpointError, match=r"1 words, vectors of \(2, 2\)"):
        as_model(WordVectors(words=["ACG"], vectors=np.zeros((2, 2), np.float32)), source="x")


def test_a_repeated_word_is_left_out_and_case_does_not_matter() -> None:
    vectors = np.eye(3, dtype=np.float32)
    model, left_out = as_model(
        WordVectors(words=["acg", "ACG", "TTT"], vectors=vectors), source="x"
    )
    assert left_out == ["ACG"]
    assert model.center.tolist() == [[1, 0, 0], [0, 0, 1]]


@pytest.mark.parametrize(
    ("words", "alphabet", "k"), [(["ACU", "UUU"], "RNA", 3), (["MKV", "WYL"], "protein", 3)]
)
def test_the_alphabet_follows_from_the_words(words: list[str], alphabet: str, k: int) -> None:
    model, _ = as_model(WordVectors(words=words, vectors=np.eye(2, dtype=np.float32)), source="x")
    assert (model.info.config.alphabet, model.info.config.k) == (alphabet, k)
    assert sorted(model.vocabulary.texts) == sorted(words)


def test_variants_are_not_scored_without_contexts(exported: Callable[[str], Path]) -> None:
    model, _ = exchange.read(exported("word2vec"), stride=3)
    with pytest.raises(BioSkipGramError, match="came without context vectors"):
        Scorer(model)


def test_an_unknown_format_lists_the_known(model: KmerEmbedding, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"'csv' is no format; there are word2vec, "):
        exchange.write(word_vectors.of_model(model), tmp_path / "x", "csv")


# The commands --------------------------------------------------------------------------------


def test_the_commands_go_there_and_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], model: KmerEmbedding
) -> None:
    table, back = tmp_path / "x.h5ad", tmp_path / "back.safetensors"
    assert main(["export", "human-cds-codon", "--to=h5ad", f"--out={table}", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["projections"] == "umap, tsne, pca"
    assert "amino acid" in told["columns"]
    assert "cluster" in told["columns"]
    assert main(["import", str(table), f"--out={back}", "--stride=3", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["not_known"] == "loss"
    assert checkpoint.load(back).digest == model.digest
    assert main(["import", str(table), "--out=x.bin"]) == 2
    assert "the name of a model ends in .safetensors" in capsys.readouterr().err
