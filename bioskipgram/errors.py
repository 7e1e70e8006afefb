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


class BioSkipGramError(Exception):
    """The root: catch this to catch everything the package raises on purpose."""


class FastaError(BioSkipGramError, ValueError):
    """A sequence file (FASTA, GenBank, EMBL) that cannot be read."""


class ConfigError(BioSkipGramError, ValueError):
    """A setting outside its limits."""


class QueryError(BioSkipGramError, LookupError):
    """A question the embedding cannot answer."""


class CheckpointError(BioSkipGramError, ValueError):
    """A model file that cannot be read or written."""


class TrainingError(BioSkipGramError, RuntimeError):
    """A training run that cannot start or go on."""
