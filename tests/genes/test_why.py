"""Cosines of genes split into words: the parts sum to the cosine that comparing gives."""

from dataclasses import replace

import numpy as np
import pytest

from bioskipgram.config import POOLINGS, PoolConfig
from bioskipgram.errors import QueryError
from bioskipgram.genes.embed import embed
from bioskipgram.genes.pooling import fit_background
from bioskipgram.genes.why import why
from bioskipgram.sequences.sequences import Sequences
from tests.conftest import MakeSequences
from tests.model.test_quality import all_kmers, made, random_vectors

MODEL = made(all_kmers(3), random_vectors(64, 6))


@pytest.fixture(scope="module")
def genes(sequences: MakeSequences) -> Sequences:
    random = np.random.default_rng(1)
    texts = ["".join(random.choice(list("ACGT"), 30 + 9 * i)) for i in range(14)]
    return sequences(*texts, texts[3][:40] + "N" + texts[5])


CASES = [(pooling, False) for pooling in POOLINGS] + [("mean", True), ("sif", True)]


@pytest.mark.parametrize(("pooling", "both"), CASES)
def test_the_parts_sum_to_the_cosine(genes: Sequences, pooling: str, both: bool) -> None:
    config = PoolConfig(pooling=pooling, both_strands=both)
    background = fit_background(MODEL, genes, config)
    vectors = embed(MODEL, genes, config, background=background)
    cosines = vectors.cosine()
    for one, two in ((14, 3), (0, 13), (5, 5)):
        found = why(MODEL, genes, one, vectors.vectors[two], config=config, background=background)
        assert found.parts.sum() + found.rest == pytest.approx(cosines[one, two], abs=1e-5)
        assert abs(found.rest) < 1e-9
        assert len(found.tokens) == vectors.kmers_used[one]
        sums, numbers = found.by_kmer(64)
        assert sums.sum() == pytest.approx(found.score, abs=1e-9)
        bases = found.by_base(len(genes[one]), 3)
        assert bases.sum() == pytest.approx(found.score, abs=1e-9)
        plain = found.starts[: len(found.starts) // (1 + both)]
        assert (np.diff(plain) > 0).all()
        text = genes.text(one)
        words = [MODEL.vocabulary.spell(found.tokens[i : i + 1])[0] for i in range(len(plain))]
        assert words == [text[start : start + 3] for start in plain]
        assert numbers.sum() == len(found.tokens)


def test_the_words_of_the_other_strand_stand_where_they_are(genes: Sequences) -> None:
    config = PoolConfig(pooling="mean", both_strands=True)
    background = fit_background(MODEL, genes, config)
    other = embed(MODEL, genes, config, background=background).vectors[2]
    found = why(MODEL, genes, 0, other, config=config, background=background)
    text, half = genes.text(0), len(found.tokens) // 2
    back = found.starts[half:]
    words = MODEL.vocabulary.spell(found.tokens[half:])
    twins = [w[::-1].translate(str.maketrans("ACGT", "TGCA")) for w in words]
    assert twins == [text[start : start + 3] for start in back]


def test_a_shared_stretch_adds_most(genes: Sequences, sequences: MakeSequences) -> None:
    config = PoolConfig(pooling="tfidf")
    random = np.random.default_rng(2)
    shared = "ATGATGATGATGATGATGATG"
    texts = ["".join(random.choice(list("ACGT"), 60)) for _ in range(12)]
    pair = sequences(texts[0] + shared + texts[1], texts[2] + shared, *texts)
    background = fit_background(MODEL, pair, config)
    other = embed(MODEL, pair, config, background=background).vectors[1]
    found = why(MODEL, pair, 0, other, config=config, background=background)
    inside = (found.starts >= 60) & (found.starts < 60 + len(shared) - 2)
    assert found.parts[inside].mean() > 2 * abs(found.parts[~inside].mean())


def test_a_record_too_short_for_every_distance_has_a_rest(genes: Sequences) -> None:
    config = PoolConfig(pooling="second-order")
    short = replace(
        genes, names=("s",), descriptions=("s",), codes=genes.codes[:9],
        offsets=np.array([0, 9], np.int64),
    )  # fmt: skip
    background = fit_background(MODEL, genes, config)
    vectors = embed(MODEL, short, config, background=background)
    other = embed(MODEL, genes, config, background=background)
    found = why(MODEL, short, 0, other.vectors[4], config=config, background=background)
    cosine = vectors.cosine(other)[0, 4]
    assert found.parts.sum() + found.rest == pytest.approx(cosine, abs=1e-5)
    assert abs(found.rest) > 1e-5


def test_a_record_without_a_word_is_refused(genes: Sequences, sequences: MakeSequences) -> None:
    config = PoolConfig(pooling="mean")
    background = fit_background(MODEL, genes, config)
    other = embed(MODEL, genes, config, background=background).vectors[1]
    with pytest.raises(QueryError, match="it has no vector to compare"):
        why(MODEL, sequences("NNNN"), 0, other, config=config, background=background)
