"""Files of matrices: every format, either orientation, and what is none of them."""

import io
from pathlib import Path

import numpy as np
import pytest
from Bio import motifs as bio
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.errors import QueryError
from bioskipgram.motifs.files import meme_text, read_motifs, sniff
from bioskipgram.motifs.matrix import Motif
from tests.motifs.test_matrix import random_motif

COUNTS = np.array([[3.0, 1, 0, 16], [0, 20, 0, 0], [5, 5, 5, 5], [1, 0, 19, 0], [7, 7, 6, 0]])


def jaspar(weights: np.ndarray = COUNTS) -> str:
    rows = (f"{letter} [ {' '.join(map(str, row.tolist()))} ]" for letter, row in
            zip("ACGT", weights.T, strict=True))  # fmt: skip
    return ">MA0001.1 SRY\n" + "\n".join(rows) + "\n"


def transfac() -> str:
    rows = (f"{i:02d} {' '.join(map(str, row.tolist()))} N" for i, row in enumerate(COUNTS, 1))
    return "ID V$SRY\nBF human\nP0 A C G T\n" + "\n".join(rows) + "\nXX\n//\n"


def rows(weights: np.ndarray = COUNTS) -> str:
    return "\n".join("\t".join(map(str, row)) for row in weights.tolist()) + "\n"


FORMS = {
    "JASPAR": (jaspar(), "SRY MA0001.1"),
    "MEME": (meme_text([Motif("SRY", COUNTS)]), "SRY"),
    "TRANSFAC": (transfac(), "V$SRY"),
    "four columns": (rows(), "the matrix"),
    "four rows": (rows(COUNTS.T), "the matrix"),
    "named columns": (">SRY of mine\n" + rows(), "SRY of mine"),
    "headed columns": ("A C G T\n" + rows(), "the matrix"),
    "lettered rows": (
        "".join(
            f"{letter} | {line}\n"
            for letter, line in zip("ACGT", rows(COUNTS.T).splitlines(), strict=True)
        ),
        "the matrix",
    ),
    "positions in front": (
        "Pos\tA\tC\tG\tT\n"
        + "".join(f"{i}\t{line}\n" for i, line in enumerate(rows().splitlines(), 1)),
        "the matrix",
    ),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_every_form_gives_the_same_counts(form: str, ends: str) -> None:
    text, name = FORMS[form]
    (motif,) = read_motifs(text.replace("\n", ends).encode())
    assert motif.name == name
    assert motif.weights == pytest.approx(COUNTS)
    assert sniff(text) == (form if form.isupper() else "")


def test_jaspar_is_read_as_bio_motifs_reads_it() -> None:
    text = "".join(jaspar(random_motif(7, seed).weights) for seed in range(3))
    theirs = bio.parse(io.StringIO(text), "jaspar")
    for ours, one in zip(read_motifs(text), theirs, strict=True):
        assert ours.weights.T.tolist() == [list(one.counts[letter]) for letter in "ACGT"]
        assert ours.name == f"{one.name} {one.matrix_id}"


@given(st.integers(0, 10**6), st.integers(1, 30))
@settings(deadline=None, max_examples=25)
def test_meme_text_is_read_back(seed: int, length: int) -> None:
    motif = random_motif(length, seed)
    (back,) = read_motifs(meme_text([motif]))
    sites = motif.weights.sum(axis=1).max()
    assert back.shares() == pytest.approx(motif.shares(), abs=0.6 * 4 / sites + 1e-6)


def test_several_plain_matrices_and_probabilities() -> None:
    text = ">one\n" + rows(COUNTS / 20) + ">two\n" + rows(COUNTS[:2])
    one, two = read_motifs(text)
    assert one.weights == pytest.approx(COUNTS)  # of 20 sequences, as MEME takes it
    assert (two.name, len(two)) == ("two", 2)


def test_meme_without_its_optional_lines_is_read() -> None:
    text = "MOTIF x\nletter-probability matrix:\n1 0 0 0\n0 0 0.5 0.5\n"
    assert read_motifs(text)[0].weights.tolist() == [[20, 0, 0, 0], [0, 0, 10, 10]]


def test_four_by_four_is_read_as_rows() -> None:
    assert read_motifs("1 2 3 4\n0 0 0 1\n0 0 0 1\n0 0 0 1\n")[0].weights[:, 0].tolist() == [
        1, 2, 3, 4,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "mine: no matrix in it; give JASPAR, MEME, TRANSFAC or plain counts"),
        ("hello\n", r"mine, line 1: 'hello' is no number"),
        ("1 2\n3 4\n", "2 rows of 2 numbers; a matrix has four rows or four columns"),
        ("1 2 3\n1 2\n", "its rows have 2 to 3 numbers"),
        ("T A G C\n1 2 3 4\n", "letters are in the order TAGC; give A C G T"),
        ("A 1 1\nC 1 1\nT 1 1\nG 1 1\n", "letters are in the order ACTG"),
        ("1 2 -3 4\n" * 5, "column 1: counts are 0 or more"),
        ("0 0 0 0\n" * 5, "column 1: counts are 0 or more and not all 0"),
        ("nan nan nan nan\n", "'nan' is no number"),
        (jaspar().replace("5.0 1.0 7.0 ]", "5.0 ]"), "looks like JASPAR but cannot be read"),
        ("ID x\nP0 A C G T\n01 a b c d\n//\n", "looks like TRANSFAC but cannot be read"),
        ("MEME version 4\nMOTIF\n", "looks like MEME but cannot be read"),
        ("\0\1\2", "a binary file"),
        ("1 1 1 1\n" * 101, "101 columns; a motif has 1 to 100"),
    ],
)
def test_what_is_no_matrix_is_one_sentence(text: str, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        read_motifs(text, name="mine")


def test_a_missing_file_and_a_huge_one_are_refused(tmp_path: Path, monkeypatch) -> None:
    with pytest.raises(QueryError, match="cannot be opened"):
        read_motifs(tmp_path / "no.meme")
    monkeypatch.setattr("bioskipgram.motifs.files.MAX_MOTIFS", 3)
    with pytest.raises(QueryError, match="more than 3 motifs"):
        read_motifs(">x\n1 1 1 1\n" * 4)
