"""Files of matrices: every format, either orientation, and what is none of them."""

import io
from pathlib import Path

import numpy as np
import pytest
from Bio import motifs as bio
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.errors import QueryError
from bioskipgram.motifs.files import read_motifs, sniff
from bioskipgram.motifs.matrix_text import meme_text
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
    "MEME": (meme_text([("SRY", COUNTS)]), "SRY"),
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
    (back,) = read_motifs(meme_text([(motif.name, motif.weights)]))
    assert back.shares() == pytest.approx(motif.shares(), abs=4e-6)


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
        ("A 1 1\nC 1 1\nA 1 1\nG 1 1\n", "its letters are ACAG; a matrix has A, C, G and T"),
        ("A 1 1\nC 1 1\n1 1\nG 1 1\n", "4 rows, of which 3 have a letter"),
        ("2 1 1 1 1\n9 1 1 1 1\n", "2 rows of 5 numbers; a matrix has four rows or four columns"),
        ("1 2 -3 4\n" * 5, "column 1: counts are 0 or more"),
        ("0 0 0 0\n" * 5, "column 1: counts are 0 or more and not all 0"),
        ("nan nan nan nan\n", "'nan' is no number"),
        (jaspar().replace("5.0 1.0 7.0 ]", "5.0 ]"), "its rows have 3 to 5 numbers"),
        ("ID x\nP0 A C G T\n01 a b c d\n//\n", "mine, line 3: 'a' is no number"),
        ("MEME version 4\nMOTIF\n", "no matrix in it"),
        ("\0\1\2", "a binary file"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "mine: a Git LFS pointer"),
        (b"<!DOCTYPE html>", "mine: a web page"),
        (b"\x1f\x8b\x08\x00", "mine: gzip data; unpack it first"),
        ("1 1 1 1\n" * 101, "101 columns; a motif has 1 to 100"),
        ("1 1 1 1\n" * 100_000, "line 1002: more than 1,000 rows; a motif has 1 to 100 columns"),
        ("ID x\nP0 A C G T\n" + "1 1 1 1 1\n" * 9999, "line 1004: more than 1,000 rows"),
        ("1 " * 20_000, "line 1: more than 20,000 characters"),
        ("\n" * 500_001, "more than 500,000 lines"),
        ("V1 V2 V3\n" * 400_000, "line 2001: 2,000 lines without a matrix"),
        (">x\n1 1 1 1\n" + ">x\n" * 2001, "line 2004: 2,000 lines without a matrix"),
    ],
)
def test_what_is_no_matrix_is_one_sentence(text: str | bytes, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        read_motifs(text, name="mine")


def test_a_missing_file_and_a_huge_one_are_refused(tmp_path: Path, monkeypatch) -> None:
    with pytest.raises(QueryError, match="cannot be opened"):
        read_motifs(tmp_path / "no.meme")
    monkeypatch.setattr("bioskipgram.motifs.files.MAX_MOTIFS", 3)
    with pytest.raises(QueryError, match="more than 3 motifs"):
        read_motifs(">x\n1 1 1 1\n" * 4)


# As written ----------------------------------------------------------------------------------

GATA = [[0.05, 0.05, 0.85, 0.05], [0.97, 0.01, 0.01, 0.01], [0.01, 0.01, 0.01, 0.97],
        [0.97, 0.01, 0.01, 0.01]]  # fmt: skip
SIX = [[0.6, 0.13, 0.13, 0.14], [0.1, 0.7, 0.1, 0.1], [0.13, 0.13, 0.61, 0.13],
       [0.2, 0.2, 0.2, 0.4], [0.05, 0.05, 0.05, 0.85], [0.3, 0.3, 0.2, 0.2]]  # fmt: skip
HEAD = "MEME version 4\n\nALPHABET= ACGT\n\nstrands: + -\n\n"


def lines(matrix: list[list[float]], separator: str = "\t") -> str:
    return "".join(separator.join(map(str, row)) + "\n" for row in matrix)


def numbered(matrix: list[list[float]], first: int = 1) -> str:
    return "".join(f"{i}\t{row}\n" for i, row in enumerate(lines(matrix).splitlines(), first))


def meme(matrix: list[list[float]], facts: str, title: str = "M1") -> str:
    return f"MOTIF {title}\nletter-probability matrix: {facts}\n{lines(matrix, ' ')}\n"


FOUR = {
    "positions and letters above": "Pos\tA\tC\tG\tT\n" + numbered(GATA),
    "letters above": "A\tC\tG\tT\n" + lines(GATA),
    "letters above in another order": "T\tG\tC\tA\n" + lines([row[::-1] for row in GATA]),
    "RNA": "A\tC\tG\tU\n" + lines(GATA),
    "HOMER": ">GATA\tmy4\t6.05\t-10\t0\n" + lines(GATA),
    "rows of equal sums": lines(GATA),
    "rows of equal counts": lines([[100 * x for x in row] for row in GATA]),
    "positions from 0": numbered(GATA, 0),
    "positions from 1": ">GATA\n" + numbered(GATA),
    "CIS-BP": "TF\tT1\nTF Name\tGATA1\nMotif\tM1\nFamily\tGATA\nPos\tA\tC\tG\tT\n" + numbered(GATA),
    "letters in front, in another order": "".join(
        f"{letter} {' '.join(str(row['ACGT'.index(letter)]) for row in GATA)}\n"
        for letter in "GTCA"
    ),
    "JASPAR in another order": ">M GATA\n" + "".join(
        f"{letter} [ {' '.join(str(row['ACGT'.index(letter)]) for row in GATA)} ]\n"
        for letter in "TGCA"
    ),
    "TRANSFAC in another order": "ID x\nP0 T G C A\n"
    + "".join(f"0{i} {line} N\n" for i, line in
              enumerate(lines([row[::-1] for row in GATA], " ").splitlines(), 1)),
    "MEME": HEAD + meme(GATA, "alength= 4 w= 4 nsites= 20 E= 0"),
    "TRANSFAC in lower case": "ID x\nPO a c g t\n"
    + "".join(f"0{i} {line}\n" for i, line in enumerate(lines(GATA, " ").splitlines(), 1)),
    "STAMP": "DE\tGATA\n"
    + "".join(f"{i}\t{line}\tN\n" for i, line in enumerate(lines(GATA).splitlines())) + "XX\n",
    "UniPROBE": "Protein: Gata3\tSeed k-mer: A.GATAAG\n" + "".join(
        f"{letter}:\t" + "\t".join(str(row["ACGT".index(letter)]) for row in GATA) + "\n"
        for letter in "ACGT"
    ),
}  # fmt: skip


SUMS = [[0.6, 0.2, 0.2, 0.1], [0.0, 0.8, 0.0, 0.0], [0.2, 0.2, 0.6, 0.1], [0.2, 0.2, 0.2, 0.4],
        [0.0, 0.1, 0.0, 0.8], [0.3, 0.3, 0.2, 0.2]]  # fmt: skip
"""Rounded to one digit: rows of 0.8 to 1.1."""
LETTERS = "".join(
    f"{letter} {' '.join(str(row['ACGT'.index(letter)]) for row in SIX)}\n" for letter in "ACGT"
)
SHAPES = {
    "decimal commas": lines(SIX).replace(".", ","),
    "decimal commas, semicolons": lines(SIX, ";").replace(".", ","),
    "decimal commas, four rows": lines(np.array(SIX).T.tolist()).replace(".", ","),
    "CSV with an index": ",A,C,G,T\n" + numbered(SIX, 0).replace("\t", ","),
    "CSV in quotes": '"","A","C","G","T"\n' + numbered(SIX).replace("\t", ","),
    "a column of N": "A\tC\tG\tT\tN\n" + lines([[*row, 0] for row in SIX]),
    "a row of gaps": LETTERS + "- 0 0 0 0 0 0\n",
    "blank lines between": lines(SIX).replace("\n", "\n\n"),
    "consensus behind": "".join(f"{line} {c}\n" for line, c in
                                zip(lines(SIX).splitlines(), "ACGNTN", strict=True)),
    "numbers above": "\t1\t2\t3\t4\t5\t6\n" + LETTERS,
    "V1 V2 above": "  V1 V2 V3 V4 V5 V6\n" + LETTERS,
    "Pos 1 2 above": "Pos 1 2 3 4 5 6\n" + LETTERS,
    "a name above": "Gata3\n" + LETTERS.replace(" ", ":\t", 1),
    "MotEvo": "//\nNA AP2\nP0\tA\tC\tG\tT\tcons\tinf\n"
    + "".join(f"0{i}\t{line}\tN\t1.4\n" for i, line in enumerate(lines(SIX).splitlines(), 1)),
    "lists of numbers": str(SIX).replace("], [", "],\n[") + "\n",
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_tables_of_programs_and_spreadsheets_are_read(shape: str) -> None:
    (motif,) = read_motifs(SHAPES[shape])
    assert motif.shares() == pytest.approx(np.array(SIX))
    assert motif.weights.sum(axis=1) == pytest.approx(np.full(6, 20))


def test_rounded_probabilities_are_no_counts() -> None:
    forms = (lines(SUMS), jaspar(np.array(SUMS)), HEAD + meme(SUMS, "alength= 4 w= 6 nsites= 20"))
    for form in forms:
        assert read_motifs(form)[0].weights == pytest.approx(20 * np.array(SUMS))


def test_four_positions_whose_counts_differ_a_little_are_positions() -> None:
    text = "10 5 3 2\n0 20 0 0\n1 2 3 13\n16 1 1 2\n"
    assert read_motifs(text)[0].consensus == "NCTA"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (lines([[-0.5, 1.2, -3, 0.1]] * 5), "log-odds are no counts"),
        (HEAD + "MOTIF x\nlog-odds matrix: alength= 4 w= 1\n-10 5 -7 8\n", "are of log-odds"),
        ((HEAD + meme(SIX, "w= 6")).encode("utf-16"), "UTF-16 text"),
        ("1,234 567\n" * 5, "5 rows of 3 numbers"),
        ("A 1 1\nC 1 1\nG 1 1\nT 1 1\n2 2\n", "5 rows, of which 4 have a letter"),
    ],
)  # fmt: skip
def test_what_is_no_matrix_of_counts_is_told(text: str | bytes, said: str) -> None:
    with pytest.raises(QueryError, match=said):
        read_motifs(text, name="mine")


