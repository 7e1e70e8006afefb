"""Training: what the two trainers learn, promise and report, and what they refuse."""

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice, pairwise
from typing import Any

import numpy as np
import pytest
import torch

from bioskipgram.config import TrainConfig
from bioskipgram.counting.corpus import Corpus
from bioskipgram.counting.pairs import count
from bioskipgram.errors import ConfigError, TrainingError
from bioskipgram.jobs.progress import Progress
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.model.balance import is_balanced
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.sequences.fasta import read
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.training.exact import ExactTrainer
from bioskipgram.training.loss import ExpectedLoss
from bioskipgram.training.sampled import SampledTrainer
from bioskipgram.training.skipgram import SkipGram
from bioskipgram.training.start import FLOOR, svd_start
from bioskipgram.training.trainer import Training
from tests.conftest import MakeSequences

both = pytest.mark.parametrize("trainer", ["exact", "sampled"])
CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no CUDA device here")
pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def two_threads(one_thread: None) -> Iterator[None]:
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def small(sequences: MakeSequences, motif_text: Callable[..., str]) -> Sequences:
    """Some 1,100 bases with motifs in them."""
    return sequences(motif_text(400))


@pytest.fixture(scope="module")
def larger(sequences: MakeSequences, motif_text: Callable[..., str]) -> Sequences:
    """Some 11,000 bases in two records."""
    return sequences(motif_text(3000), motif_text(1000, seed=6))


def trained(sequences: Sequences, config: TrainConfig) -> KmerEmbedding:
    training = Training(sequences, config)
    for _ in training:
        pass
    return training.embedding()


def size(embedding: KmerEmbedding) -> float:
    """Squared length of all vectors together."""
    return float((embedding.center**2).sum() + (embedding.context**2).sum())


# Both trainers -------------------------------------------------------------------------------


@both
def test_poor_before_good_after(larger: Sequences, trainer: str) -> None:
    config = TrainConfig(k=3, dim=8, trainer=trainer, steps=60, epochs=5, batch=1024)
    training = Training(larger, config)
    before = training.embedding().info
    for _ in training:
        pass
    after = training.embedding().info
    assert before.gap is not None
    assert after.gap is not None
    assert before.gap > 0.1
    assert 0 < after.gap < 0.06  # 8 dimensions for 64 k-mers: close, never there
    assert after.loss < before.loss
    assert after.optimum == before.optimum


@both
def test_kmers_of_one_motif_attract(larger: Sequences, trainer: str) -> None:
    embedding = trained(larger, TrainConfig(k=3, dim=8, trainer=trainer, batch=1024))
    x = embedding.center @ embedding.context.T
    token = embedding.vocabulary.token
    # ACGACG and TTGGTT are planted: ACG meets ACG, TTG meets GTT, more often than chance.
    assert x[token("ACG"), token("ACG")] > x[token("ACG"), token("GTT")] + 1
    assert x[token("TTG"), token("GTT")] > x[token("TTG"), token("ACG")] + 1


@both
def test_the_loss_falls(larger: Sequences, trainer: str) -> None:
    config = TrainConfig(k=3, dim=8, trainer=trainer, steps=50, epochs=4, batch=1024)
    losses = np.array([progress.loss for progress in Training(larger, config)])
    losses = losses[~np.isnan(losses)]  # the exact trainer looks at every fifth
    first, second, third = (part.mean() for part in np.array_split(losses, 3))
    assert first > max(second, third)


