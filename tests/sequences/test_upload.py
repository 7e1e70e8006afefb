"""Good records are used, bad ones named; nothing large is unpacked."""

import gzip
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.sequences import fasta
from bioskipgram.sequences.alphabet import DNA, PROTEIN
from bioskipgram.sequences.shipped import GENES
from bioskipgram.sequences.upload import PASTED, BadRecord, Limits, Records, read_all

GENBANK = """LOCUS       {name}                 {length} bp    DNA     linear   PRI 01-JAN-2000
DEFINITION  a test.
ACCESSION   {name}
VERSION     {name}.1
FEATURES             Location/Qualifiers
     gene            1..{length}
                     /gene="G{name}"
ORIGIN
        1 {letters}
//
"""


def one(data: bytes, *, alphabet: object = DNA, limits: Limits = Limits()) -> Records:  # noqa: B008
    return read_all([("f.fa", data)], alphabet=alphabet, limits=limits)


def test_the_genes_that_ship_are_what_the_strict_reader_finds() -> None:
    found, strict = read_all([("g.fa.gz", GENES.read_bytes())]), fasta.read(GENES)
    assert not found.bad
    assert found.sequences.descriptions == strict.descriptions
    assert (found.sequences.codes == strict.codes).all()
    assert (found.sequences.offsets == strict.offsets).all()


@settings(deadline=None)
@given(st.lists(st.text("ACGTN", min_size=1, max_size=30), min_size=1, max_size=8), st.booleans())
def test_what_was_written_is_read(texts: list[str], packed: bool) -> None:
    data = "".join(f">r{i} x\r\n{text[:7]}\r\n{text[7:]}\r\n" for i, text in enumerate(texts))
    raw = gzip.compress(data.encode()) if packed else data.encode()
    found = one(raw)
    assert [found.sequences.text(i) for i in range(len(found))] == texts
    assert found.sequences.names == tuple(f"r{i}" for i in range(len(texts)))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("ACGTE", "'E' at position 5 is not a DNA letter; this looks like protein"),
        ("ACG7", "take the position numbers out"),
        ("AC\x07G", "byte 0x07 at position 3"),
        ("AC!G", "'!' at position 3 is not a DNA letter; allowed are ACGT, U"),
        ("", "a header without a sequence"),
        ("MKVSTGACDWRNHYVVSSDD", "only 25% of its letters are A, C, G, T, U or N"),
        ("A" * 101, "101 bases, of which 100 are allowed"),
    ],
)
def test_a_bad_record_is_named_with_its_line_and_left_out(body: str, said: str) -> None:
    found = one(f">a\nACGT\n\n>b two\n{body}\n>c\nTTTT\n".encode(), limits=Limits(length=100))
    assert found.sequences.names == ("a", "c")
    (bad,) = found.bad
    assert (bad.file, bad.name, bad.line) == ("f.fa", "b two", 4)
    assert said in bad.reason


def test_lines_are_counted_past_comments_and_other_line_ends() -> None:
    found = one(b"; a comment\r>a\rACGT\r>b\rEEEE\r")
    assert [(bad.name, bad.line) for bad in found.bad] == [("b", 4)]
    assert found.sequences.text(0) == "ACGT"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the file is empty"),
        (b"PK\x03\x04zip", "this is a zip archive"),
        (b"ACGT\n", "sequence before the first '>'"),
        (gzip.compress(b">a\n" + b"ACGT" * 9999, mtime=0)[:60], "the gzip data ends early"),
    ],
)
def test_a_file_that_is_none_is_listed_and_the_others_are_read(data: bytes, said: str) -> None:
    found = read_all([("bad.fa", data), ("good.fa", b">g\nACGT\n")])
    assert found.sequences.names == ("g",)
    assert found.file_of.tolist() == [1]
    assert (found.bad[0].file, found.bad[0].name) == ("bad.fa", "")
    assert found.bad[0].line == (data == b"ACGT\n")
    assert found.bad[0].reason.startswith(said)


