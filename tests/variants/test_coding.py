"""Coding sequences that records state: where exons end."""

import pytest

from bioskipgram.sequences.fasta import read
from bioskipgram.variants.coding import coding_sequences, exon_distance, frame_warning

RECORD = "CCATGAAACGTGTGTTTTAACC"


@pytest.mark.parametrize(
    ("cds", "distances"),
    [
        ("join(3..8,13..17)", [5, 4, 3, 2, 1, 0, 0, 1, 2, 3, 4]),
        ("complement(join(3..8,13..17))", [4, 3, 2, 1, 0, 0, 1, 2, 3, 4, 5]),
        ("3..20", [None] * 18),
    ],
)
def test_the_distance_to_a_splice_site_counts_from_the_stated_exons(
    cds: str, distances: list[int | None]
) -> None:
    found = coding_sequences(read(f">r [cds={cds}]\n{RECORD}\n".encode()))
    assert int(found.lengths[0]) == len(distances)
    assert [exon_distance(found, 0, p) for p in range(len(distances))] == distances


def test_a_record_that_states_no_coding_sequence_has_no_known_exons() -> None:
    assert exon_distance(read(f">r\n{RECORD}\n".encode()), 0, 5) is None


def test_the_coding_sequence_of_a_gencode_transcript_is_cut_out() -> None:
    header = "ENST1.4|ENSG2.4|OTTHUMG3|OTTHUMT4|HBB-201|HBB|22|UTR5:1-2|CDS:3-20|UTR3:21-22|"
    found = coding_sequences(read(f">{header}\n{RECORD}\n".encode()))
    assert found.text(0) == RECORD[2:20]
    beyond = coding_sequences(read(f">{header.replace('20', '99')}\n{RECORD}\n".encode()))
    assert beyond.text(0) == RECORD


@pytest.mark.parametrize(
    ("letters", "warned"),
    [("ATGTAAGTGCATTGA", True), ("ATGTGAGTGCATTAA", False), ("ATGNNNGTGCATTAA", False),
     ("ATGTAAGTGCAT", True)],
)  # fmt: skip
def test_a_stop_inside_that_no_residue_is_known_for_is_told(letters: str, warned: bool) -> None:
    assert ("has a stop codon inside" in frame_warning(letters)) == warned
