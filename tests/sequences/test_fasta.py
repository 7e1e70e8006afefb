"""Reading sequence files: there and back, block by block, every bad file, every header."""

import contextlib
import gzip
import io
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.errors import FastaError
from bioskipgram.sequences import fasta, shipped
from bioskipgram.sequences.alphabet import DNA, PROTEIN, RNA
from bioskipgram.sequences.headers import Header, parse_header
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.sequences.source import Limits

LETTERS = "ACGTURYSWKMBDHVNX-."
CODES = {letter: "ACGT".find(letter.replace("U", "T")) % 5 for letter in LETTERS}


def joined(blocks: list[Sequences]) -> tuple[list[str], list[str], list[list[int]]]:
    """Everything the blocks say, one list of codes for each record."""
    return (
        [name for block in blocks for name in block.names],
        [line for block in blocks for line in block.descriptions],
        [codes.tolist() for block in blocks for codes in block],
    )


# There and back ------------------------------------------------------------------------------

headers = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=20) | st.builds(
    "{} {}".format, st.text("abc|[]=>;1", min_size=1, max_size=5), st.text("xyz >;", max_size=9)
)
# More ambiguity codes than bases would be taken for protein.
letters = st.builds("{}{}".format, st.text(LETTERS, max_size=9), st.text("ACGTUN-", max_size=40))
records = st.lists(st.tuples(headers, letters), min_size=1, max_size=8)


@st.composite
def files(draw: st.DrawFn) -> tuple[list[tuple[str, str]], bytes]:
    """Records with at least one base among them, and one of the many ways to write them."""
    drawn = [*draw(records), ("last", draw(st.text(LETTERS, min_size=1, max_size=9)))]
    ending = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    lines = draw(st.lists(st.sampled_from(["", ";old comment", " \t"]), max_size=3))
    for header, sequence in drawn:
        width = draw(st.integers(1, 60))
        cased = draw(st.sampled_from([str.upper, str.lower, str.swapcase, str.title]))(sequence)
        lines.append(">" + header)
        lines += [cased[i : i + width] for i in range(0, len(cased), width)]
        lines += draw(st.lists(st.sampled_from(["", "; comment > EFILPQ", "  "]), max_size=1))
    text = ending.join(lines) + draw(st.sampled_from(["", ending]))
    raw = draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + text.encode()
    return drawn, draw(st.sampled_from([bytes, gzip.compress, two_members]))(raw)


def two_members(raw: bytes) -> bytes:
    middle = len(raw) // 2
    return gzip.compress(raw[:middle]) + gzip.compress(raw[middle:]) + b"\0" * 7


@given(files())
def test_what_was_written_is_read(file: tuple[list[tuple[str, str]], bytes]) -> None:
    written, raw = file
    sequences = fasta.read(raw)
    lines = [header.strip() for header, _ in written]
    names = [line.split()[0] if line else f"record {i}" for i, line in enumerate(lines, 1)]
    codes = [[CODES[letter] for letter in sequence] for _, sequence in written]
    assert joined([sequences]) == (names, lines, codes)
    assert sequences.lengths.tolist() == [len(sequence) for _, sequence in written]


@given(files(), st.integers(1, 300))
def test_blocks_are_what_is_read_at_once(
    file: tuple[list[tuple[str, str]], bytes], size: int
) -> None:
    _, raw = file
    assert joined(list(fasta.stream(raw, block_bases=size))) == joined([fasta.read(raw)])


NASTY = b"\n\r\n;c\r>a 1\r\nAC\r\nGT\n\n>\n>b\rNN\r\r>c x>y\nA C\tG\n\n>a\nU"


def test_every_block_size_gives_the_same_and_no_needless_large_block() -> None:
    whole = fasta.read(NASTY)
    assert whole.names == ("a", "record 2", "b", "c", "a")
    assert [whole.text(i) for i in range(5)] == ["ACGT", "", "NN", "ACG", "T"]
    for size in range(1, len(NASTY) + 2):
        blocks = list(fasta.stream(NASTY, block_bases=size))
        assert joined(blocks) == joined([whole])
        assert all(len(block) for block in blocks)
    assert [len(block) for block in fasta.stream(NASTY, block_bases=1)] == [1, 2, 1, 1]


