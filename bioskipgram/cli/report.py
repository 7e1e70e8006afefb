"""The commands `report` and `figure`: a model as one HTML file, or as a figure in print."""

import argparse
from pathlib import Path

from bioskipgram.model import notebook

from .output import print_values
from .parser import Parser, add_run

METHODS = ("tsne", "umap", "pca")


def report(options: argparse.Namespace) -> None:
    """Write a model's report."""
    words = [f"--method={options.method}", f"--select={options.select}"]
    _made(options, "report", words)


def figure(options: argparse.Namespace) -> None:
    """Write a model's map as a figure."""
    words = [f"--method={options.method}", f"--colour={options.colour}"]
    _made(options, "journal", [*words, f"--columns={options.columns}"])


def _made(options: argparse.Namespace, module: str, words: list[str]) -> None:
    notebook.draw(module, options.model, options.out, words)
    size = options.out.stat().st_size / 1e6
    print_values({"file": str(options.out), "MB": round(size, 2)}, as_json=options.json)


def add_report(parser: Parser) -> None:
    """Add the options of `report`."""
    add_run(parser, report)
    parser.add_argument("--out", type=Path, required=True, help="the HTML file")
    parser.add_argument("--method", choices=METHODS, default="tsne", help="the projection")
    parser.add_argument(
        "--select", metavar="PATTERN", default="", help="k-mers to light and describe, as CGN"
    )


def add_figure(parser: Parser) -> None:
    """Add the options of `figure`."""
    add_run(parser, figure)
    parser.add_argument("--out", type=Path, required=True, help="a name in .png, .svg or .pdf")
    parser.add_argument("--method", choices=METHODS, default="tsne", help="the projection")
    parser.add_argument("--colour", default="", help="as in the report, by default its first")
    parser.add_argument(
        "--columns", type=int, choices=(1, 2), default=1, help="of the page: 89 or 183 mm"
    )
