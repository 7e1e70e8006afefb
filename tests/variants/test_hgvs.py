"""HGVS coding names: read, given, and there and back."""

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.errors import QueryError
from bioskipgram.sequences import fasta
from bioskipgram.sequences.fasta import read
from bioskipgram.sequences.shipped import GENES
from bioskipgram.variants import hgvs
from bioskipgram.variants.hgvs import coding_name, looks_like, names_in, parse
from bioskipgram.variants.variant import Variant, variant

SHIPPED = fasta.read(GENES)
HBB = SHIPPED.names.index("HBB")


@pytest.mark.parametrize(
    ("text", "position", "ref", "alt"),
    [
        ("c.20A>T", 19, "A", "T"),
        ("c.20a>u", 19, "A", "T"),
        (" HBB:c.20A>T ", 19, "A", "T"),
        ("HBB: c. 20A>T (p.Glu7Val)", 19, "A", "T"),
        ("NM_000518.5(HBB):c.20A>T", 19, "A", "T"),
        ("c.20del", 19, "A", ""),
        ("c.20delA", 19, "A", ""),
        ("c.20_22del", 19, "AGG", ""),
        ("c.20_22delAGG", 19, "AGG", ""),
        ("c.20_21insAG", 20, "", "AG"),
        ("c.20dup", 19, "", "A"),
        ("c.20_22dup", 19, "", "AGG"),
        ("c.20_22delinsTTT", 19, "AGG", "TTT"),
        ("c.19_21delGAGinsTTTT", 18, "GAG", "TTTT"),
        ("c.20delinsGG", 19, "A", "GG"),
        ("c.19_20GA>TT", 18, "GA", "TT"),
        ("c.444A>G", 443, "A", "G"),
        ("c.19_21inv", 18, "GAG", "CTC"),
        ("c.20A>T p.Glu7Val", 19, "A", "T"),
        ("HBB c.20A>T", 19, "A", "T"),
        ("HBB:C.20A>T", 19, "A", "T"),
        ("HBB:NM_000518:exon1:c.20A>T:p.E7V", 19, "A", "T"),
        ("HBB:NM_000518.5:c.20A>T", 19, "A", "T"),
        ("NM_000518.5:c.20A>T r.(?) p.(Glu7Val)", 19, "A", "T"),
        ("HBB:c.20A>T|p.Glu7Val", 19, "A", "T"),
        ("HBB:c.20 A>T.", 19, "A", "T"),
        ("c.20_22del3", 19, "AGG", ""),
        ("c.20_22dup3", 19, "", "AGG"),
        ("c.20_22invAGG", 19, "AGG", "CCT"),
    ],
)
def test_names_are_read(text: str, position: int, ref: str, alt: str) -> None:
    found = parse(text, SHIPPED, record=HBB, line=3)
    assert (found.record, found.position, found.ref, found.alt) == (HBB, position, ref, alt)
    assert (found.given, found.line) == (text.strip(), 3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("c.20G>T", "HBB has A at position 20, not G"),
        ("c.92+1G>A", r"c.92\+1 lies in an intron, but HBB holds the coding sequence only"),
        ("c.93-21G>A", "c.93-21 lies in an intron"),
        ("c.-50A>C", "c.-50 lies before the start codon, in the 5' UTR"),
        ("c.*3A>G", r"c.\*3 lies behind the stop codon, in the 3' UTR"),
        ("c.445A>G", "position 445 is outside HBB, which has 444 bases; give 1 to 444"),
        ("c.440_450del", "position 450 is outside HBB"),
        ("c.0A>G", "there is no position 0: c.1 is the first base"),
        ("p.Glu7Val", "p. names a protein change, which several changes of bases can make; give"),
        ("g.5227002T>A", "g. counts along a genome, which is not here; give the coding change"),
        ("r.20a>u", "r. describes RNA"),
        ("n.70A>T", "n. counts along a transcript"),
        ("TP53:c.20A>T", "there is no record 'TP53'"),
        ("c.20=", "says that nothing changes"),
        ("c.=", "says that nothing changes"),
        ("HBB p.Glu7Val", "p. names a protein change"),
        ("c.20A>A", "nothing changes"),
        ("c.20inv", "an inversion has two bases or more, like c.19_21inv"),
        ("HBB:p.Glu7Val", "p. names a protein change, which several changes of bases can make"),
        ("NP_000509.1:p.(Glu7Val)", "p. names a protein change"),
        ("c." + "9" * 5000 + "A>T", "is no HGVS coding change"),
        ("c." + "9" * 500 + "A>T", "is no change that is read here"),
        ("c.20insA", "an insertion stands between two neighbours, like c.20_21insAG"),
        ("c.20_22insA", "an insertion stands between two neighbours"),
        ("c.20_21ins", "say which bases come in"),
        ("c.20_22delins", "say which bases come in"),
        ("c.20_22delA", "the positions span 3 bases, but 1 is written"),
        ("c.20AG>TT", "the positions span 1 base, but 2 are written"),
        ("c.20_22del4", "the positions span 3 bases, but 4 are written"),
        ("c.20_22invCCC", "HBB has AGG at positions 20-22, not CCC"),
        ("c.20_21ins3", "say which bases come in"),
        ("c.20_21ins30_40", "is no change that is read here"),
        ("c.93-?_315+?del", "is no change that is read here"),
        ("c.20A>T HBB:c.25A>C", "is no change that is read here"),
        ("c.20A>T GAT", "is no change that is read here"),
        ("c.20_21insAG T", "is no change that is read here"),
        ("c.22_20del", "the range ends before it starts; write the smaller first"),
        ("c.20N>T", "'N' in 'N' is none of A, C, G, T"),
        ("c.A20T", "'A20T' is no change that is read here: substitution"),
        ("20A>T", "'20A>T' is no HGVS coding change; write it like c.20A>T"),
    ],
)
def test_what_cannot_be_read_has_its_sentence(text: str, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        parse(text, SHIPPED, record=HBB)


def test_without_a_record_the_name_has_to_say_which() -> None:
    with pytest.raises(QueryError, match="put its name in front, like HBB:c"):
        parse("c.20A>T", SHIPPED)
    assert parse("c.3G>T", read(b">only\nATG\n")).record == 0


def test_names_are_told_from_other_lines() -> None:
    assert [looks_like(text) for text in ("HBB:c.20A>T", "p.Glu7Val", "HBB 20 A T", "20A>T")] == [
        True, True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("c.20A>T", ["c.20A>T"]),
        ("HBB:c.20A>T, HBB:c.25A>C;c.4del", ["HBB:c.20A>T", "HBB:c.25A>C", "c.4del"]),
        ("HBB:c.[20A>T;25A>C]", ["HBB:c.20A>T", "HBB:c.25A>C"]),
        ("HBB:c.[20A>T];[25A>C], c.4del", ["HBB:c.20A>T", "HBB:c.25A>C", "c.4del"]),
        ("HBB:c.[20A>T(;)25A>C]", ["HBB:c.20A>T", "HBB:c.25A>C"]),
        ("HBB:c.20A&gt;T;c.25A&#62;C", ["HBB:c.20A>T", "c.25A>C"]),
        ("c.20A→T", ["c.20A>T"]),
        ("c.[20A>T", ["c.20A>T"]),
        ("c.[20A>T,25A>C]", ["c.20A>T", "c.25A>C"]),
        ("c.20_22[5], c.20_21insN[10]", ["c.20_22[5]", "c.20_21insN[10]"]),
        ("c.20A&amp;gt;T;c.20A%3eT;c.20A > T", ["c.20A>T", "c.20A>T", "c.20A>T"]),
        ("HBB:c.20A>T, p.Glu7Val; HBB:c.4del", ["HBB:c.20A>T", "HBB:c.4del"]),
        ("HBB:c.[20A>T]+[25A>C]", ["HBB:c.20A>T", "HBB:c.25A>C"]),
        ("HBB:[c.20A>T;c.25A>C]", ["HBB:c.20A>T", "HBB:c.25A>C"]),
        ('"HBB:c.20A->T\u200b"', ["HBB:c.20A>T"]),
        ("HBB%3Ac.20A%3ET", ["HBB:c.20A>T"]),
        (" , ;", []),
    ],
)
def test_the_names_on_a_line(line: str, names: list[str]) -> None:
    assert names_in(line) == names


