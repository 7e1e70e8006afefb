"""Coding sequences that records state: where exons end."""

import pytest

from bioskipgram.sequences.fasta import read
from bioskipgram.variants.coding import coding_sequences, exon_distance

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
