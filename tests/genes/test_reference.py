"""Reference genes: kept and read again, damaged ones refused, the nearest of them found."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_matrix

from bioskipgram import files
from bioskipgram.config import POOLINGS, PoolConfig
from bioskipgram.errors import CheckpointError, QueryError
from bioskipgram.genes import embed, packing, reference, reference_file
from bioskipgram.genes.reference import Reference
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.model import beside, checkpoint
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.numerics import nearest as nearest_module
from bioskipgram.numerics.arrays import State
from bioskipgram.sequences import fasta
from bioskipgram.sequences.shipped import GENES
from tests.conftest import MakeSequences
from tests.genes.test_embed import made_up

MODELS = ("human-cds-k6", "human-cds-codon")
SHIPPABLE = {"icodon", "calm", "chr22", "hoxc", "emboss"}


@pytest.fixture(scope="module")
def embedding() -> KmerEmbedding:
    """Random vectors of all 3-mers but AAA and AAC."""
    return made_up(KmerTokenizer(3), missing=2)


@pytest.fixture(scope="module")
def made(embedding: KmerEmbedding) -> Reference:
    """Twelve random genes of three headers' kinds, and an empty one."""
    random = np.random.default_rng(6)
    heads = ["G{} src=calm id=X{} text", "plain{}", "NM_00000{}.1 Homo sapiens a gene (AB{}), mRNA"]
    text = "".join(
        f">{heads[i % 3].format(i, i)}\n{''.join(random.choice(list('ACGTN'), 40))}\n"
        for i in range(12)
    )
    return reference.from_sequences(embedding, fasta.read((text + ">empty\n").encode()))


def test_headers_name_the_genes(made: Reference) -> None:
    assert made.names[:3] == ("G0", "plain1", "AB2")
    assert made.ids[:3] == ("X0", "", "NM_000002.1")
    assert made.sources[:3] == ("calm", "", "")
    assert made.lengths.tolist() == [40] * 12 + [0]
    assert len(made) == 13


def same(one: Reference, two: Reference) -> bool:
    texts = all(getattr(one, n) == getattr(two, n) for n in ("names", "ids", "sources", "model"))
    arrays = all(
        np.array_equal(a, b)
        for a, b in (
            (one.lengths, two.lengths),
            (one.counted.unknown, two.counted.unknown),
            (one.counted.pairs, two.counted.pairs),
            (one.counts.toarray(), two.counts.toarray()),
        )
    )
    assert one.words is not None
    assert two.words is not None
    sets = [(one.words.dna, two.words.dna), (one.words.protein, two.words.protein)]
    return (
        texts
        and arrays
        and all(
            a.keys.tolist() == b.keys.tolist() and a.limits.tolist() == b.limits.tolist()
            for a, b in sets
        )
    )


def test_there_and_back(made: Reference, embedding: KmerEmbedding, tmp_path: Path) -> None:
    path = beside.genes(tmp_path / "a.b.safetensors")
    assert path.name == "a.b.genes.safetensors"
    assert reference_file.save(made, path) == path
    assert same(reference_file.load(path, embedding), made)


def test_long_genes_keep_a_sketch_of_their_words(
    embedding: KmerEmbedding, sequences: MakeSequences, tmp_path: Path
) -> None:
    text = "".join(np.random.default_rng(3).choice(list("ACGT"), 2000))
    made = reference.from_sequences(embedding, sequences(text, text[:400]))
    found = reference_file.load(reference_file.save(made, tmp_path / "x.genes.safetensors"))
    assert same(found, made)
    assert found.words.dna.sizes.tolist() == [reference.SKETCH, 390]
    assert found.words.dna.limits[0] < found.words.dna.limits[1]
    smaller = replace(made, words=made.words.sketch(100))
    path = reference_file.save(smaller, tmp_path / "y.genes.safetensors")
    assert same(reference_file.load(path), smaller)


def test_a_file_of_version_0_1_opens_without_words(
    made: Reference, embedding: KmerEmbedding, tmp_path: Path
) -> None:
    old = replace(made, words=None)
    path = reference_file.save(old, tmp_path / "x.genes.safetensors")
    assert files.read_tensors(path)[1]["format"] == "bioskipgram-genes/1"
    found = reference_file.load(path, embedding)
    assert found.words is None
    assert found.genes(embedding).vectors.tolist() == made.genes(embedding).vectors.tolist()


