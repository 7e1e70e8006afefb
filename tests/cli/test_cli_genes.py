"""The commands embed, compare and reference."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bioskipgram.cli import genes as commands
from bioskipgram.cli.main import main
from bioskipgram.config import POOLINGS, PoolConfig
from bioskipgram.errors import CheckpointError
from bioskipgram.genes import embed, formats, reference_file
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.model import beside, checkpoint
from bioskipgram.numerics import threads
from bioskipgram.sequences import fasta
from bioskipgram.sequences.shipped import GENES
from tests.genes.test_embed import made_up
from tests.genes.test_formats import read_back

Answer = tuple[int, str, str]
Ask = Callable[..., Answer]


@pytest.fixture
def ask(capfd: pytest.CaptureFixture[str]) -> Ask:
    def ask(*words: object) -> Answer:
        capfd.readouterr()
        code = main([str(word) for word in words])
        return code, *capfd.readouterr()

    return ask


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Random vectors of 3-mers, without reference genes."""
    return checkpoint.save(made_up(KmerTokenizer(3)), tmp_path / "model.safetensors")


@pytest.fixture
def known(model: Path, ask: Ask) -> Path:
    """The same with the 86 named genes beside it."""
    assert ask("reference", model, GENES)[0] == 0
    return model


@pytest.fixture
def few(tmp_path: Path) -> Path:
    path = tmp_path / "few.fa"
    path.write_text(
        ">HBB <script>\nATGGTGCATCTGACTCCTGAGGAG\n>empty\nA\n>N\nNNNNNNNN\n>=1+1\nACGTTGCAACGT\n"
        ">HBB\nATGGTGCATCTGACTCCTGAGGAG\n>" + "x" * 10_000 + "\nGGGATTTACG\n"
    )
    return path


def test_reference_is_kept_beside_the_model(model: Path, ask: Ask) -> None:
    code, printed, _ = ask("reference", model, GENES, "--json")
    path = model.with_name("model.genes.safetensors")
    assert code == 0
    assert json.loads(printed) == {"reference": str(path), "genes": 86, "bases": 113_931}
    assert reference_file.load(path, checkpoint.load(model)).names == fasta.read(GENES).symbols


@pytest.mark.parametrize("suffix", formats.SUFFIXES)
def test_embed_writes_every_record(suffix: str, model: Path, few: Path, ask: Ask) -> None:
    out = few.with_suffix(suffix)
    code, printed, errors = ask("embed", model, few, "--out", out, "--json")
    assert (code, errors.count("\n")) == (0, 1)  # what the pooling is fitted on
    told = json.loads(printed)
    assert told["records"] == 6
    assert told["without_vector"] == 2
    assert told["kmers_unknown"] == 6
    assert out.exists()
    if suffix == ".npz":
        wanted = embed.embed(checkpoint.load(model), fasta.read(few))
        assert np.array_equal(read_back(out).vectors, wanted.vectors)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_embed_takes_the_reference_beside_the_model(
    pooling: str, known: Path, few: Path, ask: Ask
) -> None:
    out = few.with_suffix(".npz")
    assert ask("embed", known, few, "--out", out, "--pooling", pooling)[0] == 0
    embedding, config = checkpoint.load(known), PoolConfig(pooling=pooling)
    background = reference_file.load(beside.genes(known)).background(embedding, config)
    wanted = embed.embed(embedding, fasta.read(few), config, background=background)
    np.testing.assert_allclose(read_back(out).vectors, wanted.vectors, atol=1e-5)


def test_embed_without_reference_says_what_it_fits(model: Path, ask: Ask, tmp_path: Path) -> None:
    out = tmp_path / "x.npz"
    code, _, errors = ask("embed", model, GENES, "--out", out, "--pooling", "whitened")
    assert code == 0
    assert "whitened: no reference genes beside the model, fitted on the file itself" in errors
    wanted = embed.embed(checkpoint.load(model), fasta.read(GENES), PoolConfig(pooling="whitened"))
    np.testing.assert_allclose(read_back(out).vectors, wanted.vectors, atol=1e-3)


