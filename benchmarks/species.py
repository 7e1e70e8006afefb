"""Codon models of three species: every measure less its null, from the reports that ship.

    python -m benchmarks.species [MODEL …]

Median (lowest to highest) over all pairs of a training on the real sequences (the model and five
other seeds) and one on sequences with their codons shuffled within genes (five); ● where all pairs
differ in the same direction. ``make quality`` makes the reports anew.
"""

import argparse

from bioskipgram.model import beside, quality_file
from bioskipgram.model.shipped import model_path
from bioskipgram.model.verdict import beyond_zero, minus_shuffled, verdict

MODELS = ("human-cds-codon", "yeast-cds-codon", "ecoli-cds-codon")


def main() -> None:
    """Print a table, and the verdict on each model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", default=MODELS)
    names = parser.parse_args().models
    reports = [quality_file.load(beside.quality(model_path(name))) for name in names]
    found = [minus_shuffled(report.measures) for report in reports]
    print(f"| measure | {' | '.join(names)} |\n|---{'|---' * len(names)}|")
    for measure in dict.fromkeys(name for each in found for name in each):
        cells = [_cell(each[measure]) if measure in each else "" for each in found]
        print(f"| {measure} | {' | '.join(cells)} |")
    print()
    for name, report in zip(names, reports, strict=True):
        print(f"- {name}: {'. '.join(verdict(report.measures))}")


def _cell(excess: tuple[float, float, float]) -> str:
    return "{:+.3f} ({:+.3f} to {:+.3f})".format(*excess) + " ●" * beyond_zero(excess)


if __name__ == "__main__":
    main()
