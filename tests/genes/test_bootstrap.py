"""Support values of trees."""

from pathlib import Path

import numpy as np

from bioskipgram.config import PoolConfig
from bioskipgram.genes import bootstrap, embed, trees
from bioskipgram.genes.distances import from_cosines
from bioskipgram.model import checkpoint
from bioskipgram.sequences import fasta
from bioskipgram.sequences.shipped import GENES

MODEL = Path("models/human-cds-codon.safetensors")


def of(pairs: dict[tuple[int, int], float], names: tuple[str, ...], method: str) -> trees.Tree:
    distances = np.full((len(names), len(names)), 1.0)
    np.fill_diagonal(distances, 0)
    for (a, b), distance in pairs.items():
        distances[a, b] = distances[b, a] = distance
    return trees.tree(distances, names, method)


def test_support_is_the_share_of_trees_with_a_group() -> None:
    names = tuple("abcde")
    made = of({(0, 1): 0.1, (2, 3): 0.2}, names, "nj")
    same, other = (of({(0, 1): 0.3, pair: 0.2}, names, "nj") for pair in ((2, 3), (2, 4)))
    found = bootstrap.support(made, [same, other, other, same])
    assert sorted(found[~np.isnan(found)].tolist()) == [0.5, 1.0]
    text = trees.newick(made, found)
    assert ")100:" in text
    assert ")50:" in text
    assert trees.newick(made).count(")") == text.count(")")


def test_a_root_makes_a_group_differ_from_the_rest() -> None:
    names = tuple("abcd")
    made = of({(0, 1): 0.1, (2, 3): 0.2}, names, "upgma")
    found = bootstrap.support(made, [of({(0, 1): 0.1, (0, 2): 0.3, (1, 2): 0.3}, names, "upgma")])
    assert sorted(found[~np.isnan(found)].tolist()) == [0.0, 1.0]


def test_hbb_and_hbd_are_a_group_of_nearly_every_tree() -> None:
    embedding, records = checkpoint.load(MODEL), fasta.read(GENES)
    wanted = ("HBB", "HBD", "HBE1", "FOS", "CDH5", "TYMS")
    chosen = [records.names.index(name) for name in wanted]
    text = "".join(f">{records.names[i]}\n{records.text(i)}\n" for i in chosen)
    records, rows = fasta.read(text.encode()), np.arange(6)
    for pooling in ("mean", "second-order"):
        config = PoolConfig(pooling=pooling)
        genes = embed.embed(embedding, records, config)
        distances = from_cosines(genes.cosine()[np.ix_(rows, rows)])
        made = trees.tree(distances, wanted, "nj")
        drawn = bootstrap.bootstrap(embedding, records, config, rows=rows, samples=5)
        found = bootstrap.support(made, drawn)
        pair = bootstrap._groups(made).index(0b111100)  # all but HBB and HBD
        assert found[pair] >= 0.8
        assert np.isnan(found[: len(wanted)]).all()
