"""Lists of variants and VCFs: good lines are used, bad ones told, foreign files recognised."""

import gzip

import pytest
from Bio.Seq import reverse_complement

from bioskipgram.errors import QueryError
from bioskipgram.sequences.fasta import read
from bioskipgram.variants import reading
from bioskipgram.variants.coding import coding_sequences, to_record
from bioskipgram.variants.hgvs import coding_name
from bioskipgram.variants.reading import Problem, VariantList
from bioskipgram.variants.variant import dna

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
    assert len(found("\ufeffHBB 20 A T").variants) == 1


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
    "rest",
    [
        "15333\tA\tT\t.\t.\tALLELEID=30372;CLNHGVS=NC_000011.10:g.5227002T>A",
        "HBB:c.20A>T\tA\tT\t.\t.\tCSQ=T|missense|HBB|NM_000518.5:c.20A>T|NP_000509.1:p.Glu7Val",
        "g.1\tA\tT\t.\t.\t" + "x" * 5000,
        "20\tA\tT",
        ".\tA\tT\t.\t.\tNOTE=x\x0by\x85z\u2028c.1A>C\x1c",
    ],
)
def test_a_row_of_a_vcf_is_one_whatever_else_it_holds(rest: str) -> None:
    listed = found(f"HBB\t20\t{rest}\n")
    assert not listed.problems
    assert [(v.position, v.ref, v.alt) for v in listed.variants] == [(19, "A", "T")]


@pytest.mark.parametrize(
    ("row", "position", "ref", "alt"),
    [
        ("HBB\t20\t20\t-\tAG", 20, "", "AG"),  # ANNOVAR
        ("HBB 20 21 - AG", 20, "", "AG"),  # MAF
        ("HBB\t20\t22\tAGG\t-\tcomment c.4del", 19, "AGG", ""),
        ("HBB 20 20 A T", 19, "A", "T"),
        ("HBB 21 20 - AG", 20, "", "AG"),  # Ensembl
        ("HBB 20 20 -- AG", 20, "", "AG"),
        ("HBB 20 22 AGG ---", 19, "AGG", ""),
    ],
)
def test_a_row_with_start_and_end_is_a_maf_s(row: str, position: int, ref: str, alt: str) -> None:
    (one,) = found(row).variants
    assert (one.position, one.ref, one.alt) == (position, ref, alt)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("HBB 20 25 - AG", "20 to 25: an insertion stands between two neighbours"),
        ("HBB 25 20 - AG", "25 to 20: an insertion stands between two neighbours"),
        ("HBB 19 20 GAG -", "19 to 20 has 2 bases, but 3 are written"),
        ("HBB 20 20 - -", "nothing changes"),
        (f"HBB 20 {'9' * 5000} - AG", "is no position; give 1 or more"),
        ("HBB\t20.0\trs1\tA\tT\t.\t.\tCLNHGVS=NC_000011.10:g.5227002T>A", "'20.0' is no position"),
        ("HBB\t+20\tc.4G>C\tA\tT\t.\t.\tc.5A>T", "'+20' is no position"),
    ],
)
def test_a_row_that_contradicts_itself_has_its_sentence(row: str, reason: str) -> None:
    listed = found(row)
    assert not listed.variants
    assert reason in listed.problems[0].reason


@pytest.mark.parametrize(
    ("start", "said"),
    [(b"version https://git-lfs.g", "a Git LFS pointer"), (b"<html>", "web page")],
)
def test_a_pointer_and_a_web_page_are_named(start: bytes, said: str) -> None:
    with pytest.raises(QueryError, match=said):
        found(start)


def test_both_changes_of_an_allele_are_read() -> None:
    listed = found("HBB:c.[20A>T;25A>C]\nHBB:c.20A&gt;T")
    assert [(v.position, v.alt) for v in listed.variants] == [(19, "T"), (24, "C"), (19, "T")]


def test_long_lines_and_long_positions_have_their_sentence() -> None:
    text = f"HBB:c.20A>T{' ' * 60_000}\nHBB {'9' * 5000} A T\nHBB\t20\t.\t{'A' * 30_000}\tT\n"
    reasons = [problem.reason for problem in found(text).problems]
    assert "this line has 60,011 characters, and 2,000 at most are read" in reasons[0]
    assert "is no position" in reasons[1]
    assert "more than 20,000 characters together" in reasons[2]


MRNA = b"""LOCUS       T1                        24 bp    DNA     linear   SYN 01-JAN-2020
DEFINITION  test record.
ACCESSION   T1
VERSION     T1.1
FEATURES             Location/Qualifiers
     CDS             %b
                     /gene="G"
ORIGIN
        1 ccatggtgca taagtaaccc gtac
//
"""


