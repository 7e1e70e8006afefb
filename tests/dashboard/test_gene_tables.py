"""What is shown is short and what is downloaded is no spreadsheet's formula."""

import csv
import io

import numpy as np
import pandas as pd
import pytest

from bioskipgram.genes import embed
from bioskipgram.genes.similarity import nearest_others
from bioskipgram.model import checkpoint
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.sequences.orfs import check
from bioskipgram.sequences.upload import Records, read_all
from dashboard.genes import tables

HOSTILE = b">=HYPERLINK(1)\nATGAAACCCGGGTTTAAATAA\n>" + b"x" * 10_000 + b"\nACGTNNNN\n>n\nNNNN\n"


@pytest.fixture(scope="module")
def model() -> KmerEmbedding:
    return checkpoint.load("models/human-cds-k6.safetensors")


@pytest.fixture(scope="module")
def records() -> Records:
    return read_all([("a\n=b.fa", HOSTILE), ("p.fa", b">@bad\nMKLV\n")])


def rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode())))


def test_the_report_has_a_row_a_record(records: Records, model: KmerEmbedding) -> None:
    found = embed.embed(model, records.sequences)
    table = tables.report(records, check(records.sequences), found)
    assert table["length"].tolist() == [21, 8, 4]
    assert table["unknown bases"].tolist() == [0, 4, 4]
    assert max(map(len, table["name"])) == tables.MAX_NAME
    assert table["warnings"][1].startswith("no k-mer that this model knows")
    assert table["warnings"][2] == "no known base: it has no k-mer"
    assert table["k-mers used"].tolist() == found.kmers_used.tolist()
    assert set(table["file"]) == {"a =b.fa"}


def test_no_name_in_a_matrix_is_a_formula(records: Records) -> None:
    matrix = rows(tables.matrix_csv(records.sequences.names, np.eye(3, dtype=np.float32)))
    assert matrix[0][1] == matrix[1][0] == "'=HYPERLINK(1)"
    assert [float(row[i]) for i, row in enumerate(matrix[1:], 1)] == [1, 1, 1]


def test_nothing_is_near_a_record_without_a_vector(records: Records, model: KmerEmbedding) -> None:
    found = embed.embed(model, records.sequences)
    used = found.kmers_used
    table = tables.nearest_table(records.sequences.names, nearest_others(found), None, None, used)
    assert (table["nearest of yours"] == "").tolist() == (used == 0).tolist()
    assert table["its cosine"].isna().tolist() == (used == 0).tolist()
    assert "cosine" not in table


def test_measures_that_no_row_has_are_no_columns() -> None:
    table = pd.DataFrame(
        {"name": ["a", "b"], "Mash distance": [np.nan] * 2, "protein words": [0.5, np.nan],
         "related by": ["", ""], "itself in the reference": ["", ""]}
    )  # fmt: skip
    kept = tables._without_unknown(table)
    assert list(kept) == ["name", "protein words", "itself in the reference"]
