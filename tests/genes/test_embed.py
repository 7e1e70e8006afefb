"""Records as vectors: every pooling against dictionaries and loops, and the globins."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from bioskipgram.config import POOLINGS, PoolConfig, TrainConfig
from bioskipgram.errors import ConfigError, QueryError
from bioskipgram.genes import counts, embed, reference_file
from bioskipgram.genes import pooling as pooling_module
from bioskipgram.genes.counts import GeneCounts
from bioskipgram.genes.embed import GeneEmbedding
from bioskipgram.genes.pooling import FittedPooling
from bioskipgram.genes.reference import Reference
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.model import beside, checkpoint
from bioskipgram.model.embedding import KmerEmbedding, ModelInfo
from bioskipgram.numerics.arrays import Floats
from bioskipgram.sequences import fasta
from bioskipgram.sequences.alphabet import DNA, PROTEIN
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.sequences.shipped import GENES
from tests.conftest import MakeSequences

MODELS = Path(__file__).resolve().parents[2] / "models"
MEAN = PoolConfig(pooling="mean")
GLOBINS = ("HBB", "HBD", "HBE1", "HBG1", "HBG2")


def made_up(tokenizer: KmerTokenizer, *, dim: int = 5, missing: int = 0) -> KmerEmbedding:
    """An embedding of random vectors whose vocabulary lacks the first few k-mers."""
    kmers = tokenizer.all_codes()[missing:]
    vocabulary = Vocabulary(tokenizer, kmers, np.ones(len(kmers), np.int64))
    random = np.random.default_rng(3)
    tables = [random.standard_normal((len(kmers), dim)).astype(np.float32) for _ in range(2)]
    config = TrainConfig(
        k=tokenizer.k, stride=tokenizer.stride, frame=tokenizer.frame, k_min=tokenizer.k_min,
        canonical=tokenizer.canonical, alphabet=tokenizer.alphabet.name, dim=dim,
    )  # fmt: skip
    info = ModelInfo(
        config=config, trainer="exact", source="", sha256="", records=1, bases=1, loss=1.0,
        optimum=None, zero_loss=None, losses=(), steps_done=1, seconds=1.0, created="", version="",
    )  # fmt: skip
    return KmerEmbedding(vocabulary, *tables, info)


@pytest.fixture(scope="module")
def embedding() -> KmerEmbedding:
    """Random vectors of all 3-mers but AAA."""
    return made_up(KmerTokenizer(3), missing=1)


def words(tokenizer: KmerTokenizer, text: str) -> list[str]:
    """Every window of a text, unknown ones too, by slicing: the oracle of counting."""
    found = []
    for start in range(tokenizer.frame, len(text) - tokenizer.k + 1, tokenizer.stride):
        window = text[start : start + tokenizer.k]
        whole = "N" not in window
        for length in range(tokenizer.shortest, tokenizer.k + 1):
            word = window[:length] if whole else "N"
            if tokenizer.canonical and whole:
                word = min(word, DNA.decode(DNA.reverse_complement(DNA.encode(word))))
            found.append(word)
    return found


def rows(embedding: KmerEmbedding, text: str) -> list[Floats]:
    """The unit vectors of a text's known words, one for each occurrence."""
    table = dict(zip(embedding.vocabulary.texts, embedding.unit, strict=True))
    return [table[w] for w in words(embedding.vocabulary.tokenizer, text) if w in table]


TOKENIZERS = (
    KmerTokenizer(3),
    KmerTokenizer(3, stride=3),
    KmerTokenizer(4, stride=3, frame=2),
    KmerTokenizer(3, canonical=True),
    KmerTokenizer(3, k_min=1),
    KmerTokenizer(1),
)
TEXTS = st.lists(st.text("ACGTN", max_size=40), min_size=1, max_size=5)


# Counting ------------------------------------------------------------------------------------


@pytest.mark.parametrize("tokenizer", TOKENIZERS, ids=str)
@given(texts=TEXTS, both=st.booleans())
@settings(max_examples=25, deadline=None)
def test_counts_are_those_of_a_dictionary(
    tokenizer: KmerTokenizer, texts: list[str], both: bool, sequences: MakeSequences
) -> None:
    embedding = made_up(tokenizer, missing=2 if tokenizer.k > 1 else 0)
    known = embedding.vocabulary.texts
    counted = counts.counts(embedding.vocabulary, sequences(*texts), both_strands=both)
    for row, unknown, text in zip(counted.matrix.toarray(), counted.unknown, texts, strict=True):
        strands = [text] + [DNA.decode(DNA.reverse_complement(DNA.encode(text)))] * both
        found = Counter(word for strand in strands for word in words(tokenizer, strand))
        assert row.tolist() == [found[word] for word in known]
        assert unknown == sum(found.values()) - row.sum()


