"""What a model knows beyond its nulls: nothing on random DNA, a planted company elsewhere."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bioskipgram.config import TrainConfig
from bioskipgram.errors import CheckpointError, QueryError
from bioskipgram.model.beyond import beyond, load, q_values, save
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.training import nulls
from bioskipgram.training.trainer import Training
from tests.conftest import MakeSequences
from tests.model.test_quality import all_kmers, made, random_vectors

CONFIG = TrainConfig(k=4, dim=8, window=4, contexts="apart", steps=20, threads=1)


def trained(sequences: Sequences, config: TrainConfig = CONFIG) -> KmerEmbedding:
    training = Training(sequences, config)
    list(training)
    return training.embedding()


def random_text(seed: int, length: int = 30_000) -> str:
    return "".join(np.random.default_rng(seed).choice(list("ACGT"), length, p=[0.3, 0.2, 0.2, 0.3]))


@pytest.mark.parametrize("seed", range(1, 7))
def test_on_random_dna_nothing_is_lit(sequences: MakeSequences, seed: int) -> None:
    records = sequences(*(random_text(10 * seed + i) for i in range(3)))
    others = list(nulls.shuffled_models(records, CONFIG, nulls.BASES, models=5))
    found = beyond(trained(records), others, nulls.BASES)
    assert len(found.lit) == 0
    assert found.q.min() >= 0.05
    assert abs(found.scaled.mean()) < 0.5


def test_kmers_that_keep_company_are_lit(sequences: MakeSequences) -> None:
    random = np.random.default_rng(1)
    words, texts = random.choice(all_kmers(4), (2, 12), replace=False), []
    for _ in range(3):
        pieces = []
        for group in random.integers(0, 2, 1500):
            pieces += [*random.choice(words[group], 4), *random.choice(list("ACGT"), 12)]
        texts.append("".join(pieces))
    records = sequences(*texts)
    model = trained(records)
    others = list(nulls.shuffled_models(records, CONFIG, nulls.DINUCLEOTIDES, models=5))
    found = beyond(model, others, nulls.DINUCLEOTIDES)
    lit = set(model.vocabulary.spell(found.lit))
    assert set(words.ravel()) <= lit
    assert (found.excess[found.lit] > 0).all()
    assert (np.diff(found.scaled[found.lit]) <= 0).all()


def test_the_excess_is_what_it_says() -> None:
    kmers = all_kmers(2)
    contexts = np.random.default_rng(1).standard_normal((5, 16, 3)).astype(np.float32)
    models = [made(kmers, random_vectors(16, 3, seed=seed)) for seed in range(5)]
    real, *others = map(lambda m, v: replace(m, context=v), models, contexts)
    found = beyond(real, others, "k")
    x = [model.center @ model.context.T for model in (real, *others)]
    q = real.vocabulary.noise(0.75)
    own = np.sqrt(((x[0] - np.mean(x[1:], axis=0)) ** 2) @ q)
    null = [
        np.sqrt((o - np.mean([p for p in x[1:] if p is not o], axis=0)) ** 2 @ q) for o in x[1:]
    ]
    np.testing.assert_allclose(found.excess, own - np.mean(null), rtol=1e-4)
    logs = np.log(null)
    np.testing.assert_allclose(found.scaled, (np.log(own) - logs.mean()) / logs.std(), rtol=1e-3)
    np.testing.assert_allclose(found.twin, others[0].unit, atol=1e-6)


def test_kmers_that_a_null_lacks_are_never_lit() -> None:
    kmers = all_kmers(2)
    real = made(kmers, random_vectors(16, 3))
    others = [made(kmers[:-1], random_vectors(15, 3, seed=s)) for s in range(3)]
    found = beyond(real, others, "k")
    assert (found.q[-1], found.excess[-1], found.twin[-1].any()) == (1, 0, False)
    with pytest.raises(QueryError, match="2 models with 15 k-mers in common"):
        beyond(real, others[:2], "k")


def test_q_values_count_the_worst_null() -> None:
    random = np.random.default_rng(1)
    own, null = random.standard_normal(200) + 2, random.standard_normal((4, 200))
    found = q_values(own, null)
    level = np.sort(own)[-20]
    most = max(int((one >= level).sum()) for one in null)
    assert found[own.argsort()[-20]] <= (1 + most) / 20
    order = np.argsort(-own)
    assert (np.diff(found[order]) >= 0).all()
    assert q_values(null[0], null[1:]).min() > 0.05


def test_there_and_back(tmp_path: Path) -> None:
    kmers = all_kmers(2)
    real, *others = (made(kmers, random_vectors(16, 3, seed=s)) for s in range(5))
    found, path = beyond(real, others, "bases shuffled"), tmp_path / "x.safetensors"
    save(found, real.digest, path)
    again, digest = load(path)
    assert digest == real.digest
    assert (again.kind, again.models) == ("bases shuffled", 4)
    for name in ("excess", "scaled", "q", "twin"):
        np.testing.assert_array_equal(getattr(again, name), getattr(found, name))
    save(replace(found, kind="other"), real.digest, path)
    path.write_bytes(path.read_bytes().replace(b"other", b"rehto"))
    with pytest.raises(CheckpointError, match="damaged"):
        load(path)
