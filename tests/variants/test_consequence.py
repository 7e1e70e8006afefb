"""Consequences against Biopython's own translation of the mutated text."""

import re

import pytest
from Bio.Align import substitution_matrices
from Bio.Data.IUPACData import protein_letters_3to1
from Bio.Seq import Seq
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.kmers.genetic_code import code, protein_of
from bioskipgram.sequences import fasta
from bioskipgram.sequences.shipped import GENES
from bioskipgram.variants.consequence import consequence, cpg, three
from bioskipgram.variants.hgvs import parse
from bioskipgram.variants.variant import Variant, dna

SHIPPED = fasta.read(GENES)
HBB = SHIPPED.names.index("HBB")
ONE = {name.capitalize(): letter for name, letter in protein_letters_3to1.items()} | {"Ter": "*"}


@pytest.mark.parametrize(
    ("name", "protein", "kind", "codons"),
    [
        ("c.20A>T", "p.Glu7Val", "missense", "GAG>GTG"),
        ("c.19G>A", "p.Glu7Lys", "missense", "GAG>AAG"),
        ("c.9C>T", "p.His3=", "synonymous", "CAC>CAT"),
        ("c.52A>T", "p.Lys18Ter", "stop gained", "AAG>TAG"),
        ("c.118C>T", "p.Gln40Ter", "stop gained", "CAG>TAG"),
        ("c.1A>G", "p.Met1?", "start lost", "ATG>GTG"),
        ("c.442T>C", "p.Ter148GlnextTer?", "stop lost", "TAA>CAA"),
        ("c.444A>G", "p.Ter148=", "synonymous", "TAA>TAG"),
        ("c.20del", "p.Glu7GlyfsTer13", "frameshift", ""),
        ("c.27dup", "p.Ser10ValfsTer14", "frameshift", ""),
        ("c.20_22del", "p.Glu8del", "in-frame deletion", ""),
        ("c.19_21dup", "p.Glu8dup", "in-frame insertion", ""),
        ("c.9_10insCCC", "p.His3_Leu4insPro", "in-frame insertion", ""),
        ("c.20_22delinsTTT", "p.Glu7_Glu8delinsValTer", "stop gained", "GAGGAG>GTTTAG"),
        ("c.19_21delinsTAA", "p.Glu7Ter", "stop gained", "GAG>TAA"),
    ],
)
def test_known_changes_of_beta_globin(name: str, protein: str, kind: str, codons: str) -> None:
    """c.20A>T is HbS, c.19G>A HbC, c.118C>T and c.52A>T the codon 39 and 17 thalassaemias."""
    one = parse(name, SHIPPED, record=HBB)
    found = consequence(one, dna(SHIPPED, HBB))
    assert (found.protein, found.kind, found.codons) == (protein, kind, codons)


def test_the_sickle_cell_change_in_full() -> None:
    found = consequence(parse("HBB:c.20A>T", SHIPPED), dna(SHIPPED, HBB))
    assert (found.coding, found.amino_acids, found.blosum62) == ("c.20A>T", "E>V", -2)
    assert (found.change, found.cpg) == ("transversion", "")


CODONS = st.lists(st.sampled_from([c for c, a in code().items() if a != "*"]), max_size=8)


@st.composite
def case(draw: st.DrawFn) -> tuple[str, Variant]:
    text = "ATG" + "".join(draw(CODONS)) + draw(st.sampled_from(["TAA", "TAG", "TGA"]))
    start = draw(st.integers(0, len(text) - 1))
    ref = text[start : start + draw(st.integers(0, 6))]
    alt = draw(st.text("ACGT", max_size=6))
    # As `variants.variant` makes them: what is shared is off, something changes.
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while ref and alt and ref[0] == alt[0]:
        ref, alt, start = ref[1:], alt[1:], start + 1
    if not ref and not alt:
        ref, alt, start = text[0], "C", 0
    return text, Variant(0, start, ref, alt)


def applied(protein: str, name: str) -> str:
    """The protein a p. name describes, up to its first stop; frameshifts excepted."""
    body = name.removeprefix("p.")
    if body == "=" or body.endswith("="):
        return protein
    found = re.fullmatch(
        r"([A-Z][a-z]{2})(\d+)(?:_([A-Z][a-z]{2})(\d+))?(delins|del|dup|ins)?((?:[A-Z][a-z]{2})*)",
        body,
    )
    assert found, name
    first = int(found[2])
    last = int(found[4] or first)
    assert ONE[found[1]] == protein[first - 1]
    assert found[3] is None or ONE[found[3]] == protein[last - 1]
    new = "".join(ONE[found[6][i : i + 3]] for i in range(0, len(found[6]), 3))
    if found[5] == "dup":
        new = 2 * protein[first - 1 : last]
    if found[5] == "ins":
        assert last == first + 1
        return until_stop(protein[:first] + new + protein[first:])
    return until_stop(protein[: first - 1] + new + protein[last:])