def test_a_record_longer_than_the_block_stays_whole() -> None:
    long = b">long\n" + b"ACGT\n" * 50_000
    blocks = list(fasta.stream(long + b">b\n" + b"A" * 2500 + b"\n" + long, block_bases=1000))
    assert [block.lengths.tolist() for block in blocks] == [[200_000], [2500], [200_000]]


def test_path_text_path_file_object_and_upload_are_read_alike(tmp_path: Path) -> None:
    path = tmp_path / "cds.txt"
    path.write_bytes(gzip.compress(NASTY))
    expected = joined([fasta.read(NASTY)])
    with path.open("rb") as file:
        sources = [path, str(path), file, io.BytesIO(NASTY), path.read_bytes()]
        assert all(joined([fasta.read(source)]) == expected for source in sources)
        assert not file.closed


def test_a_file_object_is_read_from_where_it_stands() -> None:
    file = io.BytesIO(b"skip this>a\nACGT\n")
    file.seek(9)
    assert fasta.read(file).text(0) == "ACGT"


@pytest.mark.parametrize("block", [1, 7, 1 << 21])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, two_members])
def test_text_is_the_file_from_its_first_header_on(
    block: int, pack: Callable[[bytes], bytes]
) -> None:
    body = b">a 1\r\nAC;\n>" + b"ACGT\n" * 50_000
    raw = pack(b"\xef\xbb\xbf\n;x >no\r" + body)
    hashed = sha256()
    chunks = list(fasta.text(raw, block=block, hashed=hashed) or ())
    assert b"".join(chunks) == body
    assert max(map(len, chunks[1:]), default=0) <= block
    assert hashed.digest() == sha256(raw).digest()


def test_a_flat_file_has_no_fasta_text() -> None:
    assert fasta.text(EMBL.encode()) is None


class Dribble(io.RawIOBase):
    """A socket-like file: one byte with each read."""

    def __init__(self, raw: bytes) -> None:
        self.bytes = iter(raw)

    def read(self, size: int = -1) -> bytes:
        return bytes(islice(self.bytes, min(size, 1)))


def test_short_reads_change_nothing() -> None:
    for raw in (b">a\r\nACGT\r\n>b\r\nNN", gzip.compress(b">a\r\nACGT\r\n>b\r\nNN")):
        assert joined([fasta.read(Dribble(raw))])[2] == [[0, 1, 2, 3], [4, 4]]


# Letters and headers -------------------------------------------------------------------------


def test_every_byte_is_a_base_ambiguous_blank_or_refused() -> None:
    for byte in range(256):
        letter = chr(byte).upper()
        raw = b">a\nA" + bytes([byte]) + b"A\n"
        if letter in CODES and byte < 128:
            assert fasta.read(raw).codes.tolist() == [0, CODES[letter], 0]
        elif byte in b" \t\r\n\v\f":
            assert fasta.read(raw).codes.tolist() == [0, 0]
        elif byte != 0:
            with pytest.raises(FastaError, match=r"^the upload, line 2: .* is not a ") as caught:
                fasta.read(raw)
            assert ("looks like protein" in str(caught.value)) == (letter in "EFILPQZJO*")
            assert ("position numbers" in str(caught.value)) == (48 <= byte < 58)


def test_protein_is_read_with_its_stops_unknown() -> None:
    sequences = fasta.read(b">p\nMKV*\nuBw\n", alphabet=PROTEIN)
    assert sequences.text(0) == "MKVXXXW"
    with pytest.raises(
        FastaError,
        match="line 2: '3' is not a protein letter; take the position numbers out",
    ):
        fasta.read(b">p\nMK3\n", alphabet=PROTEIN)  # fmt: skip
    with pytest.raises(FastaError, match="none with a residue"):
        fasta.read(b">p\n\n", alphabet=PROTEIN)


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("ACGT" * 5, True),
        ("ACGTN" * 19 + "MKVLW", True),  # 95 of 100
        ("ACGTN" * 19 + "MKVLWY", False),
        ("ACGU" * 7, True),  # U is an unknown residue: 21 letters are left
        ("acgt" * 5, True),
        ("ACGT" * 4 + "ACG", False),  # 19 letters say nothing
        ("X" * 100, False),
    ],
)
def test_nucleotides_are_no_protein(text: str, refused: bool) -> None:
    raw = f">p\n{text}\n".encode()
    if not refused:
        assert fasta.read(raw, alphabet=PROTEIN).lengths.tolist() == [len(text)]
        return
    message = (
        r"^the upload, line 1: \d+% of its letters are A, C, G, T, U or N, .* the alphabet DNA"
    )
    with pytest.raises(FastaError, match=message):
        fasta.read(raw, alphabet=PROTEIN)
    with pytest.raises(FastaError, match=message):
        next(fasta.stream(raw, alphabet=PROTEIN))


