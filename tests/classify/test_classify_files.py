"""Tables and files of classes; saved classifiers; predictions along records; estimators."""

import gzip
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import check_estimator

from bioskipgram.classify import file
from bioskipgram.classify.classifier import Classifier
from bioskipgram.classify.estimators import KmerClassifier, KmerCounts
from bioskipgram.classify.evaluate import judge
from bioskipgram.classify.fit import fit
from bioskipgram.classify.jobs import EXAMPLE, table_bytes
from bioskipgram.classify.labelled import Labelled, class_of, read_classes, read_table
from bioskipgram.classify.settings import ClassifyConfig
from bioskipgram.classify.windows import along, records_text, text_of
from bioskipgram.errors import CheckpointError, ConfigError, FastaError, QueryError
from bioskipgram.sequences import fasta
from bioskipgram.sequences.sequences import BadRecord
from bioskipgram.sequences.shipped import BINDING
from tests.classify.conftest import MOTIF, planted


@pytest.fixture(scope="module")
def made() -> Classifier:
    return fit(planted(200), ClassifyConfig(aligned="no"))


@pytest.mark.parametrize(
    "data",
    [
        b"sequence,label\nACGT,b\nTTTT,a\nACGT,b\n",
        b"\xef\xbb\xbflabel\tsequence\tid\r\nb\tacgt\t1\r\na\tTTTT\t2\r\nb\tACGT\t3\r\n",
        gzip.compress(b"Sequence;Label\nACGT;b\n\nTTTT;a\nACGT;b\n", mtime=0),
    ],
)
def test_tables_are_read(data: bytes) -> None:
    found = read_table(data)
    assert found.classes == ("a", "b")
    assert found.labels.tolist() == [1, 0, 1]
    assert [found.sequences.text(i) for i in range(3)] == ["ACGT", "TTTT", "ACGT"]


def test_numbers_are_classes_in_their_order() -> None:
    found = read_table(b"sequence,label\nA,10\nC,9\nG,1\n")
    assert found.classes == ("1", "9", "10")


def test_bad_rows_are_left_out_and_listed_or_raised() -> None:
    data = b"sequence,label\nACGT,a\nAC!T,b\nACGT,\nTTTT,b\n"
    bad = list[BadRecord]()
    found = read_table(data, bad=bad)
    assert len(found) == 2
    assert [(one.line, one.reason[:20]) for one in bad] == [
        (3, "'!' at position 3 is"), (4, "no label"),
    ]  # fmt: skip
    with pytest.raises(FastaError, match="line 3: '!' is not a DNA letter"):
        read_table(data)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"seq,label\nACGT,1\n", "no column 'sequence'; the first line names"),
        (b"", "no column 'sequence'"),
        (b"sequence,label\n", "no row that can be used"),
        (b"sequence,label\n" + b"".join(b"A,%d\n" % i for i in range(101)), "101 labels, up to"),
    ],
)
def test_what_is_no_table_is_said(data: bytes, said: str) -> None:
    with pytest.raises(FastaError, match=said):
        read_table(data)


def test_a_file_for_each_class() -> None:
    files = [("bound.fa.gz", gzip.compress(b">1\nACGT\n>2\nAC\n")), ("dir/free.fa", b">1\nTT\n")]
    found = read_classes(files)
    assert found.classes == ("bound", "free")
    assert found.labels.tolist() == [0, 0, 1]
    assert class_of("../../<b>.fasta") == "<b>"


def test_items_that_are_written_are_read_back(bound: Labelled) -> None:
    found = read_table(table_bytes(bound))
    assert found.classes == bound.classes
    assert (found.labels == bound.labels).all()
    assert (found.sequences.codes == bound.sequences.codes).all()


def test_labels_that_were_not_learnt_are_said(bound: Labelled) -> None:
    other = read_table(b"sequence,label\nACGT,bound\nACGT,loose\n")
    with pytest.raises(FastaError, match="the test set: the label 'loose' is not in the training"):
        other.with_classes(bound.classes, "the test set")


def test_a_saved_classifier_is_the_same(made: Classifier, tmp_path: Path) -> None:
    path = file.save(made, tmp_path / "x.safetensors")
    found = file.load(path)
    assert found.classes == made.classes
    assert found.block == made.block
    assert (found.weights == made.weights).all()
    assert found.threshold == made.threshold
    assert found.info == made.info
    items = planted(20, seed=5).sequences
    assert (found.probabilities(items) == made.probabilities(items)).all()


