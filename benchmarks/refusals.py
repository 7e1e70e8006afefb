"""Inputs that once took the server down: each must be refused within 1 s and 100 MB.

    python -m benchmarks.refusals

Each input is given to its reader in a forked process; printed are the processor time until it was
refused, the memory it took beyond what the program holds anyway, and what was said. Making the
input does not count. The exit code is 1 if one was accepted or took too much.
"""

import gzip
import os
import resource
import sys
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from bioskipgram.errors import BioSkipGramError
from bioskipgram.groups import own_values
from bioskipgram.kmers.patterns import matching, regex_of
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.motifs.files import read_motifs
from bioskipgram.sequences import fasta
from bioskipgram.sequences.shipped import GENES
from bioskipgram.sequences.source import Limits
from bioskipgram.sequences.upload import read_all
from bioskipgram.variants import hgvs, reading

MOST_SECONDS, MOST_BYTES = 1.0, 100e6
K = 6


def bomb(letters: bytes, *, start: bytes = b">a\n", times: int = 990, members: int = 1) -> bytes:
    """Return gzip data that unpacks to a megabyte of letters so many times."""
    block = (letters * (1_000_000 // len(letters) + 1))[:1_000_000]
    if members > 1:
        return gzip.compress(start) + gzip.compress(block) * (times // members) * members
    deflate = zlib.compressobj(9, wbits=31)
    head = deflate.compress(start) + deflate.flush(zlib.Z_FULL_FLUSH)
    piece = deflate.compress(block) + deflate.flush(zlib.Z_FULL_FLUSH)  # knows nothing before it
    return head + piece * times + deflate.flush()


def uploaded(data: bytes) -> str:
    """Give a page's reader a file; return why it is refused, "" if it is not."""
    bad = read_all([("x", data)]).bad
    return bad[0].reason if bad else ""


def raised(read: Callable[[], object]) -> str:
    """Return the sentence with which a reader refuses, "" if it does not."""
    try:
        read()
    except BioSkipGramError as error:
        return str(error)
    return ""


def answered(read: Callable[[], object]) -> str:
    """Return the sentence with which a reader refuses, or that it answers in time."""
    return raised(read) or "(answered)"


def listed(text: str | bytes) -> str:
    """Give a list of variants to its reader; return the first line's problem."""
    try:
        found = reading.read(text, fasta.read(GENES), record=0)
    except BioSkipGramError as error:
        return str(error)
    return found.problems[0].reason if found.problems else ""


def named(name: str) -> str:
    """Give one HGVS name to its parser."""
    genes = fasta.read(GENES)
    return raised(lambda: [hgvs.parse(one, genes, record=0) for one in hgvs.names_in(name)])


def inputs() -> dict[str, Callable[[], str]]:
    """Return what is tried, by name."""
    words = Vocabulary.from_counts(KmerTokenizer(K), np.ones(4**K, np.int64))
    tried: dict[str, Callable[[], str]] = {}
    for pattern in (
        "(?:(?:A{1000}){1000}){9}", "A{10000000}", "((A{300}){300}){300}", "(?:A{,60000}C)",
        "(?:[ACGT]{1,400}?){200,}", "(?=(A{500}){500})", "A{99999}{99999}",
    ):  # fmt: skip
        tried[f"pattern /{pattern}/"] = partial(raised, partial(regex_of, f"/{pattern}/"))
    for pattern in ("(?:(?:(?:[ACGT]+)+)+)+$x", "(?:A|AA|[ACGT])*+(?<=x)", "(?R)A"):
        found = partial(matching, words, f"/{pattern}/", seconds=0.5)
        tried[f"pattern /{pattern}/ over 6-mers"] = partial(answered, found)
    genbank = b"LOCUS       x 9 bp DNA\nORIGIN\n"
    for name, data in {
        "A": bomb(b"A"), "N": bomb(b"N"), "line ends": bomb(b"\n"), "many headers": bomb(b">\n"),
        "2,000 members": bomb(b"A", times=2000, members=2000), "comments": bomb(b";\n"),
        "a GenBank record": bomb(b"acgt\n", start=genbank), "one header": bomb(b"x", start=b">"),
        "annotation": bomb(b"a\t", start=b"##gff-version 3\n"),
        "lines of annotation": bomb(b"a\n", start=b"##gff-version 3\n"),
        "EMBL's short lines": bomb(b"FT\n", start=b"ID   X; SV 1;\n"),
        "GenBank's features": bomb(b"     CDS             1..9\n", start=b"LOCUS x\nFEATURES\n"),
        "a CDS of many exons": bomb(b"1..2,", start=b"LOCUS x\nFEATURES\n     CDS          join("),
    }.items():  # fmt: skip
        tried[f"gzip bomb of {name}, {len(data) / 1e3:,.0f} kB"] = partial(uploaded, data)
    for name, data in {
        "A": bomb(b"A", start=b""),
        "rows": bomb(b"HBB 20 A T\n", start=b""),
    }.items():
        tried[f"gzip bomb of {name} as variants, {len(data) / 1e3:,.0f} kB"] = partial(listed, data)
    for name, text in {
        "60 kB of digits": "c." + "1" * 60_000, "60 kB of blanks": "c.20A>T" + " " * 60_000 + "x",
        "60 kB of brackets": "c." + "[" * 60_000, "60 kB of bases": "c.1del" + "A" * 60_000,
        "60 kB before the level": "a" * 60_000 + ":c.1A>T", "1 MB of (": "c.20A>T" + "(" * 10**6,
    }.items():  # fmt: skip
        tried[f"variants: {name}"] = partial(listed, text)
    for name, text in {
        "2 kB of digits": "c." + "1" * 1990,
        "2 kB of ins": "c." + "ins" * 660,
    }.items():
        tried[f"HGVS: {name}"] = partial(named, text)
    meme = (
        b"MEME version 4\nMOTIF x\nletter-probability matrix: alength= 4 w= 1000000000\n1 0 0 0\n"
    )
    tried["MEME of w= 1000000000"] = partial(raised, partial(read_motifs, meme))
    tried["MEME of a number of 1 MB"] = partial(
        raised, partial(read_motifs, meme.replace(b"1000000000", b"9" * 10**6))
    )
    tried["20 MB of one matrix"] = partial(raised, partial(read_motifs, b"1 1 1 1\n" * 2_400_000))
    for text in (">x", "V1 V2 V3"):
        lines = f"{text}\n".encode() * 499_000
        tried[f"499,000 lines of {text} as matrices"] = partial(raised, partial(read_motifs, lines))
    tried["64 MB of own values"] = partial(
        raised, partial(own_values.read_values, b"AAAAAA,1\n" * 7_000_000, words)
    )
    tried["10,001 bad records"] = partial(uploaded, b">a\n!\n" * 10_001)
    tried["a header of 2 MB"] = partial(uploaded, b">" + b"x" * 2_000_000 + b"\nACGT\n")
    small = Limits(records=100)
    tried["more records than allowed"] = partial(
        raised, partial(fasta.read, b">a\nA\n" * 1_000_000, limits=small, bad=[])
    )
    return tried


@dataclass(frozen=True)
class Figures:
    """What refusing an input took: seconds of processor time, bytes, and the sentence."""

    seconds: float
    size: float
    said: str

    @property
    def passes(self) -> bool:
        """Whether it was refused within the limits."""
        return bool(self.said) and self.seconds <= MOST_SECONDS and self.size <= MOST_BYTES


def measured(refuse: Callable[[], str]) -> Figures:
    """Run in a forked process, so that its memory is its own."""
    reader, writer = os.pipe()
    if not (child := os.fork()):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.process_time()
        said = refuse()
        seconds = time.process_time() - start
        size = 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
        os.write(writer, f"{seconds}\t{size}\t{said}".encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        seconds, size, said = file.read().decode().split("\t", 2)
    os.waitpid(child, 0)
    return Figures(float(seconds), float(size), said)


def main() -> int:
    """Print a row for each input; return 1 if one is not refused as it must be."""
    failed = 0
    raised(lambda: regex_of("/A/"))  # what is imported late belongs to the program
    listed("HBB:c.20A>T")
    print("| input | seconds | MB | said |\n|---|---|---|---|", flush=True)
    for name, refuse in inputs().items():
        found = measured(refuse)
        failed += not found.passes
        mark = "" if found.passes else "**too much** "
        print(
            f"| {name} | {found.seconds:.3f} | {found.size / 1e6:.1f} | {mark}{found.said[:90]} |"
        )
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
