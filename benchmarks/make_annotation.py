"""Make the annotation that ships: ``python -m benchmarks.make_annotation ANNOTATION MANE``.

ANNOTATION is the folder of ideogram's gene cache of the human genome (homo-sapiens-genes.tsv.gz,
-proteins.tsv.gz and -paralogs.tsv.gz: Ensembl 110, InterPro; CC0), MANE the summary of MANE 1.5
(MANE.GRCh38.v1.5.summary.txt.gz, NCBI and EMBL-EBI). Written are `human_gene_annotation.tsv.gz`,
the genes of the reference files in models/, and `mane_transcripts.tsv.gz`, all transcripts of MANE.
"""

import argparse
import gzip
from collections.abc import Iterable
from pathlib import Path

from bioskipgram.genes import reference_file
from bioskipgram.sequences.shipped import DATA

REFERENCES = tuple(sorted(Path("models").glob("*.genes.safetensors")))


def lines(path: Path) -> list[str]:
    """Return the lines of a gzipped table."""
    return gzip.decompress(path.read_bytes()).decode().splitlines()


def write(path: Path, rows: Iterable[Iterable[str]]) -> None:
    """Write a gzipped table that is the same bytes for the same rows."""
    text = "".join("\t".join(row) + "\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{path.name}: {path.stat().st_size:,} bytes")


def mane_rows(path: Path) -> list[list[str]]:
    """Return symbol, Ensembl gene, RefSeq and Ensembl transcript, protein and place, per row."""
    head, *rows = (line.split("\t") for line in lines(path))
    names = (
        "symbol", "Ensembl_Gene", "RefSeq_nuc", "RefSeq_prot", "Ensembl_nuc", "GRCh38_chr",
        "chr_start", "chr_end", "chr_strand", "MANE_status",
    )  # fmt: skip
    columns = [head.index(name) for name in names]
    return [[row[column] for column in columns] for row in rows]


def domain_names(text: str) -> dict[str, str]:
    """Return the names of InterPro's and Pfam's domains by the keys of the protein table."""
    pairs = (item.split(" = ", 1) for item in text.partition("domain keys: ")[2].split("; "))
    return {key: name for key, *rest in pairs if key[0] not in "_S" for name in rest}


def domains(path: Path) -> tuple[dict[str, set[str]], dict[str, str]]:
    """Return the domains of each symbol's proteins, all isoforms together, and their names."""
    _, keys, *rows = lines(path)
    names, found, symbol = domain_names(keys), dict[str, set[str]](), ""
    for row in rows:
        transcript, *features = row.split("\t")
        symbol = symbol if transcript.isdecimal() else transcript.rpartition("-")[0]
        known = {feature.partition(";")[0] for feature in features} & set(names)
        found.setdefault(symbol, set()).update(known)
    return found, names


def accession(key: str) -> str:
    """Return InterPro's accession of a number; Pfam's stand as they are."""
    return f"IPR{int(key):06}" if key.isdecimal() else key


def paralogues(path: Path) -> dict[str, set[str]]:
    """Return the numbers of each symbol's paralogues; ``_HBA1`` in a row means those of HBA1."""
    rows = {symbol: others for symbol, *others in (line.split("\t") for line in lines(path))}
    return {
        symbol: {
            number
            for one in others
            for number in (rows.get(one[1:], ()) if one.startswith("_") else (one,))
        }
        for symbol, others in rows.items()
    }


def gene_rows(folder: Path, mane: list[list[str]]) -> list[list[str]]:
    """Return the table of the reference genes, a header first."""
    genes = [line.split("\t") for line in lines(folder / "homo-sapiens-genes.tsv.gz")]
    by_number = {row[3]: row for row in genes if not row[0].startswith("#")}
    by_symbol = {row[4]: row for row in by_number.values()}
    of_transcript = {row[i].split(".")[0]: row[1] for row in mane for i in (1, 2, 4)}
    known, names = domains(folder / "homo-sapiens-proteins.tsv.gz")
    related = paralogues(folder / "homo-sapiens-paralogs.tsv.gz")
    place: dict[str, list[str]] = {}
    for path in REFERENCES:
        found = reference_file.load(path)
        for name, identifier in zip(found.names, found.ids, strict=True):
            number = of_transcript.get(identifier.split(".")[0], identifier).split(".")[0]
            row = by_number.get(number.removeprefix("ENSG")) or by_symbol.get(name)
            if row:
                place[name] = row
    inside = {row[3]: name for name, row in place.items()}
    pairs = {
        frozenset((name, inside[one]))
        for name, row in place.items()
        for one in related.get(row[4], ())
        if one in inside and inside[one] != name
    }
    alike: dict[str, list[str]] = {}
    for pair in pairs:
        for name in pair:
            alike.setdefault(name, []).extend(pair - {name})
    used, rows = set[str](), []
    for name, (chromosome, start, length, number, symbol, about, *_) in sorted(place.items()):
        own = sorted(known.get(symbol, ()), key=accession)
        used |= set(own)
        rows.append(
            [
                name,
                f"ENSG{int(number):011}",
                chromosome,
                start,
                length,
                about,
                ",".join(map(accession, own)),
                ",".join(sorted(alike.get(name, ()))),
            ]
        )
    titles = sorted((accession(key), names[key]) for key in used)
    head = ["symbol", "ensembl", "chromosome", "start", "length", "about", "domains", "paralogues"]
    return [["#domain", *title] for title in titles] + [head, *rows]


def main() -> None:
    """Write both tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("annotation", type=Path)
    parser.add_argument("mane", type=Path)
    options = parser.parse_args()
    mane = mane_rows(options.mane)
    write(DATA / "human_gene_annotation.tsv.gz", gene_rows(options.annotation, mane))
    head = ["symbol", "refseq", "protein", "ensembl", "chromosome", "start", "end", "strand"]
    rows = [
        [one[0], *one[2:5], one[5].split(".")[0], *one[6:9]] for one in mane if one[2] and one[0]
    ]
    write(DATA / "mane_transcripts.tsv.gz", [head, *rows])


if __name__ == "__main__":
    main()
