"""Changes named by protein, transcript, genome or dbSNP."""

import pytest

from bioskipgram.errors import QueryError
from bioskipgram.kmers.genetic_code import translate
from bioskipgram.sequences import fasta
from bioskipgram.sequences.shipped import GENES
from bioskipgram.variants import hgvs, reading
from bioskipgram.variants.coding import coding_sequences
from bioskipgram.variants.consequence import consequence
from bioskipgram.variants.transcripts import at, named, transcripts
from bioskipgram.variants.variant import dna, find_record

RECORDS = fasta.read(GENES)
GENOMIC = b"""LOCUS       GENE 24 bp DNA
DEFINITION  a gene of two exons
ACCESSION   AB000001
FEATURES             Location/Qualifiers
     CDS             join(3..8,15..20)
                     /gene="two"
ORIGIN
        1 ccatggcagt ccccagtatt gacc
//
"""


@pytest.mark.parametrize(
    ("name", "number"), [("HBB:p.Glu7Val", 4), ("NP_000509.1:p.(E7V)", 4), ("HBB:p.Gln40Ter", 3),
                         ("HBB:p.Gln40*", 3), ("HBB:p.Glu7=", 1), ("HBB:p.Val2del", 1),
                         ("HBB:p.Glu7Val (c.20A>T)", 1), ("HBB:p.GLU7VAL", 4),
                         ("HBB:p.e7v", 4), ("HBB:p.W16X", 3)],
)  # fmt: skip
def test_a_protein_change_is_every_coding_change_that_gives_it(name: str, number: int) -> None:
    found = hgvs.parse_all(name, RECORDS)
    assert len(found) == number
    text = dna(RECORDS, find_record(RECORDS, "HBB"))
    changed = {text[: one.position] + one.alt + text[one.stop :] for one in found}
    assert len(changed) == number
    sizes = [len(one.ref) for one in found]
    assert sizes == sorted(sizes)
    proteins = {translate(one) for one in changed}
    assert len(proteins) == 1
    wanted = name.partition("p.")[2].strip("()")
    if wanted.startswith("Glu7Val"):
        assert {consequence(one, text).protein for one in found} == {"p.Glu7Val"}
        assert next(iter(proteins))[6] == "V"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("HBB:p.Glu6Val", r"residue 6 of HBB is Pro, not Glu; older names .* p\.Glu7"),
        ("HBB:p.Glu900Val", "residue 900 is outside HBB, which has 148 residues"),
        ("HBB:p.Glu7fs", r"p\.Glu7fs is no exchange of one residue"),
        ("HBB:p.Glu7dup", r"p\.Glu7dup is no exchange of one residue"),
        ("HBB:p.Zzz7Val", r"Zzz is no amino acid"),
        ("HBB:p.Met1Val", "no change of the codon ATG of HBB"),
        ("rs334", "rs334 is an identifier of dbSNP"),
        ("NC_000011.10:g.5227002T>A", r"lies in HBB \(minus strand, .*exons are not known here"),
        ("chr1:g.5T>A", "no gene of MANE lies at position 5 of chr1"),
        ("HBB:g.20A>T", "HBB is a coding sequence alone, whose exons are not known"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_sentence(name: str, message: str) -> None:
    (problem,) = reading.read(name, RECORDS).problems
    assert pytest.raises(QueryError, match=message).matches(QueryError(problem.reason))
    assert "\n" not in problem.reason


def test_transcripts_lead_to_the_record_of_their_gene() -> None:
    assert named("nm_000518").symbol == "HBB"  # type: ignore[union-attr]
    for name in ("NM_000518.5", "ENST00000335295", "NP_000509.1"):
        assert RECORDS.names[find_record(RECORDS, name)] == "HBB"
    (one,) = reading.read("NM_000518.4(HBB):c.20A>T", RECORDS).variants
    assert (one.position, one.ref, one.alt) == (19, "A", "T")
    by_accession = fasta.read(b">NM_000518.5\nATGGTGCATTAA\n")
    assert find_record(by_accession, "HBB") == 0


def test_places_of_genes() -> None:
    assert len(transcripts()) > 19_000
    assert [one.symbol for one in at("NC_000011", 5_227_002)] == ["HBB"]
    assert at("NC_000011", 1) == []


def test_a_genomic_change_is_read_through_the_exons_of_its_record() -> None:
    sequences = coding_sequences(fasta.read(GENOMIC))
    inside = hgvs.parse("AB000001:g.16G>C", sequences)
    assert hgvs.coding_name(inside, dna(sequences, 0)) == "c.8G>C"
    with pytest.raises(QueryError, match=r"position 11 of .* is not in its coding sequence"):
        hgvs.parse("AB000001:g.11C>A", sequences)
