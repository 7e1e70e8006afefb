"""Consequences against Biopython's own translation of the mutated text."""

import re

import pytest
from Bio.Align import substitution_matrices
from Bio.Data.IUPACData import protein_letters_3to1
from Bio.Seq import Seq
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.kmers.genetic_code import code, translate
from bioskipgram.sequences import fasta
from bioskipgram.sequences.shipped import GENES
from bioskipgram.variants.consequence import consequence, cpg
from bioskipgram.variants.hgvs import parse
from bioskipgram.variants.protein import three
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
        ("c.444A>G", "p.Ter148=", "stop retained", "TAA>TAG"),
        ("c.20del", "p.Glu7GlyfsTer13", "frameshift", ""),
        ("c.27dup", "p.Ser10ValfsTer14", "frameshift", ""),
        ("c.20_22del", "p.Glu8del", "in-frame deletion", ""),
        ("c.19_21dup", "p.Glu8dup", "in-frame insertion", ""),
        ("c.9_10insCCC", "p.His3_Leu4insPro", "in-frame insertion", ""),
        ("c.20_22delinsTTT", "p.Glu7_Glu8delinsValTer", "stop gained", "GAGGAG>GTTTAG"),
        ("c.19_21delinsTAA", "p.Glu7Ter", "stop gained", "GAG>TAA"),
        ("c.19_21inv", "p.Glu7Leu", "missense", "GAG>CTC"),
        # A new stop that is not the first changed residue
        ("c.30_31insGTTTAA", "p.Ala11delinsValTer", "stop gained", ""),
        ("c.31_33delinsGTTTAA", "p.Ala11delinsValTer", "stop gained", ""),
        ("c.19_27delinsGTTTAA", "p.Glu7_Lys9delinsValTer", "stop gained", ""),
        ("c.439_440insTTTAAGAGT", "p.His147delinsLeuTer", "stop gained", ""),
        # What takes the stop, or leaves it whole
        ("c.439_444del", "p.His147_Ter148del", "stop lost", ""),
        ("c.442_444del", "p.Ter148del", "stop lost", ""),
        ("c.443_444del", "p.?", "stop lost", ""),
        ("c.440_443del", "p.?", "stop lost", ""),
        ("c.442_444delinsCAGGGG", "p.Ter148GlnextTer?", "stop lost", ""),
        ("c.439_441del", "p.His147del", "in-frame deletion", ""),
        ("c.441_442insGCA", "p.His147_Ter148insAla", "in-frame insertion", ""),
        ("c.442_443insGGT", "p.His147_Ter148insTrp", "in-frame insertion", ""),
        ("c.443_444insA", "p.Ter148=", "stop retained", ""),
        ("c.442_444dup", "p.Ter148=", "stop retained", ""),
        ("c.441_442insA", "p.Ter148IleextTer?", "stop lost", ""),
        # What leaves the start whole
        ("c.3_4insGCA", "p.Met1_Val2insAla", "in-frame insertion", ""),
        ("c.4dup", "p.Val2GlyfsTer6", "frameshift", ""),
        ("c.4_6del", "p.Val2del", "in-frame deletion", ""),
        ("c.2del", "p.Met1?", "start lost", ""),
        ("c.1_3del", "p.Met1?", "start lost", ""),
        ("c.2_5delinsTGCC", "p.Val2Pro", "missense", "GTG>CCG"),
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
    if found.kind == "UTR":
        assert not one.ref
        assert new.endswith(text) or new.startswith(text)
    elif new[:3] != "ATG":
        assert (found.kind, found.protein) == ("start lost", "p.Met1?")
    elif before == after:
        assert found.kind in ("synonymous", "stop retained")
        assert applied(before, found.protein) == after
    elif (len(one.alt) - len(one.ref)) % 3:
        assert found.kind in ("frameshift", "stop gained", "stop lost")
        shifts_to(before, after, found.protein)
    elif after.endswith("*"):
        assert found.kind not in ("frameshift", "synonymous", "stop retained", "start lost")
        assert applied(before, found.protein) == after
        if found.kind == "stop gained":
            assert len(after) <= len(before) + len(one.alt) // 3
    else:
        assert found.kind == "stop lost"


def shifts_to(before: str, after: str, name: str) -> None:
    """The first changed residue and the way to the stop are those of the protein."""
    told = re.fullmatch(r"p\.(\w{3})(\d+)(\w{3})(?:(fs|ext)Ter(\d+|\?))?", name)
    if told is None:
        assert name == "p.?"
        assert before.startswith(after) or after.startswith(before)
        return
    first = int(told[2]) - 1
    assert before[:first] == after[:first]
    assert (ONE[told[1]], ONE[told[3]]) == (before[first], after[first])
    assert before[first] != after[first]
    if told[4]:
        far = len(after) - first - (told[4] == "ext")
        assert told[5] == (str(far) if after[-1] == "*" else "?")


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
    [
        ("ATGGT", Variant(0, 4, "T", "A")), ("ATGNTT", Variant(0, 4, "T", "A")),
        ("ATGNTT", Variant(0, 4, "T", "")), ("ATGNTTGTA", Variant(0, 5, "TGT", "")),
    ],
)  # fmt: skip
def test_what_has_no_whole_known_codon_is_not_known(text: str, one: Variant) -> None:
    found = consequence(one, text)
    assert (found.kind, found.protein, found.blosum62) == ("not known", "p.?", None)


