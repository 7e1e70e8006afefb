"""The command line: which commands there are and what they take. `commands` does the work."""

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from .commands import genes, models, motifs, sequences, similarity, train, variants
from .config import SAVE_EVERY, Config, PoolConfig, ProjectionConfig, TrainConfig
from .errors import BioSkipGramError
from .version import __version__


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 2 on bad input, 130 when interrupted."""
    options = _parser().parse_args(arguments)
    try:
        options.command(options)
        print(end="", flush=True)  # noqa: T201 - here, where a closed pipe is caught
    except BioSkipGramError as error:
        _complain(str(error))
        return 2
    except KeyboardInterrupt:
        _complain("interrupted")
        return 130
    except BrokenPipeError:  # the reader (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _complain(text: str) -> None:
    with contextlib.suppress(OSError):  # a log on a full disk
        print(f"bioskipgram: {text}", file=sys.stderr)  # noqa: T201


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bioskipgram", description="Learn vectors for DNA k-mers by skip-gram; ask them."
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_train(subparsers)
    _add_neighbors(subparsers)
    _add_similar(subparsers)
    _add_compare_models(subparsers)
    _add_concatenation(subparsers)
    _add_project(subparsers)
    _add_info(subparsers)
    _add_quality(subparsers)
    _add_motifs(subparsers)
    _add_variants(subparsers)
    _add_index(subparsers)
    _add_where(subparsers)
    _add_embed(subparsers)
    _add_compare(subparsers)
    _add_reference(subparsers)
    return parser


def _add_train(subparsers: Any) -> None:
    text = "Learn vectors from a FASTA, GenBank or EMBL file, plain or gzipped."
    parser = _command(subparsers, "train", train.train, text)
    parser.add_argument("sequences", help="the file of sequences")
    parser.add_argument("--out", type=Path, help="where to write the model (.safetensors)")
    parser.add_argument("--run", type=Path, help="a folder to record the run in, with its model")
    parser.add_argument("--title", default="", help="what to call the sequences")
    parser.add_argument("--half", action="store_true", help="store the vectors as float16")
    parser.add_argument(
        "--layouts", action="store_true", help="also lay out the map (PCA, t-SNE) and find clusters"
    )
    parser.add_argument("--json", action="store_true", help="print the model's history as JSON")
    _add_going_on(parser)
    _add_config(parser, TrainConfig, "settings")


def _add_going_on(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on from the state that an unfinished run left beside its model",
    )
    parser.add_argument(
        "--save-every", type=_seconds, default=SAVE_EVERY, metavar="SECONDS",
        help="how often to save the state that --resume goes on from",
    )  # fmt: skip
    parser.add_argument(
        "--index", action="store_true",
        help="also keep the sequences beside the model, so that k-mers can be traced to them",
    )  # fmt: skip
    parser.add_argument(
        "--estimate", action="store_true", help="print the memory and the time needed; do not train"
    )


def _seconds(text: str) -> float:
    if not (value := float(text)) >= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not 0 or more seconds")
    return value


def _add_neighbors(subparsers: Any) -> None:
    text = "The k-mers nearest to a k-mer, or to the mean of a longer sequence's k-mers."
    parser = _command(subparsers, "neighbors", models.neighbors, text)
    _add_model(parser)
    parser.add_argument("query", nargs="+", help="k-mers or longer sequences")
    parser.add_argument("-n", type=int, default=10, help="how many")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _add_similar(subparsers: Any) -> None:
    text = (
        "The k-mers nearest to a k-mer, a pattern (IUPAC, or a /regex/: the mean of all that "
        "match), a sequence, or a sum of several; each with its relation to the nearest term."
    )
    parser = _command(subparsers, "similar", similarity.similar, text)
    _add_model(parser)
    parser.add_argument("query", nargs="+", help="what to add up; often just one")
    parser.add_argument("--minus", nargs="+", default=[], help="what to take away")
    parser.add_argument("-n", type=int, default=10, help="how many")
    parser.add_argument(
        "--hide", nargs="+", default=[], metavar="RELATION",
        help="relations to leave out: shift, substitution, extension, synonymous, other",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print JSON")


def _add_compare_models(subparsers: Any) -> None:
    text = (
        "How far two models agree on the k-mers both know: the residual of the best rotation and "
        "the neighbours they share, beside what chance gives."
    )
    parser = _command(subparsers, "compare-models", similarity.compare_models, text)
    _add_model(parser)
    parser.add_argument("other", type=Path, help="another model file")
    parser.add_argument("-n", type=int, default=10, help="how many neighbours to compare")
    parser.add_argument(
        "--sample", type=_count, default=4096, help="how many k-mers, drawn at random, to compare"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def _count(text: str) -> int:
    if (value := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not 1 or more")
    return value


def _add_concatenation(subparsers: Any) -> None:
    text = (
        "How often the sum of two words' vectors is near the word that joins them (Ng 2017), "
        "beside a partner from another pair and shuffled vectors."
    )
    parser = _command(subparsers, "concatenation", similarity.concatenation, text)
    _add_model(parser)
    parser.add_argument("-n", type=int, default=10, help="the last rank that counts as near")
    parser.add_argument("--sample", type=_count, default=500, help="pairs of each length")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _add_project(subparsers: Any) -> None:
    text = "Lay a model's k-mers out as a map and cluster them; both are kept beside the model."
    parser = _command(subparsers, "project", models.project, text)
    _add_model(parser)
    parser.add_argument("--tsv", type=Path, help="also write the points as a table")
    parser.add_argument("--json", action="store_true", help="print what was made as JSON")
    _add_config(parser, ProjectionConfig, "layout")
    parser.add_argument("--cluster", choices=("kmeans", "hdbscan"), help="also find clusters")
    parser.add_argument("--clusters", type=int, default=0, help="k-means: how many; 0 = by size")
    parser.add_argument("--no-layout", action="store_true", help="only find clusters")
    parser.add_argument(
        "--status", type=Path, metavar="FILE",
        help="tell in a file how far it is, run at low priority, and wait while another does so",
    )  # fmt: skip


def _add_info(subparsers: Any) -> None:
    parser = _command(
        subparsers, "info", models.info, "What a model is and what it was trained on."
    )
    _add_model(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")


def _add_quality(subparsers: Any) -> None:
    text = (
        "Measure a model, each number beside its nulls. With the training sequences, the same "
        "settings are trained on shuffled ones for the null that matters."
    )
    parser = _command(subparsers, "quality", models.quality, text)
    _add_model(parser)
    parser.add_argument("sequences", nargs="?", help="the sequences it was trained on")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _add_motifs(subparsers: Any) -> None:
    text = "Patterns and matrices: along sequences, among k-mers and clusters; the library."
    parser = subparsers.add_parser("motifs", help=text, description=text)
    inner = parser.add_subparsers(required=True, metavar="WHAT")
    _add_motif_scan(inner)
    for name, run, text in (
        ("kmers", motifs.kmers, "The k-mers of a model that match a motif."),
        ("clusters", motifs.clusters, "The clusters of a model richest in a motif's k-mers."),
    ):
        parser = _command(inner, name, run, text)
        _add_model(parser)
        parser.add_argument("motif", help="a name of the library, IUPAC codes, or /regex/")
        parser.add_argument("--least", type=float, default=0.8, help="share of the best score")
        parser.add_argument("--both", action="store_true", help="the other strand counts too")
        _add_rows(parser, 20)
    parser.add_argument("--shuffles", type=int, default=100, help="of every k-mer's letters")
    parser = _command(
        inner, "discover", motifs.discover, "A cluster's matrix, and the known motifs like it."
    )
    _add_model(parser)
    parser.add_argument("cluster", type=int, help="the cluster's number")
    parser.add_argument("--measure", choices=("pearson", "sandelin-wasserman"), default="pearson")
    parser.add_argument("--out", type=Path, help="where to write the matrix, as MEME text")
    _add_rows(parser, 10)
    parser = _command(inner, "library", motifs.library, "The motifs that ship.")
    parser.add_argument("text", nargs="?", default="", help="words of the name or description")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _add_motif_scan(inner: Any) -> None:
    from .motifs.hits import ScanConfig

    text = "Where motifs are along sequences, on both strands, and how many chance would give."
    scan = _command(inner, "scan", motifs.scan, text)
    text = "Motifs in more of some sequences than of others, or than of shuffled ones."
    sets = _command(inner, "sets", motifs.sets, text)
    for parser in (scan, sets):
        parser.add_argument("sequences", help="FASTA, GenBank or EMBL, plain or gzipped")
        parser.add_argument(
            "--motif", action="append", default=[], help="a name of the library, IUPAC, or /regex/"
        )
        parser.add_argument(
            "--matrix", action="append", type=Path, default=[], help="JASPAR, MEME, TRANSFAC, plain"
        )
        parser.add_argument("--jaspar", action="store_true", help="JASPAR's whole human CORE")
        _add_config(parser, ScanConfig, "scanning")
    scan.add_argument("--form", choices=("summary", "csv", "bed", "gff3"), default="summary")
    scan.add_argument("--out", type=Path, help="where to write the hits")
    scan.add_argument("--shuffles", type=int, default=0, help="also count hits in shuffles")
    scan.add_argument("--json", action="store_true", help="print the summary as JSON")
    sets.add_argument("--against", help="the background; without it, the sequences shuffled")
    sets.add_argument("--seed", type=int, default=1, help="of the shuffle")
    _add_rows(sets, 20)


def _add_rows(parser: argparse.ArgumentParser, rows: int) -> None:
    parser.add_argument("-n", type=int, default=rows, help="most rows; 0 = all")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _add_variants(subparsers: Any) -> None:
    text = (
        "What changes of coding sequences do: to the protein, and to the k-mers around them as a "
        "model sees it. The score is association of contexts, not pathogenicity."
    )
    parser = _command(subparsers, "variants", variants.variants, text)
    _add_model(parser)
    parser.add_argument(
        "variant", nargs="*", help="HGVS coding changes, such as HBB:c.20A>T or HBB:c.20_22del"
    )
    parser.add_argument("--file", type=Path, help="a VCF over the sequences, or a list; or .gz")
    parser.add_argument("--sequences", help="coding sequences; by default the genes that ship")
    parser.add_argument("--gene", help="which record is meant where a variant does not say")
    parser.add_argument("--all", action="store_true", help="every substitution of the gene")
    parser.add_argument(
        "--null", type=_flag, nargs="?", const=True, default=True, metavar="YES",
        help="give percentiles among substitutions alike in reference genes",
    )  # fmt: skip
    parser.add_argument("--tsv", type=Path, help="write a table")
    parser.add_argument("--vcf", type=Path, help="write a VCF with the scores as INFO fields")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _add_index(subparsers: Any) -> None:
    text = "Keep sequences beside a model, packed, so that its k-mers can be traced to them."
    parser = _command(subparsers, "index", sequences.index, text)
    _add_model(parser)
    parser.add_argument("sequences", help="the file of sequences")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _add_where(subparsers: Any) -> None:
    text = "Where a k-mer or any other word stands in sequences: records, strands and frames."
    parser = _command(subparsers, "where", sequences.where, text)
    parser.add_argument("model", help="a model file (.safetensors), or a length k for DNA")
    parser.add_argument("kmer", help="the word, of any length")
    parser.add_argument(
        "sequences", nargs="?", help="the file of sequences; without it, those kept by index"
    )
    parser.add_argument("-n", type=int, default=20, help="how many places to list")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _add_embed(subparsers: Any) -> None:
    text = (
        "One vector for each record of a file, as TSV, npz or h5ad. The reference genes beside "
        "the model say what all genes share; Ctrl-C keeps the records done so far."
    )
    parser = _command(subparsers, "embed", genes.embed, text)
    _add_genes(parser)
    parser.add_argument(
        "--out", type=Path, required=True, help="where to: a name in .tsv, .npz or .h5ad"
    )


def _add_compare(subparsers: Any) -> None:
    text = "The reference genes nearest to each record, and the records' distances and tree."
    parser = _command(subparsers, "compare", genes.compare, text)
    _add_genes(parser)
    parser.add_argument("-n", type=int, default=10, help="how many reference genes a record")
    parser.add_argument("--matrix", type=Path, help="write the records' distances as TSV")
    parser.add_argument("--newick", type=Path, help="write the records' tree as Newick")
    parser.add_argument(
        "--distance", default="cosine", choices=("cosine", "mash", "jaccard", "kmers"),
        help="cosine = 1 - cosine of the vectors; the others need no vectors: mash = Mash "
        "distance, jaccard = of the sets of k-mers, kmers = 1 - cosine of their counts",
    )  # fmt: skip
    parser.add_argument(
        "--tree", default="nj", choices=("nj", "upgma"), help="neighbour joining or UPGMA"
    )


def _add_reference(subparsers: Any) -> None:
    text = "Count the k-mers of named genes: those that a model names as nearest."
    parser = _command(subparsers, "reference", genes.reference, text)
    _add_model(parser)
    parser.add_argument("sequences", help="the file of named genes")
    parser.add_argument("--out", type=Path, help="where to; by default beside the model")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _add_genes(parser: argparse.ArgumentParser) -> None:
    """Give the parser what `embed` and `compare` share."""
    _add_model(parser)
    parser.add_argument("sequences", help="the file of records")
    parser.add_argument(
        "--reference", type=Path,
        help="reference genes: a .genes.safetensors file or sequences; by default those beside "
        "the model",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print JSON")
    _add_config(parser, PoolConfig, "pooling")


def _command(subparsers: Any, name: str, run: Any, text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        name, help=text, description=text, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.set_defaults(command=run)
    return parser


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, help="a model file (.safetensors)")


def _add_config(parser: argparse.ArgumentParser, config: type[Config], title: str) -> None:
    """Give the parser one option per field of a configuration."""
    group = parser.add_argument_group(title)
    for spec in fields(config):  # type: ignore[arg-type]
        kind = _flag if isinstance(spec.default, bool) else type(spec.default)
        group.add_argument(
            f"--{spec.name.replace('_', '-')}",
            type=kind,
            default=spec.default,
            choices=spec.metadata["choices"] or None,
            metavar=None if spec.metadata["choices"] else "N",
            help=spec.metadata["help"].replace("%", "%%"),
            nargs="?" if kind is _flag else None,
            const=True if kind is _flag else None,
        )


def _flag(text: str) -> bool:
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if text.lower() not in words:
        raise argparse.ArgumentTypeError(f"{text!r} is neither true nor false")
    return words[text.lower()]
