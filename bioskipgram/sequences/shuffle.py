"""Sequences with their bases in random order: null models."""

from dataclasses import replace

import numpy as np

from bioskipgram.errors import ConfigError

from .sequences import Sequences

KINDS = ("dinucleotide", "composition", "codon")


def shuffle(sequences: Sequences, kind: str = "dinucleotide", *, seed: int = 1) -> Sequences:
    """Return each record of DNA or RNA with its known bases in random order.

    "dinucleotide" keeps all dinucleotide counts within each run of known bases (a random Euler
    path: Altschul & Erickson 1985, 10.1093/oxfordjournals.molbev.a040370); "composition" keeps each
    record's bases; "codon" keeps its codons, read from the first base on.
    """
    if kind not in KINDS:
        raise ConfigError(f"shuffle: {kind!r} is not one of {', '.join(KINDS)}")
    if kind != "dinucleotide":
        return shuffled(sequences, unit=3 if kind == "codon" else 1, seed=seed)
    from .shuffle_kernel import shuffle_records

    codes = sequences.codes.copy()
    shuffle_records(codes, sequences.offsets, np.random.default_rng(seed))
    return replace(sequences, codes=codes)


def shuffled(sequences: Sequences, *, unit: int = 1, frame: int = 0, seed: int = 1) -> Sequences:
    """Return each record with its bases in random order: composition kept, context destroyed.

    `unit` letters move together: 3 shuffles codons and keeps codon usage. Unknown bases, an
    incomplete last unit and the first `frame` bases of each record keep their places.
    """
    random = np.random.default_rng(seed)
    codes = sequences.codes.copy()
    for record in range(len(sequences)):
        start, stop = sequences.offsets[record : record + 2]
        start = min(start + frame, stop)
        whole = start + (stop - start) // unit * unit
        blocks = codes[start:whole].reshape(-1, unit)
        known = (blocks < sequences.alphabet.unknown).all(axis=1)
        blocks[known] = random.permutation(blocks[known])
    return replace(sequences, codes=codes)
