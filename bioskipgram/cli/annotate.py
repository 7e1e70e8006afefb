"""The command `annotate`: labels of the nearest reference genes, with how often they are right."""

import argparse
from typing import Any

import numpy as np

from bioskipgram.errors import QueryError
from bioskipgram.genes import embed as embed_module
from bioskipgram.genes import transfer
from bioskipgram.genes.annotation import KINDS, labels
from bioskipgram.genes.gene_map import reference_for
from bioskipgram.genes.summary import GeneSummary, summaries
from bioskipgram.genes.transfer import Transferred
from bioskipgram.genes.words import words
from bioskipgram.model import checkpoint
from bioskipgram.model.shipped import model_path
from bioskipgram.tables import harmless

from .console import log
from .genes import read_genes
from .output import print_table
from .parser import Parser, add_run, add_sequences


def annotate(options: argparse.Namespace) -> None:
    """Print the labels that each record takes from its nearest reference genes."""
    embedding = checkpoint.load(options.model)
    sequences = read_genes(embedding, options.sequences, strict=options.strict)
    reference, _ = reference_for(options.model, embedding)
    if reference.words is None:
        raise QueryError("the reference genes were made by version 0.1; make them again")
    background = reference.background(embedding, transfer.POOL)
    theirs = reference.genes(embedding, transfer.POOL, background=background)
    made = embed_module.embed(embedding, sequences, transfer.POOL, background=background)
    own, rows = words(sequences), list[dict[str, Any]]()
    if options.summary:
        every = np.ones(len(reference), np.bool_)
        found = transfer.near(made, own, theirs, reference.words, known=every)
        told = summaries(made.names, found, reference.names)
        print_table([_summary(one) for one in told], as_json=options.json)
        return
    curves = transfer.kept(options.model, reference, theirs)
    for kind in KINDS if options.kind == "all" else (options.kind,):
        known = labels(reference.names, kind)
        found = transfer.near(made, own, theirs, reference.words, known=known.known)
        least = {"method": options.votes, "least": options.least}
        each = transfer.transfer(found, known, curves[kind], **least)
        for name, given in zip(made.names, each, strict=True):
            rows += [_row(name, kind, one, reference.names, options) for one in given[: options.n]]
    if not rows:
        log(f"no label reaches a reliability of {options.least:g}; give a lower --least")
        return
    order = {name: i for i, name in enumerate(made.names)}
    rows.sort(key=lambda row: order[row["record"]])
    print_table(rows, as_json=options.json)


def _row(
    name: str, kind: str, one: Transferred, genes: tuple[str, ...], options: argparse.Namespace
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "record": harmless(name), "kind": kind, "label": one.label,
        "reliability": round(one.reliability, 3),
    }  # fmt: skip
    if options.json:
        evidence = [
            {"gene": genes[e.gene], "measure": e.measure, "score": round(e.score, 4)}
            for e in one.evidence
        ]
        return row | {"evidence": evidence}
    shown = (f"{genes[e.gene]} ({e.measure} {e.score:.2f})" for e in one.evidence[:3])
    more = f" and {len(one.evidence) - 3} more" if len(one.evidence) > 3 else ""
    return row | {"evidence": ", ".join(shown) + more}


def _summary(one: GeneSummary) -> dict[str, Any]:
    row: dict[str, Any] = {"record": harmless(one.name)}
    for measure, nearest in one.nearest.items():
        row[measure] = f"{nearest.gene} {nearest.score:.2f}"
    return row | {"agreement": one.agreement, "related": one.related, "summary": one.sentence}


def add_annotate(parser: Parser) -> None:
    """Add the options of `annotate`."""
    add_run(parser, annotate, model=False)
    add_sequences(parser, "coding sequences: FASTA, GenBank or EMBL, plain or gzipped")
    parser.add_argument("--model", type=model_path, required=True, help="a model file, or its name")
    parser.add_argument(
        "--summary", action="store_true",
        help="instead of labels, the gene nearest by each measure, and whether they agree",
    )  # fmt: skip
    parser.add_argument("--kind", choices=("all", *KINDS), default="all", help="labels")
    parser.add_argument(
        "--votes", choices=tuple(transfer.METHODS), default="together",
        help="whose neighbours give labels: those by vectors, by Mash, by protein words, or by "
        "vectors and protein words together",
    )  # fmt: skip
    parser.add_argument("--least", type=float, default=0.1, help="lowest reliability")
    parser.add_argument("-n", type=int, default=3, help="most labels of a kind for each record")
