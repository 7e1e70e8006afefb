"""Tables of k-mers and numbers: every way to write one, and every way to get it wrong."""

import csv
import io
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.errors import QueryError
from bioskipgram.groups import own_values
from bioskipgram.groups.own_values import read_columns, read_values
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.sequences.alphabet import PROTEIN, RNA


def vocabulary(tokenizer: KmerTokenizer) -> Vocabulary:
    codes = tokenizer.all_codes()
    return Vocabulary(tokenizer, codes, np.ones(len(codes), np.int64))


WORDS = vocabulary(KmerTokenizer(3))


def given_values(text: str | bytes, words: Vocabulary = WORDS) -> dict[str, dict[str, float]]:
    """Title -> k-mer -> value, where there is one."""
    data = text.encode() if isinstance(text, str) else text
    return {
        found.title: {
            words.texts[i]: float(found.values[i]) for i in np.flatnonzero(~np.isnan(found.values))
        }
        for found in read_values(data, words)
    }


TABLE = {"x": {"AAA": 1.0, "CGT": -2.5}, "y": {"AAA": 4.0, "CGT": 1000.0}}


@pytest.mark.parametrize(
    "text",
    [
        "kmer,x,y\nAAA,1,4\nCGT,-2.5,1e3\n",
        "kmer\tx\ty\nAAA\t1\t4\nCGT\t-2.5\t1e3",
        "kmer;x;y\nAAA;1;4\nCGT;-2.5;1e3\n",
        "kmer|x|y\nAAA|1|4\nCGT|-2.5|1e3\n",
        "kmer,x,y\r\nAAA,1,4\r\nCGT,-2.5,1e3\r\n",
        "kmer,x,y\rAAA,1,4\rCGT,-2.5,1e3\r",
        '"kmer","x","y"\n"AAA","1","4"\n"CGT","-2.5","1e3"\n',
        "\ufeffkmer,x,y\nAAA,1,4\nCGT,-2.5,1e3\n",
        "\n\nkmer,x,y\naaa, 1 ,4\n cgu,-2.5,1e3\n",
        "ACC,x,y\nAAA,1,4\nCGT,-2.5,1e3\n",
    ],
    ids=range(10),
)
def test_tables_are_read_however_they_are_written(text: str) -> None:
    assert given_values(text) == TABLE


def test_without_names_columns_have_numbers() -> None:
    found = given_values("AAA,1,4\nCGT,-2.5,1e3\n")
    assert found == {"column 2": TABLE["x"], "column 3": TABLE["y"]}


def test_what_is_missing_is_not_known_and_told() -> None:
    text = "kmer,x,gene\nAAA,1,ABC\nCCC,,DEF\nGGG,NA,\nTTT,nan,\n"
    (found,) = read_values(text.encode(), WORDS)
    assert given_values(text) == {"x": {"AAA": 1.0}}
    assert found.note == "1 of 64 k-mers have a value. Columns without numbers: 'gene'."
    assert not found.categories


def test_kmers_the_model_does_not_know_are_told() -> None:
    few = Vocabulary(KmerTokenizer(3), np.array([0, 5]), np.ones(2, np.int64))
    (found,) = read_values(b"AAA,1\nCCC,2\nGGG,3\n", few)
    np.testing.assert_equal(found.values.tolist(), [1, np.nan])
    assert "2 k-mers of the table are not in this model and were left out" in found.note


def test_a_kmer_says_nothing_of_its_twin_unless_they_are_one() -> None:
    assert given_values("AAC,1\n") == {"column 2": {"AAC": 1.0}}
    canonical = vocabulary(KmerTokenizer(3, canonical=True))
    assert given_values("GTT,1\n", canonical) == {"column 2": {"AAC": 1.0}}
    with pytest.raises(QueryError, match="line 2: 'GTT' is there already, in line 1 as 'AAC'"):
        read_values(b"AAC,1\nGTT,1\n", canonical)


def test_other_alphabets_and_lengths() -> None:
    rna = vocabulary(KmerTokenizer(2, alphabet=RNA))
    assert given_values("AU,1\nGT,2\n", rna) == {"column 2": {"AU": 1.0, "GU": 2.0}}
    mixed = vocabulary(KmerTokenizer(3, k_min=1))
    assert given_values("A,1\nAC,2\nACG,3\n", mixed) == {"column 2": {"A": 1, "AC": 2, "ACG": 3}}
    protein = vocabulary(KmerTokenizer(2, alphabet=PROTEIN))
    # KM is a word too, but "pI" is no number.
    assert given_values("KM,pI\nMK,5\n", protein) == {"pI": {"MK": 5.0}}


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.text("ACGT", min_size=3, max_size=3),
        st.tuples(*[st.none() | st.floats(-1e6, 1e6, width=32)] * 2), min_size=1, max_size=20,
    ),
    st.sampled_from(",\t;|"), st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)  # fmt: skip