@both
@pytest.mark.parametrize("threads", ["one_thread", "two_threads"])
def test_the_same_seed_gives_the_same_bytes(
    small: Sequences, trainer: str, threads: str, request: pytest.FixtureRequest
) -> None:
    # On one machine, on the CPU, with the same number of threads: no more is promised.
    request.getfixturevalue(threads)

    def digest(seed: int) -> str:
        config = TrainConfig(
            k=4, dim=8, trainer=trainer, steps=20, epochs=2, seed=seed, device="cpu",
            subsample=0.05, threads=1 if trainer == "sampled" else 0,
        )  # fmt: skip
        return trained(small, config).digest

    assert digest(1) == digest(1)
    assert digest(1) != digest(2)


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("AATTA", {"k": 2, "stride": 2, "window": 1}),
        ("AATTACGGACT", {"k": 3, "stride": 2, "frame": 1, "window": 2}),
        ("ATGGCNTAATTGACCGTTGACA", {"k": 3, "stride": 3, "window": 2, "contexts": "frame-apart"}),
        ("AATTACGGACTTA", {"k": 2, "stride": 2, "window": 2, "canonical": True}),
        ("AATTACGGACTTA", {"k": 3, "window": 2}),
    ],
)
def test_both_trainers_cut_the_other_strand_from_its_own_start(
    sequences: MakeSequences, text: str, settings: dict[str, Any]
) -> None:
    records = sequences(text, text[:-1])
    config = TrainConfig(**settings, both_strands=True)
    pairs = count(records, config)
    vocabulary = Vocabulary.from_sequences(records, config.tokenizer, both_strands=True)
    corpus = Corpus.from_sequences(records, vocabulary, both_strands=True)
    assert pairs.vocabulary.kmers.tolist() == vocabulary.kmers.tolist()
    assert pairs.vocabulary.counts.tolist() == vocabulary.counts.tolist()
    table = np.zeros((len(vocabulary), len(vocabulary)))
    for start, stop in pairwise(corpus.offsets.tolist()):
        for i, distance in enumerate(config.distances):
            ahead = corpus.tokens[start : max(start, stop - distance)]
            behind = corpus.tokens[start + distance : stop]
            np.add.at(table, (ahead, behind), (config.window - i) / config.window)
    assert table.any()
    np.testing.assert_allclose(pairs.counts, table + table.T, rtol=1e-6)


@both
def test_balancing_leaves_the_loss_as_it_is(larger: Sequences, trainer: str) -> None:
    config = TrainConfig(k=3, dim=8, trainer=trainer, steps=40, epochs=3, batch=1024)
    training = Training(larger, config)
    for _ in training:
        pass
    embedding, raw = training.embedding(), training.trainer.arrays()
    objective = ExpectedLoss(count(larger, config), config, torch.device("cpu"))
    tables = torch.tensor(embedding.center), torch.tensor(embedding.context)
    assert objective.loss(SkipGram(*tables)) == pytest.approx(embedding.info.loss, abs=1e-5)
    assert is_balanced(embedding)
    assert not is_balanced(replace(embedding, center=raw[0], context=raw[1]))


@both
def test_seeds_agree_on_the_vectors_and_not_only_on_their_product(
    larger: Sequences, trainer: str
) -> None:
    settings = {"k": 2, "dim": 3, "trainer": trainer, "steps": 200, "epochs": 60, "batch": 1024}
    one, two = (trained(larger, TrainConfig.from_dict({**settings, "seed": s})) for s in (1, 2))
    cosines = (one.unit * two.unit).sum(axis=1)
    assert cosines.min() > 0.9


@both
def test_asking_for_the_embedding_on_the_way_changes_nothing(
    small: Sequences, trainer: str
) -> None:
    config = TrainConfig(k=2, dim=4, trainer=trainer, steps=12, epochs=4, batch=1024, device="cpu")
    training = Training(small, config)
    steps = iter(training)
    for _ in islice(steps, 3):
        pass
    partial = training.embedding()
    kept = partial.center.copy()
    for _ in steps:
        pass
    assert training.embedding().digest == trained(small, config).digest
    assert training.embedding().digest != partial.digest
    assert (partial.center == kept).all()  # a copy, not a view of the tables


@both
def test_stopping_after_some_steps_gives_what_was_learnt_so_far(
    small: Sequences, trainer: str
) -> None:
    config = TrainConfig(k=2, dim=4, trainer=trainer, steps=20, epochs=5, batch=1024)
    training = Training(small, config)
    for progress in training:
        if progress.step == 5:
            break
    embedding = training.embedding()
    assert embedding.info.steps_done == 5
    assert [step for step, _ in embedding.info.losses][-1] == 5
    assert embedding.info.zero_loss is not None
    assert embedding.info.loss < embedding.info.zero_loss
    if trainer == "exact":
        assert embedding.info.loss == embedding.info.losses[-1][1]


