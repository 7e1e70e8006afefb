"""What is known of a k-mer apart from its vector, each property worked out a second time."""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np
import pytest
from Bio.Seq import Seq
from Bio.SeqUtils import gc_fraction
from Bio.SeqUtils.MeltingTemp import DNA_NN3, Tm_NN
from Bio.SeqUtils.ProtParam import ProteinAnalysis
from scipy.stats import entropy

from bioskipgram.config import TrainConfig
from bioskipgram.errors import QueryError
from bioskipgram.groups.properties import GROUPS, PROPERTIES, Property, offered
from bioskipgram.kmers import codons as coding
from bioskipgram.kmers import composition
from bioskipgram.kmers.genetic_code import AMINO_ACIDS, translate
from bioskipgram.kmers.record_counts import frame_counts
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.model.embedding import KmerEmbedding, ModelInfo
from bioskipgram.sequences.alphabet import PROTEIN, RNA
from bioskipgram.sequences.fasta import read
from bioskipgram.training.trainer import Training

SEQUENCE = "ATGGTGCATCTGACTCCTGAGGAGAAGTCTGCCGTTACTGCCCTGTGGGGCAAGGTGAACGTGGATGAAGTTGGTGGTTAA"


def trained(**settings: Any) -> KmerEmbedding:
    """A model of the start of human HBB, two steps old."""
    fasta = f">HBB\n{SEQUENCE}\n".encode()
    alphabet = TrainConfig(**settings).tokenizer.alphabet
    training = Training(read(fasta, alphabet=alphabet), TrainConfig(dim=4, steps=2, **settings))
    for _ in training:
        pass
    return training.embedding()


MODELS = [{"k": 1}, {"k": 2}, {"k": 4}, {"k": 3, "stride": 3}, {"k": 5, "canonical": True}]


@pytest.fixture(scope="module", params=MODELS, ids=str)
def model(request: pytest.FixtureRequest) -> KmerEmbedding:
    return trained(**request.param)


def test_there_is_one_number_per_kmer_of_every_property(model: KmerEmbedding) -> None:
    for name in offered(model.vocabulary.tokenizer):
        found = PROPERTIES[name](model)
        assert found.title
        assert found.values.shape == (len(model),)
        assert not np.isinf(found.values).any()
        assert not found.values.flags.writeable


def test_gc_content_is_biopythons(model: KmerEmbedding) -> None:
    expected = [gc_fraction(text) for text in model.vocabulary.texts]
    np.testing.assert_allclose(PROPERTIES["GC content"](model).values, expected, rtol=1e-6)


def test_cpg_counts_c_before_g(model: KmerEmbedding) -> None:
    expected = [text.count("CG") for text in model.vocabulary.texts]
    assert PROPERTIES["CpG"](model).values.tolist() == expected


def test_counts_are_on_a_logarithmic_scale(model: KmerEmbedding) -> None:
    k, stride = model.vocabulary.tokenizer.k, model.vocabulary.tokenizer.stride
    windows = [SEQUENCE[i : i + k] for i in range(0, len(SEQUENCE) - k + 1, stride)]
    strands = [windows]
    if model.vocabulary.tokenizer.canonical:
        strands.append([str(Seq(window).reverse_complement()) for window in windows])
    for text, value in zip(
        model.vocabulary.texts, PROPERTIES["log count"](model).values, strict=True
    ):
        assert 10**value == pytest.approx(sum(s.count(text) for s in strands), rel=1e-5)


def test_a_count_of_zero_is_no_infinity() -> None:
    model = trained(k=2)
    none = replace(model.vocabulary, counts=np.zeros(len(model), np.int64))
    values = PROPERTIES["log count"](replace(model, vocabulary=none)).values
    assert values.tolist() == [0] * len(model)


def test_amino_acids_are_biopythons(model: KmerEmbedding) -> None:
    if "amino acid" not in offered(model.vocabulary.tokenizer):
        assert model.vocabulary.tokenizer.k < 3 or model.vocabulary.tokenizer.canonical
        return
    found = PROPERTIES["amino acid"](model)
    assert len(found.categories) == len(AMINO_ACIDS) == 21
    for text, value in zip(model.vocabulary.texts, found.values, strict=True):
        amino = str(Seq(text[:3]).translate()).replace("*", "stop")
        assert found.categories[int(value)] == amino