def test_nothing_good_is_no_records_not_an_error() -> None:
    found = one(b">p\nMKLVEF\n")
    assert len(found) == 0
    assert len(found.bad) == 1


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(records=2), "more than 2 records"),
        (Limits(bases=11), "more than 11 bases"),
        (Limits(file_bytes=10), "more than 10 bytes, the most allowed here"),
    ],
)
def test_a_file_over_the_limits_is_left_out_whole(limits: Limits, said: str) -> None:
    found = one(b">a\nACGT\n>b\nACGT\n>c\nACGT\n", limits=limits)
    assert len(found) == 0
    assert said in found.bad[0].reason
    assert found.bad[0].name == ""


def test_limits_hold_for_all_files_together() -> None:
    found = read_all(
        [("1", b">a\nACGT\n"), ("2", b">b\nACGT\n>c\nA\n"), ("3", b">d\nAC\n")],
        limits=Limits(records=2),
    )
    assert found.sequences.names == ("a", "d")
    assert [bad.file for bad in found.bad] == ["2"]


def bomb(letter: bytes, megabytes: int) -> bytes:
    """Gzip data of one piece over and over, which need not be packed more than once."""
    deflate = zlib.compressobj(9, wbits=31)
    head = deflate.compress(b">a\n") + deflate.flush(zlib.Z_FULL_FLUSH)
    piece = deflate.compress(letter * 10**6) + deflate.flush(zlib.Z_FULL_FLUSH)
    return head + piece * megabytes + deflate.flush()


@pytest.mark.parametrize("letter", [b"A", b"N", b"\n"])
def test_a_gzip_bomb_is_refused_in_little_time_and_memory(letter: bytes) -> None:
    data = bomb(letter, 990)
    assert len(data) < 1_000_000
    tracemalloc.start()
    try:
        found = read_all([("bomb.fa.gz", data)])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(found) == 0
    assert found.bad[0].reason.startswith("it unpacks to more than 100 times its size")
    assert peak < 100_000_000


def test_pasted_letters_need_no_header_but_files_do() -> None:
    assert read_all([(PASTED, b"ATG AAA\nTAA\n")]).sequences.text(0) == "ATGAAATAA"
    assert read_all([(PASTED, b">x\nATG\n")]).sequences.names == ("x",)


def test_one_damaged_genbank_record_takes_no_other_with_it() -> None:
    good = GENBANK.format(name="AB000001", length=8, letters="acgtacgt")
    foreign = GENBANK.format(name="AB000002", length=8, letters="acgtacge")
    empty = good.replace("ORIGIN\n        1 acgtacgt\n", "").replace("AB000001", "AB000003")
    last = good.replace("AB000001", "AB000004")
    found = read_all([("x.gb", (good + foreign + empty + last).encode())])
    assert found.sequences.names == ("AB000001.1", "AB000004.1")
    assert found.sequences.symbols == ("GAB000001", "GAB000004")
    assert len(found.bad) == 2
    assert found.bad[0].line == 11
    assert "'e' at position 8" in found.bad[0].reason.lower()
    assert "AB000003" in found.bad[1].name


def test_dna_where_a_model_knows_protein_is_said() -> None:
    found = one(b">d\nACGTACGTACGTACGTACGT\n>p\nMKLVEFILPQ\n", alphabet=PROTEIN)
    assert found.sequences.names == ("p",)
    assert "is DNA or RNA, not protein" in found.bad[0].reason


def test_a_record_without_a_name_has_a_number() -> None:
    found = one(b">\nACGT\n>\n!\n")
    assert found.sequences.names == ("record 1",)
    assert found.bad[0].name == "(no name)"


def test_which_file_each_record_is_from_is_checked() -> None:
    good = one(b">a\nACGT\n")
    with pytest.raises(ValueError, match="file_of: expected int32"):
        Records(good.sequences, good.files, np.zeros(1, np.int64), (BadRecord("", "", 0, ""),))
