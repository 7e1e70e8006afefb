"""The named genes that may ship: ``python -m benchmarks.shippable named_human_cds.fa.gz``.

Writes the records of a FASTA file whose header names a source with a stated permissive licence.
"""

import sys
from pathlib import Path

from bioskipgram.sequences import fasta

SOURCES = ("icodon", "calm", "chr22", "hoxc", "emboss")
"""MIT, BSD-3-Clause, Artistic-2.0, BSD-2-Clause, and public records in Debian's emboss-test."""


def main() -> None:
    """Write the records to standard output."""
    records = fasta.read(Path(sys.argv[1]))
    for index, line in enumerate(records.descriptions):
        if any(f"src={source}" in line.split() for source in SOURCES):
            print(f">{line}\n{records.text(index)}")


if __name__ == "__main__":
    main()