def test_rna_is_translated_too() -> None:
    model = trained(k=3, stride=3, alphabet="RNA")
    found = PROPERTIES["amino acid"](model)
    assert found.categories[int(found.values[model.vocabulary.token("AUG")])] == "M"
    assert found.categories[int(found.values[model.vocabulary.token("UAA")])] == "stop"


def test_the_cosine_to_the_reverse_complement_is_not_known_where_there_is_none(
    model: KmerEmbedding,
) -> None:
    texts, values = model.vocabulary.texts, PROPERTIES["reverse-complement cosine"](model).values
    missing = 0
    for token, text in enumerate(texts):
        twin = str(Seq(text).reverse_complement())
        if twin in texts:
            expected = float(model.unit[token] @ model.unit[texts.index(twin)])
            assert values[token] == pytest.approx(expected, abs=1e-6)
        else:
            assert np.isnan(values[token])
            missing += 1
    assert missing > 0 or len(texts) in (4, 16)  # which have all there are


def test_vector_length_is_that_of_the_vector_as_learnt(model: KmerEmbedding) -> None:
    expected = [float(np.sqrt((row.astype(float) ** 2).sum())) for row in model.center]
    for shown in (model, model.removing(1)):
        values = PROPERTIES["vector length"](shown).values
        np.testing.assert_allclose(values, expected, rtol=1e-5)


def test_protein_is_offered_what_it_has() -> None:
    fasta = b">a\nMKVLAAGIVGLLLAQWERTYHPSDFGHKCNM\n"
    config = TrainConfig(k=3, dim=4, steps=2, alphabet="protein")
    training = Training(read(fasta, alphabet=config.tokenizer.alphabet), config)
    for _ in training:
        pass
    model = training.embedding()
    found = PROPERTIES["hydropathy"](model)
    for text, value in zip(model.vocabulary.texts, found.values, strict=True):
        assert value == pytest.approx(ProteinAnalysis(text).gravy(), abs=1e-6)


def test_words_of_several_lengths_have_their_length_and_their_own_shares() -> None:
    model = trained(k=4, k_min=2, epochs=1)
    texts, names = model.vocabulary.texts, offered(model.vocabulary.tokenizer)
    assert "word length" in names
    assert PROPERTIES["word length"](model).values.tolist() == [len(text) for text in texts]
    assert PROPERTIES["CpG"](model).values.tolist() == [text.count("CG") for text in texts]
    expected = [gc_fraction(text) for text in texts]
    np.testing.assert_allclose(PROPERTIES["GC content"](model).values, expected, rtol=1e-6)
    assert PROPERTIES["amino acid"](model).values.shape == (len(texts),)


def test_values_of_another_type_are_refused() -> None:
    with pytest.raises(ValueError, match="values: expected float32"):
        Property("GC", np.zeros(3))


# Composition ---------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=[{"k": 4}, {"k": 6}, {"k": 4, "k_min": 2}], ids=str)
def every(request: pytest.FixtureRequest) -> KmerEmbedding:
    """A model that knows all k-mers."""
    return whole(**request.param)


def whole(**settings: Any) -> KmerEmbedding:
    """Random vectors and counts for every k-mer there is."""
    config = TrainConfig(dim=3, **settings)
    codes, rng = config.tokenizer.all_codes(), np.random.default_rng(4)
    counts = rng.integers(0, 50, len(codes))
    vectors = rng.normal(size=(len(codes), 3)).astype(np.float32)
    info = ModelInfo(
        config=config, trainer="exact", source="x", sha256="", records=1, bases=1, loss=1.0,
        optimum=None, zero_loss=None, losses=(), steps_done=1, seconds=1.0, created="", version="",
    )  # fmt: skip
    return KmerEmbedding(Vocabulary(config.tokenizer, codes, counts), vectors, vectors, info)


