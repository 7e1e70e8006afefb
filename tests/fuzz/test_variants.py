"""Whatever text is given as variants: what is read is right, what is not is one short sentence.

``FUZZ=100000 python -m pytest --timeout=0 tests/fuzz/test_variants.py`` tries so many of each kind.
"""

import gzip
import os

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bioskipgram.errors import QueryError
from bioskipgram.sequences.fasta import read
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.variants import hgvs, reading
from bioskipgram.variants.assess import Assessment
from bioskipgram.variants.coding import coding_sequences
from bioskipgram.variants.consequence import KINDS, consequence
from bioskipgram.variants.variant import Variant, dna
from bioskipgram.variants.vcf import placed, table, vcf

SETTINGS = settings(
    max_examples=int(os.environ.get("FUZZ", "150")), deadline=None, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
GENES = coding_sequences(
    read(
        b">HBB\nATGGTGCATCTGACTCCTGAGGAGAAGTAA\n>x [transl_table=2]\nATACATTGANNGTAG\n"
        b">part [cds=join(3..8,12..17)]\nCCATGGTGCATAAGTAACCCGTAC\n"
        b">back [cds=complement(6..14)]\nCCATGGTGCATAAGTAACCCGTAC\n>odd\nGC\n"
    )
)
NAMES = (
    "HBB:c.20A>T", "c.20del", "HBB:c.20_22delinsTTT", "c.19_21inv", "HBB:c.[20A>T;25A>C]",
    "NM_000518.5(HBB):c.20A>T (p.Glu7Val)", "HBB:c.20A&gt;T", "part:c.5T>A", "back:c.4_5insC",
    "x:c.9A>G", "HBB:p.Glu7Val", "c.92+1G>A", "c.*3A>G", "c.-5A>C", "odd:c.1dup",
)  # fmt: skip
ROWS = (
    "HBB\t20\trs334\tA\tT,C\t.\tPASS\tAC=1,2", "HBB\t20\t20\t-\tAG", "HBB 20 21 - AG",
    "HBB\t19\t21\tGAG\t-", "part\t4\t.\tT\tA\t.\t.\tCSQ=x:c.1A>T", "back 13 A T", "20 A T",
    "x\t1\t.\tA\t<DEL>", "x\t1\t.\tA\tA[x:9[", "chr11\t5227002\t.\tT\tA", "##fileformat=VCFv4.2",
)  # fmt: skip
WORDS = (
    *"ACGTUN>_[](),;:.+-*=\t \n<&?0123456789", "c.", "p.", "g.", "del", "ins", "dup", "inv", "HBB",
    "part", "back", "x", "delins", "fs", "Ter", "&gt;", "&#62;", "(;)", "9" * 5000, "A" * 2500,
    "\r\n", "\x00", "\x0b", "\x1b[2J", "\u2028", "→", "²", "١٢", "\ud800", "rs334", "PASS",
)  # fmt: skip


def check(source: str | bytes, record: int | None = None) -> None:
    """Read it; each variant fits its record and gets its names, each problem is one sentence."""
    try:
        listed = reading.read(source, GENES, record=record)
    except QueryError as error:
        is_sentence(str(error))
        return
    for problem in listed.problems:
        is_sentence(problem.reason)
        assert problem.line >= 1
        assert len(problem.text) <= 80
    found = [told(GENES, one) for one in listed.variants]
    written = vcf(found, GENES)
    assert len([row for row in written.splitlines() if row[0] != "#"]) == len(found)
    assert table(found).count("\n") == len(found) + bool(found)


def is_sentence(text: str) -> None:
    assert 0 < len(text) <= 300
    assert text.isprintable()


def told(sequences: Sequences, one: Variant) -> Assessment:
    text = dna(sequences, one.record)
    assert text[one.position : one.stop] == one.ref
    assert one.ref != one.alt
    assert set(one.ref + one.alt) <= set("ACGT")
    found = consequence(one, text)
    assert found.kind in KINDS
    assert found.protein.startswith("p.")
    position, ref, alt = placed(one, sequences)
    whole = dna(sequences, one.record) if sequences is not GENES else dna(WHOLE, one.record)
    assert whole[position - 1 : position - 1 + len(ref)] == ref
    assert ref[:1] != alt[:1] or min(len(ref), len(alt)) == 1
    # The name given is read as the same change of the record.
    outside = "-1_1" in found.coding or "*1" in found.coding
    if not outside and one.record != PARTED and len(found.coding) <= hgvs.MAX_NAME:
        back = hgvs.parse(found.coding, sequences, record=one.record)
        new = [text[: v.position] + v.alt + text[v.stop :] for v in (one, back)]
        assert new[0] == new[1]
    nan = (float("nan"),) * 3
    return Assessment(one, sequences.names[one.record], found, nan, nan, 0)


WHOLE = GENES.whole  # type: ignore[attr-defined]
PARTED = 2
"""A record with an intron: the name of a change may be moved over it."""
RECORDS = st.sampled_from([None, 0, 1, 2, 3, 4])


@SETTINGS
@given(st.lists(st.sampled_from(WORDS + NAMES + ROWS), max_size=30).map("".join), RECORDS)
def test_words_in_any_order(text: str, record: int | None) -> None:
    check(text, record)


@SETTINGS
@given(st.sampled_from(NAMES + ROWS), st.data(), RECORDS)
def test_a_line_with_a_slip(line: str, data: st.DataObject, record: int | None) -> None:
    start = data.draw(st.integers(0, len(line)))
    stop = data.draw(st.integers(start, min(len(line), start + 4)))
    word = data.draw(st.sampled_from(WORDS))
    check(line[:start] + word + line[stop:], record)


@SETTINGS
@given(
    st.sampled_from([0, 1, 2, 3, 4]), st.integers(0, 32), st.integers(0, 8),
    st.text("ACGT", max_size=8), st.sampled_from(["{} {} {} {}", "{}\t{}\t.\t{}\t{}"]),
)  # fmt: skip
def test_a_row_over_a_record(record: int, position: int, gone: int, alt: str, row: str) -> None:
    ref = dna(WHOLE, record, position, position + gone)
    check(row.format(WHOLE.names[record], position + 1, ref or "-", alt or "-"))


@SETTINGS
@given(st.one_of(st.text(), st.binary()), RECORDS)
def test_any_text_and_any_bytes(source: str | bytes, record: int | None) -> None:
    check(source, record)


@SETTINGS
@given(st.binary(max_size=40), st.integers(0, 60))
def test_a_gzipped_file_with_damage(tail: bytes, cut: int) -> None:
    packed = gzip.compress("\n".join(ROWS).encode(), mtime=0)
    check(packed[: len(packed) - cut] + tail)


@SETTINGS
@given(st.text("ACGTN", min_size=1, max_size=60), st.integers(0, 60), st.integers(0, 12),
       st.text("ACGT", max_size=12), st.sampled_from([1, 2, 5, 11, 27, 99]))  # fmt: skip
def test_any_change_of_any_record_has_its_class(
    text: str, start: int, gone: int, alt: str, code: int
) -> None:
    start = min(start, len(text))
    ref = text[start : start + gone]
    if "N" in ref or ref == alt:
        return
    found = consequence(Variant(0, start, ref, alt), text, code)
    assert found.kind in KINDS
    assert found.protein.startswith("p.")
    is_sentence(found.protein)


@pytest.mark.parametrize("stated", ["1..0", "9..3", "0..5", "1..99999999999", "join(1..3,2..9)",
                                    "complement(join(1..3,2..9))", "3", "x"])  # fmt: skip
def test_an_impossible_coding_sequence_is_not_cut_out(stated: str) -> None:
    whole = read(f">r [cds={stated}]\nATGGTGCATTAA\n".encode())
    made = coding_sequences(whole)
    assert 0 < len(made[0]) <= 24
    assert np.isin(made[0], whole[0]).all()