def test_rna_letters_are_shown_as_rna() -> None:
    assert fasta.read(b">a\nACGUT", alphabet=RNA).text(0) == "ACGUU"


@pytest.mark.parametrize(
    ("raw", "name", "description"),
    [
        (b"> spaced  out ", "spaced", "spaced  out"),
        (b">tab\tseparated", "tab", "tab separated"),
        (b">", "record 1", ""),
        (b">\x00\x01\x1b[31m", "[31m", "[31m"),
        (b"><script>alert(1)</script> &amp;", "<script>alert(1)</script>", None),
        ("\u202egene \u200b α-globin\x85".encode(), "gene", "gene  α-globin"),
        (b">M\xfcller 1", "Müller", "Müller 1"),
        (b">" + b"x" * 10_000 + b" y", "x" * 10_000, "x" * 10_000 + " y"),
    ],
)
def test_header_text(raw: bytes, name: str, description: str | None) -> None:
    raw = raw if raw.startswith(b">") else b">" + raw
    # NUL in the first bytes means a binary file, so the odd header comes late.
    late = b">first\n" + b"ACGT" * 20_000 + b"\n" + raw + b"\nAC\n"
    sequences = fasta.read(late)
    assert sequences.names[1] == name.replace("record 1", "record 2")
    assert sequences.descriptions[1] == (raw[1:].decode() if description is None else description)


# Bad files -----------------------------------------------------------------------------------