@pytest.mark.parametrize("form", FOUR)
def test_four_positions_are_not_taken_for_four_letters(form: str) -> None:
    (motif,) = read_motifs(FOUR[form])
    assert motif.consensus == "GATA"
    assert motif.shares() == pytest.approx(np.array(GATA))


def test_four_by_four_of_equal_sums_both_ways_are_rows_of_letters() -> None:
    (motif,) = read_motifs("7 1 1 1\n1 7 1 1\n1 1 1 7\n1 1 7 1\n")
    assert motif.consensus == "ACTG"
    assert motif.weights[2].tolist() == [1, 1, 1, 7]


@pytest.mark.parametrize("sites", ["2", "999.9", "1e3", "0", "17"])
def test_probabilities_of_meme_stay_as_written(sites: str) -> None:
    (motif,) = read_motifs(HEAD + meme(SIX, f"alength= 4 w= 6 nsites= {sites} E= 0"))
    assert motif.shares() == pytest.approx(np.array(SIX), abs=1e-12)
    assert motif.weights.sum(axis=1) == pytest.approx(np.full(6, float(sites) or 20))
    assert motif.consensus == "ACGNTN"


def test_a_motif_without_a_matrix_takes_none_from_the_next() -> None:
    facts = "alength= 4 w= {} nsites= 100 E= 0"
    text = f"{HEAD}{meme(SIX, facts.format(6), '1 A')}MOTIF 2 B\n\n"
    found = read_motifs(text + meme(GATA, facts.format(4), "3 C"))
    assert [(motif.name, motif.consensus) for motif in found] == [("1", "ACGNTN"), ("3", "GATA")]


