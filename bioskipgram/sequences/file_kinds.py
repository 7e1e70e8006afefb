"""The first bytes of a file -> what it is: FASTA, GenBank, EMBL, or an error that names it."""

import re

from bioskipgram.errors import FastaError

CHUNK = 1 << 16
"""Bytes examined to find the kind."""
_LFS = "this is a Git LFS pointer, not the file itself; fetch it first, with git lfs pull"
_ALIGNMENT = "turn it into FASTA first, with seqmagick or Biopython's AlignIO"
_BINARY = (
    (b"\x1f\x9d", "this is compress data; unpack it first, with gunzip"),
    (b"\x04\x22\x4d\x18", "this is lz4 data; unpack it first, with unlz4"),
    (b"BZh", "this is bzip2 data; unpack it first, with bunzip2"),
    (b"\xfd7zXZ", "this is xz data; unpack it first, with unxz"),
    (b"\x28\xb5\x2f\xfd", "this is zstd data; unpack it first, with unzstd"),
    (b"\x1f\x8b", "this is gzip data inside gzip data; unpack it first, with gunzip"),
    (b"\x43\x27\x41\x1a", "this is a 2bit file; turn it into FASTA first, with twoBitToFa"),
    (b"\x1a\x41\x27\x43", "this is a 2bit file; turn it into FASTA first, with twoBitToFa"),
    (b"BAM\x01", "this is BAM; turn it into FASTA first, with samtools fasta"),
    (b"BCF\x02", "this is BCF, a list of variants; turn it into VCF first, with bcftools view"),
    (b"CRAM", "this is CRAM; turn it into FASTA first, with samtools fasta"),
    (b"\t\0\0\0\x14SnapGene", "this is a SnapGene file; export it as FASTA or GenBank"),
    (b"ABIF", "this is an ABI trace; turn it into FASTA first, with seqret"),
    (b".scf", "this is an SCF trace; turn it into FASTA first, with seqret"),
    (b"NCBI.sra", "this is SRA data; turn it into FASTA first, with fasterq-dump --fasta"),
    (b"%PDF", "this is a PDF; download the FASTA file itself"),
    (b"{\\rtf", "this is rich text; save it as plain text"),
    (b"7z\xbc\xaf", "this is a 7-Zip archive; unpack it first"),
    (b"Rar!", "this is a RAR archive; unpack it first"),
    (b"\x89HDF", "this is an HDF5 file, not a text of sequences"),
    (b"\x93NUMPY", "this is a NumPy array, not a text of sequences"),
    (b"PAR1", "this is a Parquet table; save it as text"),
    (b"SQLite format 3", "this is an SQLite database, not a text of sequences"),
    (b"\xd0\xcf\x11\xe0", "this is a Microsoft Office file; save it as plain text"),
    (b"\x89PNG", "this is a picture, not a text of sequences"),
    (b"\xff\xd8\xff", "this is a picture, not a text of sequences"),
)
_UTF16 = re.compile(rb"\xff\xfe|\xfe\xff|(?:[\t\n\r -~]\0){4}|(?:\0[\t\n\r -~]){4}")
"""With a mark of the order of bytes, or without."""
_ZIPPED = (
    (b"xl/", "this is an Excel workbook; save it as text"),
    (b"word/", "this is a Word document; save it as plain text"),
    (b".npy", "this is a NumPy archive, not a text of sequences"),
)
"""Names of files inside a zip archive, and what it is."""
_TEXT = (
    (rb"<[!?/A-Za-z]", "this is a web page or XML; download the FASTA file itself"),
    (rb"version https://(git-lfs|hawser)", _LFS),
    (
        rb"(\.\./)*(\.git)?/annex/objects/",
        "this is a git-annex pointer, not the file itself; fetch it first, with git annex get",
    ),
    (rb"(?i)CLUSTAL|MUSCLE \(|PROBCONS", f"this is a CLUSTAL alignment; {_ALIGNMENT}"),
    (rb"(?i)#NEXUS", f"this is NEXUS; {_ALIGNMENT}"),
    (rb"(?i)#MEGA", f"this is a MEGA alignment; {_ALIGNMENT}"),
    (rb"# STOCKHOLM", f"this is a Stockholm alignment; {_ALIGNMENT}"),
    (rb"!!(NA|AA)_MULT|PileUp", f"this is an MSF alignment; {_ALIGNMENT}"),
    (rb"!!(NA|AA)_SEQ", "this is GCG; turn it into FASTA first, with seqret"),
    (rb"##maf", f"this is a MAF alignment; {_ALIGNMENT}"),
    (rb" *\d+[ \t]+\d+ *\n\S+\s+[A-Za-z?-]{3}", f"this is a PHYLIP alignment; {_ALIGNMENT}"),
    (rb"@(HD|SQ|RG|PG|CO)\t", "this is SAM; turn it into FASTA first, with samtools fasta"),
    (rb"@", "this looks like FASTQ; turn it into FASTA first, with seqtk seq -A"),
    (rb"##fileformat=VCF", "this is VCF, a list of variants; give the sequences as FASTA"),
    (
        rb"(\d+ \d+ *\n\S+( -?\d\S*)+|[A-Za-z]+( -?\d+\.\d\S*){2,}) *(\n|\Z)",
        "this is word2vec text, vectors and not sequences; give the sequences as FASTA",
    ),
    (
        rb">(P1|F1|D[LC]|R[LC]|N[13]|XX);",
        f"this is PIR, with titles in second lines; {_ALIGNMENT}",
    ),
    (rb"HMMER3/", "this is a profile of HMMER; give the sequences as FASTA"),
    (rb"T?BLAST[NPX] \d", "this is a report of BLAST; give the sequences as FASTA"),
    (rb"HEADER    |data_\S*\s+#", "this is a structure (PDB, mmCIF); give the sequences as FASTA"),
    (rb"track |browser ", "this is a track of a genome browser; give the sequences as FASTA"),
    (rb"H\tVN:Z:", "this is GFA, a graph; give the sequences as FASTA, with gfatools gfa2fa"),
    (rb"T-COFFEE", f"this is an alignment of T-Coffee; {_ALIGNMENT}"),
    (rb"MEME version", "this is a MEME file of motifs; give the sequences as FASTA"),
    (
        rb"(?!ID\t|LOCUS\t)[^\n>;#\t]+\t[^\n\t]+(\t|\n[^\n>;#\t]+\t)",
        "this is a table with columns; give the sequences as FASTA",
    ),
)
"""Beginnings of texts mistaken for FASTA, and the cure."""
_HEAD = "put a line such as '>name' above it"


