"""Names of clusters hold: a pattern or a property that members have and others have not."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bioskipgram.config import ClusterConfig
from bioskipgram.groups import clusters
from bioskipgram.groups.clusters import NOISE, Clusters
from bioskipgram.groups.names import MIXED, ClusterName, describe
from bioskipgram.groups.position_pattern import best_pattern
from bioskipgram.kmers.patterns import matching
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.model import beside, checkpoint
from bioskipgram.sequences.alphabet import PROTEIN, RNA, Alphabet

ROOT = Path(__file__).parents[2]


def vocabulary(k: int, alphabet: Alphabet | None = None) -> Vocabulary:
    tokenizer = KmerTokenizer(k, alphabet=alphabet) if alphabet else KmerTokenizer(k)
    size = tokenizer.alphabet.unknown**k
    return Vocabulary.from_counts(tokenizer, np.ones(size, np.int64))


def named(words: Vocabulary, *groups: NDArray[np.bool_]) -> tuple[ClusterName, ...]:
    labels = np.full(len(words), NOISE, np.int32)
    for number, group in enumerate(groups):
        labels[group] = number
    return describe(words, Clusters(ClusterConfig(), labels))


SIX = vocabulary(6)


@pytest.mark.parametrize("pattern", ["TNNNNT", "ANNNNN", "NNCGNN", "RNNNSW", "ACGTAC"])
def test_a_planted_pattern_is_the_name(pattern: str) -> None:
    if pattern == "ACGTAC":  # one k-mer is no pattern; with those one letter away it is one
        near = [matching(SIX, pattern[:i] + "N" + pattern[i + 1 :]) for i in range(6)]
        (found,) = named(SIX, np.logical_or.reduce(near))
        assert found.share >= 0.5
        return
    (found,) = named(SIX, matching(SIX, pattern))
    assert (found.pattern, found.name, found.share) == (pattern, pattern.replace("N", "."), 1)
    assert found.feature is None
    assert found.q is not None
    assert found.q < 1e-20
    assert found.label == f"{found.name} (100 %)"


def test_a_pattern_holds_in_spite_of_strays() -> None:
    random = np.random.default_rng(1)
    group = matching(SIX, "TNNNNT") & (random.random(4096) < 0.9)
    group |= random.random(4096) < 0.01
    (found,) = named(SIX, group)
    assert found.pattern == "TNNNNT"
    assert found.share == (matching(SIX, "TNNNNT") & group).sum() / group.sum()
    assert 0.5 <= found.share < 1


@pytest.mark.parametrize("size", [3, 20, 200])
def test_random_clusters_are_mixed(size: int) -> None:
    """At most one of twenty gets a name by chance, whatever was tried."""
    named_by_chance = 0
    for seed in range(20):
        group = np.zeros(4096, np.bool_)
        group[np.random.default_rng(seed).permutation(4096)[:size]] = True
        (found,) = named(SIX, group)
        named_by_chance += found.name != MIXED
        if found.name == MIXED:
            assert (found.pattern, found.feature, found.odds, found.q) == (None,) * 4
            assert found.label == MIXED
    assert named_by_chance <= 2


def gc_of(words: Vocabulary) -> NDArray[np.int64]:
    bases = words.tokenizer.bases(words.kmers)
    return ((bases == 1) | (bases == 2)).sum(axis=1)


def test_what_no_position_tells_is_named_by_a_property() -> None:
    random = np.random.default_rng(2)
    rich, poor = gc_of(SIX) >= 4, gc_of(SIX) <= 1
    some = rich & (random.random(4096) < 0.3)
    found, other = named(SIX, some, poor & (random.random(4096) < 0.5))
    assert (found.name, found.feature, found.pattern) == ("GC-rich", "GC-rich", None)
    assert found.share == 1
    assert found.odds is not None
    assert found.odds > 10
    assert other.feature == "AT-rich"
    texts = np.array([text.count("CG") for text in SIX.texts])
    (cpg,) = named(SIX, (texts > 0) & (random.random(4096) < 0.5))
    assert cpg.feature == "contains CG"


def test_clusters_of_one_name_are_told_apart_by_a_further_property() -> None:
    path = ROOT / "models" / "human-cds-k6.safetensors"
    words = checkpoint.load(path).vocabulary
    found = clusters.load(next(path.with_suffix(".layouts").glob("kmeans-*")))
    every = describe(words, found)
    alike = [one for one in every if one.name == "AT-rich"]
    assert len(alike) == len({one.title for one in alike}) == 3
    for one in alike:
        assert one.also is not None
        kind, word = one.also.split()
        assert kind == "contains"
        has = matching(words, word)
        inside = found.labels == one.number
        assert has[inside].mean() >= 0.5 > has[~inside].mean()
    assert all(one.also is None for one in every if [x.name for x in every].count(one.name) == 1)


def test_frames_name_a_cluster_where_they_are_known() -> None:
    random = np.random.default_rng(3)
    frames = random.integers(0, 3, 4096).astype(np.float32)
    labels = np.where((frames == 1) & (random.random(4096) < 0.4), 0, NOISE).astype(np.int32)
    (found,) = describe(SIX, Clusters(ClusterConfig(), labels), frames=frames)
    assert (found.name, found.share) == ("frame 1", 1)


def test_protein_rna_and_words_of_several_lengths() -> None:
    pairs = vocabulary(2, PROTEIN)
    (found,) = named(pairs, matching(pairs, "KX"))
    assert (found.pattern, found.name) == ("KX", "K.")
    (either,) = named(pairs, matching(pairs, "K"))
    assert either.name == "contains K"
    rna = vocabulary(3, RNA)
    (found,) = named(rna, matching(rna, "/^U/"))
    assert (found.pattern, found.name) == ("UNN", "U..")
    tokenizer = KmerTokenizer(4, k_min=3)
    words = Vocabulary(tokenizer, tokenizer.all_codes(), np.ones(320, np.int64))
    (found,) = named(words, matching(words, "/^A/") & (tokenizer.lengths(words.kmers) == 4))
    assert found.pattern == "ANNN"


SETS = {"A": "A", "C": "C", "G": "G", "T": "T", "R": "AG", "Y": "CT", "S": "CG", "W": "AT",
        "K": "GT", "M": "AC", "N": "ACGT"}  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_the_pattern_is_the_best_of_all(seed: int) -> None:
    """All 1,331 patterns of three positions, by the entropy of each table."""
    words, random = vocabulary(3), np.random.default_rng(seed)
    planted = matching(words, "".join(random.choice(list(SETS), 3)))
    inside = np.where(random.random(64) < 0.15, random.random(64) < 0.5, planted)
    if not 0 < inside.sum() < 64:
        return

    def information(flags: NDArray[np.bool_]) -> float:
        total = 0.0
        for a, b in product((True, False), repeat=2):
            joint = ((flags == a) & (inside == b)).mean()
            if joint:
                total += joint * np.log(joint / ((flags == a).mean() * (inside == b).mean()))
        return total

    best = 0.0
    for pattern in map("".join, product(SETS, repeat=3)):
        flags = matching(words, pattern)
        more = flags[inside].mean() > flags.mean()
        if more and 2 * (flags & inside).sum() >= inside.sum():
            best = max(best, information(flags))
    found = best_pattern(words, inside)
    assert (information(matching(words, found.text)) if found else 0) == pytest.approx(best)
    if found:
        flags = matching(words, found.text)
        assert (found.inside, found.matching) == ((flags & inside).sum(), flags.sum())


@pytest.mark.parametrize("name", [path.stem for path in beside.models_in(ROOT / "models")])
def test_every_name_of_a_shipped_model_holds(name: str) -> None:
    path = ROOT / "models" / f"{name}.safetensors"
    words = checkpoint.load(path).vocabulary
    found = clusters.load(next(path.with_suffix(".layouts").glob("kmeans-*")))
    for each in describe(words, found):
        members = words.texts and [words.texts[token] for token in found.members(each.number)]
        assert each.members == len(members)
        if each.pattern:
            assert len(each.pattern) == words.tokenizer.k
            fits = matching(words, each.pattern)[found.labels == each.number]
            assert fits.mean() == each.share >= 0.5
        else:
            assert each.feature
            assert each.odds is not None
            assert each.odds > 1
            assert each.q is not None
            assert each.q < 0.05


def test_the_cluster_once_called_ttgatt_is_t_to_t() -> None:
    path = ROOT / "models" / "human-cds-k6-word2vec.safetensors"
    words = checkpoint.load(path).vocabulary
    found = clusters.load(next(path.with_suffix(".layouts").glob("kmeans-*")))
    (named_so,) = [one for one in describe(words, found) if one.name == "T....T"]
    assert named_so.members > 150
    assert named_so.share > 0.95