def test_log_odds_beside_the_probabilities_are_left_out() -> None:
    facts = "alength= 4 w= 4 nsites= 9 E= 0"
    log_odds = "log-odds matrix: alength= 4 w= 1 E= 0\n -10 5 -7 8\n\n"
    (motif,) = read_motifs(HEAD + "MOTIF x\n" + log_odds + meme(GATA, facts).partition("\n")[2])
    assert (motif.name, motif.consensus) == ("x", "GATA")


DEFINED = """ALPHABET "DNA" DNA-LIKE
A "Adenine" CC0000 ~ T "Thymine = ~" 008000
C "Cytosine" 0000CC ~ G "Guanine" FFB300
N = ACGT
END ALPHABET
"""


def test_an_alphabet_spelt_out_is_read() -> None:
    body = meme(SIX, "alength= 4 w= 6 nsites= 100 E= 0")
    (motif,) = read_motifs(HEAD.replace("ALPHABET= ACGT\n", DEFINED) + body)
    assert motif.shares() == pytest.approx(np.array(SIX))
    other = HEAD.replace("ALPHABET= ACGT\n", DEFINED.replace("N = ACGT", 'm "methylated"'))
    for head in (other, HEAD.replace("ACGT", "ACDEFGHIKLMNPQRSTVWY")):
        with pytest.raises(QueryError, match=r"line 3: its alphabet is .*; a matrix is of A, C, G"):
            read_motifs(head + body)


