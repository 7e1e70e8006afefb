"""Codon stability coefficients of human mRNA: ``python -m benchmarks.codon_stability FOLDER``.

FOLDER holds iCodon's coding sequences and decay rates (Medina-Muñoz et al. 2021, MIT licence). A
coefficient is the Spearman correlation, over genes, of a codon's frequency with the decay rate as
iCodon has it (higher = more stable), the median over cell lines; written to the package's data.
"""

import csv
import gzip
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

from bioskipgram.kmers.genetic_code import translate
from bioskipgram.sequences import fasta

PLACE = Path(__file__).parents[1] / "bioskipgram" / "data" / "codon_stability.tsv"
CODONS = [a + b + c for a in "ACGT" for b in "ACGT" for c in "ACGT"]


def main(folder: Path) -> None:
    """Write the table and print its ends."""
    found = frequencies(folder / "human_cds.fa.gz")
    rates: dict[str, dict[str, float]] = defaultdict(dict)
    with gzip.open(folder / "human_decay_rates.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            if row["gene_id"] in found:
                line = f"{row['cell_type']} {row['datatype']}"
                rates[line][row["gene_id"]] = float(row["decay_rate"])
    sense = [i for i, codon in enumerate(CODONS) if translate(codon) != "*"]
    each = np.array([_coefficients(found, genes, sense) for genes in rates.values()])
    middle = np.median(each, axis=0)
    with PLACE.open("w", newline="") as out:
        writer = csv.writer(out, delimiter="\t", lineterminator="\n")
        writer.writerow(["codon", "coefficient", "lowest", "highest"])
        for place, index in enumerate(sense):
            column = each[:, place]
            values = (middle[place], column.min(), column.max())
            writer.writerow([CODONS[index], *(f"{value:.4f}" for value in values)])
    order = np.argsort(middle)
    for place in (*order[:5], *order[-5:]):
        print(CODONS[sense[place]], f"{middle[place]:+.3f}", np.round(each[:, place], 3))
    print({name: len(genes) for name, genes in rates.items()})


def _coefficients(
    found: dict[str, np.ndarray], genes: dict[str, float], sense: list[int]
) -> list[float]:
    table = np.array([found[gene] for gene in genes])
    rates = np.array(list(genes.values()))
    return [float(spearmanr(table[:, index], rates).statistic) for index in sense]


def frequencies(path: Path) -> dict[str, np.ndarray]:
    """Return the share of each codon in each gene, by Ensembl identifier."""
    sequences = fasta.read(path)
    found = {}
    for place, said in enumerate(sequences.descriptions):
        codes = sequences.codes[sequences.offsets[place] : sequences.offsets[place + 1]]
        codons = codes[: len(codes) // 3 * 3].reshape(-1, 3).astype(int)
        codons = codons[(codons < 4).all(axis=1)]
        counts = np.bincount(codons @ [16, 4, 1], minlength=64)
        gene = next((word for word in said.split() if word.startswith("ENSG")), "")
        found[gene] = counts / max(1, counts.sum())
    return found


main(Path(sys.argv[1]))
