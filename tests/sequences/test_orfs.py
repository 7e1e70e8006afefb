"""What is said of a record is what a slow reading of its codons says."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.errors import ConfigError
from bioskipgram.sequences import fasta
from bioskipgram.sequences import sequences as sequences_module
from bioskipgram.sequences.alphabet import DNA, PROTEIN
from bioskipgram.sequences.orfs import RecordChecks, check, coding_part, verdicts, warnings
from bioskipgram.sequences.shipped import GENES
from tests.conftest import MakeSequences

GENE = "ATG" + "GCTGAACGTCTG" * 12 + "TAA"
TWIN = str.maketrans("ACGTN", "TGCAN")


def twin(text: str) -> str:
    return text.translate(TWIN)[::-1]


def longest(text: str) -> int:
    """Length of the longest ATG … stop or … last whole codon, the obvious way."""
    best = 0
    for start in (match.start() for match in re.finditer("(?=ATG)", text)):
        codons = re.findall("...", text[start:])
        stops = [i for i, codon in enumerate(codons) if codon in ("TAA", "TAG", "TGA")]
        best = max(best, 3 * (stops[0] + 1 if stops else len(codons)))
    return best


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.text("ACGTN", max_size=60), min_size=1, max_size=6))
def test_frames_are_those_of_a_slow_reader(texts: list[str]) -> None:
    codes = DNA.encode("".join(texts))
    offsets = np.cumsum([0, *map(len, texts)]).astype(np.int64)
    names = tuple(map(str, range(len(texts))))
    found = check(sequences_module.Sequences(names, names, codes, offsets))
    for i, text in enumerate(texts):
        codons = re.findall("...", text)
        stops = [j for j, codon in enumerate(codons) if codon in ("TAA", "TAG", "TGA")]
        inner = [j for j in stops if j < len(codons) - 1]
        assert found.unknown[i] == text.count("N")
        assert found.starts[i] == text.startswith("ATG")
        assert found.stops[i] == bool(codons and stops and stops[-1] == len(codons) - 1)
        assert found.internal_stops[i] == len(inner)
        assert found.first_stop[i] == (3 * inner[0] if inner else -1)
        assert found.forward_bases[i] == longest(text)
        assert found.reverse_bases[i] == longest(twin(text))
        assert found.same_sequence[i] == texts.index(text)
        known = len(text) - text.count("N")
        if known:
            assert found.gc[i] == pytest.approx((text.count("G") + text.count("C")) / known)
        else:
            assert np.isnan(found.gc[i])


def test_a_frame_begins_at_its_first_start_codon() -> None:
    assert coding_part(DNA.encode("TAA" + "ATG" + GENE)) == (3, 6 + len(GENE))


def test_every_gene_that_ships_is_complete_and_draws_no_warning() -> None:
    genes = fasta.read(GENES)
    found = check(genes)
    assert found.complete.all()
    assert set(verdicts(found)) == {"complete ORF"}
    # HSPA1A and HSPA1B, say, may be alike; nothing else is said.
    assert not [w for i in range(len(genes)) for w in warnings(found, genes.names, i)]


@pytest.mark.parametrize(
    ("text", "verdict", "said"),
    [
        (twin(GENE), "other strand?", "looks like the reverse complement"),
        ("CCTGACC" + GENE + "GGTGACC", "UTRs around an ORF?", "longest ORF is at 8–157"),
        (GENE[3:], "partial ORF", "does not start with ATG"),
        (GENE[:-3], "partial ORF", "no stop codon at the end"),
        (GENE + "A", "partial ORF", "no multiple of 3 (1 over)"),
        ("N" * 30, "nothing known", "no known base: it has no k-mer"),
        ("TAA" * 40, "no long ORF", "39 stop codons inside, first at base 1"),
        ("TAA" * 40, "no long ORF", "no open reading frame of 90 bases"),
        (GENE[:60] + "N" * 30 + GENE[90:], "complete ORF", "20% of its bases are unknown"),
    ],
)
def test_each_trouble_is_said_in_words(
    text: str, verdict: str, said: str, sequences: MakeSequences
) -> None:
    if said.startswith("39"):
        text = text[:-3] + "GCC"
        said = "39 stop codons inside, first at base 1"
    found = check(sequences(text))
    assert verdicts(found) == [verdict]
    assert said in " · ".join(warnings(found, ("x",), 0))


def test_twins_are_named(sequences: MakeSequences) -> None:
    found = check(sequences(GENE, "ATGTAA", GENE))
    assert warnings(found, ("a", "b", "c"), 2) == ["same sequence as record 1, a"]
    named = sequences_module.Sequences(
        ("a", "a"), ("a", "a"), DNA.encode("ATGTAAATGTGA"), np.array([0, 6, 12])
    )
    assert warnings(check(named), named.names, 1) == ["same name as record 1"]


def test_the_coding_part_is_frame_0_unless_a_stop_breaks_it() -> None:
    def part(text: str) -> tuple[int, int]:
        return coding_part(DNA.encode(text))

    assert part(GENE) == (0, len(GENE))
    assert part(GENE[3:] + "C") == (0, len(GENE) - 3)
    assert part("TGACCCC" + GENE + "GG") == (7, 7 + len(GENE))


def test_protein_has_no_frames() -> None:
    protein = fasta.read(b">p\nMKLVEF\n", alphabet=PROTEIN)
    with pytest.raises(ConfigError, match="reading frames: protein has no other strand"):
        check(protein)


def test_shapes_are_checked(sequences: MakeSequences) -> None:
    found = check(sequences(GENE))
    values = {name: getattr(found, name) for name in found.__dataclass_fields__}
    with pytest.raises(ValueError, match="forward: expected int64"):
        RecordChecks(**{**values, "forward": np.zeros((1, 3), np.int64)})
