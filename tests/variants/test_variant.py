"""Variants: checked against their records, their shared letters taken off."""

import pytest

from bioskipgram.errors import QueryError
from bioskipgram.sequences.fasta import read
from bioskipgram.variants.variant import Variant, find_record, variant

GENES = read(
    b">HBB src=emboss id=U01317.1 beta-globin\nATGGTGCATCTGACTCCTGAGGAGAAG\n"
    b">x two\nATGNNN\n>twin\nATG\n>twin\nATG\n>HBD src=emboss id=U01317.1 delta\nATG\n"
)


def test_shared_letters_come_off_the_end_first() -> None:
    assert variant(GENES, 0, position=0, ref="ATG", alt="ATCG") == Variant(0, 2, "", "C")
    assert variant(GENES, 0, position=18, ref="GAG", alt="GTG") == Variant(0, 19, "A", "T")
    assert variant(GENES, 0, position=18, ref="GAGGAG", alt="GAG") == Variant(0, 18, "GAG", "")
    assert variant(GENES, 0, position=19, ref="a", alt="u").alt == "T"


@pytest.mark.parametrize(
    ("record", "position", "ref", "alt", "message"),
    [
        (0, 19, "G", "T", "HBB has A at position 20, not G; check the position, the strand and"),
        (0, 18, "GAC", "T", "has GAG at positions 19-21, not GAC"),
        (0, 27, "A", "T", "position 28 is outside HBB, which has 27 bases; give 1 to 27"),
        (0, -1, "A", "T", "position 0 is outside"),
        (0, 25, "AGA", "T", "position 28 is outside"),
        (0, 19, "A", "R", "'R' in 'R' is none of A, C, G, T"),
        (0, 19, "A", "A", "A takes the place of A: nothing changes"),
        (1, 3, "A", "T", "x has N at position 4, not A"),
    ],
)
def test_what_does_not_fit_is_told(
    record: int, position: int, ref: str, alt: str, message: str
) -> None:
    with pytest.raises(QueryError, match=message):
        variant(GENES, record, position=position, ref=ref, alt=alt)


@pytest.mark.parametrize(("name", "record"), [("HBB", 0), ("hbb", 0), ("X", 1), ("hbd", 4)])
def test_records_are_found_by_name(name: str, record: int) -> None:
    assert find_record(GENES, name) == record


def test_records_are_found_by_accession_with_or_without_its_version() -> None:
    one = read(b">a src=b id=U01317.1 c\nATG\n>d\nATG\n")
    assert [find_record(one, name) for name in ("U01317.1", "u01317")] == [0, 0]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("TP53", "there is no record 'TP53'; the names are those of the sequences: HBB, x, twin …"),
        ("twin", "2 records are called 'twin'; give each a name of its own"),
        ("U01317.1", "2 records are called"),
    ],
)
def test_names_that_find_none_or_several_are_told(name: str, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        find_record(GENES, name)