def test_what_csv_writes_is_read_back(
    rows: dict[str, tuple[float | None, ...]], delimiter: str, end: str, quoting: int
) -> None:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerows([("word", "first", "second, or so"), *((k, *v) for k, v in rows.items())])
    expected = {
        title: {k: v[i] for k, v in rows.items() if v[i] is not None}
        for i, title in enumerate(("first", "second, or so"))
    }
    expected = {title: values for title, values in expected.items() if values}
    if expected:
        assert given_values(file.getvalue()) == expected
    else:
        with pytest.raises(QueryError, match="no column of numbers"):
            read_values(file.getvalue().encode(), WORDS)


def test_a_table_of_every_kmer_is_as_pandas_reads_it() -> None:
    words = vocabulary(KmerTokenizer(7))
    frame = pd.DataFrame({"kmer": words.texts, "a": np.random.default_rng(1).normal(size=4**7)})
    shuffled = frame.sample(frac=1, random_state=1)
    (found,) = read_values(shuffled.to_csv(index=False).encode(), words)
    np.testing.assert_array_equal(found.values, frame["a"].to_numpy(np.float32))


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"", "the table is empty"),
        (b" \n\n", "the table is empty"),
        (b"AAA\nCCC\n", "the table has 1 column, but 2 to 64 are read"),
        (b"kmer,x\n", "names but no values"),
        (b"AAA,\nCCC,NA\n", "no column of numbers"),
        (b"AAA,1\nCCCC,2\n", "line 2: 'CCCC' is not a 3-mer: .* 3 letters of ACGT"),
        (b"kmer,x\nAAA,1\nCC,2\n", "line 3: 'CC' is not a 3-mer"),
        (b"kmer,x\nANA,1\n", "line 2: 'ANA' is not a 3-mer"),
        ("kmer,x\nAAÄ,1\n".encode(), "line 2: 'AAÄ' is not a 3-mer"),
        (b"kmer,x\nAAA,1\n\nCCC,2\n", "line 3: '' is not a 3-mer"),
        (b"kmer,x\nAAA,1\naaa,1\n", "line 3: 'aaa' is there already, in line 2 as 'AAA'"),
        (b"kmer,x\nAAA,1\nCCC,high\n", "line 3, column 'x': 'high' is not a number"),
        (b"kmer,x\nAAA,1\nCCC,inf\n", "'inf' is not a number"),
        (b"kmer,x\nAAA,1\nCCC,1e99\n", "'1e99' is not a number"),
        (b"kmer,x\nAAA,1\nCCC,2,3\n", "line 3: 3 cells where the first line has 2"),
        (b"kmer,x\nAAA,1\nCCC,\xff\n", "line 3: byte 0xFF is no UTF-8 text"),
        ("kmer,x\n".encode("utf-16-le"), "holds NUL bytes"),
        (b",".join([b"AAA"] * 66), "the table has 66 columns"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4\n", "is a Git LFS pointer"),
        (b"AAA,1\n" * 2000, "the table has 2,000 lines, more than there are k-mers"),
    ],
    ids=range(20),
)
def test_what_is_no_such_table_is_told_in_a_sentence(data: bytes, match: str) -> None:
    with pytest.raises(QueryError, match=match):
        read_values(data, WORDS)


def test_a_large_file_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_values, "MAX_BYTES", 10)
    with pytest.raises(QueryError, match="the table has 12 bytes, but at most 10 are read"):
        read_values(b"AAA,1\nCCC,2\n", WORDS)


def test_titles_are_one_short_line() -> None:
    (found,) = read_values(b'kmer,"a\nb' + b"x" * 99 + b'"\nAAA,1\n', WORDS)
    assert "\n" not in found.title
    assert len(found.title) == 40
    assert math.isclose(found.values[0], 1)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("HBB\t2\nMB\t1e3\n", {"column 2": {"HBB": 2.0, "MB": 1000.0}}),
        ("name,kind\nHBB,globin\nother,x\n", {"kind": {"HBB": "globin"}}),
        ("gene;a;b\nHBB;1;NA\nMB;x;\n", {"a": {"HBB": "1", "MB": "x"}}),
        ("gene,year\nHBB,inf\n", {"year": {"HBB": "inf"}}),
    ],
)
def test_columns_of_named_things_hold_numbers_or_words(text: str, columns) -> None:
    assert read_columns(text.encode(), {"HBB", "MB"}) == columns


def test_a_table_of_other_names_is_refused() -> None:
    with pytest.raises(
        QueryError, match="nothing in its first column is one of the names here, such as 'HBB'"
    ):
        read_columns(b"a,1\nb,2\n", {"HBB"})
