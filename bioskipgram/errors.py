"""Every error this package raises on purpose.

::

    BioSkipGramError
    ├── FastaError        (ValueError)    a sequence file that cannot be read
    ├── ConfigError       (ValueError)    a setting outside its limits
    ├── QueryError        (LookupError)   a question the embedding cannot answer
    ├── CheckpointError   (ValueError)    a model file that cannot be read or written
    ├── MissingPackage    (ImportError)   an optional package that is not installed
    └── TrainingError     (RuntimeError)  a training run that cannot start or go on

A message says what, where, what was found, what is allowed and the cure. The command line
prints it on one line and exits with 2; the dashboard shows it where the page would be.
"""

from collections.abc import Iterator
from contextlib import contextmanager

EXTRAS = {
    "torch": "train", "umap": "maps", "openTSNE": "maps",
    "graspologic_native": "maps", "anndata": "h5ad", "pyarrow": "parquet",
    "matplotlib": "figures",
    "PIL": "app", "pandas": "app", "plotly": "app", "streamlit": "app",
}  # fmt: skip
"""The optional packages, by the names they are imported by, and the extra that brings each."""
MAX_MESSAGE = 300
"""The most characters of a message."""


def one_line(text: str, most: int = MAX_MESSAGE) -> str:
    """Return text without control characters and line ends, its middle left out if it is long."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
        text = " ".join(text.split())
    if len(text) <= most:
        return text
    end = most // 3
    return f"{text[: most - end - 3]} … {text[-end:]}"


class BioSkipGramError(Exception):
    """The root: catch this to catch everything the package raises on purpose."""

    def __init__(self, message: object = "") -> None:
        super().__init__(one_line(str(message)))


class FastaError(BioSkipGramError, ValueError):
    """A sequence file (FASTA, GenBank, EMBL) that cannot be read."""


class ConfigError(BioSkipGramError, ValueError):
    """A setting outside its limits."""


class QueryError(BioSkipGramError, LookupError):
    """A question the embedding cannot answer."""


class CheckpointError(BioSkipGramError, ValueError):
    """A model file that cannot be read or written."""


class TrainingError(BioSkipGramError, RuntimeError):
    """A training run that cannot start or continue."""


class MissingPackage(BioSkipGramError, ImportError):  # noqa: N818 - what is missing, not a fault
    """An optional package that is not installed."""


@contextmanager
def optional_packages() -> Iterator[None]:
    """Turn a failed import of an optional package inside into a MissingPackage.

    Examples
    --------
    >>> with optional_packages():
    ...     raise ModuleNotFoundError("no torch", name="torch.nn")
    Traceback (most recent call last):
    ...
    bioskipgram.errors.MissingPackage: this needs the package torch, which is not installed; \
install it with: pip install "bioskipgram[train]"
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in EXTRAS:
            raise
        raise MissingPackage(
            f"this needs the package {package}, which is not installed; "
            f'install it with: pip install "bioskipgram[{EXTRAS[package]}]"'
        ) from error