def test_fractions_weigh_the_same_in_every_form() -> None:
    weights = [motif.weights for motif in (
        *read_motifs(lines(SIX)),
        *read_motifs(jaspar(np.array(SIX))),
        *read_motifs("ID x\nP0 A C G T\n" + "".join(f"{i} {line} N\n" for i, line in
                     enumerate(lines(SIX, " ").splitlines(), 1))),
        *read_motifs(meme(SIX, "alength= 4 w= 6")),
    )]  # fmt: skip
    assert len(weights) == 4
    for one in weights:
        assert one == pytest.approx(20 * np.array(SIX))


@pytest.mark.parametrize("end", ["//\n", "XX\n", ""])
def test_transfac_without_its_last_line_has_all_its_matrices(end: str) -> None:
    one = (
        "AC\tK.{0}\nXX\nID\tK.{0}\nXX\nP0\tA\tC\tG\tT\n01\t3\t2\t4\t45\tN\n02\t53\t0\t1\t0\tN\nXX\n"
    )
    found = read_motifs(one.format("X") + "XX\nIC\t1.0 1.0\nXX\n//\n" + one.format("Y") + end)
    assert [motif.name for motif in found] == ["K.X", "K.Y"]
    for motif in found:
        assert motif.weights.tolist() == [[3, 2, 4, 45], [53, 0, 1, 0]]
    whole = one.format("X") + "XX\n//\n" + one.format("Y") + "XX\n//\n"
    theirs = bio.parse(io.StringIO(whole), "transfac", strict=False)
    assert [record.counts["T"] for record in theirs] == [m.weights[:, 3].tolist() for m in found]


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ("alength= 4 w= 1000000000 nsites= 20 E= 0", "line 8: w= 1000000000, but 6 rows follow"),
        (f"alength= 4 w= {'9' * 5000} nsites= 2", "line 8: a number above 1e.12; give counts"),
        (f"alength= 4 w= 6 nsites= {'9' * 5000}", "line 8: a number above 1e.12; give counts"),
        ("alength= 4 w= x nsites= 2", "line 8: 'x' is no number"),
        ("alength= 4 w= 5 nsites= 2", "line 8: w= 5, but 6 rows follow"),
    ],
)
def test_a_heading_that_lies_is_one_sentence(facts: str, message: str) -> None:
    with pytest.raises(QueryError, match=message) as caught:
        read_motifs(HEAD + meme(SIX, facts), name="m.meme")
    assert len(str(caught.value)) < 200
