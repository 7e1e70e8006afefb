"""Raw counts folded into the rows of the pair matrix.

At stride 1 the pair at distance d is a function of the (k+d)-mer there, so one histogram of
(k+window)-mers, plus the shorter words at the ends of runs, holds every distance; summing out
letters recovers them. Other settings are counted pair by pair.
"""

from dataclasses import dataclass

import numpy as np

from bioskipgram.config import TrainConfig
from bioskipgram.kmers.tokenizer import reverse_complement
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.numerics.arrays import Counts

from .counts import RawCounts
from .fold_kernel import Sums, all_words


@dataclass(frozen=True)
class Folding:
    """The vocabulary of raw counts, and the k-mers that add up to each row of the pair matrix.

    Of `sums`, `keep` is the share of each k-mer that subsampling keeps; `words` the occurrences of
    words of every length; `rows`, int64[parts, V], the k-mers (or ranks) of a row, -1 = none;
    `columns`, int64[parts, 4^k], the column of each k-mer.
    """

    vocabulary: Vocabulary
    sums: Sums

    @classmethod
    def of(cls, raw: RawCounts, config: TrainConfig) -> "Folding":
        """Return what was counted for these settings; errors as `Vocabulary.from_counts`."""
        layout, cut = raw.layout, config.tokenizer
        nothing = np.zeros(0, np.int64)
        words = all_words(raw.counts, cut.k, layout.reach) if layout.words else nothing
        counts = words[: cut.size] if layout.words else _kmer_counts(raw)
        codes = np.arange(cut.size)
        both_strands = config.both_strands and not layout.both_strands
        if not (cut.canonical or both_strands):
            vocabulary = Vocabulary.from_counts(cut, counts, min_count=config.min_count)
            rows, columns = [vocabulary.kmers], [codes]
        else:
            twins = reverse_complement(codes, cut.k)
            merged = np.minimum(codes, twins)
            if cut.canonical and layout.words:
                counts = np.where(codes < twins, counts + counts[twins], counts)
                counts = np.where(codes > twins, 0, counts)
            if both_strands:
                counts = 2 * counts if cut.canonical else counts + counts[twins]
            vocabulary = Vocabulary.from_counts(cut, counts, min_count=config.min_count)
            kmers = vocabulary.kmers
            rows, columns = [kmers], [merged if cut.canonical else codes]
            if cut.canonical and layout.words:
                rows.append(np.where(twins[kmers] != kmers, twins[kmers], -1))
                columns.append(merged)
            if both_strands:
                rows += rows if cut.canonical else [twins[kmers]]
                columns += columns if cut.canonical else [twins]
        table = np.stack(rows)
        table = layout.ranks[table] if len(layout.ranks) else table
        keep = vocabulary.keep_probability(config.subsample)
        sums = Sums(vocabulary.kmers, keep, words, table, np.stack(columns), *layout.steps, cut.k)
        return cls(vocabulary, sums)


def _kmer_counts(raw: RawCounts) -> Counts:
    """Return int64[letters^k]: the occurrences of each k-mer, where pairs were counted."""
    layout, first = raw.layout, raw.layout.size**2
    ranked = np.zeros(layout.size, np.int64)
    start = first if raw.cells is None else int(np.searchsorted(raw.cells, first))
    ranked[... if raw.cells is None else raw.cells[start:] - first] = raw.counts[start:]
    if not len(layout.ranks):
        return ranked
    counts = np.zeros(layout.tokenizer.size, np.int64)
    counts[layout.tokenizer.all_codes()] = ranked
    return counts
