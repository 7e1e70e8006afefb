"""Count matrices as text, read back by Biopython."""

import io

import numpy as np
import pytest
from Bio import motifs

from bioskipgram.errors import QueryError
from bioskipgram.motifs.matrix_text import filled_up, jaspar_matrix, meme_text
from bioskipgram.sequences.alphabet import PROTEIN

COUNTS = np.array([[8, 0, 0, 0], [1, 2, 3, 2], [0, 0, 4, 0]])


def test_meme_is_read_back_and_short_columns_are_filled_up() -> None:
    (found,) = motifs.parse(io.StringIO(meme_text([("my cluster", filled_up(COUNTS))])), "minimal")
    assert found.name == "my_cluster"
    assert (found.length, found.num_occurrences) == (3, 8)
    rows = np.array([found.counts[base] for base in "ACGT"]).T / 8
    expected = [[1, 0, 0, 0], [0.125, 0.25, 0.375, 0.25], [0.125, 0.125, 0.625, 0.125]]
    np.testing.assert_allclose(rows, expected, atol=1e-5)


def test_jaspar_is_read_back() -> None:
    (found,) = motifs.parse(io.StringIO(jaspar_matrix(COUNTS, name="c 1")), "jaspar")
    assert (found.matrix_id, found.name) == ("c_1", "c_1")
    assert [found.counts[base] for base in "ACGT"] == COUNTS.T.tolist()


def test_protein_has_its_letters_and_no_strands() -> None:
    counts = np.eye(20, dtype=np.int64)
    text = meme_text([("x", counts)], alphabet=PROTEIN)
    assert "ALPHABET= ACDEFGHIKLMNPQRSTVWY\n" in text
    assert "strands" not in text
    assert "alength= 20 w= 20 nsites= 1 E= 0" in text
    assert "A 0.05 C 0.05" in text
    with pytest.raises(QueryError, match="JASPAR matrices are of bases, not of protein"):
        jaspar_matrix(counts, alphabet=PROTEIN)


@pytest.mark.parametrize(
    "write", [lambda counts: meme_text([("x", counts)]), filled_up, jaspar_matrix]
)
def test_nothing_cannot_be_written(write: object) -> None:
    with pytest.raises(QueryError, match="a matrix of no k-mers"):
        write(np.zeros((0, 4), np.int64))  # type: ignore[operator]
    assert ">selection" in jaspar_matrix(COUNTS, name=" ")
