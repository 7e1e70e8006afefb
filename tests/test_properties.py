"""What is known of a k-mer apart from its vector, each property worked out a second time."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from Bio.Seq import Seq
from Bio.SeqUtils import gc_fraction
from Bio.SeqUtils.ProtParam import ProteinAnalysis

from bioskipgram.config import TrainConfig
from bioskipgram.embedding import KmerEmbedding
from bioskipgram.fasta import read
from bioskipgram.properties import AMINO_ACIDS, PROPERTIES, Property, offered
from bioskipgram.training import Training

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
    names = offered(model.vocabulary.tokenizer)
    assert len(names) == 6
    for name in names:
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
    found = PROPERTIES["amino acid"](model)
    assert len(found.categories) == len(AMINO_ACIDS) == 21
    for text, value in zip(model.vocabulary.texts, found.values, strict=True):
        if len(text) < 3:
            assert np.isnan(value)
        else:
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
    assert offered(model.vocabulary.tokenizer) == ("hydropathy", "log count", "vector length")
    found = PROPERTIES["hydropathy"](model)
    for text, value in zip(model.vocabulary.texts, found.values, strict=True):
        assert value == pytest.approx(ProteinAnalysis(text).gravy(), abs=1e-6)


def test_words_of_several_lengths_have_their_length_and_their_own_shares() -> None:
    model = trained(k=4, k_min=2, epochs=1)
    texts, names = model.vocabulary.texts, offered(model.vocabulary.tokenizer)
    assert names[-1] == "word length"
    assert PROPERTIES["word length"](model).values.tolist() == [len(text) for text in texts]
    assert PROPERTIES["CpG"](model).values.tolist() == [text.count("CG") for text in texts]
    expected = [gc_fraction(text) for text in texts]
    np.testing.assert_allclose(PROPERTIES["GC content"](model).values, expected, rtol=1e-6)
    assert PROPERTIES["amino acid"](model).values.shape == (len(texts),)


def test_values_of_another_type_are_refused() -> None:
    with pytest.raises(ValueError, match="values: expected float32"):
        Property("GC", np.zeros(3))