@both
def test_every_step_is_reported(larger: Sequences, trainer: str) -> None:
    config = TrainConfig(k=2, dim=4, trainer=trainer, steps=150, epochs=3, batch=1024)
    news = list(Training(larger, config))
    assert all(isinstance(progress, Progress) for progress in news)
    steps = news[0].steps
    assert steps == 150 if trainer == "exact" else steps > 50
    assert [progress.step for progress in news] == list(range(1, steps + 1))
    assert {progress.steps for progress in news} == {steps}
    assert all(progress.tokens_per_second > 0 for progress in news)
    assert all(progress.learning_rate > 0 for progress in news)
    assert all(progress.seconds_left > 0 for progress in news[:-1])
    assert news[-1].seconds_left == pytest.approx(0, abs=1e-6)
    assert math.isfinite(news[-1].loss)


@pytest.mark.parametrize(("steps", "every"), [(12, 5), (251, 5), (301, 6)])
def test_the_exact_trainer_looks_at_its_loss_now_and_then(
    small: Sequences, steps: int, every: int
) -> None:
    training = Training(small, TrainConfig(k=2, dim=4, steps=steps))
    evaluated = [(p.step, p.loss) for p in training if not math.isnan(p.loss)]
    assert [step for step, _ in evaluated] == [*range(every, steps, every), steps]
    assert training.embedding().info.losses == tuple(evaluated)
    assert training.embedding().info.loss == evaluated[-1][1]


def test_without_a_curve_the_same_is_learnt(larger: Sequences) -> None:
    config, found = TrainConfig(k=2, dim=4, steps=20, threads=1), []
    for curve in (True, False):
        training = Training(larger, config, curve=curve)
        list(training)
        found.append(training.embedding())
    np.testing.assert_array_equal(found[0].center, found[1].center)
    assert found[0].info.loss == found[1].info.loss
    assert found[0].info.losses
    assert not found[1].info.losses
    assert ExactTrainer(count(larger, config), replace(config, steps=0), curve=False).curve


@both
def test_rates_follow_their_schedules(larger: Sequences, trainer: str) -> None:
    config = TrainConfig(
        k=2, dim=4, trainer=trainer, steps=90, epochs=3, batch=2048, learning_rate=0.2
    )
    rates = [progress.learning_rate for progress in Training(larger, config)]
    assert max(rates) == pytest.approx(0.2, rel=0.05)
    if trainer == "sampled":  # a straight line down to zero
        np.testing.assert_allclose(rates, np.linspace(0.2, 0, len(rates) + 1)[:-1])
    else:  # up in three steps, the same for two thirds of the way, then a straight line down
        np.testing.assert_allclose(rates[:3], [0.1, 0.15, 0.2])
        np.testing.assert_allclose(rates[2:60], 0.2)
        np.testing.assert_allclose(rates[59:], np.linspace(0.2, 0, 32)[:-1])


@both
def test_a_penalty_shrinks_the_vectors(larger: Sequences, trainer: str) -> None:
    sizes = []
    for l2 in (0.0, 0.1, 1.0):
        config = TrainConfig(k=3, dim=8, trainer=trainer, steps=90, batch=2048, l2=l2)
        sizes.append(size(trained(larger, config)))
    assert sizes[0] > 1.5 * sizes[1] > 3 * sizes[2] > 0


def test_both_trainers_minimise_the_same_penalised_loss(larger: Sequences) -> None:
    # A strong penalty leaves one minimum, up to a rotation: loss and lengths must agree.
    config = TrainConfig(k=3, dim=8, l2=1.0, steps=100, epochs=10, batch=2048)
    exact = trained(larger, config)
    sampled = trained(larger, TrainConfig.from_dict({**vars(config), "trainer": "sampled"}))
    assert exact.info.gap is not None
    assert exact.info.gap > 0.3
    assert sampled.info.loss == pytest.approx(exact.info.loss, rel=0.005)
    assert size(sampled) == pytest.approx(size(exact), rel=0.03)


