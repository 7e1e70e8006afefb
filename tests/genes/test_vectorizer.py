"""The scikit-learn transformer: every kind of input, pipelines, and no leak from test data."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from Bio.Seq import Seq
from Bio.SeqRecord import SeqRecord
from sklearn.base import clone
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import check_estimator

from bioskipgram import GENES, KmerEmbeddingVectorizer, load, read
from bioskipgram.config import POOLINGS, PoolConfig
from bioskipgram.errors import BioSkipGramError
from bioskipgram.genes.embed import embed

TEXTS = [
    "ATGGTGCATCTGACTCCTGAG",
    "ATGCTGTCTCCTGCCGACAAG",
    "ATGAAAGAAAAAGATGAAAAA",
    "ATGCTGCTGCTGCTC",
]


def test_every_kind_of_input_gives_the_same(tmp_path: Path) -> None:
    file = tmp_path / "x.fa"
    file.write_text("".join(f">{i}\n{text}\n" for i, text in enumerate(TEXTS)))
    vectorizer = KmerEmbeddingVectorizer("human-cds-codon", pooling="sif")
    wanted = vectorizer.fit_transform(TEXTS)
    assert wanted.shape == (4, 16)
    records = [SeqRecord(Seq(text), id="r") for text in TEXTS]
    others = [
        np.array(TEXTS), [Seq(text) for text in TEXTS], records, [text.lower() for text in TEXTS],
        [text.encode() for text in TEXTS], [text.replace("T", "U") for text in TEXTS],
        file, str(file), read(file),
    ]  # fmt: skip
    for other in others:
        assert np.array_equal(vectorizer.fit_transform(other), wanted)


def test_it_is_what_the_program_makes_of_genes() -> None:
    model = load("human-cds-codon")
    ours = KmerEmbeddingVectorizer(model).fit(TEXTS).transform(GENES)
    assert np.array_equal(ours, embed(model, read(GENES), PoolConfig(pooling="mean")).vectors)


def test_scikit_learns_own_checks() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SkipTestWarning)  # those that would give numbers
        done = check_estimator(KmerEmbeddingVectorizer("human-cds-codon"), on_fail=None)
    assert [one for one in done if one["status"] not in ("passed", "skipped")] == []


def test_it_is_a_step_of_a_pipeline() -> None:
    labels = [0, 0, 1, 1] * 5
    pipe = make_pipeline(KmerEmbeddingVectorizer("human-cds-codon"), LogisticRegression())
    search = GridSearchCV(pipe, {"kmerembeddingvectorizer__pooling": ["mean", "tfidf"]}, cv=2)
    search.fit(TEXTS * 5, labels)
    assert search.best_score_ > 0.9


def test_parameters_are_cloned_and_names_come_out() -> None:
    one = KmerEmbeddingVectorizer("human-cds-codon", pooling="whitened", shrinkage=0.5)
    twin = clone(one)
    assert twin.get_params() == one.get_params()
    assert not hasattr(twin, "embedding_")
    names = one.fit(TEXTS).get_feature_names_out()
    assert list(names[:2]) == ["kmerembeddingvectorizer0", "kmerembeddingvectorizer1"]
    assert len(names) == one.transform(TEXTS).shape[1]
    table = one.set_output(transform="pandas").transform(TEXTS)
    assert list(table.columns) == list(names)


def test_test_data_do_not_change_a_vector() -> None:
    genes = read(GENES)
    for pooling in POOLINGS:
        fitted = KmerEmbeddingVectorizer("human-cds-codon", pooling=pooling).fit(genes)
        alone, among = fitted.transform(TEXTS[:1]), fitted.transform(TEXTS)
        assert np.allclose(alone[0], among[0], atol=1e-4)


def test_a_record_without_a_known_kmer_has_zeros() -> None:
    made = KmerEmbeddingVectorizer("human-cds-codon").fit_transform(["", "NNNN", "ATG"])
    assert [bool(row.any()) for row in made] == [False, False, True]


def test_what_is_no_sequence_is_said() -> None:
    vectorizer = KmerEmbeddingVectorizer("human-cds-codon")
    with pytest.raises(NotFittedError):
        vectorizer.transform(TEXTS)
    with pytest.raises(TypeError, match="sequence 2 is of type int; give str, bytes"):
        vectorizer.fit(["ATG", 3])
    with pytest.raises(TypeError, match="expected sequences or the path of a file, found int"):
        vectorizer.fit(3)
    with pytest.raises(BioSkipGramError, match="pooling: 'sum' is not one of auto"):
        KmerEmbeddingVectorizer("human-cds-codon", pooling="sum").fit(TEXTS)
    with pytest.raises(BioSkipGramError, match="there is no such file"):
        vectorizer.fit("nowhere.fa")
