"""What people take for FASTA is told by its name; what holds a whole sequence is read."""

import gzip

import pytest

from bioskipgram.errors import FastaError
from bioskipgram.sequences import fasta
from bioskipgram.sequences.file_kinds import CHUNK
from bioskipgram.sequences.upload import read_all

LETTERS = "ATGGTGCACCTGACTCCTGAGGAGAAGTCTGCCGTTACTGCCCTGTGGGGCAAGGTGAACTAA"
LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:4444\nsize 12345\n"
TOLD = [
    ("CLUSTAL W (1.83) multiple sequence alignment\n\n\na   ATGG\nb   ATGG\n    ****\n", "CLUSTAL"),
    ("CLUSTAL O(1.2.4) multiple sequence alignment\n\na ATGG\n", "CLUSTAL"),
    ("MUSCLE (3.8) multiple sequence alignment\n\na ATGG\n", "CLUSTAL"),
    ("#NEXUS\nBEGIN DATA;\nMATRIX\na ACGT\n;\nEND;\n", "NEXUS"),
    ("# STOCKHOLM 1.0\na ACGT\n//\n", "Stockholm"),
    (" 2 4\nseqA      ACGT\nseqB      ACGA\n", "PHYLIP"),
    ("!!NA_MULTIPLE_ALIGNMENT 1.0\n", "MSF"),
    ("##maf version=1\na score=1\n", "MAF"),
    ("@HD\tVN:1.6\n@SQ\tSN:a\tLN:63\n", "SAM"),
    ("r1\t0\tchr1\t100\t60\t4M\t*\t0\t0\tACGT\tFFFF\n", "a table with columns"),
    ("chr1\tHAVANA\tgene\t11869\t14409\n", "a table with columns"),
    ("@read1\nACGT\n+\nFFFF\n", "FASTQ"),
    (LFS, "Git LFS pointer"),
    ("2 3\nAAA 0.1 0.2 0.3\nAAC -0.2 0.1 1e-3\n", "word2vec"),
    ("##fileformat=VCFv4.2\n#CHROM\n", "VCF"),
    ("MEME version 4\n\nALPHABET= ACGT\n", "MEME"),
    ("##gff-version 3\na\tx\tgene\t1\t10\t.\t+\t.\tID=g\n", "GFF, annotation without"),
    ("{\\rtf1\\ansi >a\\par ACGT}", "rich text"),
    ("%PDF-1.7\n", "PDF"),
    ("  >a\n  ACGT\n", "line 1: blanks before the '>' header"),
    ("\n;c\n\t>a\nACGT\n", "line 3: blanks before the '>' header"),
    ("Clustal Omega\na ACGT\n", "CLUSTAL"),
    ("#nexus\nbegin data;\n", "NEXUS"),
    ("#mega\n!Title x;\n", "MEGA"),
    ("2 4\nseqA\nACGT\nseqB\nACGA\n", "PHYLIP"),
    ("/annex/objects/SHA256E-s1--a.fa\n", "git-annex pointer"),
    ("../.git/annex/objects/x/MD5E-s1--a\n", "git-annex pointer"),
    ("(a:0.1,b:0.2);\n", "neither a '>' header nor a sequence; give FASTA, GenBank or EMBL"),
    ('{"a": "ACGT"}\n', "neither a '>' header nor a sequence"),
    ("\u00a0>a\nACGT\n", "neither a '>' header nor a sequence"),
    ("id,seq\na,ACGT\n", "neither a '>' header nor a sequence"),
    (">P1;CRAB\nALPHA CRYSTALLIN\nMDIT*\n", "this is PIR"),
    ("!!NA_SEQUENCE 1.0\n", "this is GCG"),
    ("BLASTN 2.9.0+\n", "a report of BLAST"),
    ("HMMER3/f [3.1b2]\n", "a profile of HMMER"),
    ("HEADER    OXYGEN TRANSPORT\n", "a structure"),
    ("track name=x\nchr1\t1\t9\n", "a track of a genome browser"),
    ("H\tVN:Z:1.0\nS\t1\tACGT\n", "GFA, a graph"),
    ("AAA 0.1 -0.2 0.3\nAAC 0.1 0.2 0.3\n", "word2vec"),
    ("id\tseq\na\tACGT\n", "a table with columns"),
    ("ACGTTGCA\nACGT\n", "sequence before the first '>' header; put a line"),
]


