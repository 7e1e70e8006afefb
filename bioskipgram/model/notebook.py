"""A model in a notebook: its map as HTML, and what it is in a table.

The map is drawn by the dashboard, which this package does not import but starts as a process.
"""

import html
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bioskipgram.errors import BioSkipGramError

from . import checkpoint, shipped

if TYPE_CHECKING:
    from .embedding import KmerEmbedding


def draw(module: str, model: Path, out: Path, words: Sequence[str]) -> None:
    """Run a module of the dashboard that draws a model into a file.

    A BioSkipGramError with what it said if it fails.
    """
    path = os.pathsep.join(filter(None, [str(shipped.ROOT), os.environ.get("PYTHONPATH", "")]))
    done = subprocess.run(
        [sys.executable, "-m", f"dashboard.shared.{module}", str(model), f"--out={out}", *words],
        env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise BioSkipGramError(last[0].removeprefix("bioskipgram: "))


@dataclass(frozen=True)
class Page:
    """An HTML page, shown by a notebook in a frame of its own."""

    html: str
    height: int

    def _repr_html_(self) -> str:
        text = html.escape(self.html, quote=True)
        return (
            f'<iframe srcdoc="{text}" sandbox="allow-scripts" style="width: 100%; border: 0" '
            f'height="{self.height}"></iframe>'
        )

    def save(self, path: str | Path) -> None:
        """Write the page as a file that any browser opens."""
        Path(path).write_text(self.html, "utf-8")


def show(
    model: "str | Path | KmerEmbedding",
    *,
    method: str = "tsne",
    select: str = "",
    height: int = 560,
) -> Page:
    """Return the map of a model, which a notebook draws: lasso, click, colours, legend.

    Parameters
    ----------
    model
        A loaded model, a model file, or the name of a model that ships.
    method
        "tsne", "umap" or "pca".
    select
        A pattern whose k-mers are lit.
    height
        Of the map, in pixels.

    Raises
    ------
    BioSkipGramError
        If the model or the pattern cannot be used, or a package is missing.

    Examples
    --------
    >>> page = show("human-cds-codon", method="pca")
    >>> page.html[:15], "fetch(" in page.html
    ('<!doctype html>', False)
    """
    words = [f"--method={method}", f"--select={select}", f"--height={height}", "--map-only"]
    with tempfile.TemporaryDirectory() as folder:
        if isinstance(model, str | Path):
            path = shipped.model_path(model)
        else:
            path = checkpoint.save(model, Path(folder, "model.safetensors"))
        out = Path(folder, "map.html")
        draw("report", path, out, words)
        return Page(out.read_text("utf-8"), height + 150)
