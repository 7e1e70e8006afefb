"""Rows of tables as VCF, MAF, ANNOVAR, Ensembl and spreadsheets have them."""

import pytest
from Bio.Seq import Seq
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bioskipgram.sequences.fasta import read
from bioskipgram.variants import reading
from bioskipgram.variants.consequence import consequence
from bioskipgram.variants.rows import Columns

GENES = read(b">HBB\nATGGTGCATCTGACTCCTGAGGAGAAG\n>x\nATGCAT\n")
SNV = (19, "A", "T")
INSERTION = (20, "", "AG")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("HBB\t20\t.\tA\tT,<NON_REF>\t.\t.\tDP=3\tGT:AD\t0/1:3,4", SNV),
        ("HBB\t20\t.\ta\t*,t", SNV),
        ("HBB\t17\t.\tCTGAGGA\tCTGTGGA\t.\t.\t.", SNV),
        ("HBB\t20\tp.Glu7Val\tA\tT\t.\tPASS\tANN=T|missense|c.20A>T|p.Glu7Val", SNV),
        ("HBB\t20\t\tA\tU", SNV),
        # Remarks behind name, position, reference and alternative
        ("HBB 20 A T pathogenic", SNV),
        ("HBB\t20\tA\tT\tNM_000518.5:c.4G>C\tx", SNV),
        # ANNOVAR
        ("HBB\t20\t20\tA\tT\tcomments: rs334", SNV),
        ("HBB\t20\t20\tA\tATAAA\tcomments: a block substitution", (19, "", "ATAA")),
        ("HBB\t20\t24\t0\t-\tcomments: a deletion of 5 bases", (19, "AGGAG", "")),
        # MAF, with the other chromosome's allele between
        ("HBB\t20\t20\tA\tA\tT", SNV),
        ("HBB\t20\t21\t-\t-\tAG", INSERTION),
        ("HBB\t20\t20\tA\tA\t-", (19, "A", "")),
        ("HBB 20 21 – AG", INSERTION),
        # Ensembl: the alleles of the minus strand are turned
        ("HBB 21 20 -/AG +", INSERTION),
        ("HBB 21 20 -/AG", INSERTION),
        ("HBB 20 20 T/A -1", SNV),
        ("HBB 20 22 CCT/- -", (19, "AGG", "")),
    ],
)
def test_a_row_is_read_as_its_format_has_it(row: str, expected: tuple[int, str, str]) -> None:
    (one,) = reading.read(row, GENES).variants
    assert (one.position, one.ref, one.alt) == expected


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("HBB\t20\tc.20A>T\tA\t<DUP:TANDEM>\t.\t.\tEND=30", "symbolic allele"),
        ("HBB\t20\tc.20A>T\tA\t]chr2:321681]A", "breakend"),
        ("HBB 20 - AG", "an insertion needs both its neighbours: name 20 21 - AG"),
        ("HBB 20 999 0 -", "position 999 is outside HBB"),
        ("HBB 20 22 0 AG", "'0' in '0' is none of A, C, G, T"),
        ("HBB\t20\t.\tA\tA.", "A. is a breakend"),
        ("HBB\t20\t.\tA\t\t.\t.\t.", "there is no alternative ()"),
        ("HBB\t20\tA\t", "there is no alternative ()"),
        ("HBB:20:A:T", "neither an HGVS coding change"),
    ],
)
def test_what_a_row_lacks_is_told(row: str, reason: str) -> None:
    listed = reading.read(row, GENES)
    assert not listed.variants
    assert reason in listed.problems[0].reason


MAF = (
    "#version 2.4\nHugo_Symbol\tEntrez_Gene_Id\tNCBI_Build\tChromosome\tStart_Position\t"
    "End_Position\tStrand\tReference_Allele\tTumor_Seq_Allele1\tTumor_Seq_Allele2\tHGVSc\n"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MAF + "HBB\t3043\tGRCh38\tchr11\t5227002\t5227002\t+\tT\tT\tA\tc.20A>T", SNV),
        ("Hugo_Symbol\tStart_Position\tEnd_Position\tReference_Allele\tTumor_Seq_Allele2\n"
         "HBB\t20\t21\t-\tAG", INSERTION),
        ("Chr\tStart\tEnd\tRef\tAlt\tGene\nHBB\t20\t20\t-\tAG\tx", INSERTION),
        ("gene,position,ref,alt,note\n\"HBB\",20,A,T,c.4G>C", SNV),
        ("alt,ref,pos,chrom\nT,A,20,HBB", SNV),
        ("gene;position;ref;alt\nHBB;20;A;T", SNV),
        ("rs334\tHBB:c.20A>T\tpathogenic", SNV),
        ("HBB:c.20A>T\tpathogenic\tc.4G>C", SNV),
        ("HBB\tc.20A>T\tr.(?)\tp.(Glu7Val)", SNV),
        ("SYMBOL\tHGVSc\nHBB\tENST00000335295.4:c.20A>T", SNV),
        ("CHROM\tPOS\tID\tREF\tALT\nHBB\t20\t.\tA\tT", SNV),
    ],
)  # fmt: skip
def test_columns_are_found_by_their_names(text: str, expected: tuple[int, str, str]) -> None:
    named = read(b">HBB gene_symbol:HBB\nATGGTGCATCTGACTCCTGAGGAGAAG\n")
    listed = reading.read(text, named)
    assert not listed.problems
    assert [(v.position, v.ref, v.alt) for v in listed.variants] == [expected]


def test_a_row_without_its_coding_change_is_told() -> None:
    listed = reading.read("gene\thgvsc\nHBB\t\nHBB\tc.20A>T\n", GENES)
    assert [(p.line, p.reason[:30]) for p in listed.problems] == [
        (2, "this row has no coding change,")
    ]
    assert len(listed.variants) == 1
    assert Columns.of("HBB 20 A T") is None


LETTERS = GENES.text(0)


@settings(max_examples=80, deadline=None)
@given(st.integers(3, 20), st.integers(0, 5), st.text("ACGT", max_size=4), st.integers(1, 3))
def test_however_a_change_is_written_it_is_the_same(
    start: int, size: int, alt: str, pad: int
) -> None:
    stop = start + size
    ref = LETTERS[start:stop]
    new = LETTERS[:start] + alt + LETTERS[stop:]
    assume(new != LETTERS)
    before, behind = LETTERS[start - pad : start], LETTERS[stop : stop + pad]
    end, turned = stop if size else start, Seq(ref).reverse_complement()
    rows = [
        f"HBB\t{start - pad + 1}\t.\t{before}{ref}{behind}\t{before}{alt}{behind}\t.\t.\t.",
        f"HBB\t{start + bool(size)}\t{end + (not size)}\t{ref or '-'}\t{alt or '-'}",
        f"HBB {start + 1} {end} {ref or '-'}/{alt or '-'} +",
        f"HBB {start + 1} {end} {turned or '-'}/{Seq(alt).reverse_complement() or '-'} -1",
        f"HBB:c.{start + 1}_{stop}delins{alt}" if size and alt else "",
        f"HBB:c.{start + 1}_{stop}del{size}" if size and not alt else "",
        f"HBB:c.{start}_{start + 1}ins{alt}" if not size else "",
    ]
    classes = set()
    for row in filter(None, rows):
        (one,) = reading.read(row, GENES).variants
        assert LETTERS[: one.position] + one.alt + LETTERS[one.stop :] == new
        effect = consequence(one, LETTERS)
        classes.add((effect.kind, effect.coding, effect.protein))
    assert len(classes) == 1