@pytest.mark.parametrize("length", [10, 3000])
def test_indices_ascend_whether_scanned_or_sorted(length: int, sequences: MakeSequences) -> None:
    text = "".join(np.random.default_rng(1).choice(list("ACGT"), length))
    embedding = made_up(KmerTokenizer(5))
    matrix = counts.counts(embedding.vocabulary, sequences(text, "", text)).matrix
    copy = csr_matrix((matrix.data, matrix.indices, matrix.indptr), matrix.shape)
    assert copy.has_sorted_indices
    assert (copy[0] != copy[2]).nnz == 0


def test_a_large_vocabulary_is_searched(
    monkeypatch: pytest.MonkeyPatch, embedding: KmerEmbedding, sequences: MakeSequences
) -> None:
    text = sequences("AAACGTNACGTTTGCA", "GGGG")
    wanted = counts.counts(embedding.vocabulary, text)
    monkeypatch.setattr(counts, "_TABLE", 0)
    found = counts.counts(embedding.vocabulary, text)
    assert (found.matrix != wanted.matrix).nnz == 0
    assert found.unknown.tolist() == wanted.unknown.tolist() == [4, 0]


def test_another_alphabet_is_refused(embedding: KmerEmbedding) -> None:
    peptides = fasta.read(b">a\nMKVLWAALLVTFLAGCQAKVEQAVE\n", alphabet=PROTEIN)
    with pytest.raises(QueryError, match="model reads DNA, the sequences are protein; read them"):
        embed.embed(embedding, peptides)


# Pooling -------------------------------------------------------------------------------------