@pytest.mark.parametrize(("text", "said"), TOLD, ids=[said for _, said in TOLD])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_it_is_said_what_a_file_is(text: str, said: str, end: str) -> None:
    with pytest.raises(FastaError, match=said) as caught:
        fasta.read(text.replace("\n", end).encode(), name="x.fa")
    assert str(caught.value).startswith("x.fa")
    assert len(str(caught.value)) <= 300


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\3\4....[Content_Types].xml....xl/workbook.xml", "an Excel workbook"),
        (b"PK\3\4....word/document.xml", "a Word document"),
        (b"PK\3\4....genes.fa", "a zip archive; unpack it first"),
        (gzip.compress(b"BAM\1" + bytes(40), mtime=0), "this is BAM"),
        (gzip.compress(b"BCF\2\2" + bytes(40), mtime=0), "this is BCF"),
        (gzip.compress(b"@r\nACGT\n+\nIIII\n", mtime=0), "FASTQ"),
        (">a\nACGT\n".encode("utf-16-le"), "UTF-16"),
        (">a\nACGT\n".encode("utf-16"), "UTF-16"),
        (b'<\0\0\0\0\0\0\0{"a":{}}', "a safetensors file"),
        (b"\x1f\x9d\x90", "compress data"),
        (b"\x93NUMPY\1\0", "a NumPy array"),
        (b"SQLite format 3\0", "an SQLite database"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b".scf\0\0", "an SCF trace"),
    ],
)
def test_a_binary_file_is_named(data: bytes, said: str) -> None:
    with pytest.raises(FastaError, match=said):
        fasta.read(data, name="x.fa")


def test_archives_are_named() -> None:
    tar = b"a.fa" + bytes(253) + b"ustar\x0000" + bytes(247)
    for data, said in ((tar, "a tar archive"), (gzip.compress(tar), "a tar archive"),
                       (b"7z\xbc\xaf\x27", "7-Zip"), (b"Rar!\x1a\x07", "RAR")):  # fmt: skip
        with pytest.raises(FastaError, match=said):
            fasta.read(data)


@pytest.mark.parametrize("mark", ["##FASTA\n", "##fasta\n", ""])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_fasta_part_of_gff_needs_no_mark(mark: str, end: str) -> None:
    text = f"##gff-version 3\na\tx\tgene\t1\t10\t.\t+\t.\tID=g\n{mark}>a\n{LETTERS}\n"
    found = fasta.read(text.replace("\n", end).encode())
    assert (found.names, found.text(0)) == (("a",), LETTERS)


def test_annotation_without_line_ends_is_refused_at_once() -> None:
    with pytest.raises(FastaError, match="a line of annotation of more than 1,048,576 characters"):
        fasta.read(b"##gff-version 3\n" + b"a\t" * 4_000_000)


@pytest.mark.parametrize("before", [1, 5000])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_fasta_part_of_gff_is_read_and_its_lines_are_counted(before: int, end: str) -> None:
    row = "a\tx\tgene\t1\t10\t.\t+\t.\tID=g\n"
    text = f"##gff-version 3\n{row * before}##FASTA\n>a\n{LETTERS}\n>b\nACG!\n"
    found = read_all([("p.gff3", text.replace("\n", end).encode())])
    assert len(text) > CHUNK or before == 1
    assert (found.sequences.names, found.sequences.text(0)) == (("a",), LETTERS)
    assert [(one.name, one.line) for one in found.bad] == [("b", before + 5)]


