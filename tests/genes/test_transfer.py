"""Labels of reference genes transferred to other genes."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from bioskipgram.errors import CheckpointError, QueryError
from bioskipgram.genes import annotation, embed, reference, reference_file, transfer
from bioskipgram.genes.transfer import Calibration, Curve, Near
from bioskipgram.genes.words import words
from bioskipgram.model import beside, checkpoint
from bioskipgram.sequences import fasta
from bioskipgram.sequences.shipped import GENES

MODEL = Path("models/human-cds-codon.safetensors")
ALL = Curve(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
"""Reliability = score."""


def test_a_curve_is_the_share_right_and_never_falls() -> None:
    random = np.random.default_rng(1)
    scores = random.random(4_000)
    curve = Curve.fit(scores, random.random(4_000) < scores**2)
    assert (np.diff(curve.shares) >= 0).all()
    np.testing.assert_allclose(curve([0.3, 0.6, 0.9]), [0.09, 0.36, 0.81], atol=0.06)


def test_votes_for_a_label_are_joined() -> None:
    near = Near(np.array([[0, 1, 2]], np.int32), np.array([[0.5, 0.4, 0.2]], np.float32))
    matrix = csr_matrix(np.array([[1, 0], [1, 0], [0, 1]]))
    made = Calibration(dict.fromkeys(transfer.MEASURES, ALL), dict.fromkeys(transfer.METHODS, ALL))
    labels = annotation.Labels("domain", ("globin", "other"), matrix, np.ones(3, bool))
    ((first, second),) = transfer.transfer({"mash": near}, labels, made, method="mash")
    assert (first.label, second.label) == ("globin", "other")
    assert first.reliability == pytest.approx(1 - (1 - 0.5) * (1 - 0.4))
    assert second.reliability == pytest.approx(0.2)
    assert [(e.gene, round(e.score, 3)) for e in first.evidence] == [(0, 0.5), (1, 0.4)]


def test_a_changed_globin_is_a_globin_by_its_neighbours() -> None:
    embedding = checkpoint.load(MODEL)
    found = reference_file.load(beside.genes(MODEL), embedding)
    assert found.words is not None
    records = fasta.read(GENES)
    text = list(records.text(records.names.index("HBB")))
    random = np.random.default_rng(3)
    for place in random.choice(np.arange(3, len(text) - 3), 40, replace=False):
        text[place] = random.choice(list("ACGT"))
    record = fasta.read(f">mine\n{''.join(text)}\n".encode())
    background = found.background(embedding, transfer.POOL)
    mine = embed.embed(embedding, record, transfer.POOL, background=background)
    theirs = found.genes(embedding, transfer.POOL)
    curves = transfer.kept(MODEL, found, theirs)
    for kind, title in (("domain", "Globin (IPR000971)"), ("family", annotation.families()["HBB"])):
        labels = annotation.labels(found.names, kind)
        near = transfer.near(mine, words(record), theirs, found.words, known=labels.known)
        (given,) = transfer.transfer(near, labels, curves[kind])
        assert given[0].label == title
        assert given[0].reliability > 0.5
        assert {found.names[e.gene] for e in given[0].evidence} >= {"HBB", "HBD"}


def test_copies_and_families_can_be_left_out() -> None:
    embedding = checkpoint.load(MODEL)
    found = reference_file.load(beside.genes(MODEL), embedding)
    rows = np.array(
        [found.names.index(name) for name in ("HBB", "HBD", "HBE1", "MB", "AATF", "AARS2")]
    )
    genes = found.genes(embedding, transfer.POOL)
    some = embed.GeneEmbedding(
        tuple(found.names[row] for row in rows), genes.vectors[rows], genes.kmers_used[rows],
        genes.kmers_unknown[rows], genes.config,
    )  # fmt: skip
    assert found.words is not None
    own, known = found.words[rows], np.ones(6, bool)
    alone = transfer.near(some, own, some, own, known=known, apart=True)
    for one in alone.values():
        rest = one.indices[:, :5]
        assert not (rest == np.arange(6)[:, None]).any()
    families = np.array([0, 0, 0, 0, 1, 2])
    apart = transfer.near(some, own, some, own, known=known, apart=True, families=families)
    assert set(apart["vectors"].indices[0, :2].tolist()) == {4, 5}


def test_the_calibration_of_a_model_survives_its_file(tmp_path: Path) -> None:
    made, facts = transfer.load(beside.transfer(MODEL))
    assert set(made) == set(annotation.KINDS)
    path = tmp_path / "x.transfer.json"
    transfer.save(path, made, **facts)
    assert json.loads(path.read_text()) == json.loads(beside.transfer(MODEL).read_text())
    path.write_text(path.read_text()[:-40])
    with pytest.raises(CheckpointError, match=r"x\.transfer\.json: no calibration"):
        transfer.load(path)


def test_genes_that_are_not_annotated_cannot_be_calibrated() -> None:
    embedding = checkpoint.load(MODEL)
    few = reference.from_sequences(embedding, fasta.read(GENES))
    with pytest.raises(QueryError, match="fewer than 200 of the reference genes are annotated"):
        transfer.calibrations(few, few.genes(embedding, transfer.POOL))
