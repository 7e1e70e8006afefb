"""The library: what is in it, how it is searched, how its motifs match k-mers."""

import numpy as np
import pytest
from Bio.Restriction import EcoRI, NotI

from bioskipgram.errors import QueryError
from bioskipgram.kmers.patterns import matching
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.motifs.library import (
    asked_for,
    entries,
    entry,
    find,
    jaspar,
    kmer_matches,
    kmer_shares,
)

SIXES = Vocabulary.from_counts(KmerTokenizer(6), np.ones(4**6, np.int64))


def test_jaspars_human_core_is_whole() -> None:
    assert len(jaspar()) == 857
    tfap2a = entry("MA0003.5").motif
    assert tfap2a is not None
    assert tfap2a.weights[0].tolist() == [1088, 3615, 9961, 1304]
    assert entry("TP53").name == "TP53 MA0106.3"
    assert all(4 <= len(motif) <= 40 for motif in jaspar())


def test_restriction_sites_are_biopythons() -> None:
    assert entry("EcoRI").pattern == EcoRI.site == "GAATTC"
    assert entry("noti").pattern == NotI.site
    assert "G^AATT_C" in entry("EcoRI").about


def test_every_pattern_can_be_looked_for_and_has_a_source() -> None:
    for one in entries().values():
        assert one.about
        if one.kind == "pattern":
            assert "(" in one.about
        assert (one.motif is None) == one.pattern.startswith("/")


def test_the_library_is_searched_by_words() -> None:
    assert find("tata box")[0].name == "TATA box"
    assert {one.name for one in find("polyadenylation")} == {
        "polyadenylation signal", "polyadenylation signal, variant",
    }  # fmt: skip
    assert "MYC MA0147.4" in {one.name for one in find("myc")}
    assert find("no such thing") == []
    assert len(find("")) == len(entries())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("FOS", "more than one motif of the library; do you mean FOS MA0476.2"),
        ("polyaden", "no motif of the library; do you mean polyadenylation signal"),
        ("xyz!", "no motif of the library"),
    ],
)
def test_a_name_that_is_none_is_refused(text: str, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        entry(text)


def test_what_a_text_means() -> None:
    assert asked_for("CpG").pattern == "CG"
    assert asked_for("tataww").pattern == "TATAWW"
    assert asked_for(" /TA+/ ").motif is None
    with pytest.raises(QueryError, match="no regular expression"):
        asked_for("/(/")
    with pytest.raises(QueryError, match="no motif"):
        asked_for("hello")


@pytest.mark.parametrize("pattern", ["CG", "TAR", "AATAAA", "N", "GAATTC"])
def test_a_whole_match_of_a_pattern_is_what_matching_finds(pattern: str) -> None:
    shares = kmer_shares(asked_for(pattern), SIXES, both=False)
    assert ((shares == 1) == matching(SIXES, pattern)).all()


@pytest.mark.parametrize("text", ["/^ATG/", "ATGA", "MA0003.5"])
def test_on_both_strands_a_kmer_and_its_partner_match_alike(text: str) -> None:
    shares = kmer_shares(asked_for(text), SIXES, both=True)
    partner = SIXES.tokens(SIXES.tokenizer.reverse_complements(SIXES.kmers))
    assert (shares == shares[partner]).all()
    one = kmer_shares(asked_for(text), SIXES, both=False)
    assert (shares >= one).all()
    assert (shares > one).any()


def test_the_best_kmer_of_a_matrix_scores_one() -> None:
    shares = kmer_shares(entry("MA0003.5"), SIXES, both=True)
    assert shares.max() == 1
    assert SIXES.texts[int(shares.argmax())] in ("CCTGAG", "CTCAGG")
    assert shares.min() == 0


def test_a_fragment_is_scored_by_what_it_covers() -> None:
    found = kmer_matches(asked_for("TATAWAW"), SIXES, both=False)
    for word in ("ATAAAA", "TATAAA"):
        token = SIXES.texts.index(word)
        assert found.shares[token] == pytest.approx(1)
        assert found.whole[token] == pytest.approx(6 / 7)
        assert found.covered(token) == "6 of 7 columns"
    token = SIXES.texts.index("CTATAA")
    assert found.whole[token] == pytest.approx(5 / 7)
    assert found.covered(token) == "5 of 7 columns"
    short = kmer_matches(asked_for("GATA"), SIXES, both=False)
    assert short.whole[SIXES.texts.index("CGATAC")] == pytest.approx(1)


def test_another_version_of_a_matrix_leads_to_this_one() -> None:
    with pytest.raises(QueryError, match=r"'MA0035.4' is another version of .* GATA1 MA0035\.5\?$"):
        asked_for("MA0035.4")