GZIPPED = gzip.compress(
    b">a\n" + bytes(np.random.default_rng(1).choice([65, 67, 71, 84], 5000)), mtime=0
)
BAD: list[tuple[bytes, str]] = [
    (b"", r"^the upload: the file is empty; a FASTA file starts with a line '>name'$"),
    (gzip.compress(b"", mtime=0), "the file is empty"),
    (b"\n \n;x\n", "nothing in the first 65,536 bytes"),
    (b"\n" * 200_000 + b">a\nA", "nothing in the first 65,536 bytes"),
    (b"ACGT\n>a\nACGT", r"^the upload, line 1: sequence before the first '>' header; put"),
    (b";c\r\n\r\nACGT\r\n>a", "the upload, line 3: sequence before the first '>' header"),
    (b"\rACGT\r>a", "the upload, line 2: sequence before"),
    (b" >a\nACGT", "line 1: blanks before the '>' header"),
    (b">a\n>b\n\n>c\n", "the upload: 3 records, none with a base"),
    (b">a", "1 records, none with a base"),
    (b">a\nMVLSPADKTNVK", r"line 2: 'L' is not a DNA letter; .*looks like protein: give the cod"),
    (b">a\nACG\r\nACGTAA*\r\n", r"line 3: '\*' is not .* looks like protein"),
    (b">a\rAC\racgp\r", "line 3: 'p' is not .* looks like protein"),
    (b">a\n 1 acgt\n", "line 2: '1' is not .* take the position numbers out"),
    (b">a\nAC?T", r"line 2: '\?' is not .* allowed are ACGT, U and the ambiguity codes and gaps "),
    (b">a\nAC\xe9T", r"line 2: byte 0xE9 is not .*; is this a sequence file\?"),
    (b">a\n;zz\nAC>T", "line 3: '>' is not"),
    (b">a\nACGT\x00", "this is a binary file; FASTA, GenBank and EMBL are text"),
    (b">a\n" + b"A" * 70_000 + b"\n\x00", "line 3: byte 0x00 is not"),
    (b"PK\x03\x04rest", "this is a zip archive; unpack it first"),
    (b"BZh91AY", "bzip2 data; unpack it first, with bunzip2"),
    (b"\xfd7zXZ\0", "xz data; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "zstd data; unpack it first"),
    (b"\x43\x27\x41\x1a\0\0", "this is a 2bit file; turn it into FASTA first, with twoBitToFa"),
    (b"\x1a\x41\x27\x43\0\0", "this is a 2bit file"),
    (gzip.compress(GZIPPED, mtime=0), "gzip data inside gzip data"),
    (">a\nACGT".encode("utf-16"), "UTF-16 text; save it as UTF-8"),
    (">a\nACGT".encode("utf-16-be"), "this is UTF-16 text; save it as UTF-8"),
    (b"\n<!DOCTYPE html>", "this is a web page or XML; download the FASTA file itself"),
    (b"@read1\nACGT\n+\nFFFF", "looks like FASTQ"),
    (GZIPPED[:500], r"^the upload: the gzip data ends early, after 500 bytes; the file is cut "),
    (GZIPPED[:-1], r"the gzip data ends early, after [\d,]+ bytes; .*: copy or download it again"),
    (GZIPPED + GZIPPED[:50], "the gzip data ends early"),
    (GZIPPED[:-8] + bytes(8), r"the gzip data is damaged .*incorrect data check\); copy or down"),
    (GZIPPED[:99] + b"\xff" * 99 + GZIPPED[198:], "the gzip data is damaged within its first"),
    (GZIPPED + b"rest", "the gzip data is damaged"),
]


@pytest.mark.parametrize(("raw", "message"), BAD)
def test_a_bad_file_is_told_in_one_sentence(raw: bytes, message: str) -> None:
    with pytest.raises(FastaError, match=message) as caught:
        fasta.read(raw)
    assert "\n" not in str(caught.value)
    with pytest.raises(FastaError, match=message):
        list(fasta.stream(raw, block_bases=3))


@pytest.mark.parametrize("size", [1, 4, 100, 1 << 20])
@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
def test_the_line_is_right_in_every_block(size: int, ending: bytes) -> None:
    raw = ending.join([b"", b";c", b">a", b"AC", b"", b"GT", b">b", b">c", b";zz", b"AC", b"AZ"])
    with pytest.raises(FastaError, match=r"^x\.fa, line 11: 'Z' is not a DNA letter"):
        list(fasta.stream(raw, name="x.fa", block_bases=size))


def test_gzip_cut_anywhere_is_never_taken_for_whole() -> None:
    raw = gzip.compress(b">a\n" + bytes(np.random.default_rng(2).choice([65, 67, 71, 84], 500)))
    for length in range(len(raw)):
        with pytest.raises(FastaError, match="ends early" if length > 1 else "the upload"):
            fasta.read(raw[:length])


def test_paths_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FastaError, match=r"^no\.fa: there is no such file in /.*; check the path"):
        fasta.read(tmp_path / "no.fa")
    with pytest.raises(FastaError, match=f"^{tmp_path.name}: this is a directory; name one of"):
        fasta.read(str(tmp_path))
    with pytest.raises(FastaError, match="it cannot be opened: embedded null byte"):
        fasta.read("a\0b")
    with pytest.raises(FastaError, match=r"^this is FASTA text, not a path; pass its bytes"):
        fasta.read(">a\nACGT")

    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)  # root may read everything
    with pytest.raises(FastaError, match=r"^cds\.fa: permission denied; make the file readable"):
        fasta.read(tmp_path / "cds.fa")


def test_names_in_errors(tmp_path: Path) -> None:
    path = tmp_path / "cds.fa.gz"
    path.write_bytes(GZIPPED[:100])
    with pytest.raises(FastaError, match=r"^cds\.fa\.gz: the gzip data ends early, after 100 b"):
        fasta.read(path)
    with path.open("rb") as file, pytest.raises(FastaError, match=r"^cds\.fa\.gz: the gzip"):
        fasta.read(file)
    with pytest.raises(FastaError, match=r"^mine: the gzip"):
        list(fasta.stream(path, name="mine"))


