"""Every error this package raises on purpose.

::

    BioSkipGramError
    ├── FastaError        (ValueError)    a sequence file that cannot be read
    ├── ConfigError       (ValueError)    a setting outside its limits
    ├── QueryError        (LookupError)   a question the embedding cannot answer
    ├── CheckpointError   (ValueError)    a model file that cannot be read or written
    └── TrainingError     (RuntimeError)  a training run that cannot start or go on

A message says what, where, what was found, what is allowed and the cure. The command line
prints it on one line and exits with 2; the dashboard shows it where the page would be.
"""

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
