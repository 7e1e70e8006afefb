"""The commands `motifs scan`, `kmers`, `clusters`, `sets`, `discover`, `show` and `library`."""

import argparse
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from bioskipgram.config import ScanConfig
from bioskipgram.errors import ConfigError, QueryError
from bioskipgram.groups.names import describe
from bioskipgram.model import checkpoint
from bioskipgram.motifs.enrichment import (
    SHUFFLES,
    between,
    hits_in_shuffles,
    in_clusters,
    null_of,
    shuffle_p,
)
from bioskipgram.motifs.files import read_motifs
from bioskipgram.motifs.hit_files import bed_text, csv_text, gff3_text
from bioskipgram.motifs.library import (
    Entry,
    asked_for,
    entries,
    find,
    kmer_matches,
    kmer_shares,
)
from bioskipgram.motifs.scan import Hits, Scanner
from bioskipgram.sequences.alphabet import DNA
from bioskipgram.sequences.shuffle import KINDS, shuffle

from .console import bar, log
from .discover import DISCOVER, add_discover
from .keep import own_clusters
from .output import print_table, write_text
from .parser import Parser, add_command, add_config, add_rows, add_run, add_sequences, config_of
from .records import read_records

WRITERS = {"csv": csv_text, "bed": bed_text, "gff3": gff3_text}


def scan(options: argparse.Namespace) -> None:
    """Print or write the hits of motifs in sequences, or their numbers and those by chance."""
    scanner, chosen = _scanner(options, options.sequences), _chosen(options)
    found = [
        scanner.search(one.pattern) if one.motif is None else scanner.scan(one.motif)
        for one in _drawn(chosen)
    ]
    for hits in found[:5]:
        if hits.note:
            log(hits.note)
    if options.form == "summary":
        print_table(_summary(options, scanner, chosen, found), as_json=options.json)
        return
    write_text(options.out, WRITERS[options.form](found))


def kmers(options: argparse.Namespace) -> None:
    """Print a model's k-mers that match a motif, best first."""
    vocabulary = checkpoint.load(options.model).vocabulary
    one = asked_for(options.motif)
    found = kmer_matches(one, vocabulary, both=options.both)
    shares = found.shares
    order = np.argsort(-shares, kind="stable")
    order = order[shares[order] >= _least(options)][: options.n or None]
    if not len(order):
        raise QueryError(
            f"{one.name}: no k-mer reaches {options.least} of the best score; give a lower --least"
        )
    rows = [
        {
            "kmer": vocabulary.texts[token],
            "score": round(float(found.whole[token]), 4),
            "covers": found.covered(token),
            "of_best": round(float(shares[token]), 4),
            "count": int(vocabulary.counts[token]),
        }
        for token in order
    ]
    print_table(rows, as_json=options.json)


def clusters(options: argparse.Namespace) -> None:
    """Print the clusters that have a motif's k-mers, compared with two kinds of chance."""
    embedding, one = checkpoint.load(options.model), asked_for(options.motif)
    found = own_clusters(embedding, options.model)
    least = _least(options)
    result = in_clusters(
        lambda v: kmer_shares(one, v, both=options.both) >= least,
        embedding.vocabulary, found.labels, shuffles=options.shuffles,
    )  # fmt: skip
    names = describe(embedding.vocabulary, found)
    rows = [
        {
            "cluster": c, "name": names[c].name, "kmers": int(result.sizes[c]),
            "hits": int(result.hits[c]), "odds": round(float(result.odds[c]), 2),
            "p": f"{result.p[c]:.2g}", "q": f"{result.q[c]:.2g}",
            "permuted": f"{result.permuted[c]:.2g}",
            "shuffled_hits": round(float(result.shuffled[c]), 1),
            "shuffled_p": f"{result.shuffled_p[c]:.2g}",
        }
        for c in np.argsort(result.p, kind="stable")[: options.n or None].tolist()
    ]  # fmt: skip
    print_table(rows, as_json=options.json)


def sets(options: argparse.Namespace) -> None:
    """Print the motifs that are enriched in sequences against others or shuffled ones."""
    scanner = _scanner(options, options.sequences)
    other = (
        _scanner(options, options.against)
        if options.against
        else Scanner(shuffle(scanner.sequences, seed=options.seed), scanner.config)
    )
    pairs = []
    for one in _drawn(_chosen(options)):
        if one.motif is None:
            pairs.append((scanner.search(one.pattern), other.search(one.pattern)))
        else:  # one background, and so one threshold
            log_odds = scanner.log_odds(one.motif)
            pairs.append((scanner.scan(log_odds), other.scan(log_odds)))
    rows = [asdict(row) for row in sorted(between(pairs), key=lambda row: row.p)]
    for row in rows:
        row |= {name: f"{row[name]:.3g}" for name in ("p", "q")}
    print_table(rows[: options.n or None], as_json=options.json)


def library(options: argparse.Namespace) -> None:
    """Print the motifs that ship, or those with some words in their name or description."""
    found = find(options.text)
    if not found:
        raise QueryError(f"{options.text!r} is in no motif's name or description")
    rows = [
        {
            "name": one.name, "kind": one.kind,
            "pattern": one.pattern or (one.motif.consensus if one.motif else ""),
            "about": one.about,
        }
        for one in found
    ]  # fmt: skip
    print_table(rows, as_json=options.json)