def test_an_unknown_base_elsewhere_hides_nothing() -> None:
    found = consequence(Variant(0, 3, "GTG", ""), "ATGGTGCATNNNTAA")
    assert (found.kind, found.protein) == ("in-frame deletion", "p.Val2del")
    found = consequence(Variant(0, 3, "G", ""), "ATGGTGCATNNNTAA")
    assert (found.kind, found.protein) == ("frameshift", "p.Val2CysfsTer?")


@pytest.mark.parametrize(
    ("position", "ref", "alt"), [(0, "", "C"), (0, "", "GCA"), (12, "", "GCA"), (13, "", "A"),
                                 (12, "C", "G"), (12, "C", ""), (1, "", "CCA"), (2, "", "CAT")],
)  # fmt: skip
def test_what_lies_outside_the_coding_sequence_changes_no_protein(
    position: int, ref: str, alt: str
) -> None:
    found = consequence(Variant(0, position, ref, alt), "ATGGTGCATTAACAC")
    assert (found.kind, found.protein) == ("UTR", "p.=")


@pytest.mark.parametrize(
    ("text", "places", "kind", "protein"),
    [
        ("ATGATGGTGTAA", [(0, "", "ATG"), (3, "", "ATG"), (6, "", "ATG")], "in-frame insertion",
         "p.Met2dup"),
        ("ATGGTGTAA", [(0, "", "ATGC"), (2, "", "GCAT"), (3, "", "CATG")], "frameshift",
         "p.Val2HisfsTer?"),
        ("ATGCATTAACAC", [(5, "TTA", ""), (6, "TAA", ""), (4, "ATT", "")], None, None),
        # The last base of the stop codon, at its three equal places
        ("ATGCATCCTGATGAAC", [(8, "TGA", ""), (9, "GAT", ""), (10, "ATG", "")], None, None),
        ("ATGGTCAGGTCAGTAA", [(3, "GTCAG", ""), (7, "GGTCA", ""), (8, "GTCAG", "")], None, None),
    ],
)  # fmt: skip
def test_equal_changes_have_one_class(
    text: str, places: list[tuple[int, str, str]], kind: str | None, protein: str | None
) -> None:
    made: dict[str, set[tuple[str, str, str]]] = {}
    for position, ref, alt in places:
        found = consequence(Variant(0, position, ref, alt), text)
        new = text[:position] + alt + text[position + len(ref) :]
        made.setdefault(new, set()).add((found.kind, found.coding, found.protein))
    assert all(len(each) == 1 for each in made.values())
    if kind:
        ((found_kind, _, found_protein),) = next(iter(made.values()))
        assert (found_kind, found_protein) == (kind, protein)


SEC = "ATGGCCTGAAAGTGCGTGCTGGATTAA"


@pytest.mark.parametrize(
    ("one", "kind", "protein"),
    [
        (Variant(0, 13, "G", ""), "frameshift", "p.Cys5SerfsTer?"),
        (Variant(0, 8, "A", "T"), "missense", "p.Sec3Cys"),
        (Variant(0, 7, "G", "A"), "stop gained", "p.Sec3Ter"),
        (Variant(0, 12, "TGC", ""), "in-frame deletion", "p.Cys5del"),
        (Variant(0, 12, "", "GCA"), "in-frame insertion", "p.Lys4_Cys5insAla"),
        (Variant(0, 12, "TGC", "TGA"), "stop gained", "p.Cys5Ter"),
        (Variant(0, 6, "TGA", ""), "in-frame deletion", "p.Sec3del"),
        (Variant(0, 24, "T", "C"), "stop lost", "p.Ter9GlnextTer?"),
        # TGA AAG > TGA AAA G: selenocysteine stays
        (Variant(0, 8, "", "A"), "frameshift", "p.Cys5ValfsTer?"),
    ],
)
def test_a_stop_inside_a_coding_sequence_is_selenocysteine(
    one: Variant, kind: str, protein: str
) -> None:
    found = consequence(one, SEC)
    assert (found.kind, found.protein) == (kind, protein)


@pytest.mark.parametrize(
    ("one", "kind", "protein", "acids"),
    [
        (Variant(0, 8, "A", "G"), "synonymous", "p.Trp3=", "W>W"),
        (Variant(0, 2, "A", "G"), "synonymous", "p.Met1=", "M>M"),
        (Variant(0, 0, "A", "C"), "start lost", "p.Met1?", "M>L"),
        (Variant(0, 14, "G", "A"), "synonymous", "p.Arg5=", "R>R"),
        (Variant(0, 12, "C", "A"), "stop gained", "p.Arg5Ter", "R>*"),
        (Variant(0, 23, "A", "G"), "stop retained", "p.Ter8=", "*>*"),
        (Variant(0, 22, "A", "G"), "stop lost", "p.Ter8TrpextTer?", "*>W"),
    ],
)
def test_another_genetic_code(one: Variant, kind: str, protein: str, acids: str) -> None:
    """NCBI table 2: TGA is Trp, AGG and AGA are stops, ATA and ATT start."""
    found = consequence(one, "ATAACCTGATTCCGGCTGAAGTAA", 2)
    assert (found.kind, found.protein, found.amino_acids) == (kind, protein, acids)


def test_amino_acids_by_their_long_names() -> None:
    assert three("EV*") == "GluValTer"
    assert translate("ATGNNNTAAC") == "MX*"
