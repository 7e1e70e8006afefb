"""Whatever text is given as a file of matrices: motifs, or one sentence.

``FUZZ=100000 python -m pytest tests/fuzz/test_motif_files.py`` tries so many of each kind.
"""

import os

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bioskipgram.errors import QueryError
from bioskipgram.motifs.files import read_motifs
from bioskipgram.motifs.matrix import Motif

EXAMPLES = int(os.environ.get("FUZZ", "150"))
SETTINGS = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None
)

MEME = (
    'MEME version 4\n\nALPHABET "DNA" DNA-LIKE\nA "Adenine" CC0000 ~ T "Thymine" 008000\n'
    "C ~ G\nN = ACGT\nEND ALPHABET\n\nstrands: + -\n\nMOTIF 1 A\n"
    "letter-probability matrix: alength= 4 w= 2 nsites= 999.9 E= 0\n0.6 0.2 0.1 0.1\n1 0 0 0\n\n"
    "MOTIF 2 B\n\nMOTIF 3\nletter-probability matrix:\n0.25 0.25 0.25 0.25\nURL x\n"
)
TRANSFAC = (
    "VV x\nXX\n//\nAC\tK.X\nXX\nID\tK.X\nXX\nP0\tA\tC\tG\tT\n01\t3\t2\t4\t45\tN\n"
    "02\t53\t0\t1\t0\tN\nXX\n//\nID y\nPO T G C A\n1 1 2 3 4\nXX\n"
)
JASPAR = (
    ">M x\nA [ 70 900 4 ]\nC [ 24 4 0 ]\nG [ 3 22 5 ]\nT [ 900 29 5 ]\n"
    ">N\nA [1]\nC [1]\nG [1]\nT [1]\n"
)
PLAIN = (
    ">GATA\tmy\t6.05\n0.05\t0.05\t0.85\t0.05\n0.97\t0.01\t0.01\t0.01\n"
    "Pos\tA\tC\tG\tU\n1\t0.1\t0.2\t0.3\t0.4\n\nMotif\tM1\n# x\nA | 1 2 3\nC: 1 2 3\nG 4 5 6\n"
    "T 1 1 1\n"
)
SEEDS = (MEME, TRANSFAC, JASPAR, PLAIN)
WORDS = (
    "A", "C", "G", "T", "U", "N", "[", "]", "|", ">", ">x", "#", "MOTIF", "MEME version 4", "P0",
    "PO", "Pos", "XX", "//", "ID", "AC", "NA", "ALPHABET=", "ALPHABET", "END ALPHABET", "ACGT",
    "letter-probability matrix:", "alength=", "w=", "nsites=", "E=", "0", "1", "4", "-1", "0.25",
    "1e-320", "1e308", "1e999", "9" * 5000, "1000000000", "nan", "inf", "01", "0.5.1", "\t", " ",
    "\n", "\n", "\n", "\r\n", "\x0b", "\u2028", "\x1b[2J", "Motif", "TF", '"', "~", "=", "²", "١",
)  # fmt: skip


def check(source: str | bytes) -> None:
    """Read it; what is read is whole, what is not is one short sentence."""
    found, said = list[Motif](), ""
    try:
        found = read_motifs(source, name="the file")
    except QueryError as error:
        said = str(error)
    assert bool(found) != bool(said)
    assert len(said) <= 300
    assert "\n" not in said
    for motif in found:
        shares = motif.shares()
        assert np.isfinite(shares).all()
        assert np.allclose(shares.sum(axis=1), 1)
        assert motif.name.isprintable()
        assert len(motif.consensus) == len(motif)


@SETTINGS
@given(st.lists(st.sampled_from(WORDS), max_size=60), st.sampled_from([" ", "\t", ""]))
def test_words_of_the_formats_in_any_order(words: list[str], separator: str) -> None:
    check(separator.join(words))


@SETTINGS
@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    check(data)


@SETTINGS
@given(st.data())
def test_files_with_pieces_changed(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(SEEDS))
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(text)))
        stop = data.draw(st.integers(start, min(len(text), start + 40)))
        piece = data.draw(st.sampled_from((*WORDS, "", text[start:stop] * 2)) | st.text(max_size=4))
        text = text[:start] + piece + text[stop:]
    check(text)


@SETTINGS
@given(st.lists(st.lists(st.floats(-1, 1e13), min_size=1, max_size=6), min_size=1, max_size=6))
def test_any_numbers(rows: list[list[float]]) -> None:
    check("\n".join(" ".join(map(repr, row)) for row in rows))


def test_the_seeds_are_read() -> None:
    assert [len(read_motifs(seed)) for seed in SEEDS] == [2, 2, 2, 3]