def check(model: KmerEmbedding, name: str, expected: Callable[[str], float]) -> None:
    """Every value is what a function of the text says, NaN where it divides by zero."""
    wanted = []
    for text in model.vocabulary.texts:
        try:
            wanted.append(float(expected(text)))
        except ZeroDivisionError:
            wanted.append(np.nan)
    np.testing.assert_allclose(PROPERTIES[name](model).values, wanted, atol=1e-5)


def test_skews_and_purines_are_ratios_of_letters(every: KmerEmbedding) -> None:
    def skew(one: str, other: str) -> Callable[[str], float]:
        return lambda t: (t.count(one) - t.count(other)) / (t.count(one) + t.count(other))

    check(every, "GC skew", skew("G", "C"))
    check(every, "AT skew", skew("A", "T"))
    check(every, "purines", lambda t: (t.count("A") + t.count("G")) / len(t))


def test_entropy_is_scipys(every: KmerEmbedding) -> None:
    check(every, "letter entropy", lambda t: entropy([t.count(c) for c in "ACGT"], base=2))


def test_dust_counts_triplets_as_its_paper_does(every: KmerEmbedding) -> None:
    def dust(text: str) -> float:
        triplets = Counter(text[i : i + 3] for i in range(len(text) - 2))
        if not triplets:
            raise ZeroDivisionError
        return sum(c * (c - 1) / 2 for c in triplets.values()) / (triplets.total() - 1)

    check(every, "low complexity", dust)


def test_observed_over_expected_cpg(every: KmerEmbedding) -> None:
    values = composition.cpg_ratio(every.vocabulary.kmers, every.vocabulary.tokenizer)
    for text, value in zip(every.vocabulary.texts, values, strict=True):
        if "C" in text and "G" in text:
            expected = text.count("CG") * len(text) / (text.count("C") * text.count("G"))
            assert value == pytest.approx(expected)
        else:
            assert np.isnan(value)


@pytest.mark.parametrize("settings", [{"k": 6}, {"k": 7, "k_min": 6}], ids=str)
def test_melting_temperatures_are_biopythons(settings: dict[str, int]) -> None:
    model = whole(**settings)
    texts = model.vocabulary.texts
    found = PROPERTIES["melting temperature"](model).values
    sample = {*range(0, len(texts), 7), *(i for i, t in enumerate(texts) if t == twin_of(t))}
    for i in sample:
        palindrome = texts[i] == twin_of(texts[i])
        expected = Tm_NN(texts[i], nn_table=DNA_NN3, selfcomp=palindrome, Na=50, saltcorr=5)
        assert found[i] == pytest.approx(expected, abs=1e-3), texts[i]


# Strands -------------------------------------------------------------------------------------


def twin_of(text: str) -> str:
    return str(Seq(text).reverse_complement())


def test_strand_bias_compares_a_kmer_with_its_twin(every: KmerEmbedding) -> None:
    counts = dict(zip(every.vocabulary.texts, every.vocabulary.counts.tolist(), strict=True))

    def bias(text: str) -> float:
        own, other = counts[text], counts[twin_of(text)]
        return (own - other) / (own + other)

    check(every, "strand bias", bias)
    check(
        every, "strand log-ratio",
        lambda t: math.log2((counts[t] + 0.5) / (counts[twin_of(t)] + 0.5)),
    )  # fmt: skip
    check(every, "palindrome", lambda t: t == twin_of(t))


@pytest.mark.parametrize(("min_count", "value"), [(1, 1.0), (2, np.nan)])
def test_a_twin_that_is_left_out_may_have_been_seen(min_count: int, value: float) -> None:
    model = whole(k=2, min_count=min_count)
    vocabulary = Vocabulary(model.vocabulary.tokenizer, np.array([0]), np.array([7]))
    alone = replace(model, vocabulary=vocabulary, center=model.center[:1], context=model.center[:1])
    np.testing.assert_equal(PROPERTIES["strand bias"](alone).values.tolist(), [value])


# Coding --------------------------------------------------------------------------------------


def in_frame(text: str, frame: int) -> str:
    return translate(text, frame)


