"""What is written: a VCF that a parser takes back, a table without formulas."""

import csv
import io
import re
from urllib.parse import unquote

import pytest

from bioskipgram.sequences.fasta import read
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.variants import reading
from bioskipgram.variants.assess import Assessor
from bioskipgram.variants.coding import coding_sequences
from bioskipgram.variants.score import Scorer
from bioskipgram.variants.variant import variant
from bioskipgram.variants.vcf import placed, table, vcf
from tests.variants.test_score import model

GENES = read(b">HBB one\nATGGTGCATCTGACTCCTGAGGAGAAG\n>=a,b<c>\nATGCATTAA\n>=a;b<c>\nATGTAA\n")
LIST = """HBB:c.20A>T
HBB:c.9T>C
HBB:c.20del
HBB:c.1_3del
HBB:c.20_21insAG
HBB:c.19_20delinsTT
=a,b<c> 3 G C
=a;b<c> 3 G C"""
META = re.compile(
    r'##(fileformat=VCFv4\.3|source=\S.*|contig=<ID=(?P<contig>[0-9A-Za-z!#$%&+./:;?@^_|~-]'
    r"[0-9A-Za-z!#$%&*+./:;=?@^_|~-]*),length=(?P<length>\d+)>"
    r'|INFO=<ID=(?P<info>[A-Z_][0-9A-Z_.]*),Number=1,Type=(?P<type>Float|String|Integer),'
    r'Description="[^"]+">)'
)  # fmt: skip


def assessed(text: str, sequences: Sequences = GENES) -> list:
    listed = reading.read(text, sequences)
    assert not listed.problems
    return Assessor(Scorer(model(0)), sequences).all(listed.variants)


def parsed(text: str) -> tuple[dict[str, int], list[tuple[list[str], dict[str, object]]]]:
    """A strict reader of VCF 4.3: contigs with lengths, and rows with their INFO."""
    lines = text.splitlines()
    assert lines[0] == "##fileformat=VCFv4.3"
    contigs, types, rows = {}, {}, []
    for line in lines:
        if line.startswith("##"):
            found = META.fullmatch(line)
            assert found, line
            if found["contig"]:
                contigs[found["contig"]] = int(found["length"])
            if found["info"]:
                types[found["info"]] = {"Float": float, "Integer": int, "String": str}[
                    found["type"]
                ]
        elif line.startswith("#"):
            assert line == "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
        else:
            fields = line.split("\t")
            assert len(fields) == 8
            assert fields[0] in contigs
            assert 1 <= int(fields[1]) <= contigs[fields[0]]
            assert re.fullmatch("[ACGTN]+", fields[3])
            assert re.fullmatch("[ACGTN]+", fields[4])
            pairs = dict(pair.split("=") for pair in fields[7].split(";"))
            assert not re.search(r"[\s,]", fields[7])
            rows.append((fields, {key: types[key](value) for key, value in pairs.items()}))
    return contigs, rows


def test_what_is_written_is_valid_and_read_back_as_the_same_variants() -> None:
    found = assessed(LIST)
    text = vcf(found, GENES, model="abc")
    contigs, rows = parsed(text)
    assert contigs == {"HBB": 27, "a_b_c_": 9, "a;b_c_": 6}
    assert len(rows) == 8
    back = reading.read(text, read(b">HBB\n%b\n>a_b_c_\nATGCATTAA\n>a;b_c_\nATGTAA\n"
                                        % GENES.text(0).encode()))  # fmt: skip
    assert not back.problems
    key = [(v.record, v.position, v.ref, v.alt) for v in back.variants]
    assert sorted(key) == sorted(
        (one.variant.record, one.variant.position, one.variant.ref, one.variant.alt)
        for one in found
    )
    order = [(contigs_index, int(fields[1])) for fields, _ in rows
             for contigs_index in [list(contigs).index(fields[0])]]  # fmt: skip
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("change", "row"),
    [
        ((4, "CA", ""), (1, "CAC", "C")),
        ((6, "", "CA"), (1, "C", "CAC")),
        ((0, "CA", ""), (1, "CAC", "C")),
        ((0, "C", ""), (1, "CA", "A")),
        ((0, "", "T"), (1, "C", "TC")),
        ((0, "", "CA"), (1, "C", "CAC")),
        ((8, "G", ""), (6, "AG", "A")),
        ((9, "", "G"), (6, "A", "AG")),
        ((10, "TT", ""), (9, "GTT", "G")),
        ((12, "", "TTA"), (12, "T", "TTTA")),
        ((17, "G", ""), (17, "CG", "C")),
        ((17, "G", "GACG"), (12, "T", "TACG")),
        ((15, "ACG", ""), (12, "TACG", "T")),
        ((3, "ACA", "TT"), (4, "ACA", "TT")),
        ((9, "T", "A"), (10, "T", "A")),
        ((13, "", "CGA"), (12, "T", "TACG")),
    ],
)
def test_a_row_stands_where_bcftools_norm_puts_it(
    change: tuple[int, str, str], row: tuple[int, str, str]
) -> None:
    """The right values are those of bcftools 1.16."""
    sequences = read(b">r\nCACACAGGGTTTACGACG\n")
    position, ref, alt = change
    one = variant(sequences, 0, position=position, ref=ref, alt=alt)
    assert placed(one, sequences) == row


def test_a_row_of_a_part_stands_in_its_whole_record() -> None:
    whole = read(b">r [cds=complement(4..12)]\nCCCTTAAAACATCCC\n")
    sequences = coding_sequences(whole)
    (one,) = reading.read("c.5del", sequences).variants
    assert placed(one, sequences) == (5, "TA", "T")
    found = assessed("c.5del\nc.1A>G", sequences)
    contigs, rows = parsed(vcf(found, sequences))
    assert contigs == {"r": 15}
    assert [fields[1:5] for fields, _ in rows] == [["5", ".", "TA", "T"], ["12", ".", "T", "C"]]


def test_scores_and_names_stand_in_the_info() -> None:
    (found,) = assessed("HBB:c.9T>C")
    _, ((_, info),) = parsed(vcf([found], GENES))
    assert info["LO"] == pytest.approx(found.values[0], rel=1e-5)
    assert info["WS"] == pytest.approx(found.values[1], rel=1e-5)
    assert (info["CSQ"], unquote(str(info["HGVSP"]))) == ("synonymous", "p.His3=")
    assert "LOP" not in info  # no null was given


def test_two_records_of_one_name_are_two_contigs() -> None:
    twins = read(b">a\nATG\n>a\nATG\n")
    listed = [v for r in (0, 1) for v in reading.read("c.3G>A", twins, record=r).variants]
    contigs, rows = parsed(vcf(Assessor(Scorer(model(0)), twins).all(listed), twins))
    assert contigs == {"a": 3, "a.2": 3}
    assert [fields[0] for fields, _ in rows] == ["a", "a.2"]


def test_a_table_has_a_header_and_no_formula() -> None:
    found = assessed(LIST)
    rows = list(csv.DictReader(io.StringIO(table(found)), delimiter="\t"))
    assert [row["coding"] for row in rows][:2] == ["c.20A>T", "c.9T>C"]
    assert rows[0]["protein"] == "p.Glu7Val"
    assert rows[2]["alt"] == "-"
    assert rows[6]["gene"] == "'=a,b<c>"
    assert float(rows[0]["log_odds"]) == pytest.approx(found[0].values[0], rel=1e-5)
    assert table([]) == ""
