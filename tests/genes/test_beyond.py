"""Pairs that vectors and protein words find alike and Mash does not."""

import numpy as np
import pytest

from bioskipgram.config import PoolConfig
from bioskipgram.genes import beyond, distances, embed
from bioskipgram.genes.similarity import (
    ALIKE,
    RELATED,
    percentiles,
    random_cosines,
    random_pairs,
)
from bioskipgram.genes.words import words
from bioskipgram.kmers.genetic_code import translate
from bioskipgram.model import checkpoint
from bioskipgram.sequences import fasta
from bioskipgram.sequences.shipped import GENES

SPELT_ANEW = {"L": "TTA", "S": "AGT", "R": "CGT", "A": "GCG", "G": "GGT", "P": "CCG", "T": "ACG",
              "V": "GTA", "I": "ATA", "K": "AAA", "E": "GAA", "D": "GAT", "N": "AAT", "Q": "CAA",
              "H": "CAT", "F": "TTT", "Y": "TAT", "C": "TGT"}  # fmt: skip


def recoded(text: str) -> str:
    """Return a coding sequence of the same protein, spelt with other codons."""
    codons = [text[i : i + 3] for i in range(0, len(text), 3)]
    return "".join(SPELT_ANEW.get(translate(codon), codon) for codon in codons)


@pytest.fixture(scope="module")
def compared():
    """Return genes that ship and HBB with other codons: vectors, words, cosines by chance."""
    shipped = fasta.read(GENES)
    hbb = shipped.text(shipped.names.index("HBB"))
    lines = [f">{name}\n{shipped.text(i)}\n" for i, name in enumerate(shipped.names[:40])]
    sequences = fasta.read("".join([*lines, f">HBB\n{hbb}\n>anew\n{recoded(hbb)}\n"]).encode())
    made = embed.embed(checkpoint.load("models/human-cds-codon.safetensors"), sequences,
                       PoolConfig(pooling="second-order"))  # fmt: skip
    return made, words(sequences), random_cosines(made)


def test_the_pairs_are_those_that_every_pair_by_itself_gives(compared) -> None:
    made, own, _ = compared
    random = np.sort(made.cosine()[np.triu_indices(len(made), 1)])[:400]  # a low limit: many pairs
    found = beyond.beyond_mash(made, own, random)
    mash, protein = distances.mash(own.dna, own.dna), distances.mash(own.protein, own.protein)
    expected = {
        (i, j)
        for i in range(len(made))
        for j in range(i + 1, len(made))
        if percentiles(made.cosine()[[i], [j]], random)[0] >= ALIKE
        and mash[i, j] > RELATED
        and protein[i, j] <= RELATED
    }
    pairs = set(zip(found.first.tolist(), found.second.tolist(), strict=True))
    assert pairs == expected
    assert any(41 in pair for pair in pairs)  # HBB spelt with other codons, and another globin
    assert (np.diff(found.protein) >= 0).all()
    assert found.compared == 42 * 41 // 2


def test_no_more_pairs_than_the_limit_have_their_words_compared(compared, monkeypatch) -> None:
    made, own, random = compared
    monkeypatch.setattr(beyond, "MOST", 1)
    found = beyond.beyond_mash(made, own, random)
    cosines = made.cosine()[np.triu_indices(42, 1)]
    assert found.left_out == int((percentiles(cosines, random) >= ALIKE).sum()) - 1
    assert len(found) <= 1


def test_random_pairs_are_judged_by_the_same_rule(compared, monkeypatch) -> None:
    made, own, _ = compared
    monkeypatch.setattr(beyond, "ALIKE", 50.0)  # so that some are found
    mash, protein = distances.mash(own.dna, own.dna), distances.mash(own.protein, own.protein)
    expected = total = 0
    for seed in range(1, 6):
        first, second, cosines = random_pairs(made, seed=seed)
        like = percentiles(cosines, np.sort(cosines)) >= 50
        far, near = mash[first, second] > RELATED, protein[first, second] <= RELATED
        expected += int((like & far & near).sum())
        total += len(cosines)
    assert beyond.chance(made, own) == (expected, total)
    assert expected > 0


def test_genes_without_vectors_have_no_pairs(compared) -> None:
    made, own, _ = compared
    found = beyond.beyond_mash(made, own, np.zeros(0, np.float32))
    assert len(found) == 0
