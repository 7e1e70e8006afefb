"""What a GenBank record states about its coding sequence stands in its header line."""

import gzip

import pytest

from bioskipgram.errors import FastaError
from bioskipgram.sequences import fasta
from bioskipgram.sequences.headers import parse_header
from bioskipgram.sequences.source import Limits

RECORD = """LOCUS       T1                        24 bp    DNA     linear   SYN 01-JAN-2020
DEFINITION  test record.
ACCESSION   T1
VERSION     T1.1
FEATURES             Location/Qualifiers
     source          1..24
{features}ORIGIN
        1 ataacctgat tcggctgaag ataa
//
"""
CDS = '     CDS             {place}\n                     /gene="G"\n'


def stated(place: str, *qualifiers: str, more: str = "") -> str:
    lines = "".join(f"                     /{text}\n" for text in qualifiers)
    text = RECORD.format(features=CDS.format(place=place) + lines + more)
    (found,) = fasta.read(text.encode()).descriptions
    return found


@pytest.mark.parametrize(
    ("place", "qualifiers", "cds", "table"),
    [
        ("4..12", ("codon_start=1",), "4..12", 1),
        ("1..24", (), "", 1),
        ("1..24", ("transl_table=2",), "", 2),
        ("<4..>12", ("transl_table=11",), "4..12", 11),
        ("<4..12", ("codon_start=2",), "5..12", 1),
        ("join(1..5,8..20)", (), "join(1..5,8..20)", 1),
        ("join(1,4..9)", ("codon_start=3",), "5..9", 1),
        ("complement(join(4..9,12..13))", ("codon_start=3",), "complement(4..9)", 1),
        ("4", ("codon_start=2",), "", 1),
        ("complement(4..>12)", ("codon_start=3",), "complement(4..10)", 1),
        ("complement(join(4..9,12..20))", (), "complement(join(4..9,12..20))", 1),
        ("join(J00194.1:1..5,8..20)", (), "", 1),
        ("join(1..5,complement(8..20))", (), "", 1),
        (
            "join(complement(12..20),complement(4..9))",
            (),
            "complement(join(4..9,12..20))",
            1,
        ),
    ],
)
def test_a_coding_sequence_is_stated(
    place: str, qualifiers: tuple[str, ...], cds: str, table: int
) -> None:
    header = parse_header(stated(place, *qualifiers))
    assert (header.cds, header.transl_table) == (cds, table)
    assert (header.symbol, header.accession, header.description) == ("G", "T1.1", "test record")


def test_of_several_coding_sequences_none_is_stated() -> None:
    assert stated("4..12", more=CDS.format(place="13..24")) == "T1.1 test record [gene=G]"


def test_a_fasta_header_may_state_the_same() -> None:
    header = parse_header("lcl|x [gene=ND1] [gcode=5] [cds=3..14] rest")
    assert (header.symbol, header.transl_table, header.cds) == ("ND1", 5, "3..14")
    assert parse_header("x [transl_table=two] [gcode=99999]").transl_table == 1


def test_a_qualifier_of_several_lines_is_one() -> None:
    text = stated("4..12", f'note="a b\n{21 * " "}/transl_table=5 c"', "transl_table=2")
    assert parse_header(text).transl_table == 2


def test_annotation_of_short_lines_alone_is_refused_at_once() -> None:
    for line in (b"XX\n", b"FT\n", b"\n"):
        with pytest.raises(FastaError, match=r"lines with \d characters each; is it"):
            fasta.read(b"ID   X; SV 1;\n" + line * 2_000_000)


@pytest.mark.parametrize(
    ("start", "line"),
    [
        (b"LOCUS x\nFEATURES\n", b"     CDS             1..9\n"),
        (b"##gff-version 3\n", b"chr1\tx\tgene\t1\t9\n"),
    ],
)
def test_annotation_that_unpacks_to_far_more_is_refused_early(start: bytes, line: bytes) -> None:
    packed = gzip.compress(start + line * 400_000)
    assert len(start + line * 400_000) < 30_000_000  # of letters so many bytes are allowed
    with pytest.raises(FastaError, match="it unpacks to more than 100 times its size"):
        fasta.read(packed, limits=Limits())