def test_a_long_line_is_refused_at_once() -> None:
    for line in ("c." + "1" * 60_000, "c.20A>T" + " " * 60_000 + "x", "a" * 60_000 + ":c.1A>T",
                 "[" * 60_000, "c.1del" + "A" * 60_000, "c.20A>T (" * 7_000):  # fmt: skip
        with pytest.raises(QueryError, match=r"characters, and 2,000 at most|no HGVS coding"):
            names_in(line) and parse(line, SHIPPED, record=HBB)


@pytest.mark.parametrize(
    "unit", [" ", "c.", "1", "A", "del", "(p.", "p.", ":", "1_", "+1", "[", ";", "&gt;", "ins"]
)
def test_time_grows_with_the_text_and_no_faster(unit: str) -> None:
    """Patterns and loops over eight times the text take about eight times as long, not 64."""

    def seconds(size: int) -> float:
        text = f"HBB:c.20A>T{unit * size}"
        best = 9.0
        for _ in range(5):
            start = process_time()
            hgvs._LEVEL.search(text)
            hgvs._CHANGE.fullmatch(text.removeprefix("HBB:c."))
            hgvs._CHANGE.fullmatch(f"20{unit * size}")
            hgvs._parted(text)
            best = min(best, process_time() - start)
        return best

    assert seconds(32_000) < 30 * seconds(4_000) + 0.01


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (Variant(0, 3, "A", "T"), "c.4A>T"),
        (Variant(0, 3, "A", ""), "c.5del"),
        (Variant(0, 3, "AA", ""), "c.4_5del"),
        (Variant(0, 5, "", "C"), "c.6dup"),
        (Variant(0, 3, "", "AA"), "c.4_5dup"),
        (Variant(0, 6, "", "TT"), "c.6_7insTT"),
        (Variant(0, 6, "", "AT"), "c.7_8insTA"),
        (Variant(0, 0, "", "C"), "c.-1_1insC"),
        (Variant(0, 9, "", "C"), "c.9_*1insC"),
        (Variant(0, 3, "AA", "TC"), "c.4_5delinsTC"),
        (Variant(0, 3, "A", "TC"), "c.4delinsTC"),
        (Variant(0, 4, "AC", "GT"), "c.5_6inv"),
        (Variant(0, 3, "AAC", "GTT"), "c.4_6inv"),
    ],
)
def test_names_are_given_as_far_downstream_as_they_go(change: Variant, name: str) -> None:
    assert coding_name(change, "ATGAACAGT") == name


@settings(max_examples=200, deadline=None)
@given(
    st.text("AC", min_size=4, max_size=12), st.integers(1, 10), st.integers(0, 3),
    st.text("AC", max_size=4),
)  # fmt: skip
def test_there_and_back_gives_the_same_sequence(
    text: str, start: int, length: int, alt: str
) -> None:
    """Whatever name a change gets: what it is read as makes the same letters of the record."""
    text = f"G{text}G"
    start = min(start, len(text) - 2)
    ref = text[start : start + length]
    sequences = read(f">a\n{text}\n".encode())
    try:
        one = variant(sequences, 0, position=start, ref=ref, alt=alt)
    except QueryError:
        return  # nothing changes
    back = parse(coding_name(one, text), sequences)
    made = [text[: v.position] + v.alt + text[v.stop :] for v in (one, back)]
    assert made[0] == made[1] == text[:start] + alt + text[start + len(ref) :]