@pytest.mark.parametrize("tokenizer", TOKENIZERS, ids=str)
@given(texts=TEXTS)
@settings(max_examples=15, deadline=None)
def test_the_mean_is_that_of_a_loop(
    tokenizer: KmerTokenizer, texts: list[str], sequences: MakeSequences
) -> None:
    embedding = made_up(tokenizer)
    found = embed.embed(embedding, sequences(*texts), MEAN)
    for vector, used, text in zip(found.vectors, found.kmers_used, texts, strict=True):
        own = rows(embedding, text)
        assert used == len(own)
        wanted = np.mean(own, axis=0) if own else np.zeros(5)
        np.testing.assert_allclose(vector, wanted, atol=2e-6)


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Thirty random texts of different composition."""
    random = np.random.default_rng(8)
    return ["".join(random.choice(list("ACGT"), 60, p=random.dirichlet([2] * 4))) for _ in "x" * 30]


def test_sif_is_its_formula(
    embedding: KmerEmbedding, texts: list[str], sequences: MakeSequences
) -> None:
    config = PoolConfig(pooling="sif", smoothing=0.01, remove_components=2)
    found = embed.embed(embedding, sequences(*texts), config)
    table = dict(zip(embedding.vocabulary.texts, embedding.unit, strict=True))
    known = [[w for w in words(embedding.vocabulary.tokenizer, t) if w in table] for t in texts]
    share = Counter(word for text in known for word in text)
    total = sum(share.values())
    plain = np.array([
        sum(0.01 / (0.01 + share[w] / total) * table[w] for w in text) / len(text)
        for text in known
    ])  # fmt: skip
    axes = np.linalg.svd(plain, full_matrices=False)[2][:2]
    wanted = plain - sum(np.outer(plain @ axis, axis) for axis in axes)
    np.testing.assert_allclose(found.vectors, wanted, atol=1e-6)


def test_tfidf_is_scikit_learns(
    embedding: KmerEmbedding, texts: list[str], sequences: MakeSequences
) -> None:
    from sklearn.feature_extraction.text import TfidfTransformer

    config = PoolConfig(pooling="tfidf")
    counted = counts.count(embedding, sequences(*texts), config)
    weighted = TfidfTransformer(norm=None).fit_transform(counted.matrix)
    wanted = weighted @ embedding.unit / counted.matrix.sum(axis=1)
    found = embed.embed(embedding, sequences(*texts), config)
    np.testing.assert_allclose(found.vectors, np.asarray(wanted), rtol=1e-4, atol=1e-6)


def test_whitened_directions_have_like_variance(
    embedding: KmerEmbedding, texts: list[str], sequences: MakeSequences
) -> None:
    plain = embed.embed(embedding, sequences(*texts), MEAN).vectors
    config = PoolConfig(pooling="whitened", shrinkage=0.0)
    found = embed.embed(embedding, sequences(*texts), config).vectors
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(np.cov(found.T, bias=True), np.eye(5), atol=1e-3)
    assert np.abs(np.corrcoef(plain.T) - np.eye(5)).max() > 0.1
    # Distances are Mahalanobis's, whatever the order and the signs of the directions.
    wanted = (plain[0] - plain[1]) @ np.linalg.inv(np.cov(plain.T, bias=True))
    np.testing.assert_allclose(
        ((found[0] - found[1]) ** 2).sum(), wanted @ (plain[0] - plain[1]), rtol=1e-3
    )


def test_shrinkage_adds_to_every_variance(
    embedding: KmerEmbedding, texts: list[str], sequences: MakeSequences
) -> None:
    plain = embed.embed(embedding, sequences(*texts), MEAN).vectors.astype(float)
    config = PoolConfig(pooling="whitened", shrinkage=0.5)
    found = embed.embed(embedding, sequences(*texts), config).vectors
    covariance = np.cov(plain.T, bias=True)
    shrunk = covariance + 0.5 * np.trace(covariance) / 5 * np.eye(5)
    wanted = (plain[0] - plain[1]) @ np.linalg.inv(shrunk) @ (plain[0] - plain[1])
    np.testing.assert_allclose(((found[0] - found[1]) ** 2).sum(), wanted, rtol=1e-3)


@pytest.mark.parametrize(("stride", "steps"), [(1, (3, 6, 9, 12)), (3, (3, 6, 9, 12))])
def test_pairs_are_products_of_words_one_to_four_codons_apart(
    stride: int, steps: tuple[int, ...], sequences: MakeSequences
) -> None:
    embedding = made_up(KmerTokenizer(3, stride=stride))
    text = "ACGTTGCANGGATCTTACGGATCCATTAGC"
    counted = counts.count(embedding, sequences("", text), PoolConfig(pooling="second-order"))
    table = dict(zip(embedding.vocabulary.texts, embedding.unit, strict=True))
    wanted = []
    for lag in steps:
        products = [
            np.outer(table[text[i : i + 3]], table[text[i + lag : i + lag + 3]])
            for i in range(0, len(text) - lag - 2, stride)
            if text[i : i + 3] in table and text[i + lag : i + lag + 3] in table
        ]
        wanted.append(np.mean(products, axis=0).ravel())
    assert counted.pairs is not None
    np.testing.assert_allclose(counted.pairs[1], np.concatenate(wanted), atol=1e-6)
    assert not counted.pairs[0].any()


def test_pairs_of_wide_vectors_look_at_their_leading_directions(sequences: MakeSequences) -> None:
    embedding = made_up(KmerTokenizer(3), dim=40)
    config = PoolConfig(pooling="second-order")
    counted = counts.count(embedding, sequences("ACGTTGCAGG"), config)
    assert counted.pairs is not None
    assert counted.pairs.shape == (1, 4 * 16**2)
    narrow = counts.leading_directions(embedding)
    singular = np.linalg.svd(embedding.unit, compute_uv=False)[:16]
    np.testing.assert_allclose(np.linalg.norm(narrow, axis=0), singular, rtol=1e-4)


def test_order_matters_to_pairs_alone(
    embedding: KmerEmbedding, texts: list[str], sequences: MakeSequences
) -> None:
    """Blocks swapped where they overlap by k - 1 bases: the same 3-mers in another order."""
    first, second = "ACGGTCTTGAC", "ACTCCGTAGAC"
    both = sequences("AC" + first[2:] + second[2:], "AC" + second[2:] + first[2:])
    background = {
        name: pooling_module.fit_background(embedding, sequences(*texts), PoolConfig(pooling=name))
        for name in POOLINGS
    }
    same = {
        name: np.allclose(*embed.embed(
            embedding, both, PoolConfig(pooling=name), background=background[name]
        ).vectors, atol=1e-4)
        for name in POOLINGS
    }  # fmt: skip
    assert same == {
        "mean": True,
        "sif": True,
        "tfidf": True,
        "whitened": True,
        "second-order": False,
    }


@pytest.mark.parametrize("pooling", POOLINGS)
def test_uploads_are_treated_like_the_reference(
    pooling: str, embedding: KmerEmbedding, texts: list[str], sequences: MakeSequences
) -> None:
    config = PoolConfig(pooling=pooling)
    background = pooling_module.fit_background(embedding, sequences(*texts), config)
    whole = embed.embed(embedding, sequences(*texts), config)
    alone = embed.embed(embedding, sequences(texts[4]), config, background=background)
    np.testing.assert_allclose(alone.vectors[0], whole.vectors[4], atol=1e-4)
    assert background.records == 30


@pytest.mark.parametrize("pooling", POOLINGS)
def test_few_records_keep_what_they_share(
    pooling: str, embedding: KmerEmbedding, sequences: MakeSequences
) -> None:
    found = embed.embed(embedding, sequences("ACGTACGGTCAA"), PoolConfig(pooling=pooling))
    assert np.linalg.norm(found.vectors[0]) > 1e-5


@pytest.mark.parametrize("pooling", POOLINGS)
def test_records_without_a_known_kmer_are_zero(
    pooling: str, embedding: KmerEmbedding, texts: list[str], sequences: MakeSequences
) -> None:
    empty = ["", "N" * 50, "AC", "AAAAAAA"]
    found = embed.embed(embedding, sequences(*texts, *empty), PoolConfig(pooling=pooling))
    assert not found.vectors[-4:].any()
    assert found.vectors[:-4].any(axis=1).all()
    assert found.kmers_used[-4:].tolist() == [0, 0, 0, 0]
    assert found.kmers_unknown[-4:].tolist() == [0, 48, 0, 5]
    assert np.isfinite(found.cosine()).all()


@pytest.mark.parametrize("pooling", POOLINGS)
def test_no_records_at_all(
    pooling: str, embedding: KmerEmbedding, sequences: MakeSequences
) -> None:
    found = embed.embed(embedding, sequences(), PoolConfig(pooling=pooling))
    assert len(found) == 0
    assert found.cosine().shape == (0, 0)


def test_both_strands_of_a_record_are_those_of_its_reverse_complement(
    embedding: KmerEmbedding, texts: list[str], sequences: MakeSequences
) -> None:
    config = PoolConfig(both_strands=True)
    other = [DNA.decode(DNA.reverse_complement(DNA.encode(text))) for text in texts]
    found = embed.embed(embedding, sequences(*texts), config).vectors
    np.testing.assert_allclose(
        found, embed.embed(embedding, sequences(*other), config).vectors, atol=1e-6
    )
    assert np.abs(found - embed.embed(embedding, sequences(*texts), MEAN).vectors).max() > 0.01


def test_pairs_of_both_strands_are_refused() -> None:
    with pytest.raises(
        ConfigError, match="second-order pooling follows the order of one strand; leave it off"
    ):
        PoolConfig(pooling="second-order", both_strands=True)


def test_the_default_is_second_order_where_that_is_defined() -> None:
    assert PoolConfig().pooling == "second-order"
    assert PoolConfig(both_strands=True).pooling == "mean"
    assert PoolConfig(pooling="pairs") == PoolConfig(pooling="second-order")  # the older name
    assert PoolConfig.from_dict({"pooling": "pairs"}).pooling == "second-order"


def test_pairs_need_to_be_counted(embedding: KmerEmbedding, sequences: MakeSequences) -> None:
    counted = counts.counts(embedding.vocabulary, sequences("ACGT"))
    with pytest.raises(QueryError, match="second-order: these records were counted for"):
        pooling_module.fit_background(embedding, counted, PoolConfig(pooling="second-order"))


# What was made -------------------------------------------------------------------------------


def test_cosines_are_of_the_unit_vectors(
    embedding: KmerEmbedding, texts: list[str], sequences: MakeSequences
) -> None:
    found = embed.embed(embedding, sequences(*texts))
    one, two = found.vectors[3], found.vectors[7]
    wanted = one @ two / np.linalg.norm(one) / np.linalg.norm(two)
    assert found.cosine()[3, 7] == pytest.approx(wanted, abs=1e-6)
    np.testing.assert_allclose(np.diag(found.cosine()), 1, atol=1e-6)
    other = embed.embed(embedding, sequences("ACGTA"))
    assert found.cosine(other).shape == (30, 1)


def test_vectors_of_different_kinds_are_not_compared(
    embedding: KmerEmbedding, sequences: MakeSequences
) -> None:
    one = embed.embed(embedding, sequences("ACGTA"), MEAN)
    two = embed.embed(embedding, sequences("ACGTA"), PoolConfig(pooling="tfidf"))
    with pytest.raises(QueryError, match="cannot be compared: mean, 5 dimensions, with tfidf, 5"):
        one.cosine(two)


def test_arrays_are_checked() -> None:
    none = np.zeros(0, np.int64)
    with pytest.raises(ValueError, match="vectors: expected float32"):
        GeneEmbedding((), np.zeros((0, 2)), none, none, PoolConfig())  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="kmers_used: expected int64"):
        GeneEmbedding(("a",), np.zeros((1, 2), np.float32), none, none, PoolConfig())
    with pytest.raises(ValueError, match="unknown: expected int64"):
        GeneCounts(csr_matrix((2, 3), dtype=np.int32), none)
    with pytest.raises(ValueError, match="transform: expected float32"):
        FittedPooling(np.ones(3), np.zeros(2, np.float32), np.zeros((3, 2), np.float32), 0)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_blocks_give_what_the_whole_gives(
    pooling: str, embedding: KmerEmbedding, texts: list[str], sequences: MakeSequences
) -> None:
    config, whole = PoolConfig(pooling=pooling), sequences(*texts)
    background = pooling_module.fit_background(embedding, whole, config)
    blocks = [sequences(*texts[start : start + 7]) for start in range(0, 30, 7)]
    parts = list(embed.embed_blocks(embedding, iter(blocks), config, background=background))
    joined = embed.joined(parts)
    assert len(parts) == 5
    assert len(joined) == 30
    wanted = embed.embed(embedding, whole, config, background=background)
    np.testing.assert_allclose(joined.vectors, wanted.vectors, atol=1e-5)
    assert joined.kmers_used.tolist() == wanted.kmers_used.tolist()


def test_blocks_cannot_be_fitted_on_themselves(
    embedding: KmerEmbedding, sequences: MakeSequences
) -> None:
    blocks = embed.embed_blocks(embedding, iter([sequences("ACGT")]), PoolConfig(pooling="sif"))
    with pytest.raises(QueryError, match="sif: needs reference genes to be fitted on"):
        next(blocks)


# Along a sequence ----------------------------------------------------------------------------


def within(embedding: KmerEmbedding, text: str, low: int, high: int) -> list[Floats]:
    """The vectors of a text's own words that lie whole between two positions."""
    tokenizer, aligned = embedding.vocabulary.tokenizer, made_at_start(embedding)
    starts = range(tokenizer.frame, len(text) - tokenizer.k + 1, tokenizer.stride)
    inside = [i for i in starts if low <= i and i + tokenizer.k <= high]
    return [row for i in inside for row in rows(aligned, text[i : i + tokenizer.k])]


