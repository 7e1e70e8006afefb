"""Hits written out: positions as each format counts them, names made harmless."""

import csv
import io
from urllib.parse import unquote

import pytest

from bioskipgram.motifs.hit_files import bed_text, csv_text, gff3_text, rows
from bioskipgram.motifs.matrix import Motif
from bioskipgram.motifs.scan import Hits, Scanner
from bioskipgram.sequences.fasta import read
from bioskipgram.sequences.sequences import Sequences

TEXT = b">=cmd|'/C calc'!A0 x\nTTATGACGAATTC\n>b;c,d=e%20&\nNNCATN\n"


@pytest.fixture
def sequences_() -> Sequences:
    return read(TEXT)


@pytest.fixture
def found(sequences_: Sequences) -> list[Hits]:
    scanner = Scanner(sequences_)
    motifs = [Motif.of_pattern("start; of\tall", "ATG"), Motif.of_pattern("EcoRI", "GAATTC")]
    return [*map(scanner.scan, motifs), scanner.search("/CGA/")]


def test_every_row_names_the_letters_at_its_place(found: list[Hits], sequences_: Sequences) -> None:
    table = rows(found)
    assert [(row["start"], row["end"], row["strand"]) for row in table] == [
        (3, 5, "+"), (3, 5, "-"), (8, 13, "+"), (7, 9, "+"),
    ]  # fmt: skip
    for row in table:
        record = sequences_.names.index(row["sequence"])
        letters = sequences_.text(record)[row["start"] - 1 : row["end"]]
        pairs = str.maketrans("ACGT", "TGCA")
        assert row["matched"] == (
            letters if row["strand"] == "+" else letters.translate(pairs)[::-1]
        )


def test_csv_holds_all_and_starts_no_formula(found: list[Hits]) -> None:
    table = list(csv.DictReader(io.StringIO(csv_text(found))))
    assert len(table) == 4
    assert table[0]["sequence"] == "'=cmd|'/C"
    assert table[1]["sequence"] == "b;c,d=e%20&"
    assert table[3]["p_value"] == table[3]["score"] == ""
    assert not any(value[:1] in "=@\t" and value for row in table for value in row.values())


def test_bed_is_half_open_with_six_columns(found: list[Hits]) -> None:
    lines = [line.split("\t") for line in bed_text(found).splitlines()]
    assert {len(line) for line in lines} == {6}
    assert lines[0][1:4] == ["2", "5", "start;_of_all"]
    assert lines[2][1:4] == ["7", "13", "EcoRI"]
    assert all(0 <= int(line[4]) <= 1000 for line in lines)
    assert lines[3][4] == "0"


def test_gff3_is_closed_and_percent_encoded(found: list[Hits]) -> None:
    first, *lines = gff3_text(found).splitlines()
    assert first == "##gff-version 3"
    columns = [line.split("\t") for line in lines]
    assert {len(line) for line in columns} == {9}
    assert columns[0][3:5] == ["3", "5"]
    assert unquote(columns[0][0]) == "=cmd|'/C"
    assert unquote(columns[1][0]) == "b;c,d=e%20&"
    facts = dict(fact.split("=") for fact in columns[0][8].split(";"))
    assert unquote(facts["Name"]) == "start; of\tall"
    assert columns[3][5] == "."
