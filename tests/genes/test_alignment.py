"""Alignments are optimal, their identity is counted as needle counts it, and size is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.errors import QueryError
from bioskipgram.genes import alignment
from bioskipgram.genes.alignment import Alignment, align, protein_of
from bioskipgram.sequences import fasta
from bioskipgram.sequences.alphabet import DNA
from bioskipgram.sequences.shipped import GENES

DNA_TEXT = st.text("ACGT", min_size=1, max_size=12)


def best_score(first: str, second: str, mode: str) -> float:
    """The optimal score by three tables in plain Python; gaps at the ends free in global mode."""
    n, m = len(first), len(second)
    low = -1e9
    M, X, Y = (np.full((n + 1, m + 1), low) for _ in range(3))
    M[0, 0] = 0
    if mode == "global":
        X[1:, 0], Y[0, 1:] = 0, 0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            same = 2 if first[i - 1] == second[j - 1] else -3
            before = max(M[i - 1, j - 1], X[i - 1, j - 1], Y[i - 1, j - 1])
            M[i, j] = same + (max(before, 0) if mode == "local" else before)
            free = mode == "global"
            opened, longer = (0, 0) if free and j == m else (-7, -2)
            X[i, j] = max(max(M[i - 1, j], Y[i - 1, j]) + opened, X[i - 1, j] + longer)
            opened, longer = (0, 0) if free and i == n else (-7, -2)
            Y[i, j] = max(max(M[i, j - 1], X[i, j - 1]) + opened, Y[i, j - 1] + longer)
    if mode == "local":
        return max(0.0, float(M[1:, 1:].max()))
    return float(max(M[n, m], X[n, m], Y[n, m]))


@settings(max_examples=60, deadline=None)
@given(DNA_TEXT, DNA_TEXT, st.sampled_from(alignment.MODES))
def test_scores_are_optimal_and_rows_are_the_sequences(a: str, b: str, mode: str) -> None:
    found = align(a, b, mode=mode)
    assert found.score == best_score(a, b, mode)
    rows = [row.replace("-", "") for row in (found.first, found.second)]
    if mode == "global":
        assert rows == [a, b]
    else:
        assert a[found.start_first :].startswith(rows[0])
        assert b[found.start_second :].startswith(rows[1])


def test_globins_have_the_identity_the_books_give() -> None:
    genes = fasta.read(GENES)
    hbb, hbg1 = (genes[genes.names.index(name)] for name in ("HBB", "HBG1"))
    protein = align(protein_of(hbb), protein_of(hbg1), kind="protein")
    assert len(protein) == 147
    assert protein.identity == pytest.approx(0.70, abs=0.01)
    dna = align(DNA.decode(hbb), DNA.decode(hbg1))
    assert protein.identity < dna.identity < 0.80


def test_counts_of_an_alignment() -> None:
    found = Alignment("global", "nucleotides", 0.0, "ACGT-NA", "ACCTANA")
    assert (found.matches, found.paired, found.gaps, len(found)) == (4, 6, 1, 7)
    assert found.identity == 4 / 7
    assert Alignment("local", "nucleotides", 0.0, "", "").identity == 0


def test_text_numbers_positions_from_one() -> None:
    found = Alignment("local", "nucleotides", 0.0, "ACGTAC", "AC-TTC", 8, 0)
    assert found.text(4).split("\n") == [
        " 9 ACGT 12", "   || |", " 1 AC-T 3", "", "13 AC 14", "    |", " 4 TC 5"
    ]  # fmt: skip


def test_nothing_alike_is_an_empty_local_alignment() -> None:
    assert len(align("AAAA", "CCCC", mode="local")) == 0


@pytest.mark.parametrize(("first", "second"), [("", "ACGT"), ("ACGT", "")])
def test_an_empty_sequence_is_one_sentence(first: str, second: str) -> None:
    with pytest.raises(QueryError, match="one of the sequences is empty"):
        align(first, second)


def test_a_table_too_large_is_refused_before_it_is_made() -> None:
    with pytest.raises(QueryError, match=r"20,000 x 20,000 letters .* 400,000,000 cells"):
        align("A" * 20_000, "C" * 20_000)


def test_rows_must_be_equally_long() -> None:
    with pytest.raises(ValueError, match="rows of 2 and 1 columns"):
        Alignment("global", "protein", 0.0, "AC", "A")


def test_a_protein_is_that_of_the_longest_frame_if_frame_0_is_broken() -> None:
    gene = "ATG" + "GCTGAACGTCTG" * 12 + "TAA"
    assert protein_of(DNA.encode(gene)) == "M" + "AERL" * 12
    assert protein_of(DNA.encode("TGACCCC" + gene)) == "M" + "AERL" * 12