@pytest.mark.parametrize(
    ("place", "coding", "name", "row"),
    [
        (b"3..17", "ATGGTGCATAAGTAA", "G:c.6del", "T1.1 8 8 G -"),
        (b"join(3..8,12..17)", "ATGGTGAAGTAA", "G:c.5T>A", "T1.1 7 T A"),
        (b"join(3..8,12..17)", "ATGGTGAAGTAA", "G:c.8_9insC", "T1.1 13 13 - C"),
        (b"complement(6..14)", "CTTATGCAC", "G:c.2_3del", "T1.1 12 13 AA -"),
        (b"complement(6..14)", "CTTATGCAC", "G:c.4_5insC", "T1.1 10 10 - G"),
        (b"complement(join(6..10,12..14))", "CTTTGCAC", "G:c.1C>T", "T1.1 14 G A"),
    ],
)
def test_positions_of_names_count_from_the_stated_coding_sequence(
    place: bytes, coding: str, name: str, row: str
) -> None:
    whole = read(MRNA % place)
    sequences = coding_sequences(whole)
    assert dna(sequences, 0) == coding
    listed = reading.read(f"{name}\n{row}\n", sequences)
    assert not listed.problems
    first, second = listed.variants
    assert (first.position, first.ref, first.alt) == (second.position, second.ref, second.alt)
    records, back = to_record(sequences, first)
    assert records is whole
    span = f"{back.position + bool(back.ref)}\t{back.stop + (not back.ref)}"
    row = f"T1.1\t{span}\t{back.ref or '-'}\t{back.alt or '-'}\n"
    again = reading.read(row, whole).variants[0]
    assert (again.position, again.ref, again.alt) == (back.position, back.ref, back.alt)
    new = coding[: first.position] + first.alt + coding[first.stop :]
    text = dna(whole, 0)
    text = text[: back.position] + back.alt + text[back.stop :]
    assert new in (text if b"complement" not in place else reverse_complement(text)) or (
        b"join" in place
    )


def test_what_is_not_in_one_exon_has_its_sentence() -> None:
    sequences = coding_sequences(read(MRNA % b"join(3..8,12..17)"))
    listed = reading.read("T1.1 10 A T\nG:c.5_8del\nG:c.13A>C", sequences)
    reasons = [problem.reason for problem in listed.problems]
    assert "position 10 of T1.1 is not in its coding sequence, join(3..8,12..17)" in reasons[0]
    assert "c.5_8 reaches over an intron of T1.1" in reasons[1]
    assert "position 13 is outside T1.1, which has 12 bases" in reasons[2]
    assert coding_sequences(GENES) is GENES


@pytest.mark.parametrize(
    ("place", "row", "name"),
    [
        # Left-aligned, a deletion of the last codon or the first base reaches beyond the exon.
        ("4..12", "r\t3\t.\tAGAG\tA", "c.1_3del"),
        ("complement(4..12)", "r\t3\t.\tAGAG\tA", "c.7_9del"),
        ("join(4..6,10..18)", "r\t9\t.\tCCA\tC", "c.7_8del"),
        ("join(4..6,10..18)", "r\t9\t.\tC\tCCA", "c.7_8dup"),
        ("6..18", "r\t2\t.\tC\tCA", None),
    ],
)
def test_a_row_is_moved_to_where_it_is_within_an_exon(
    place: str, row: str, name: str | None
) -> None:
    #                        123456789012345678
    sequences = coding_sequences(read(f">r [cds={place}]\nCCAGAGAGCCACACTTTG\n".encode()))
    listed = reading.read(row, sequences)
    if name is None:
        assert "position 3 of r is not in its coding sequence" in listed.problems[0].reason
        return
    (one,) = listed.variants
    assert coding_name(one, dna(sequences, 0)) == name


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
        (gzip.compress(VCF.encode(), mtime=0)[:-12], "the gzip data ends early"),
        (
            gzip.compress(b"HBB 20 A T\n" * 4_000_000, mtime=0),
            "unpacks to more than 40 times its size",
        ),
        (b"\x1f\x8bnonsense", "the gzip data is damaged"),
        (b"BCF\2\2\0\0\0", "this is BCF, a list of variants; turn it into VCF first"),
        (b"\1\2\0\0", "this is a binary file; give a VCF or a text file"),
        ("HBB 20 A T\n".encode("utf-16"), "this is UTF-16 text; save it as UTF-8"),
        (b"PK\3\4xl/workbook.xml", "this is an Excel workbook; save it as text"),
    ],
)
def test_what_is_no_text_is_refused(source: bytes, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        found(source)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("HBB 20 A T\n" * 11, "more than 10 changes; give fewer"),
        ("HBB\t20\t.\tA\t" + "T," * 20 + "T", "more than 10 changes; give fewer"),
        ("HBB:c.20A>T," * 11, "more than 10 changes; give fewer"),
        ("what\n" * 11, "more than 10 lines that cannot be read"),
        ("HBB 20 G T\n" * 11, "more than 10 changes; give fewer"),
    ],
)
def test_more_changes_than_allowed_are_refused(text: str, said: str) -> None:
    with pytest.raises(QueryError, match=said):
        reading.read(text, GENES, most=10)


def test_long_changes_are_read_in_time_and_have_an_end() -> None:
    long = read(b">r\n" + b"ATGC" * 50_000 + b"\n")
    text = "r:c.1_150000dup\n" * 100 + "r:c.1_150000del\n" * 40
    with pytest.raises(QueryError, match="changes of more than 20,000,000 bases together"):
        reading.read(text, long)
    (one,) = reading.read("r:c.1_150000del", long).variants
    assert coding_name(one, dna(long, 0)) == "c.50001_200000del"


def test_there_is_an_end_to_what_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_LINES", 2)
    with pytest.raises(QueryError, match="more than 2 lines; give them in parts"):
        found("HBB 1 A C\n" * 3)
    monkeypatch.setattr(reading, "MAX_TEXT", 10)
    with pytest.raises(QueryError, match="more than 10 characters"):
        found(gzip.compress(b"HBB 1 A C\n" * 3))
