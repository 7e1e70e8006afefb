"""Many variants assessed at once: as one by one, in their order, with what a table needs."""

from pathlib import Path

import numpy as np
import pytest

from bioskipgram.model import checkpoint
from bioskipgram.sequences import fasta
from bioskipgram.sequences.shipped import GENES
from bioskipgram.variants import null as context_null
from bioskipgram.variants import reading
from bioskipgram.variants.assess import Assessor
from bioskipgram.variants.saturation import saturate
from bioskipgram.variants.score import Scorer

ROOT = Path(__file__).parents[2]
SHIPPED = fasta.read(GENES)
HBB = SHIPPED.names.index("HBB")


@pytest.fixture(scope="module", params=["human-cds-k6", "human-cds-codon"])
def assessor(request: pytest.FixtureRequest) -> Assessor:
    path = ROOT / "models" / f"{request.param}.safetensors"
    embedding = checkpoint.load(path)
    null = context_null.load(context_null.cache_path(path, embedding))
    return Assessor(Scorer(embedding), SHIPPED, null)


def test_many_are_as_one_by_one_and_in_their_order(assessor: Assessor) -> None:
    wanted = saturate(assessor.scorer, assessor.text(HBB)[0]).variants(HBB)[:600:7]
    wanted += reading.read("HBD:c.5T>A, HBB:c.20del; HBB:c.3dup", SHIPPED).variants
    together = [one for block in assessor.each(wanted[::-1]) for one in block][::-1]
    assert [one.variant for one in together] == wanted
    for one in together:
        (alone,) = assessor.all([one.variant])
        np.testing.assert_allclose(one.values, alone.values, rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(one.percentiles, alone.percentiles, atol=0.1)
        assert (one.gene, one.consequence, one.kmers) == (
            alone.gene, alone.consequence, alone.kmers,
        )  # fmt: skip


def test_the_sickle_cell_variant(assessor: Assessor) -> None:
    (found,) = assessor.all(reading.read("HBB:c.20A>T", SHIPPED).variants)
    row = found.row()
    assert {name: row[name] for name in list(row)[:7]} == {
        "gene": "HBB", "position": 20, "ref": "A", "alt": "T", "coding": "c.20A>T",
        "protein": "p.Glu7Val", "consequence": "missense",
    }  # fmt: skip
    assert all(0 < share < 100 for share in found.percentiles)
    stride = assessor.scorer.embedding.vocabulary.tokenizer.stride
    assert found.kmers == {1: 6, 3: 1}[stride]


def test_what_is_no_substitution_or_at_the_end_has_no_percentile(assessor: Assessor) -> None:
    text = "HBB:c.20del, HBB:c.20_22delinsTTT, HBB:c.1A>G"
    for one in assessor.all(reading.read(text, SHIPPED).variants):
        assert np.isnan(one.percentiles).all()
        assert not np.isnan(one.values[0])
        assert one.row()["log_odds_percentile"] is None


def test_without_a_null_there_is_no_percentile(assessor: Assessor) -> None:
    bare = Assessor(assessor.scorer, SHIPPED)
    (found,) = bare.all(reading.read("HBB:c.20A>T", SHIPPED).variants)
    assert np.isnan(found.percentiles).all()
    assert not np.isnan(found.values).any()


def test_half_of_a_gene_lies_below_the_middle_of_its_null(assessor: Assessor) -> None:
    """Meaning: percentiles of all substitutions of reference genes are spread evenly."""
    below = [
        one.percentiles
        for record in range(0, len(SHIPPED), 9)
        for one in assessor.all(
            saturate(assessor.scorer, assessor.text(record)[0]).variants(record)[::40]
        )
    ]
    shares = np.array(below)
    shares = shares[~np.isnan(shares).any(axis=1)]
    assert len(shares) > 500
    assert np.abs(np.median(shares[:, :2], axis=0) - 50).max() < 10