def made_at_start(embedding: KmerEmbedding) -> KmerEmbedding:
    """The same vectors for texts that are one window."""
    from dataclasses import replace

    vocabulary = embedding.vocabulary
    tokenizer = replace(vocabulary.tokenizer, frame=0)
    return replace(embedding, vocabulary=replace(vocabulary, tokenizer=tokenizer))


# What it is for ------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["human-cds-k6", "human-cds-codon"])
def shipped(request: pytest.FixtureRequest) -> tuple[KmerEmbedding, Reference]:
    """The models that ship, and the genes beside them."""
    path = MODELS / f"{request.param}.safetensors"
    embedding = checkpoint.load(path)
    return embedding, reference_file.load(beside.genes(path), embedding)


@pytest.fixture(scope="module")
def named() -> Sequences:
    """The 86 named human genes that ship."""
    return fasta.read(GENES)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_the_neighbour_of_a_globin_is_a_globin(
    pooling: str, shipped: tuple[KmerEmbedding, Reference], named: Sequences
) -> None:
    """Beta, delta, epsilon and both gammas, among 86 named human genes, fitted as on the page."""
    config = PoolConfig(pooling=pooling)
    embedding, human = shipped
    background = human.background(embedding, config)
    found = embed.embed(embedding, named, config, background=background)
    scores = found.cosine().copy()
    np.fill_diagonal(scores, -np.inf)
    nearest = {gene: named.symbols[scores[named.symbols.index(gene)].argmax()] for gene in GLOBINS}
    # The means of 16 dimensions put one of the five beside another gene.
    allowed = 1 if len(embedding) > 64 and pooling in ("mean", "tfidf") else 0
    assert sum(gene not in GLOBINS for gene in nearest.values()) <= allowed


def test_random_vectors_know_the_globins_less_well(named: Sequences) -> None:
    """What the test above says is the vectors': with too few random ones it does not hold."""
    random = made_up(KmerTokenizer(6), dim=2)
    scores = embed.embed(random, named).cosine().copy()
    np.fill_diagonal(scores, -np.inf)
    nearest = [named.symbols[scores[named.symbols.index(gene)].argmax()] for gene in GLOBINS]
    assert not set(nearest) <= set(GLOBINS)