def show(options: argparse.Namespace) -> None:
    """Print the matrices of a file as they were read."""
    found = read_motifs(options.file, name=options.file.name)
    if options.json:
        rows = [
            {"name": one.name, "consensus": one.consensus, "shares": one.shares().round(9).tolist()}
            for one in found
        ]
    else:
        rows = [
            {"name": one.name, "columns": len(one), "consensus": one.consensus} for one in found
        ]
    print_table(rows, as_json=options.json)


def _chosen(options: argparse.Namespace) -> list[Entry]:
    """Return the motifs that the options name, at least one."""
    chosen = [asked_for(text) for text in options.motif]
    for path in options.matrix:
        for motif in read_motifs(path, name=path.name):
            chosen.append(Entry(motif.name, "matrix", path.name, "", motif))
    if options.jaspar:
        chosen += [one for one in entries().values() if one.kind == "JASPAR"]
    if not chosen:
        raise QueryError("no motif: give --motif NAME or PATTERN, --matrix FILE or --jaspar")
    return chosen


def _drawn(chosen: list[Entry]) -> Any:
    """Return the motifs behind a progress bar, which appears after a second."""
    return bar(chosen, delay=1, unit="motif")


def _scanner(options: argparse.Namespace, path: str) -> Scanner:
    return Scanner(read_records(path, DNA, strict=options.strict), config_of(options, ScanConfig))


def _summary(
    options: argparse.Namespace, scanner: Scanner, chosen: list[Entry], found: list[Hits]
) -> list[dict[str, Any]]:
    kind = null_of(scanner.sequences) if options.null == "auto" else options.null
    rows = []
    for one, hits in zip(chosen, found, strict=True):
        row = {
            "motif": one.name, "hits": len(hits),
            "expected": None if one.motif is None else round(hits.expected, 1),
            "records": len(np.unique(hits.records)), "of": len(hits.sequences),
        }  # fmt: skip
        if options.shuffles and one.motif is not None:
            mixed = hits_in_shuffles(scanner, one.motif, shuffles=options.shuffles, kind=kind)
            p = shuffle_p(len(hits), mixed, alternative="greater")
            row |= {
                "null": kind, "shuffled": round(float(mixed.mean()), 1),
                "sd": round(float(mixed.std()), 1), "p_more": p if options.json else f"{p:.2g}",
            }  # fmt: skip
        elif options.shuffles:
            row |= {"null": None, "shuffled": None, "sd": None, "p_more": None}
        rows.append(row)
    return rows


def _least(options: argparse.Namespace) -> float:
    if not 0 < options.least <= 1:
        raise ConfigError(f"least: {options.least} is outside 0 (exclusive) to 1")
    return float(options.least) - 1e-6


def add_motifs(parser: Parser) -> None:
    """Add the commands `motifs scan`, `motifs kmers` and so on."""
    add = partial(add_command, parser.add_subparsers(required=True, metavar="WHAT"))
    _add_scans(
        add("scan", "Where motifs are along sequences, on both strands, and how many by chance."),
        add("sets", "Motifs in more of some sequences than of others, or than of shuffled ones."),
    )
    for name, run, text in (
        ("kmers", kmers, "The k-mers of a model that match a motif."),
        ("clusters", clusters, "The clusters of a model richest in a motif's k-mers."),
    ):
        made = add(name, text)
        add_run(made, run)
        made.add_argument("motif", help="a name of the library, IUPAC codes, or /regex/")
        made.add_argument("--least", type=float, default=0.8, help="share of the best score")
        made.add_argument("--both", action="store_true", help="the other strand counts too")
        add_rows(made, 20)
    made.add_argument("--shuffles", type=int, default=100, help="of every k-mer's letters")
    add_discover(add("discover", DISCOVER))
    made = add("show", "The matrices of a file, as they were read.")
    add_run(made, show, model=False)
    made.add_argument("file", type=Path, help="JASPAR, MEME, TRANSFAC, or plain counts")
    made = add("library", "The motifs that ship.")
    add_run(made, library, model=False)
    made.add_argument("text", nargs="?", default="", help="words of the name or description")


def _add_scans(scanning: Parser, comparing: Parser) -> None:
    for parser, run in ((scanning, scan), (comparing, sets)):
        add_run(parser, run, model=False)
        add_sequences(parser, "FASTA, GenBank or EMBL, plain or gzipped")
        parser.add_argument(
            "--motif", action="append", default=[], help="a name of the library, IUPAC, or /regex/"
        )
        parser.add_argument(
            "--matrix", action="append", type=Path, default=[], help="JASPAR, MEME, TRANSFAC, plain"
        )
        parser.add_argument("--jaspar", action="store_true", help="JASPAR's whole human CORE")
        add_config(parser, ScanConfig, "scanning")
    scanning.add_argument("--form", choices=("summary", *WRITERS), default="summary")
    scanning.add_argument("--out", type=Path, help="where to write the hits")
    scanning.add_argument(
        "--shuffles", type=int, default=0, nargs="?", const=SHUFFLES, metavar="N",
        help=f"also count hits in N shuffles, {SHUFFLES:,} without a number; fewer if long",
    )  # fmt: skip
    scanning.add_argument(
        "--null", choices=("auto", *KINDS), default="auto",
        help="what shuffles keep; auto: codons of coding sequences, else dinucleotides",
    )  # fmt: skip
    comparing.add_argument("--against", help="the background; without it, the sequences shuffled")
    comparing.add_argument("--seed", type=int, default=1, help="of the shuffle")
    add_rows(comparing, 20)