def test_a_disk_that_fails_and_a_text_file() -> None:
    class Failing(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(FastaError, match="the upload: reading failed: Input/output error"):
        fasta.read(Failing())
    with pytest.raises(TypeError, match="open in text mode; open it with mode 'rb'"):
        fasta.read(io.StringIO(">a\nACGT"))  # type: ignore[arg-type]


@settings(max_examples=200)
@given(st.binary(max_size=200), st.sampled_from([b"", b">", b"LOCUS ", b"ID   ", b"\x1f\x8b\x08"]))
def test_no_bytes_raise_anything_but_a_fasta_error(raw: bytes, start: bytes) -> None:
    for source in (start + raw, gzip.compress(start + raw)):
        with contextlib.suppress(FastaError):
            fasta.read(source)


# Limits and memory ---------------------------------------------------------------------------


def test_limits() -> None:
    raw = b">a\nACGT\n>b\nACGT\n"
    assert len(fasta.read(raw, limits=Limits(bases=8, records=2, file_bytes=16))) == 2
    for limits, said in (
        (Limits(bases=7), "more than 7 bases, the most allowed here"),
        (Limits(records=1), "more than 1 records, the most allowed here"),
        (Limits(file_bytes=15), "more than 15 bytes, the most allowed here"),
        (Limits(length=3), "4 bases, of which 3 are allowed in one record"),
    ):
        with pytest.raises(FastaError, match=said):
            fasta.read(raw, limits=limits)


def peak(action: Callable[[], object]) -> int:
    """Most bytes that Python and NumPy held during an action, beyond what they held before."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("letter", [b"A", b"\n", b">\n", b"> x"])
def test_a_gzip_bomb_is_refused_before_its_memory_is_spent(letter: bytes) -> None:
    deflate = zlib.compressobj(9, wbits=31)
    piece = letter * ((1 << 20) // len(letter))
    bomb = deflate.compress(b">a\nA\n") + deflate.flush(zlib.Z_FULL_FLUSH)
    bomb += 200 * (deflate.compress(piece) + deflate.flush(zlib.Z_FULL_FLUSH)) + deflate.flush()

    def read() -> None:
        with pytest.raises(FastaError, match=r"more than [\d,]+ (ba|by|rec|times|char)"):
            fasta.read(bomb, limits=Limits(bases=1_000_000, records=10_000))

    assert len(bomb) < 1 << 20
    assert peak(read) < 150 << 20


class Generated(io.RawIOBase):
    """A FASTA file of so many equal records that is never anywhere as a whole."""

    def __init__(self, records: int) -> None:
        self.left, self.rest = records, b""

    def read(self, size: int = -1) -> bytes:
        while self.left and len(self.rest) < size:
            self.rest += b">gene\n" + b"ACGTACGTAC" * 2_000 + b"\n"
            self.left -= 1
        piece, self.rest = self.rest[:size], self.rest[size:]
        return piece


def test_the_memory_of_stream_does_not_grow_with_the_file() -> None:
    counts: list[int] = []

    def run(records: int) -> None:
        blocks = fasta.stream(Generated(records), block_bases=1 << 20)
        counts.append(sum(len(block.codes) for block in blocks))

    small, large = peak(lambda: run(250)), peak(lambda: run(5_000))
    assert counts == [5_000_000, 100_000_000]
    assert large < small + (1 << 21)
    assert large < 12 << 20


def test_stream_closes_its_file_when_left_early(tmp_path: Path) -> None:
    path = tmp_path / "a.fa"
    path.write_bytes(b">a\nACGT\n" * 50_000)
    blocks: Iterator[Sequences] = fasta.stream(path, block_bases=10)
    assert next(blocks).names[0] == "a"
    del blocks  # an open file would be a ResourceWarning, and so an error


# GenBank and EMBL ----------------------------------------------------------------------------

GENBANK = """LOCUS       SCU49845                  24 bp    DNA     linear   PLN 21-JUN-1999
DEFINITION  Human beta globin
            region.
ACCESSION   U49845
VERSION     U49845.1
FEATURES             Location/Qualifiers
     source          1..24
     gene            1..9
                     /gene="HBB"
     gene            10..24
                     /gene="HBD"
ORIGIN
        1 atggtgcatc tgactcctga ggnu
//
"""
EMBL = """ID   X59796; SV 1; linear; mRNA; STD; HUM; 12 BP.
XX
AC   X59796;
XX
DE   H.sapiens mRNA for cadherin-5
XX
SQ   Sequence 12 BP; 3 A; 3 C; 3 G; 3 T; 0 other;
     acgtacgtac gt                                                            12
//
"""


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_genbank_and_embl(ending: str, pack: Callable[[bytes], bytes]) -> None:
    two = GENBANK + GENBANK.replace("U49845", "U49846").replace("/gene", "/note")
    sequences = fasta.read(pack(two.replace("\n", ending).encode()))
    assert sequences.names == ("U49845.1", "U49846.1")
    assert sequences.symbols == ("HBB", "")
    assert sequences.descriptions[0] == "U49845.1 Human beta globin region [gene=HBB]"
    assert sequences.text(0) == "ATGGTGCATCTGACTCCTGAGGNT"
    embl = fasta.read(pack(EMBL.replace("\n", ending).encode()))
    assert (embl.names, embl.symbols, embl.text(0)) == (("X59796.1",), ("",), "ACGTACGTACGT")


@pytest.mark.parametrize("size", [1, 24, 30, 10_000])
def test_genbank_in_blocks(size: int) -> None:
    blocks = list(fasta.stream((GENBANK * 5).encode(), block_bases=size))
    assert joined(blocks) == joined([fasta.read((GENBANK * 5).encode())])
    assert len(blocks) == {1: 5, 24: 5, 30: 3, 10_000: 1}[size]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GENBANK + GENBANK.replace("atggtgcatc", "mvlspeeks*"), "line 27: 'l' is not a DNA lett"),
        (
            GENBANK.replace("ORIGIN", "CONTIG      join(A.1:1..24)\n//"),
            "line 1: it has no sequence, only the list of its parts",
        ),
        (GENBANK[: GENBANK.index("ORIGIN")], r"line 1: it has no sequence .ORIGIN.; download"),
        (GENBANK * 2 + GENBANK[: GENBANK.index("ORIGIN")], "line 29: it has no sequence"),
        (
            EMBL[: EMBL.index("     acgt")],
            "line 1: it is cut short: 0 of 12 letters and no end, //",
        ),
        (GENBANK[: GENBANK.index(" ggnu")], "line 1: it is cut short: 20 of 24 letters"),
        ("LOCUS \n", "line 1: it has no sequence"),
    ],
)
def test_a_bad_flat_file_is_told_in_one_sentence(text: str, message: str) -> None:
    with pytest.raises(FastaError, match=message) as caught:
        fasta.read(text.encode())
    assert "\n" not in str(caught.value)


def test_a_flat_file_with_odd_bytes_and_a_wrong_length_is_read() -> None:
    odd = (
        GENBANK.replace("24 bp", "99 bp")
        .replace("Human", "M\xfcller")
        .replace("HBB", "H\n" + " " * 21 + "B")
    )
    sequences = fasta.read(odd.encode("latin-1"))
    assert sequences.descriptions == ("U49845.1 Müller beta globin region [gene=H B]",)
    assert len(sequences.codes) == 24


def test_a_flat_file_whose_gzip_is_cut_short() -> None:
    noise = "".join(np.random.default_rng(3).choice(list("acgt"), 200_000))
    packed = gzip.compress((GENBANK.replace("atggtgcatc", noise)).encode())
    with pytest.raises(FastaError, match=r"^the upload: the gzip data ends early"):
        fasta.read(packed[:40_000])


def test_a_flat_file_too_large() -> None:
    with pytest.raises(FastaError, match="more than 2 records"):
        fasta.read((GENBANK * 3).encode(), limits=Limits(records=2))


# Header layouts ------------------------------------------------------------------------------

HEADERS = [
    (
        ">lcl|NC_000011.10_cds_NP_000509.1_1 [gene=HBB] [db_xref=CCDS:CCDS7753.1,GeneID:3043] "
        "[protein=hemoglobin subunit [beta]] [protein_id=NP_000509.1] [gbkey=CDS]",
        ("HBB", "NP_000509.1", "hemoglobin subunit [beta]"),
    ),
    (">lcl|NC_000011.10_cds_7 [gene=HBBP1] [pseudo=true]", ("HBBP1", "", "")),
    (
        ">NM_000518.5 Homo sapiens hemoglobin subunit beta (HBB), mRNA",
        ("HBB", "NM_000518.5", "Homo sapiens hemoglobin subunit beta (HBB), mRNA"),
    ),
    (
        ">XM_1.1 PREDICTED: x (y) (C9orf72), transcript variant X1, mRNA",
        ("C9orf72", "XM_1.1", "PREDICTED: x (y) (C9orf72), transcript variant X1, mRNA"),
    ),
    (
        ">gi|28302128|ref|NM_000518.4| Homo sapiens hemoglobin, beta (HBB), mRNA",
        ("HBB", "NM_000518.4", "Homo sapiens hemoglobin, beta (HBB), mRNA"),
    ),
    (
        ">NM_000518.5:51-494 HBB [organism=Homo sapiens] [GeneID=3043]",
        ("HBB", "NM_000518.5", ""),
    ),
    (
        ">ENST00000335295.4 cds chromosome:GRCh38:11:5225598:5227071:-1 gene:ENSG00000244734.4 "
        "gene_biotype:protein_coding gene_symbol:HBB description:hemoglobin subunit beta "
        "[Source:HGNC Symbol;Acc:HGNC:4827]",
        ("HBB", "ENST00000335295.4", "hemoglobin subunit beta"),
    ),
    (
        ">ENST00000335295.4 cds chromosome:GRCh38:11:1:2:-1 gene:ENSG1.4 gene_symbol:HBB",
        ("HBB", "ENST00000335295.4", ""),
    ),
    (
        ">ENST00000415118.1 cds chromosome:GRCh38:14:1:8:1 gene:ENSG00000223997.1",
        ("", "ENST00000415118.1", "cds chromosome:GRCh38:14:1:8:1 gene:ENSG00000223997.1"),
    ),
    (
        ">ENST00000335295.4|ENSG00000244734.4|OTTHUMG00000066678.9|OTTHUMT00000142977.3|HBB-201|"
        "HBB|628|UTR5:1-50|CDS:51-494|UTR3:495-628|",
        ("HBB", "ENST00000335295.4", ""),
    ),
    (
        ">ENSP00000333994.3|ENST00000335295.4|ENSG00000244734.4|-|-|HBB-201|HBB|147",
        ("HBB", "ENST00000335295.4", ""),
    ),
    (
        ">ENST00000641515.2|ENSG00000186092.7|-|-|ENST00000641515|ENSG00000186092|61|",
        ("", "ENST00000641515.2", ""),
    ),
    (">HBB|icodon|ENSG00000244734", ("HBB", "ENSG00000244734", "")),
    (">1C7|emboss|BA000025.2", ("1C7", "BA000025.2", "")),
    (">ENSG00000101353|icodon|ENSG00000101353", ("", "ENSG00000101353", "")),
    (">HBB src=emboss id=U01317.1 mane=yes", ("HBB", "U01317.1", "mane=yes")),
    (">HLA_E src=emboss id=BA000025.2", ("HLA_E", "BA000025.2", "")),
    (">sp|P68871|HBB_HUMAN Hemoglobin", ("", "", "Hemoglobin")),
    (">gb|U01317.1|HUMHBB Human", ("", "U01317.1", "Human")),
    (">gi|455025|gb|U01317.1|HUMHBB Human", ("", "U01317.1", "Human")),
    (">U01317.1 Human beta globin [gene=HBE1]", ("HBE1", "U01317.1", "Human beta globin")),
    (">U01317.1 Human globin (HBB), complete", ("", "U01317.1", "Human globin (HBB), complete")),
    (">seq0001 family=GPCR", ("", "", "family=GPCR")),
    (">HBB", ("", "", "")),
    ("HBB beta", ("", "", "beta")),
    (">", ("", "", "")),
]  # fmt: skip


@pytest.mark.parametrize(("line", "fields"), HEADERS)
def test_header_layouts(line: str, fields: tuple[str, str, str]) -> None:
    name = [*line.removeprefix(">").split(), ""][0]
    stated = "51..494" if "|CDS:51-494|" in line else ""
    assert parse_header(line) == Header(name, *fields, cds=stated)


@given(st.text())
def test_any_header_is_parsed(line: str) -> None:
    header = parse_header(line)
    assert header.symbol == "" or header.symbol in line


@pytest.mark.parametrize(
    "piece", [" [protein=x]y", " [gene=", " (A", "|", " gene_symbol:", "ENST1|", "1"]
)
def test_a_hostile_header_costs_little_time(piece: str) -> None:
    start = time.process_time()
    parse_header(">NM_1.1 a [gene=x]" + piece * (100_000 // len(piece)))
    assert time.process_time() - start < 1


# Sequences -----------------------------------------------------------------------------------


def test_sequences_index_like_a_list_and_cannot_be_written() -> None:
    sequences = fasta.read(b">a\nAC\n>b\n>c\nGNT\n")
    assert [codes.tolist() for codes in sequences] == [[0, 1], [], [2, 4, 3]]
    assert sequences[-1].tolist() == sequences[2].tolist()
    assert sequences.text(2) == "GNT"
    assert (sequences.codes.dtype, sequences.offsets.dtype) == (np.uint8, np.int64)
    assert sequences.alphabet is DNA
    for index in (3, -4):
        with pytest.raises(IndexError, match=f"record {index}: there are 3"):
            sequences[index]
    with pytest.raises(ValueError, match="read-only"):
        sequences[0][0] = 1


@pytest.mark.parametrize(
    ("names", "descriptions", "codes", "offsets", "message"),
    [
        (("a",), ("a",), np.zeros(2, np.int64), [0, 2], "codes: expected uint8"),
        (("a",), ("a",), np.zeros(2, np.uint8), [0, 1, 2], "offsets: expected int64 with shape"),
        (("a",), (), np.zeros(2, np.uint8), [0, 2], "1 names, 0 descriptions"),
        (("a",), ("a",), np.zeros(2, np.uint8), [1, 2], "offsets must rise from 0 to 2"),
        (("a",), ("a",), np.zeros(2, np.uint8), [0, 1], "offsets must rise from 0 to 2"),
        (("a", "b"), ("a", "b"), np.zeros(2, np.uint8), [0, 3, 2], "offsets must rise"),
    ],
)
def test_sequences_that_contradict_themselves(
    names: tuple[str, ...],
    descriptions: tuple[str, ...],
    codes: np.ndarray,
    offsets: list[int],
    message: str,
) -> None:
    with pytest.raises(ValueError, match=message):
        Sequences(names, descriptions, codes, np.array(offsets, np.int64))


def test_a_block_has_at_least_one_base() -> None:
    with pytest.raises(ValueError, match="block_bases must be at least 1, found 0"):
        fasta.stream(b">a\nA", block_bases=0)


# The files that ship -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "records", "bases"),
    [(shipped.SAMPLE, 726, 1_385_112), (shipped.GENES, 86, 113_931)],
)
def test_the_shipped_files_hold_complete_reading_frames(
    path: Path, records: int, bases: int
) -> None:
    sequences = fasta.read(path)
    assert (len(sequences), len(sequences.codes)) == (records, bases)
    assert len(set(sequences.names)) == records
    for index in range(records):
        text = sequences.text(index)
        codons = [text[i : i + 3] for i in range(0, len(text), 3)]
        assert len(text) % 3 == 0
        assert codons[0] == "ATG"
        assert [codon in {"TAA", "TAG", "TGA"} for codon in codons].index(True) == len(codons) - 1
        assert "N" not in text


def test_the_shipped_genes_are_found_by_their_symbols() -> None:
    genes = fasta.read(shipped.GENES)
    assert {"HBB", "HBD", "HBE1", "HBG1", "HBG2", "FOS", "TYMS"} <= set(genes.symbols)
    assert "" not in genes.symbols
    hbb = genes.text(genes.symbols.index("HBB"))
    assert hbb.startswith("ATGGTGCACCTGACTCCTGAGGAGAAGTCTGCC")
    assert len(hbb) == 444


def test_the_shipped_sample_has_seven_families_and_no_shared_stretch() -> None:
    sample = fasta.read(shipped.SAMPLE)
    families = [line.partition("family=")[2] for line in sample.descriptions]
    assert {family: families.count(family) for family in families} == {
        "GPCR": 126, "tyrosine_kinase": 61, "tyrosine_phosphatase": 44, "synthetase": 90,
        "synthase": 129, "ion_channel": 42, "transcription_factor": 234,
    }  # fmt: skip
    assert set(sample.symbols) == {""}
    seen: set[str] = set()
    for index in range(len(sample)):
        text = sample.text(index)
        own = {text[i : i + 60] for i in range(len(text) - 59)}
        assert seen.isdisjoint(own)
        seen |= own