def test_the_sampled_trainer_comes_close_to_the_exact_one(larger: Sequences) -> None:
    config = TrainConfig(k=3, dim=8, steps=100)
    exact = trained(larger, config).info
    sampled = trained(
        larger, TrainConfig(k=3, dim=8, trainer="sampled", epochs=15, batch=1024)
    ).info
    assert (exact.optimum, exact.zero_loss) == (sampled.optimum, sampled.zero_loss)
    assert exact.gap is not None
    assert sampled.gap is not None
    # Within 1 % of the way from nothing learnt to the optimum.
    assert exact.gap < sampled.gap + 0.001
    assert sampled.gap < exact.gap + 0.01


# The exact trainer ---------------------------------------------------------------------------


@pytest.mark.parametrize(("k", "dim"), [(1, 4), (2, 16), (2, 40)])
def test_enough_dimensions_reach_the_optimum(small: Sequences, k: int, dim: int) -> None:
    embedding = trained(small, TrainConfig(k=k, dim=dim, steps=200))
    assert embedding.info.optimum is not None
    assert embedding.center.shape == (len(embedding), dim)
    assert abs(embedding.info.loss - embedding.info.optimum) < 1e-3
    assert embedding.info.gap == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("dim", [3, 20, 64, 70])
def test_the_start_is_the_best_fit_of_its_rank_to_the_log_ratios(
    larger: Sequences, dim: int
) -> None:
    config = TrainConfig(k=3, dim=dim)
    objective = ExpectedLoss(count(larger, config), config, torch.device("cpu"))
    ratio = objective.log_ratio(FLOOR)[0](torch.eye(objective.V)).numpy()
    left, scale, right = np.linalg.svd(ratio)
    best = (left[:, :dim] * scale[:dim]) @ right[:dim]

    center, context = svd_start(objective, dim, seed=1).arrays()
    # The SVD is a randomised one: a little worse than the best, never better.
    misfit = np.linalg.norm(center @ context.T - ratio), np.linalg.norm(best - ratio)
    assert misfit[0] == pytest.approx(misfit[1], rel=0.02, abs=1e-3)
    # Either table has half of the scale.
    np.testing.assert_allclose((center**2).sum(axis=0), (context**2).sum(axis=0), rtol=1e-3)


def test_dimensions_beyond_the_vocabulary_stay_zero(small: Sequences) -> None:
    embedding = trained(small, TrainConfig(k=1, dim=10, steps=20))
    assert (embedding.center[:, :4] != 0).any(axis=0).all()
    assert (embedding.center[:, 4:] == 0).all()
    assert (embedding.context[:, 4:] == 0).all()


def test_a_merged_or_thinned_or_filtered_corpus_can_be_learnt(larger: Sequences) -> None:
    config = TrainConfig(
        k=4, dim=8, canonical=True, stride=2, frame=1, subsample=0.01, min_count=3, steps=60
    )
    embedding = trained(larger, config)
    assert embedding.info.gap is not None
    assert embedding.info.gap < 0.2
    assert embedding.vocabulary.counts.min() >= 3


# What a model remembers ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "trainer"),
    [
        ({"k": 2}, "exact"),
        ({"k": 2, "trainer": "exact"}, "exact"),
        ({"k": 2, "trainer": "sampled"}, "sampled"),
        ({"k": 8}, "sampled"),
        ({"k": 8, "canonical": True}, "sampled"),
    ],
)
def test_auto_is_exact_where_the_table_fits(
    small: Sequences, settings: dict[str, int | str], trainer: str
) -> None:
    training = Training(small, TrainConfig(dim=4, **settings))
    kind = {"exact": ExactTrainer, "sampled": SampledTrainer}[trainer]
    assert isinstance(training.trainer, kind)
    assert training.embedding().info.trainer == trainer