def binary_kind(head: bytes) -> str:
    """Return what a file is whose first bytes are known to be no plain text, "" if they are not."""
    if _UTF16.match(head):
        return "this is UTF-16 text; save it as UTF-8"
    if head.startswith(b"PK\x03\x04"):
        zipped = "this is a zip archive; unpack it first"
        return next((said for name, said in _ZIPPED if name in head), zipped)
    if re.match(rb"[^\0].{5}\0\0\{\"", head, re.DOTALL):
        return "this is a safetensors file, a model and not sequences; give the sequences as FASTA"
    if head[257:262] == b"ustar":
        return "this is a tar archive; unpack it first"
    return next((said for magic, said in _BINARY if head.startswith(magic)), "")


def kind_of(head: bytes, name: str) -> str:
    """Return "fasta", "genbank", "embl" or "gff"; a FastaError says what else the file is."""
    if sentence := binary_kind(head):
        raise FastaError(f"{name}: {sentence}")
    lines = head.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    start = lines.lstrip()
    for pattern, sentence in _TEXT:
        if re.match(pattern, start):
            raise FastaError(f"{name}: {sentence}")
    if b"\0" in head:
        raise FastaError(f"{name}: this is a binary file; FASTA, GenBank and EMBL are text")
    if re.match(rb"##gff-version|#!genome-build", start):
        return "gff"
    return _by_first_line(lines, name)


def _by_first_line(lines: bytes, name: str) -> str:
    """Return the kind by the first line that is neither blank nor a comment."""
    first = re.search(rb"^([ \t]*)([^;\s])", lines, re.MULTILINE)
    if first is None:
        found = f"nothing in the first {CHUNK:,} bytes" if lines else "the file is empty"
        raise FastaError(f"{name}: {found}; a FASTA file starts with a line '>name'")
    if first[0] == b">":
        return "fasta"
    if re.search(rb"^LOCUS[ \t]", lines, re.MULTILINE):
        return "genbank"
    if re.match(rb"ID[ \t]+\S", lines[first.start() :]):
        return "embl"
    line = lines.count(b"\n", 0, first.start()) + 1
    if first[2] == b">":
        raise FastaError(
            f"{name}, line {line}: blanks before the '>' header; a header starts its line: take "
            "the blanks out"
        )
    text = lines[first.start() :].split(b"\n", 1)[0]
    if re.fullmatch(rb"[A-Za-z0-9 \t*.-]+", text):
        raise FastaError(f"{name}, line {line}: sequence before the first '>' header; {_HEAD}")
    shown = text.strip()[:40].decode("utf-8", "replace")
    raise FastaError(
        f"{name}, line {line}: {shown!r} is neither a '>' header nor a sequence; give FASTA, "
        "GenBank or EMBL"
    )
