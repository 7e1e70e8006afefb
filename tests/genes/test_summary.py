"""The relatives of a gene in one sentence."""

import numpy as np
import pytest

from bioskipgram.genes.summary import summaries
from bioskipgram.genes.transfer import MEASURES, Near

GENES = ("HBB", "HBD", "HBE1", "FOS", "HOXC8")


def told(vectors: str, mash: str, protein: str, near: float = 0.9, itself: str = ""):
    found = {}
    for measure, gene in zip(MEASURES, (vectors, mash, protein), strict=True):
        order = ([GENES.index(itself)] if itself else []) + [GENES.index(gene)]
        scores = ([1.0] if itself else []) + [near]
        found[measure] = Near(np.array([order], np.int32), np.array([scores], np.float32))
    (one,) = summaries(("mine",), found, GENES)
    return one


@pytest.mark.parametrize(
    ("genes", "agreement", "sentence"),
    [
        (("HBD", "HBD", "HBD"), "all", "Vectors, Mash and protein words all name HBD nearest."),
        (("HBD", "HBE1", "HBD"), "family",
         "Vectors and protein words name HBD; Mash names HBE1: genes of one family."),
        (("FOS", "HBD", "HBD"), "two",
         "Vectors name FOS; Mash and protein words name HBD: two of three agree."),
        (("FOS", "HBD", "HOXC8"), "none",
         "Vectors name FOS; Mash names HBD; protein words name HOXC8: they disagree."),
    ],
)  # fmt: skip
def test_agreement_is_said_in_words(genes, agreement: str, sentence: str) -> None:
    one = told(*genes)
    assert (one.agreement, one.sentence) == (agreement, sentence)
    assert one.related


def test_a_gene_of_the_reference_is_told_with_its_nearest_other() -> None:
    one = told("HBD", "HBD", "HBD", itself="HBB")
    assert one.itself == "HBB"
    assert one.nearest["vectors"].gene == "HBD"
    assert one.sentence.startswith("It is HBB of the reference. Vectors, Mash")


def test_far_neighbours_are_weak_evidence() -> None:
    one = told("FOS", "FOS", "FOS", near=0.4)
    assert not one.related
    assert one.sentence.endswith("; no reference gene is near by words, so this is weak evidence.")


def test_a_gene_without_a_vector_and_words_is_near_to_nothing() -> None:
    one = told("FOS", "FOS", "FOS", near=0.0)
    assert one.agreement == "none"
    assert one.sentence.startswith("It shares no k-mer with a reference gene;")