@pytest.mark.parametrize("glued", [f"{LETTERS}>b\n", f"{LETTERS}\n  >b\n", f"{LETTERS} >b\n"])
def test_a_header_that_does_not_start_its_line_spoils_the_record(glued: str) -> None:
    found = read_all([("x.fa", f">a\n{glued}{LETTERS}\n>c\n{LETTERS}\n".encode())])
    assert found.sequences.names == ("c",)
    assert "'>' at position 64 is not a DNA letter; a line end is missing" in found.bad[0].reason


# GenBank and EMBL whose sequence is whole ----------------------------------------------------

RECORD = """{locus}
DEFINITION  test record.
ACCESSION   {accession}
VERSION     {version}
FEATURES             Location/Qualifiers
     source          1..63
{feature}ORIGIN
        1 {a}
       61 taa
//
"""
A = " ".join(LETTERS[i : i + 10].lower() for i in range(0, 60, 10))


def genbank(locus: str, accession: str = "x", version: str = "x.1", feature: str = "") -> str:
    return RECORD.format(locus=locus, accession=accession, version=version, feature=feature, a=A)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            genbank("LOCUS       pOne     63 bp ds-DNA     linear   SYN 07-JUN-2022", ".", ".")
            + genbank("LOCUS       pTwo     63 bp ds-DNA     linear   SYN 07-JUN-2022", ".", "."),
            ("pOne", "pTwo"),
        ),
        (genbank("LOCUS       NODE_1_length_63_cov_13.6631163 bp   DNA linear"), ("x.1",)),
        (genbank("LOCUS       pEH010                    63 bp    DNA     circular"), ("x.1",)),
        (genbank("LOCUS       only_a_name", "A1", "."), ("A1",)),
        (genbank("LOCUS       a long name with blanks 63 bp DNA", "", ""), ("a",)),
        (
            genbank(
                "LOCUS       BL 63 bp    DNA     linear   SYN 01-JAN-2020",
                feature='     CDS             8572..716\n                     /gene="Y"\n',
            ),
            ("x.1",),
        ),
        (
            genbank("LOCUS BL 63 bp", feature="     CDS   join(1..^,(5))\n      /gene\n   /x\n"),
            ("x.1",),
        ),
        (
            "ID   HLA00001; SV 1; standard; DNA; HUM; 63 BP.\nXX\nAC   HLA00001;\nXX\nDE   HLA-A\n"
            f"XX\nSQ   Sequence 63 BP;\n     {A}        60\n     taa        63\n//\n",
            ("HLA00001.1",),
        ),
        (
            f"ID   X1 standard; DNA; 63 BP.\nSV   X1.7\nSQ   x\n     {A}  60\n taa 63\n//\n",
            ("X1.7",),
        ),
        (f"ID   X1\nAC   Y2; Z3;\nSQ   x\n     {A}  60\n     taa       63\n//\n", ("Y2",)),
        (genbank("LOCUS       a 63 bp").removesuffix("//\n"), ("x.1",)),
        (genbank("LOCUS\ta 63 bp"), ("x.1",)),
        (f"ID X1; SV 2;\nSQ x\n     {A}  60\n     taa       63\n//\n", ("X1.2",)),
        (f"ID\tX1; SV 2;\nSQ\tx\n     {A}  60\n     taa       63\n//\n", ("X1.2",)),
    ],
)
def test_a_flat_file_whose_sequence_is_whole_is_read(text: str, names: tuple[str, ...]) -> None:
    for end in ("\n", "\r\n"):
        found = fasta.read(text.replace("\n", end).encode())
        assert found.names == names
        assert {found.text(i) for i in range(len(found))} == {LETTERS}
    found = read_all([("x.gb", text.encode())]).sequences
    assert found.names == names


@pytest.mark.parametrize("cut", [1, 20, 63])
def test_a_flat_record_that_is_cut_short_says_how_much_is_there(cut: int) -> None:
    text = genbank("LOCUS       a 63 bp    DNA")
    letters = text.index("        1 ")
    whole = read_all([("x.gb", (text + text[: letters + 10 + cut]).encode())])
    assert len(whole) == 1
    assert "of 63 letters and no end, //; download it again" in whole.bad[0].reason
