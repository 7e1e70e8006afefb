"""Lists of variants and VCFs: good lines are used, bad ones told, foreign files recognised."""

import gzip

import pytest

from bioskipgram.errors import QueryError
from bioskipgram.sequences.fasta import read
from bioskipgram.variants import reading
from bioskipgram.variants.reading import Problem, VariantList

GENES = read(b">HBB\nATGGTGCATCTGACTCCTGAGGAGAAG\n>x\nATGCAT\n")
VCF = """##fileformat=VCFv4.2
##contig=<ID=HBB>
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
HBB\t20\trs334\tA\tT,C\t.\tPASS\tAC=1,2
HBB\t18\t.\tTGAG\tT\t.\t.\t.
x\t1\t.\tA\t<DEL>\t.\t.\t.
x\t1\t.\tA\t*\t.\t.\t.
x\t1\t.\tA\t.\t.\t.\t.
x\t1\t.\tA\tA[chr1:9[\t.\t.\t.
chr11\t5\t.\tA\tT\t.\t.\t.
x\t2\t.\tA\tT\t.\t.\t.
"""


def found(text: str | bytes, record: int | None = None) -> VariantList:
    return reading.read(text, GENES, record=record)


def test_a_vcf_is_read_row_by_row_and_alternative_by_alternative() -> None:
    listed = found(VCF)
    assert [(v.record, v.position, v.ref, v.alt, v.line) for v in listed.variants] == [
        (0, 19, "A", "T", 4), (0, 19, "A", "C", 4), (0, 18, "GAG", "", 5),
    ]  # fmt: skip
    assert [p.line for p in listed.problems] == [6, 7, 8, 9, 10, 11]
    reasons = [
        "<DEL> is a symbolic allele", "* stands for a deletion written elsewhere",
        "no alternative (.) in this row", "is a breakend", "there is no record 'chr11'",
        "x has T at position 2, not A",
    ]  # fmt: skip
    for problem, reason in zip(listed.problems, reasons, strict=True):
        assert reason in problem.reason


def test_gzipped_bytes_are_the_same_file() -> None:
    packed = gzip.compress(VCF[:200].encode()) + gzip.compress(VCF[200:].encode())
    assert found(packed) == found(VCF.encode()) == found("\ufeff".encode() + VCF.encode())


def test_lines_of_all_kinds_stand_side_by_side() -> None:
    text = (
        "c.20A>T, x:c.1A>G; HBB:c.20del\n\n# a comment\nHBB 20 A T\n20 A T\r\nx\t2\tT\tC\n20 A -\n"
    )
    listed = found(text, record=0)
    assert not listed.problems
    assert [(v.record, v.position, v.alt) for v in listed.variants] == [
        (0, 19, "T"), (1, 0, "G"), (0, 19, ""), (0, 19, "T"), (0, 19, "T"), (1, 1, "C"),
        (0, 19, ""),
    ]  # fmt: skip
    assert listed.variants[3].given == "HBB 20 A T"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("20 A T", "say which record is meant: name position ref alt"),
        ("c.20A>T", "say which record is meant"),
        ("HBB 0 A T", "'0' is no position; positions count from 1"),
        ("HBB -3 A T", "'-3' is no position"),
        ("HBB ten A T", "'ten' is no position"),
        ("HBB 28 A T", "position 28 is outside HBB"),
        ("HBB 20 A R", "'R' in 'R' is none of A, C, G, T"),
        ("what is this", "'what' is no position"),
        ("sickle cell", "this is neither an HGVS coding change"),
    ],
)
def test_a_bad_line_has_its_sentence(text: str, reason: str) -> None:
    (problem,) = found(text, record=0 if text.startswith("what") else None).problems
    assert reason in problem.reason
    assert (problem.line, problem.text) == (1, text)


def test_a_vcf_of_a_genome_is_recognised_by_its_names() -> None:
    listed = found("chr11\t5227002\trs334\tT\tA\nchr7\t117559590\t.\tATCT\tA\n")
    assert "none of the 2 names in it is a record here (the first: chr11)" in listed.verdict
    assert "another reference, such as a genome" in listed.verdict


def test_a_vcf_of_another_transcript_is_recognised_by_its_bases() -> None:
    rows = "".join(f"HBB\t{i}\t.\tC\tG\n" for i in range(1, 11))  # two of the ten are a C
    listed = found(rows)
    assert len(listed.variants) == 2
    assert "8 of 10 reference bases are not what stands here" in listed.verdict


def test_one_wrong_base_condemns_no_file() -> None:
    assert found("HBB 1 A C\nHBB 2 A C\nHBB 3 G C").verdict == ""
    assert VariantList((), (Problem(1, "x", "y"),)).verdict == ""
    assert found("HBB 2 A C").verdict == ""
    assert found("TP53:c.2A>C, TP53:c.3A>C").verdict == ""


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (gzip.compress(VCF.encode(), mtime=0)[:-12], "the gzip data is damaged"),
        (b"\x1f\x8bnonsense", "the gzip data is damaged"),
        (b"BCF\2\2\0\0\0", "this is a binary file; give a VCF or a text file"),
    ],
)
def test_what_is_no_text_is_refused(source: bytes, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        found(source)


def test_there_is_an_end_to_what_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_LINES", 2)
    with pytest.raises(QueryError, match="more than 2 lines; give them in parts"):
        found("HBB 1 A C\n" * 3)
    monkeypatch.setattr(reading, "MAX_TEXT", 10)
    with pytest.raises(QueryError, match="more than 10 characters"):
        found(gzip.compress(b"HBB 1 A C\n" * 3))