def until_stop(protein: str) -> str:
    return protein[: protein.find("*") + 1] if "*" in protein else protein


@settings(max_examples=400, deadline=None)
@given(case())
def test_the_protein_name_describes_what_biopython_translates(case: tuple[str, Variant]) -> None:
    text, one = case
    found = consequence(one, text)
    new = text[: one.position] + one.alt + text[one.stop :]
    before, after = (until_stop(str(Seq(t[: len(t) // 3 * 3]).translate())) for t in (text, new))
    if after[:1] != "M":
        assert (found.kind, found.protein) == ("start lost", "p.Met1?")
    elif found.kind == "frameshift":
        assert (len(one.alt) - len(one.ref)) % 3
        told = re.fullmatch(r"p\.(\w{3})(\d+)(\w{3})fsTer(\d+|\?)", found.protein)
        if told is None:
            assert found.protein == "p.?"
            assert before.startswith(after) or after.startswith(before)
            return
        first = int(told[2]) - 1
        assert before[:first] == after[:first]
        assert (ONE[told[1]], ONE[told[3]]) == (before[first], after[first])
        assert before[first] != after[first]
        assert told[4] == (str(len(after) - first) if after[-1] == "*" else "?")
    elif found.kind == "stop lost":
        assert f"Ter{len(before)}" in found.protein or (found.protein, after) == (
            "p.?",
            before[:-1],
        )
        assert after[len(before) - 1 :][:1] != "*"
    else:
        assert applied(before, found.protein) == after
        assert (found.kind == "synonymous") == (before == after)
        if found.kind == "stop gained":
            assert len(after) <= len(before)
            assert after.endswith("*")


@settings(max_examples=100, deadline=None)
@given(CODONS.filter(bool), st.data())
def test_a_substitution_against_biopython(codons: list[str], data: st.DataObject) -> None:
    text = "".join(codons)
    position = data.draw(st.integers(0, len(text) - 1))
    alt = data.draw(st.sampled_from([b for b in "ACGT" if b != text[position]]))
    found = consequence(Variant(0, position, text[position], alt), text)
    number = position // 3
    old = text[3 * number : 3 * number + 3]
    new = old[: position % 3] + alt + old[position % 3 + 1 :]
    a, b = (str(Seq(codon).translate()) for codon in (old, new))
    assert (found.codons, found.amino_acids) == (f"{old}>{new}", f"{a}>{b}")
    if "*" not in a + b:
        assert found.blosum62 == int(substitution_matrices.load("BLOSUM62")[a, b])
    pair = {text[position], alt}
    assert (found.change == "transition") == (pair in ({"A", "G"}, {"C", "T"}))


@pytest.mark.parametrize(
    ("text", "position", "alt", "expected"),
    [
        ("ACGT", 1, "T", "destroyed"), ("ACGT", 2, "A", "destroyed"), ("ATGT", 1, "C", "created"),
        ("CAGT", 1, "G", "created"), ("CCGT", 1, "G", "moved"), ("AAAA", 1, "C", ""),
        ("GAAA", 0, "C", ""), ("AAAC", 3, "G", ""),
    ],
)  # fmt: skip
def test_what_becomes_of_a_cpg(text: str, position: int, alt: str, expected: str) -> None:
    assert cpg(Variant(0, position, text[position], alt), text) == expected


@pytest.mark.parametrize(
    ("text", "one"),
    [("ATGGT", Variant(0, 4, "T", "A")), ("ATGNTT", Variant(0, 4, "T", "A")),
     ("NTGGTT", Variant(0, 4, "T", ""))],
)  # fmt: skip
def test_what_has_no_whole_known_codon_is_not_known(text: str, one: Variant) -> None:
    found = consequence(one, text)
    assert (found.kind, found.protein, found.blosum62) == ("not known", "p.?", None)


def test_amino_acids_by_their_long_names() -> None:
    assert three("EV*") == "GluValTer"
    assert protein_of("ATGNNNTAAC") == "MX*"