@both
def test_a_model_remembers_where_it_comes_from(sequences: MakeSequences, trainer: str) -> None:
    config = TrainConfig(k=2, dim=4, steps=5, epochs=1, trainer=trainer, remove_components=1)
    texts = sequences("ACGTTGCAACGTAGCATTGACA", "ACGNT", "")
    training = Training(texts, config, source="some.fa", sha256="ab" * 32)
    steps = [progress.step for progress in training]
    embedding = training.embedding()
    info = embedding.info
    assert (info.config, info.trainer) == (config, trainer)
    assert (info.source, info.sha256) == ("some.fa", "ab" * 32)
    assert (info.records, info.bases) == (3, 27)
    assert info.steps_done == steps[-1]
    assert info.seconds > 0
    assert info.created.endswith("+00:00")
    assert info.zero_loss == pytest.approx(6 * math.log(2))
    assert info.optimum is not None
    assert info.optimum < info.loss
    assert embedding.remove_components == 1
    assert type(info).from_dict(json.loads(json.dumps(info.to_dict()))) == info


def test_sequences_without_a_file_are_known_by_their_digest(sequences: MakeSequences) -> None:
    def sha256(*texts: str) -> str:
        return Training(sequences(*texts), TrainConfig(k=2, dim=2)).embedding().info.sha256

    assert len(sha256("ACGT")) == 64
    assert sha256("ACGT", "ACG") == sha256("ACGT", "ACG")
    assert len({sha256("ACGT", "ACG"), sha256("ACG", "TACG"), sha256("ACGT", "ACT")}) == 3


# What is refused -----------------------------------------------------------------------------


@both
@pytest.mark.parametrize(
    ("texts", "settings"),
    [
        (["ACG", "CGT"], {"k": 3}),
        (["ACGNNNCGT"], {"k": 3}),
        (["ACGTA"], {"k": 3, "stride": 3}),
        # AC stands at both ends, three places apart; what lies between is too rare.
        (["ACGTAC"], {"k": 2, "min_count": 2, "window": 3}),
    ],
)
def test_sequences_without_a_pair_are_refused(
    sequences: MakeSequences, trainer: str, texts: list[str], settings: dict[str, int]
) -> None:
    config = TrainConfig(trainer=trainer, dim=2, **settings)
    with pytest.raises(TrainingError, match="no two k-mers are within the window"):
        Training(sequences(*texts), config)


def test_two_kmers_just_within_the_window_are_enough(sequences: MakeSequences) -> None:
    config = TrainConfig(k=2, min_count=2, window=4, dim=2, steps=2)
    assert len(Training(sequences("ACGTAC"), config).embedding()) == 1


@both
def test_sequences_without_a_kmer_are_refused(sequences: MakeSequences, trainer: str) -> None:
    with pytest.raises(TrainingError, match="no 4-mer occurs 1 times or more"):
        Training(sequences("ACG", "NNNNNNNN"), TrainConfig(k=4, dim=2, trainer=trainer))


def test_too_many_words_are_refused(small: Sequences) -> None:
    with pytest.raises(ConfigError, match=r"there are 1,048,576 10-mers.*or the sampled trainer"):
        Training(small, TrainConfig(k=10, trainer="exact"))


@both
def test_cuda_is_refused_where_there_is_none(
    small: Sequences, trainer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(TrainingError, match=r"^device: cuda was chosen, but torch finds none"):
        Training(small, TrainConfig(k=2, trainer=trainer, device="cuda"))


@CUDA
@both
def test_cuda_learns_what_the_cpu_learns(larger: Sequences, trainer: str) -> None:
    infos = [
        trained(larger, TrainConfig(k=3, dim=8, trainer=trainer, batch=1024, device=device)).info
        for device in ("cpu", "cuda")
    ]
    assert infos[1].loss == pytest.approx(infos[0].loss, rel=0.01)
    assert infos[1].optimum == pytest.approx(infos[0].optimum, rel=1e-5)


@pytest.mark.parametrize("trainer", ["exact", "sampled"])
def test_training_leaves_the_processors_treatment_of_denormals_alone(trainer: str) -> None:
    sequences = read(b">a\nACGTTGCAACGTAGCATTGACA\n")
    for _ in Training(sequences, TrainConfig(k=2, dim=2, steps=2, epochs=1, trainer=trainer)):
        assert np.float32(1e-40) * np.float32(0.5) > 0
