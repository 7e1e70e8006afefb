"""The command `motifs discover`: motifs of a cluster, or that tell two sets of sequences apart."""

import argparse
from pathlib import Path

from bioskipgram.errors import ConfigError
from bioskipgram.model import checkpoint
from bioskipgram.model.shipped import model_path
from bioskipgram.motifs import discriminative
from bioskipgram.motifs.discovery import compare, motif_of
from bioskipgram.motifs.library import jaspar
from bioskipgram.motifs.matrix import Motif
from bioskipgram.motifs.matrix_text import meme_text
from bioskipgram.sequences.alphabet import DNA

from .console import bar
from .keep import own_clusters
from .output import print_table, write_text
from .parser import Parser, add_number, add_rows, add_run, add_strict
from .records import read_records

DISCOVER = (
    "Motifs that more sequences of one file have than of another (without another: than of the "
    "same, dinucleotides shuffled), with p-values of held-out sequences; or, of a model and the "
    "number of one of its clusters, the cluster's matrix and the known motifs like it."
)


def discover(options: argparse.Namespace) -> None:
    """Print the motif of a cluster, or the motifs that sequences have more of than others."""
    if options.against.isdecimal():
        _of_cluster(options)
    else:
        _between(options)


def _between(options: argparse.Namespace) -> None:
    paths = [options.first, *([options.against] if options.against else [])]
    sets = [read_records(path, DNA, strict=options.strict) for path in paths]
    search = discriminative.discover(*sets, motifs=options.motifs)
    known, rows, motifs = jaspar(), [], []
    for one in bar(search, desc="motifs", unit="motif", leave=False, disable=None):
        matches = compare(one.motif, known, measure=options.measure)
        motifs.append(one.motif)
        rows.append(
            {
                "motif": one.motif.consensus, "sites": one.sites, "of": one.size,
                "against": one.others, "of_those": one.other_size, "p": f"{one.p:.2g}",
                "held_out": f"{one.held_sites}/{one.held_size}",
                "held_out_against": f"{one.held_others}/{one.held_other_size}",
                "significant": one.significant, "threshold": round(one.threshold, 2),
                "known": known[matches.targets[0]].name, "known_p": f"{matches.p[0]:.2g}",
            }
            | ({"shares": one.motif.shares().round(4).tolist()} if options.json else {})
        )  # fmt: skip
    _write(options.out, motifs)
    if rows or options.json:
        print_table(rows, as_json=options.json)


def _of_cluster(options: argparse.Namespace) -> None:
    model, cluster = model_path(options.first), int(options.against)
    embedding = checkpoint.load(model)
    found = own_clusters(embedding, model)
    if not 0 <= cluster < len(found):
        raise ConfigError(f"cluster: {cluster} is outside 0 to {len(found) - 1}")
    motif = motif_of(embedding, found.members(cluster), name=f"cluster {cluster}")
    known = jaspar()
    matches = compare(motif, known, measure=options.measure)
    _write(options.out, [motif])
    rows = [
        {
            "motif": motif.consensus, "known": known[matches.targets[i]].name,
            "consensus": known[matches.targets[i]].consensus,
            "score": round(float(matches.scores[i]), 3), "overlap": int(matches.overlaps[i]),
            "offset": int(matches.offsets[i]), "strand": "+" if matches.strands[i] > 0 else "-",
            "p": f"{matches.p[i]:.2g}", "q": f"{matches.q[i]:.2g}",
        }
        for i in range(min(options.n or len(matches), len(matches)))
    ]  # fmt: skip
    print_table(rows, as_json=options.json)


def _write(path: Path | None, motifs: list[Motif]) -> None:
    if path and motifs:
        write_text(path, meme_text([(one.name, one.weights) for one in motifs]))


def add_discover(parser: Parser) -> None:
    """Add the options of `motifs discover`."""
    add_run(parser, discover, model=False)
    parser.add_argument("first", help="sequences, or a model")
    parser.add_argument(
        "against", nargs="?", default="", help="sequences to tell apart, or a cluster's number"
    )
    parser.add_argument("--measure", choices=("pearson", "sandelin-wasserman"), default="pearson")
    add_number(parser, "--motifs", 5, "most significant motifs")
    parser.add_argument("--out", type=Path, help="where to write the matrices, as MEME text")
    add_rows(parser, 10)
    add_strict(parser)