def test_ctrl_c_keeps_what_is_done(
    model: Path, few: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedding, out = checkpoint.load(model), few.with_suffix(".npz")

    def blocks(*_: object) -> object:
        yield from fasta.stream(few, block_bases=1)
        raise KeyboardInterrupt

    many = len(list(fasta.stream(few, block_bases=1)))
    monkeypatch.setattr(commands, "_blocks", blocks)
    monkeypatch.setattr(threads, "cores", lambda: 1)
    code, _, errors = ask("embed", model, few, "--out", out, "--pooling", "mean")
    assert code == 130
    found = read_back(out)
    assert 0 < len(found) < 6
    assert many > 2
    assert f"interrupted: {out} holds the first {len(found)} records" in errors
    mean = PoolConfig(pooling="mean")
    wanted = embed.embed(embedding, fasta.read(few), mean).vectors[: len(found)]
    assert np.array_equal(found.vectors, wanted)


def test_a_wrong_name_is_told_before_any_work(model: Path, ask: Ask, tmp_path: Path) -> None:
    code, _, errors = ask("embed", model, tmp_path / "none.fa", "--out", tmp_path / "x.csv")
    assert code == 2
    assert errors == (
        "bioskipgram: x.csv: the name must end in .tsv, .npz, .h5ad, which says the format\n"
    )


def test_compare_names_the_nearest_genes(known: Path, ask: Ask, tmp_path: Path) -> None:
    one = tmp_path / "one.fa"
    sequences = fasta.read(GENES)
    text = sequences.text(sequences.symbols.index("HBD"))
    one.write_text(f">mine\n{text}\n>nothing\nNNN\n")
    code, printed, errors = ask("compare", known, one, "-n", 3, "--json")
    rows = json.loads(printed)
    assert code == 0
    assert [row["rank"] for row in rows] == [1, 2, 3]
    assert (rows[0]["record"], rows[0]["gene"], rows[0]["mash"]) == ("mine", "HBD", 0)
    assert rows[0]["cosine"] > 0.999  # the reference is kept rounded
    assert 99 < rows[1]["percentile"] <= rows[0]["percentile"] <= 100
    assert "1 of 2 records have no vector (no k-mer that this model knows, or too short" in errors


def test_compare_with_genes_of_a_file(model: Path, few: Path, ask: Ask) -> None:
    code, printed, _ = ask("compare", model, few, "--reference", GENES, "-n", 1)
    assert code == 0
    columns = ["record", "rank", "gene", "id", "cosine", "percentile", "mash", "protein"]
    assert printed.splitlines()[0].split() == columns
    assert len(printed.splitlines()) == 5
    assert "'=1+1" in printed


def test_compare_without_reference_prints_the_matrix(model: Path, few: Path, ask: Ask) -> None:
    code, printed, errors = ask("compare", model, few)
    assert code == 0
    assert len(printed.splitlines()) == 5
    assert re.match(r" +1 HBB +2 =1", printed.replace("'", ""))
    assert errors.startswith("bioskipgram: 2 of 6 records have no vector")


@pytest.mark.parametrize("distance", ["cosine", "mash", "protein", "jaccard", "kmers"])
@pytest.mark.parametrize("tree", ["nj", "upgma"])
def test_compare_writes_distances_and_tree(
    distance: str, tree: str, known: Path, few: Path, ask: Ask
) -> None:
    from Bio import Phylo

    matrix, newick = few.with_suffix(".tsv"), few.with_suffix(".nwk")
    words = ["--matrix", matrix, "--newick", newick, "--distance", distance, "--tree", tree]
    code, _, errors = ask("compare", known, few, *words)
    assert code == 0
    rows = [line.split("\t") for line in matrix.read_text().splitlines()]
    assert rows[0] == ["name", *(row[0] for row in rows[1:])]
    # Nothing is known in two; 10 bases hold no 11-mer.
    left_out = {"empty", "N"} | ({"x" * 10_000} if distance == "mash" else set())
    assert ("1 more records have no word" in errors) == (len(left_out) == 3)
    names = [name for name in fasta.read(few).names if name not in left_out]
    assert [name.lstrip("'") for name in rows[0][1:]] == names
    assert rows[1][1] == rows[1][names.index("HBB") + 1] == "0"
    assert rows[1][len(names)] == "0" or names[-1] != "HBB"  # the same sequence twice
    assert float(rows[1][2]) > 0.01
    found = Phylo.read(newick, "newick")
    assert sorted(leaf.name for leaf in found.get_terminals()) == sorted(names)


def test_reference_of_another_model_is_refused(
    known: Path, few: Path, ask: Ask, tmp_path: Path
) -> None:
    other = checkpoint.save(made_up(KmerTokenizer(3), missing=1), tmp_path / "other.safetensors")
    kept = beside.genes(known)
    code, _, errors = ask("compare", other, few, "--reference", kept)
    assert code == 2
    assert errors.startswith("bioskipgram: model.genes.safetensors: these genes were counted for")
    with pytest.raises(CheckpointError):
        reference_file.load(kept, checkpoint.load(other))


def test_mash_is_of_both_strands_and_leaves_out_what_it_says(
    known: Path, ask: Ask, tmp_path: Path
) -> None:
    text = "ATGGTGCACCTGACTCCTGAGGAGAAGTCTGCCGTTACTGCCCTGTGGGGCAAGGTGAACTAA"
    turned = text[::-1].translate(str.maketrans("ACGT", "TGCA"))
    file, matrix = tmp_path / "x.fa", tmp_path / "x.tsv"
    file.write_text(f">fwd\n{text}\n>rev\n{turned}\n>short\nACG\n>same\n{text}\n")
    words = ["--matrix", matrix, "--distance", "mash", "--pooling", "mean"]
    code, _, errors = ask("compare", known, file, *words)
    assert code == 0
    assert "1 more records have no word of the mash distance: left out" in errors
    zeros = "".join(f"{name}\t0\t0\t0\n" for name in ("fwd", "rev", "same"))
    assert matrix.read_text() == f"name\tfwd\trev\tsame\n{zeros}"


def test_annotate_names_domain_and_family_with_evidence(ask: Ask, tmp_path: Path) -> None:
    records = fasta.read(GENES)
    text = records.text(records.names.index("HBB"))
    path = tmp_path / "mine.fa"
    path.write_text(f">mine\n{text}\n")
    code, out, _ = ask("annotate", path, "--model", "models/human-cds-codon.safetensors", "--json")
    rows = json.loads(out)
    assert code == 0
    assert {row["kind"] for row in rows} == {"domain", "family"}
    assert rows[0]["label"] == "Globin (IPR000971)"
    assert {e["gene"] for e in rows[0]["evidence"]} >= {"HBD", "HBE1"}
    assert 0.5 < rows[0]["reliability"] <= 1