@pytest.mark.parametrize("frame", [0, 1, 2])
def test_residues_and_their_classes_are_read_in_every_frame(frame: int) -> None:
    model = whole(k=6, k_min=4)
    suffix = f", frame {frame}" if frame else ""
    amino, residue_class = (
        PROPERTIES[f"{name}{suffix}"](model) for name in ("amino acid", "residue class")
    )
    classes = {
        "aliphatic": "AGILMPV", "aromatic": "FWY", "polar": "CNQST", "basic": "HKR",
        "acidic": "DE", "stop": "*",
    }  # fmt: skip
    for i, text in enumerate(model.vocabulary.texts):
        protein = in_frame(text, frame)
        if not protein:
            assert np.isnan(amino.values[i])
            assert np.isnan(residue_class.values[i])
            continue
        name = "stop" if protein[0] == "*" else protein[0]
        assert amino.categories[int(amino.values[i])] == name
        assert protein[0] in classes[residue_class.categories[int(residue_class.values[i])]]


def test_dipeptides_are_pairs_of_kinds() -> None:
    model = whole(k=6, k_min=5)
    found = PROPERTIES["dipeptide"](model)
    kinds = {**dict.fromkeys("AFGILMPVWY", "hydrophobic"), **dict.fromkeys("CNQST", "polar")}
    kinds |= dict.fromkeys("DEHKR", "charged")
    assert set(found.values[~np.isnan(found.values)].astype(int)) == set(range(10))
    for text, value in zip(model.vocabulary.texts, found.values, strict=True):
        protein = in_frame(text, 0)
        if len(protein) < 2:
            assert np.isnan(value)
        else:
            expected = "stop" if "*" in protein else " - ".join(kinds[p] for p in protein)
            assert found.categories[int(value)] == expected


@pytest.mark.parametrize("settings", [{"k": 6}, {"k": 4, "k_min": 2}, {"k": 3}], ids=str)
def test_stop_codons_are_found_in_their_frame(settings: dict[str, int]) -> None:
    model = whole(**settings)
    found = PROPERTIES["stop codon"](model)
    for text, value in zip(model.vocabulary.texts, found.values, strict=True):
        frames = [f"frame {f}" for f in range(3) if "*" in in_frame(text, f)]
        expected = "none" if not frames else frames[0] if len(frames) == 1 else "several frames"
        assert found.categories[int(value)] == expected


CODING = "ATGGCTGCTGCCGCATTTTTCTTTAAAAAGAAAAAATGGTAA"


def test_rscu_is_a_count_over_the_mean_of_its_synonyms() -> None:
    sequences = read(f">x\n{CODING}\n".encode())
    vocabulary = Vocabulary.from_counts(KmerTokenizer(3), np.ones(64, np.int64))
    codons = frame_counts(sequences, vocabulary).codons
    found = dict(zip(vocabulary.texts, coding.rscu(codons).tolist(), strict=True))
    expected = {"ATG": 1, "TGG": 1, "GCT": 2 / (4 / 4), "GCC": 1, "GCA": 1, "GCG": 0}
    expected |= {"TTT": 2 / 1.5, "TTC": 1 / 1.5, "AAA": 3 / 2, "AAG": 1 / 2}
    assert {c: found[c] for c in expected} == pytest.approx(expected)
    assert {c for c, v in found.items() if math.isnan(v)} == set(found) - set(expected)


def test_codon_usage_is_the_mean_of_its_codons() -> None:
    model = whole(k=6, k_min=5)
    frames = frame_counts(read(f">x\n{CODING}\n".encode()), model.vocabulary)
    values = PROPERTIES["codon usage"](model, frames).values
    table = coding.rscu(frames.codons)
    codes = KmerTokenizer(3)
    expected = [
        np.mean([table[codes.encode(text[i : i + 3])] for i in range(0, len(text) - 2, 3)])
        for text in model.vocabulary.texts
    ]
    np.testing.assert_allclose(values, expected, rtol=1e-5)


def test_a_kmer_prefers_the_frame_it_is_in() -> None:
    counts = np.array([[90, 10, 5], [33, 33, 34], [0, 0, 0], [1, 0, 0], [0, 300, 0], [5, 6, 70]])
    found = coding.frame_preference(counts)
    names = [coding.PREFERENCES[int(v)] if v == v else "" for v in found]
    assert names == ["frame 0", "no preference", "", "no preference", "frame 1", "frame 2"]
    strength = coding.frame_strength(counts)
    expected = [91 / 108 - 1 / 3, 35 / 103 - 1 / 3, np.nan, 2 / 4 - 1 / 3, 301 / 303 - 1 / 3]
    np.testing.assert_allclose(strength[:5], expected, rtol=1e-5)
    assert np.isnan(coding.frame_preference(np.zeros((2, 3), np.int64))).all()


