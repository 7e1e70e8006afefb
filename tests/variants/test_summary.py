"""Many variants together: the worst first, in numbers and in words."""

import math

import pytest

from bioskipgram.model import checkpoint
from bioskipgram.sequences import fasta
from bioskipgram.sequences.shipped import GENES
from bioskipgram.variants import reading, summary
from bioskipgram.variants.assess import Assessment, Assessor
from bioskipgram.variants.consequence import KINDS
from bioskipgram.variants.score import Scorer

TEXT = "HBB:c.20A>T, HBB:c.118C>T, HBB:c.9C>T, HBB:c.4del, HBB:c.19G>A, HBD:c.20A>C"


@pytest.fixture(scope="module")
def found() -> list[Assessment]:
    scorer = Scorer(checkpoint.load("models/human-cds-codon.safetensors"))
    records = fasta.read(GENES)
    return Assessor(scorer, records).all(reading.read(TEXT, records).variants)


def test_the_worst_is_first(found: list[Assessment]) -> None:
    rows = summary.ranked_rows(found)
    assert [row["consequence"] for row in rows] == [
        "stop gained", "frameshift", "missense", "missense", "missense", "synonymous"
    ]  # fmt: skip
    scores = [row["blosum62"] for row in rows[2:5]]
    assert scores == sorted(scores)
    assert rows[0]["variant"] == "HBB:c.118C>T"
    assert set(summary.SEVERITY) == set(KINDS)


def test_a_score_has_unit_direction_and_percentile(found: list[Assessment]) -> None:
    one = found[0]
    assert summary.in_words(one) == (
        f"{one.values[0]:+.2f} nats: the new k-mers fit less well into their surroundings"
    )
    placed = Assessment(
        one.variant, one.gene, one.consequence, (1.5, 0, 0), (98.2, 0, 0), one.kmers
    )
    assert summary.in_words(placed) == (
        "+1.50 nats: the new k-mers fit more well into their surroundings; 98 % of the "
        "substitutions A>T between the same two bases score lower"
    ).replace("more well", "better")
    none = Assessment(one.variant, one.gene, one.consequence, (math.nan,) * 3, (math.nan,) * 3, 0)
    assert summary.in_words(none) == "no score: the model knows no k-mer here"


def test_the_numbers_of_a_set(found: list[Assessment]) -> None:
    made = summary.summary(found)
    assert (made.variants, made.genes) == (6, 2)
    assert made.kinds == {"stop gained": 1, "frameshift": 1, "missense": 3, "synonymous": 1}
    assert (made.transitions, made.transversions) == (3, 2)
    assert made.scored == 0
    assert math.isnan(made.median_percentile)
    assert {row["what"] for row in made.rows()} >= {"variants", "genes", "missense"}
