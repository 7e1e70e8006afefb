"""Every substitution of a record, against one at a time; the band of shuffles."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.sequences.alphabet import DNA
from bioskipgram.sequences.fasta import read
from bioskipgram.variants.assess import Assessor
from bioskipgram.variants.consequence import KINDS, consequence
from bioskipgram.variants.null import Gathering
from bioskipgram.variants.saturation import (
    Saturation,
    band,
    kinds,
    percentiles,
    position_means,
    saturate,
)
from bioskipgram.variants.score import Scorer
from bioskipgram.variants.variant import Variant
from tests.variants.test_score import CONFIGS, close, model

TEXT = "ATGGTGCATCTGACTCCTGAGGAGNAGTCTGCCTAA"


@pytest.mark.parametrize("number", range(len(CONFIGS)))
def test_a_saturation_is_every_variant_on_its_own(number: int) -> None:
    scorer = Scorer(model(number))
    text = scorer.text(DNA.encode(TEXT))
    found = saturate(scorer, text)
    listed = found.variants(4)
    assert len(listed) == 3 * (len(TEXT) - 1)
    assert len(set(listed)) == len(listed)
    for one in listed:
        base = "ACGT".index(one.alt)
        assert one.record == 4
        assert one.ref == TEXT[one.position] != one.alt
        close(found.values[:, base, one.position], scorer.change(text, one).values)
    for position, letter in enumerate(TEXT):
        own = range(4) if letter == "N" else ["ACGT".index(letter)]
        assert np.isnan(found.values[:, own, position]).all()


@settings(max_examples=60, deadline=None)
@given(st.text("ACGTN", max_size=30), st.booleans())
def test_kinds_are_the_consequences(text: str, start: bool) -> None:
    text = ("ATG" if start else "") + text
    found = kinds(DNA.encode(text))
    assert found.shape == (4, len(text))
    for position, ref in enumerate(text):
        for base, alt in enumerate("ACGT"):
            if ref in ("N", alt):
                assert found[base, position] == -1
            else:
                known = consequence(Variant(0, position, ref, alt), text)
                assert KINDS[found[base, position]] == known.kind


def test_the_band_holds_most_of_a_shuffled_gene_and_not_a_planted_one() -> None:
    random = np.random.default_rng(3)
    codons = ["GAA", "CTG", "AAG", "GTC", "ACC", "TTC"]
    text = "".join(random.choice(codons, 300))
    sequences = read(f">a\n{text}\n>b\n{'ACG' * 40}\n".encode())
    scorer = Scorer(model(0))
    ends = band(scorer, sequences, 0)
    assert ends.shape == (3, 2)
    assert (ends[:, 0] < ends[:, 1]).all()
    means = position_means(saturate(scorer, scorer.text(sequences[0])))
    inside = (means >= ends[:, :1]) & (means <= ends[:, 1:])
    assert (inside.mean(axis=1) > 0.9).all()
    np.testing.assert_array_equal(band(scorer, sequences, 0), ends)


def test_a_record_too_short_for_a_kmer_has_no_band() -> None:
    sequences = read(b">a\nAC\n")
    scorer = Scorer(model(0))
    assert np.isnan(band(scorer, sequences, 0)).all()
    assert np.isnan(saturate(scorer, scorer.text(sequences[0])).values).all()


def test_means_leave_out_what_is_not_known() -> None:
    values = np.full((3, 4, 2), np.nan, np.float32)
    values[:, 1:, 0] = [1, 2, 6]
    made = Saturation(np.array([0, 4], np.uint8), values, np.full((4, 2), -1, np.int8))
    np.testing.assert_array_equal(position_means(made), [[3, np.nan]] * 3)


def test_percentiles_of_a_saturation_are_those_of_its_variants() -> None:
    scorer = Scorer(model(0))
    sequences = read(f">a\n{TEXT}\n>b\n{TEXT[::-1]}\n".encode())
    gathering = Gathering(scorer, sequences)
    assert list(gathering)[-1] == 1
    assessor = Assessor(scorer, sequences, gathering.null())
    text, _ = assessor.text(0)
    found = saturate(scorer, text)
    shares = percentiles(found, text, gathering.null())
    for one in assessor.all(found.variants(0)):
        base = "ACGT".index(one.variant.alt)
        close(shares[:, base, one.variant.position], np.array(one.percentiles, np.float32))
    assert np.isnan(shares[np.isnan(found.values)]).all()
    assert not np.isnan(shares).all()
