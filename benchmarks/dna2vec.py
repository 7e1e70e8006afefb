"""What dna2vec's published tables say, by the code that judges models here.

    python -m benchmarks.dna2vec FOLDER

FOLDER holds ``*.nw_cosine_scatter_v2.csv``, ``*.nearest_neighbor.csv`` and
``*.same_xpend_3nt*.csv`` of dna2vec's ``stat_output`` (github.com/pnpnpn/dna2vec, MIT). Its vectors
are not in its repository; whoever has them: ``bioskipgram import VECTORS``, then ``bioskipgram
quality`` and ``bioskipgram concatenation``.
"""

import argparse
import csv
from collections import Counter
from pathlib import Path

import numpy as np

from bioskipgram.kmers.relations import KINDS, kinds
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.model.geometry import alignment_scores
from bioskipgram.numerics.statistics import spearman


def main() -> None:
    """Print what each table says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    _spelling(_rows(folder, "nw_cosine_scatter_v2"))
    _neighbors(_rows(folder, "nearest_neighbor"))
    for name in ("same_xpend_3nt", "same_xpend_3nt_nullB"):
        ranks = {int(row["rank"]): float(row["count"]) for row in _rows(folder, name)}
        print(f"{name}: the joined word is first in {ranks[1] / 10:.1f} %, within 10 in "
              f"{ranks[10] / 10:.1f} % of 1,000 sums")  # fmt: skip


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    (path,) = folder.glob(f"*.{name}.csv")
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _spelling(rows: list[dict[str, str]]) -> None:
    """Print the correlation of cosine with alignment score, with and without what makes it up."""
    tokenizer = KmerTokenizer(8)
    one, two = (
        tokenizer.bases(np.array([tokenizer.encode(row[name]) for row in rows]))
        for name in ("kmer1", "kmer2")
    )
    scores = alignment_scores(one, two)
    agree = int((scores == [float(row["nw"]) for row in rows]).sum())
    cosines = np.array([float(row["cosine"]) for row in rows])
    same = (one == two).all(axis=1)
    shifted = (one[:, 1:] == two[:, :-1]).all(axis=1) | (one[:, :-1] == two[:, 1:]).all(axis=1)
    print(f"alignment scores: {agree:,} of {len(rows):,} as printed there")
    for name, kept in {
        "all pairs": ~(same & ~same), "equal ones left out": ~same,
        "shifts by one base left out, too": ~same & ~shifted,
    }.items():  # fmt: skip
        r = spearman(cosines[kept], scores[kept].astype(float))
        print(f"cosine with alignment score, {name}: Spearman {r:.3f} ({int(kept.sum()):,} pairs)")


def _neighbors(rows: list[dict[str, str]]) -> None:
    """Print how nearest neighbours are spelt, and random pairs beside them, by length."""
    print(f"| k | pairs | {' | '.join(KINDS[1:])} |\n|---|---{'|---' * len(KINDS[1:])}|")
    for k in range(3, 9):
        tokenizer = KmerTokenizer(k)
        every = tokenizer.all_codes()
        vocabulary = Vocabulary(tokenizer, every, np.ones(len(every), np.int64))
        for relation in ("nearest_neighbor", "null"):
            found: Counter[int] = Counter()
            for row in rows:
                if (row["k_len"], row["relation"]) == (str(k), relation):
                    codes = np.array([tokenizer.encode(row[name]) for name in ("kmer1", "kmer2")])
                    one, two = vocabulary.tokens(codes)
                    found[int(kinds(vocabulary, int(one), np.array([two], np.int32))[0])] += 1
            cells = [f"{100 * found[i] / found.total():.1f} %" for i in range(1, len(KINDS))]
            print(f"| {k} | {relation.replace('_', ' ')} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