def test_frames_of_shuffled_records_are_not_preferred() -> None:
    rng = np.random.default_rng(0)
    codons = rng.choice(["GCT", "AAA", "GAT", "CTG"], 4000)
    noise = "".join(rng.choice(list("ACGT"), 12000))
    model = whole(k=3)
    for text, low, high in (("".join(codons), 0.9, 1.0), (noise, 0.0, 0.1)):
        frames = frame_counts(read(f">x\n{text}\n".encode()), model.vocabulary)
        values = PROPERTIES["frame preference"](model, frames).values
        assert low <= np.mean(values[~np.isnan(values)] < 3) <= high


def test_what_needs_the_sequences_says_so() -> None:
    model = whole(k=3)
    with pytest.raises(QueryError, match=r"Codon usage .*: this needs the sequences"):
        PROPERTIES["codon usage"](model)
    other = frame_counts(read(b">x\nACGT\n"), whole(k=2).vocabulary)
    with pytest.raises(QueryError, match="16 k-mers were counted by frame, but this model has 64"):
        PROPERTIES["frame strength"](model, other)


# What is offered -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [*MODELS, {"k": 6}, {"k": 8, "k_min": 3}, {"k": 6, "alphabet": "RNA"},
     {"k": 3, "alphabet": "protein"}, {"k": 2, "k_min": 1}],
    ids=str,
)  # fmt: skip
def test_all_that_is_offered_can_be_had_and_says_something(settings: dict[str, Any]) -> None:
    model = whole(**settings) if settings["k"] < 8 else trained(epochs=1, **settings)
    tokenizer = model.vocabulary.tokenizer
    nucleotides = bool(tokenizer.alphabet.complement)
    fasta = f">HBB\n{SEQUENCE}\n".encode()
    frames = nucleotides and frame_counts(
        read(fasta, alphabet=tokenizer.alphabet), model.vocabulary
    )
    names = offered(tokenizer, frame_counts=nucleotides)
    assert {n for n in names if not PROPERTIES[n].needs_frames} == set(offered(tokenizer))
    for name in names:
        kind = PROPERTIES[name]
        found = kind(model, frames) if kind.needs_frames else kind(model)
        known = found.values[~np.isnan(found.values)]
        assert len(known), name
        assert not np.isinf(known).any(), name
        if found.categories:
            assert known.min() >= 0, name
            assert known.max() < len(found.categories), name


def test_groups_follow_each_other_and_every_name_explains_itself() -> None:
    groups = [kind.group for kind in PROPERTIES.values()]
    assert [group for group, _ in groupby(groups)] == list(GROUPS)
    for name, kind in PROPERTIES.items():
        assert len(name) <= 25
        assert kind.help
        assert kind.title


def test_canonical_kmers_are_not_read_on_one_strand() -> None:
    names = set(offered(KmerTokenizer(6, canonical=True), frame_counts=True))
    assert names == {
        "GC content", "CpG", "letter entropy", "low complexity", "melting temperature",
        "palindrome", "log count", "log rank", "vector length",
    }  # fmt: skip


def test_short_kmers_have_no_codon_and_protein_no_strand() -> None:
    assert not any(PROPERTIES[n].group == "coding" for n in offered(KmerTokenizer(2)))
    assert "amino acid, frame 2" not in offered(KmerTokenizer(4))
    assert "amino acid, frame 1" in offered(KmerTokenizer(4))
    assert "palindrome" not in offered(KmerTokenizer(5))
    assert "melting temperature" not in offered(KmerTokenizer(6, alphabet=RNA))
    protein = offered(KmerTokenizer(3, alphabet=PROTEIN), frame_counts=True)
    assert protein == ("letter entropy", "hydropathy", "log count", "log rank", "vector length")
