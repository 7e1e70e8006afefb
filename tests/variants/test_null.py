"""The null of a score: percentiles among substitutions alike, against scipy and slow loops."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import percentileofscore

from bioskipgram.errors import CheckpointError
from bioskipgram.sequences.fasta import read
from bioskipgram.variants import null as context_null
from bioskipgram.variants.null import LEVELS, ContextNull, Gathering, Q, every, trinucleotides
from bioskipgram.variants.score import Scorer
from tests.variants.test_score import model

RANDOM = np.random.default_rng(7)
GENES = read(
    "".join(f">{n}\n{''.join(RANDOM.choice(list('ACGT'), 2500))}\n" for n in "ab").encode()
)


@pytest.fixture(scope="module")
def null() -> ContextNull:
    gathering = Gathering(Scorer(model(0)), GENES)
    assert list(gathering) == pytest.approx([0.5, 1.0])
    return gathering.null()


def test_two_sessions_that_gather_at_once_count_each_gene_once(null: ContextNull) -> None:
    gathering = Gathering(Scorer(model(0)), GENES)
    first, second = iter(gathering), iter(gathering)
    for one in (first, second, second, first):
        next(one, None)
    assert list(gathering) == []
    assert gathering.null().counts.tolist() == null.counts.tolist()
    np.testing.assert_array_equal(gathering.null().quantiles, null.quantiles)


def test_every_substitution_once() -> None:
    positions, alts = every(np.array([0, 4, 2], np.uint8))
    assert positions.tolist() == [0, 0, 0, 2, 2, 2]
    assert alts.tolist() == [1, 2, 3, 0, 1, 3]


def test_trinucleotides_are_kmer_codes_and_none_at_ends_and_unknown_bases() -> None:
    assert trinucleotides(np.array([0, 1, 2, 3, 4, 0, 0], np.uint8)).tolist() == [
        -1, 6, 27, -1, -1, -1, -1,
    ]  # fmt: skip
    assert trinucleotides(np.array([0, 1], np.uint8)).tolist() == [-1, -1]


def test_all_inner_substitutions_are_counted_where_they_belong(null: ContextNull) -> None:
    assert null.counts.sum() == 2 * 3 * 2498
    contexts = np.concatenate([trinucleotides(GENES[i]) for i in range(2)])
    expected = np.bincount(contexts[contexts >= 0], minlength=64)
    for context in range(64):
        middle = context // 4 % 4
        for alt in range(4):
            assert null.counts[context, alt] == (0 if alt == middle else expected[context])


def test_percentiles_are_those_of_scipy(null: ContextNull) -> None:
    """Among all substitutions of one trinucleotide to one base, one by one."""
    scorer, context, alt = Scorer(model(0)), 27, 0  # CGT: the middle base to A
    rows = []
    for record in range(2):
        text = scorer.text(GENES[record])
        for position in np.flatnonzero(trinucleotides(text.bases) == context):
            values = scorer.substitutions(text, np.array([position]), np.array([alt], np.uint8))
            rows.append(text.comparable(values)[:, 0])
    columns = np.array(rows).T
    for measure in range(3):
        picked = np.quantile(columns[measure], [0.03, 0.27, 0.5, 0.9]).astype(np.float32)
        values = np.full((3, 4), picked, np.float32)
        found = null.percentiles(values, np.full(4, context), np.full(4, alt, np.uint8))
        wanted = percentileofscore(columns[measure], picked)
        np.testing.assert_allclose(found[measure], wanted, atol=2)


def test_the_ends_and_the_unknown(null: ContextNull) -> None:
    values = np.array([[-1e9, 1e9, 0, np.nan]] * 3, np.float32)
    contexts, alts = np.array([27, 27, -1, 27]), np.zeros(4, np.uint8)
    found = null.percentiles(values, contexts, alts)
    np.testing.assert_array_equal(found[0], [0, 100, np.nan, np.nan])
    # Nothing is put in the place of itself.
    assert np.isnan(null.percentiles(values[:, :1], np.array([27]), np.array([2], np.uint8))).all()


def test_a_context_no_gene_has_gives_no_percentile() -> None:
    genes = read(b">a\nACACACACACACACAC\n")
    gathering = Gathering(Scorer(model(0)), genes)
    list(gathering)
    values = np.zeros((3, 1), np.float32)
    alts = np.array([0], np.uint8)
    assert np.isnan(gathering.null().percentiles(values, np.array([63]), alts)).all()


def test_a_null_is_kept_beside_its_model(null: ContextNull, tmp_path: Path) -> None:
    path = context_null.cache_path(tmp_path / "a.safetensors", model(0))
    assert path.parent == tmp_path / "a.layouts"
    assert path != context_null.cache_path(tmp_path / "a.safetensors", model(1))
    context_null.save(null, path)
    back = context_null.load(path)
    np.testing.assert_array_equal(back.quantiles, null.quantiles)
    np.testing.assert_array_equal(back.counts, null.counts)


def test_a_damaged_one_is_told(tmp_path: Path) -> None:
    import safetensors.numpy

    path = tmp_path / "x.safetensors"
    path.write_bytes(safetensors.numpy.save({"counts": np.zeros((64, 4), np.int64)}))
    with pytest.raises(CheckpointError, match="no table of variants"):
        context_null.load(path)
    with pytest.raises(CheckpointError, match="no such model file"):
        context_null.load(tmp_path / "y.safetensors")


def test_levels_rise_from_nothing_to_all() -> None:
    assert (np.diff(LEVELS) > 0).all()
    assert (LEVELS[0], LEVELS[-1], len(LEVELS)) == (0, 1, Q)


@pytest.mark.parametrize("name", ["human-cds-k6", "human-cds-codon"])
def test_the_shipped_models_have_theirs(name: str) -> None:
    from bioskipgram.model import checkpoint

    path = Path(__file__).parents[2] / "models" / f"{name}.safetensors"
    kept = context_null.load(context_null.cache_path(path, checkpoint.load(path)))
    # 86 genes of 113,931 bases, both ends of each without a trinucleotide.
    assert kept.counts.sum() == 3 * (113_931 - 2 * 86)
    inside = kept.counts > 0
    assert inside.sum() == 192
    assert (np.diff(kept.quantiles[:, inside], axis=-1) >= 0).all()