def test_a_changed_file_is_refused(made: Classifier, tmp_path: Path) -> None:
    path = file.save(made, tmp_path / "x.safetensors")
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)
    with pytest.raises(CheckpointError, match="do not match its checksum"):
        file.load(path)
    path.write_bytes(data[:100])
    with pytest.raises(CheckpointError, match="not a whole safetensors file"):
        file.load(path)


def test_shares_of_bases_sum_to_the_margin(made: Classifier) -> None:
    items = planted(6, seed=7).sequences
    margins = made.margins(items)[:, 0]
    for row in range(6):
        shares = made.contributions(items, row)
        assert shares.sum() + made.bias[0] == pytest.approx(margins[row], abs=1e-3)
        assert made.contributions(items, row, 0) == pytest.approx(-shares)


def test_a_motif_is_found_along_a_record(made: Classifier) -> None:
    random = np.random.default_rng(3)
    text = "".join(random.choice(list("ACGT"), 1000))
    text = text[:500] + MOTIF * 3 + text[527:]
    sequences = fasta.read(f">chr 1\n{text}\n>N\n{'N' * 100}\n".encode())
    found = along(made, sequences, window=60, step=10)
    bound = found.chances[:, made.classes.index("bound")]
    best = int(found.starts[int(bound.argmax())])
    assert 440 < best < 530
    assert set(found.records.tolist()) == {0}  # the windows of N are left out
    direct = made.probabilities(fasta.read(f">x\n{text[best : best + 60]}\n".encode()))[0]
    assert bound.max() == pytest.approx(direct[made.classes.index("bound")])
    beds = [line.split("\t") for line in text_of(found, "bed").splitlines()]
    assert all(int(end) - int(start) == 60 for _, start, end, *_ in beds)
    head, *rows = text_of(found, "bedgraph").splitlines()
    assert head.startswith("track type=bedGraph")
    cells = [line.split("\t") for line in rows]
    assert all(a[2] <= b[1] or int(a[2]) <= int(b[1]) for a, b in pairwise(cells))
    assert len(text_of(found, "tsv").splitlines()) == len(found) + 1


def test_windows_that_cannot_be_are_said(made: Classifier) -> None:
    with pytest.raises(
        QueryError, match="no window of 500 known letters; the longest record has 4"
    ):
        along(made, fasta.read(b">x\nACGT\n"), window=500)
    fixed = fit(planted(100, at=20), ClassifyConfig(aligned="yes"))
    with pytest.raises(ConfigError, match="learnt positions in sequences of 60"):
        along(fixed, fasta.read(b">x\nACGT\n"), window=50)
    with pytest.raises(QueryError, match="aligned sequences of 60 letters only"):
        records_text(fixed, fasta.read(b">x\nACGT\n"))


def test_names_cannot_be_formulas(made: Classifier) -> None:
    text = records_text(made, fasta.read(b">=1+1\nACGTACGTACGT\n"))
    assert text.splitlines()[1].startswith("'=1+1\t")


def test_counts_are_a_step_of_a_pipeline(bound: Labelled, others: Labelled) -> None:
    texts = [[items.sequences.text(i) for i in range(len(items))] for items in (bound, others)]
    pipeline = make_pipeline(KmerCounts(longest=6, merged=True), LinearSVC())
    assert pipeline.fit(texts[0], bound.labels).score(texts[1], others.labels) > 0.75
    names = KmerCounts(longest=2).fit(texts[0]).get_feature_names_out()
    assert names.tolist()[:6] == ["A", "C", "G", "T", "AA", "AC"]


def test_the_classifier_is_an_estimator(bound: Labelled, others: Labelled) -> None:
    texts = [[items.sequences.text(i) for i in range(len(items))] for items in (bound, others)]
    names = [np.array([items.classes[k] for k in items.labels]) for items in (bound, others)]
    made = KmerClassifier(aligned="no").fit(texts[0], names[0])
    assert made.classes_.tolist() == ["bound", "free"]
    assert made.score(texts[1], names[1]) > 0.75
    assert made.decision_function(texts[1]).shape == (len(others),)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("estimator", [KmerCounts(), KmerClassifier()], ids=str)
def test_estimators_pass_the_checks_of_scikit_learn(estimator: object) -> None:
    check_estimator(estimator)


def test_the_classifier_that_ships_has_the_scores_of_its_report() -> None:
    report = EXAMPLE.report()
    assert report is not None
    made, test = file.load(EXAMPLE.place), read_table(BINDING[2])
    assert judge(made, test).mcc == pytest.approx(report["test"]["mcc"])
    assert report["test"]["mcc"] > 0.66
    assert {row["name"] for row in report["baselines"]} >= {
        "majority", "GC", "6-mers", "mean vector", "6-mers + vector", "shuffled labels",
    }  # fmt: skip