@given(st.lists(st.integers(0, 200_000), unique=True, max_size=30).map(sorted))
def test_any_ascending_numbers_become_gaps_and_back(keys: list[int]) -> None:
    for kind in (np.uint8, np.uint16):
        gaps = packing.gaps_of(np.array(keys, np.int64), kind)
        assert packing.keys_of(gaps, kind, 200_001).tolist() == keys


@given(
    arrays(
        np.int32, st.tuples(st.integers(0, 4), st.integers(1, 700)),
        elements=st.sampled_from([0] * 60 + [1, 2, 254, 255, 256, 509, 510, 511, 100_000]),
    )
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_any_counts_are_packed_without_loss(dense: np.ndarray) -> None:
    gaps, counted = packing.packed(csr_matrix(dense))
    found = packing.unpacked(gaps, counted, dense.shape)
    assert np.array_equal(found.toarray(), dense)
    assert found.dtype == np.int32
    assert found.nnz == np.count_nonzero(dense)


def test_pairs_are_kept_to_half_a_step() -> None:
    pairs = np.random.default_rng(1).standard_normal((30, 7)).astype(np.float32)
    pairs[:, 3] = 5
    found = packing.restored(*packing.rounded(pairs))
    half = np.ptp(pairs, axis=0) / 255 / 2
    assert (np.abs(found - pairs) <= half + 1e-6).all()
    twice = packing.restored(*packing.rounded(found))
    np.testing.assert_allclose(twice, found, atol=1e-6)


def test_no_genes_at_all(
    embedding: KmerEmbedding, sequences: MakeSequences, tmp_path: Path
) -> None:
    none = reference.from_sequences(embedding, sequences())
    path = reference_file.save(none, tmp_path / "x.genes.safetensors")
    assert len(reference_file.load(path, embedding)) == 0


@pytest.mark.parametrize("pooling", POOLINGS)
def test_their_vectors_are_those_of_their_sequences(
    pooling: str, embedding: KmerEmbedding, sequences: MakeSequences
) -> None:
    random = np.random.default_rng(7)
    texts = ["".join(random.choice(list("ACGT"), 200)) for _ in range(25)]
    config = PoolConfig(pooling=pooling)
    made = reference.from_sequences(embedding, sequences(*texts))
    found = made.genes(embedding, config)
    wanted = embed.embed(embedding, sequences(*texts), config)
    cosines = (found.unit * wanted.unit).sum(axis=1)
    assert cosines.min() > (0.99 if pooling == "second-order" else 0.999999)
    background = made.background(embedding, config)
    upload = embed.embed(embedding, sequences(texts[3]), config, background=background)
    assert reference.nearest(upload, found, 1).indices.tolist() == [[3]]


@pytest.mark.parametrize(
    "tokenizer",
    [KmerTokenizer(3), KmerTokenizer(3, stride=3), KmerTokenizer(3, canonical=True)],
    ids=str,
)
def test_both_strands_out_of_the_counts_of_one(
    tokenizer: KmerTokenizer, sequences: MakeSequences
) -> None:
    embedding = made_up(tokenizer)
    texts = sequences("ACGTTGCAAGGN", "GGGATC", "")
    config = PoolConfig(both_strands=True)
    found = reference.from_sequences(embedding, texts).genes(embedding, config)
    wanted = embed.embed(embedding, texts, config)
    np.testing.assert_allclose(found.vectors, wanted.vectors, atol=1e-6)
    assert found.kmers_used.tolist() == wanted.kmers_used.tolist()
    assert found.kmers_unknown.tolist() == wanted.kmers_unknown.tolist()


@pytest.mark.parametrize(
    ("tokenizer", "text"),
    [
        (KmerTokenizer(3, stride=3), "ACGTT"),
        (KmerTokenizer(3, stride=3, frame=1), "ACGTTG"),
        (KmerTokenizer(4, stride=3), "ACGTTG"),
        (KmerTokenizer(3, k_min=2), "ACGTTG"),
    ],
    ids=str,
)
def test_strands_that_counts_cannot_tell(
    tokenizer: KmerTokenizer, text: str, sequences: MakeSequences
) -> None:
    embedding = made_up(tokenizer)
    made = reference.from_sequences(embedding, sequences(text))
    with pytest.raises(QueryError, match="both-strands: this model's words on the other strand"):
        made.genes(embedding, PoolConfig(both_strands=True))


def test_another_models_genes_are_refused(made: Reference, tmp_path: Path) -> None:
    other = made_up(KmerTokenizer(3), missing=3)
    with pytest.raises(QueryError, match="counted for another model"):
        made.genes(other)
    path = reference_file.save(made, tmp_path / "x.genes.safetensors")
    with pytest.raises(
        CheckpointError, match=r"x\.genes\.safetensors: these genes were counted for"
    ):
        reference_file.load(path, other)
    assert len(reference_file.load(path)) == 13


# Damage --------------------------------------------------------------------------------------


def rewritten(
    path: Path, change: Callable[[State, dict[str, str]], None], *, sealed: bool = True
) -> None:
    """Change a file's tensors and header, and seal it again as if it were whole."""
    tensors, metadata = files.read_tensors(path)
    change(tensors, metadata)
    if sealed:
        metadata["sha256"] = reference_file.GENES.seal(tensors, metadata)
    path.write_bytes(safetensors.numpy.save(tensors, metadata))


def with_facts(**changes: object) -> Callable[[State, dict[str, str]], None]:
    def change(tensors: State, metadata: dict[str, str]) -> None:
        metadata["genes"] = json.dumps(json.loads(metadata["genes"]) | changes)

    return change


def with_tensor(name: str, value: Callable[[np.ndarray], np.ndarray]) -> object:
    return lambda tensors, metadata: tensors.update({name: value(tensors[name])})


DAMAGE = {
    "a count changed": (with_tensor("counts", lambda a: a ^ 1), False, "do not match its checksum"),
    "a tensor missing": (lambda t, m: t.pop("gaps"), True, "do not match its checksum"),
    "no format": (lambda t, m: m.update(format="x"), True, "format 'x', but this program reads"),
    "names missing": (with_facts(names=[]), True, r"damaged \(gaps: beyond the last gene"),
    "ids short": (with_facts(ids=["a"]), True, "13 names, 1 ids, 13 sources"),
    "no facts": (lambda t, m: m.update(genes="{}"), True, r"damaged \('names'\)"),
    "no JSON": (lambda t, m: m.update(genes="{"), True, r"damaged \("),
    "deep JSON": (lambda t, m: m.update(genes="[" * 100_000), True, r"damaged \("),
    "too far": (with_facts(kmers=3), True, "gaps: beyond the last gene"),
    "gaps of another kind": (with_tensor("gaps", lambda a: a.astype(np.int64)), True, "gaps: exp"),
    "counts short": (with_tensor("counts", lambda a: a[1:]), True, "counts: expected uint8"),
    "lengths short": (with_tensor("lengths", lambda a: a[1:]), True, "lengths: expected int64"),
    "pairs short": (with_tensor("pairs", lambda a: a[1:]), True, "pairs: expected float32"),
    "kmers without end": (with_facts(kmers=10**12), True, "kmers: 1000000000000, of which"),
    "kmers of no kind": (with_facts(kmers="6" * 5000), True, "kmers: 6{40}, of which"),
    "kmers below 1": (with_facts(kmers=-1), True, "kmers: -1, of which there are 1 to"),
    "words too far": (
        with_tensor("words", lambda a: np.full(9**5, 65_534, np.uint16)),
        True,
        "words: beyond the last gene",
    ),
    "words twice": (with_tensor("protein_words", lambda a: np.zeros(5, np.uint8)), True, "twice"),
    "words of another kind": (
        with_tensor("words", lambda a: a.astype(np.int64)),
        True,
        "words: expected uint16",
    ),
    "no sketch": (with_facts(sketch="x"), True, "damaged"),
    "lengths below 0": (with_tensor("lengths", lambda a: a - 99), True, "lengths: a number below"),
    "unknown below 0": (with_tensor("unknown", lambda a: a - 99), True, "unknown: a number below"),
    "steps too large": (
        with_tensor("steps", lambda a: a * 0 + np.float32(3e38)),
        True,
        "steps: holds a value beyond 2",
    ),
    "steps not finite": (
        with_tensor("steps", lambda a: a * np.float32(np.nan)),
        True,
        "not finite",
    ),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damaged_files_are_refused(kind: str, made: Reference, tmp_path: Path) -> None:
    change, sealed, said = DAMAGE[kind]
    path = reference_file.save(made, tmp_path / "x.genes.safetensors")
    rewritten(path, change, sealed=sealed)  # type: ignore[arg-type]
    with pytest.raises(CheckpointError, match=f"x.genes.safetensors: .*{said}"):
        reference_file.load(path)


def test_arrays_that_are_not_of_the_model_are_refused(
    made: Reference, embedding: KmerEmbedding, tmp_path: Path
) -> None:
    path = reference_file.save(made, tmp_path / "x.genes.safetensors")
    rewritten(path, with_facts(kmers=64))
    with pytest.raises(CheckpointError, match=r"damaged \(not of this model's 62 k-mers\)"):
        reference_file.load(path, embedding)


def test_half_a_file_and_none(made: Reference, tmp_path: Path) -> None:
    path = reference_file.save(made, tmp_path / "x.genes.safetensors")
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(CheckpointError, match="not a whole safetensors file"):
        reference_file.load(path)
    with pytest.raises(CheckpointError, match="no such model file"):
        reference_file.load(tmp_path / "none")


def test_arrays_are_checked(made: Reference) -> None:
    with pytest.raises(ValueError, match="lengths: expected int64"):
        replace(made, lengths=made.lengths[1:])


# Nearest -------------------------------------------------------------------------------------


@given(
    st.lists(
        st.lists(st.sampled_from([-1.0, -0.5, -0.0, 0.0, 1e-7, 0.5, 1.0]), min_size=7, max_size=7),
        min_size=1, max_size=4,
    ),
    st.integers(1, 7),
)  # fmt: skip
@settings(deadline=None)
def test_the_best_are_those_of_a_stable_sort(rows: list[list[float]], n: int) -> None:
    scores = np.array(rows, np.float32)
    wanted = np.argsort(-scores, axis=1, kind="stable")[:, :n]
    assert nearest_module.best(scores, n).tolist() == wanted.tolist()


def test_the_nearest_are_found_block_by_block(
    monkeypatch: pytest.MonkeyPatch, embedding: KmerEmbedding, sequences: MakeSequences
) -> None:
    rng = np.random.default_rng(5)
    genes_ = embed.embed(
        embedding, sequences(*("".join(rng.choice([*"ACGT"], 30)) for _ in "x" * 9))
    )
    wanted = reference.nearest(genes_, genes_, 3)
    monkeypatch.setattr(reference, "_BLOCK", 4)
    found = reference.nearest(genes_, genes_, 3)
    assert found.indices.tolist() == wanted.indices.tolist()
    np.testing.assert_allclose(found.scores, wanted.scores, atol=1e-6)


def test_the_nearest_are_the_largest_cosines(
    made: Reference, embedding: KmerEmbedding, sequences: MakeSequences
) -> None:
    uploads = embed.embed(embedding, sequences("ACGTTGACC", "", "GGGTTT"))
    own = made.genes(embedding)
    found = reference.nearest(uploads, own, 4)
    for row, best, scores in zip(uploads.cosine(own), found.indices, found.scores, strict=True):
        order = sorted(range(13), key=lambda i: (-row[i], i))[:4]
        assert best.tolist() == order
        assert scores.tolist() == [row[i] for i in order]
    assert reference.nearest(uploads, own, 99).indices.shape == (3, 13)
    with pytest.raises(QueryError, match="n: 0 is below 1"):
        reference.nearest(uploads, own, 0)


# What ships ----------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=MODELS)
def shipped(request: pytest.FixtureRequest) -> tuple[KmerEmbedding, Reference]:
    path = Path("models", f"{request.param}.safetensors")
    embedding = checkpoint.load(path)
    return embedding, reference_file.load(beside.genes(path), embedding)


def test_only_sources_with_a_licence_ship(shipped: tuple[KmerEmbedding, Reference]) -> None:
    made = shipped[1]
    assert set(made.sources) == SHIPPABLE
    assert len(set(made.names)) == len(made) == 2300


@pytest.mark.parametrize("pooling", POOLINGS)
def test_shipped_genes_are_found_by_their_sequences(
    pooling: str, shipped: tuple[KmerEmbedding, Reference]
) -> None:
    """On this machine too: pairs look along directions whose sign a machine may choose."""
    embedding, made = shipped
    config = PoolConfig(pooling=pooling)
    named = fasta.read(GENES)
    records = [i for i, symbol in enumerate(named.symbols) if symbol in made.names]
    assert len(records) > 50
    background = made.background(embedding, config)
    found = embed.embed(embedding, named, config, background=background)
    nearest = reference.nearest(found, made.genes(embedding, config), 1)
    right = [made.names[nearest.indices[i, 0]] == named.symbols[i] for i in records]
    assert np.mean(right) > 0.9
