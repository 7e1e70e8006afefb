"""Skip-gram vectors for the k-mers of DNA, RNA and protein.

The words this package uses, each for one thing:

base code
    ``uint8``; 0-3 = A C G T, 4 = anything else. Protein: 0-19 in alphabetical order, 20.
k-mer code
    ``int64``; the k-mer in base 4 (protein: 20), first base most significant, so numeric order is
    alphabetical order. -1 = no k-mer here.
token
    ``int32``; a position in a vocabulary. -1 = no token here.
sentence
    A run of k-mers that no record's end and no unknown base interrupts.
center, context
    The two vectors of a k-mer: as the middle of a window, and as one of its surroundings.

Sizes: L bases, R records, T tokens, S sentences, V vocabulary, D dimensions, B batch,
N negatives, Q queries.

The names below are loaded when first used, so that ``import bioskipgram`` costs nothing.
"""

import os
from importlib import import_module
from typing import Any

__version__ = "0.2.0"

# Threads that wait by spinning made t-SNE and training up to twenty times slower while another
# program had a core: let them sleep. Set before scikit-learn or torch load OpenMP.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

_HOME = {
    "GENES": "sequences.shipped",
    "KmerEmbedding": "model.embedding",
    "KmerEmbeddingVectorizer": "genes.vectorizer",
    "KmerTokenizer": "kmers.tokenizer",
    "ProjectionConfig": "config",
    "SAMPLE": "sequences.shipped",
    "Sequences": "sequences.sequences",
    "TrainConfig": "config",
    "Training": "training.trainer",
    "Vocabulary": "kmers.vocabulary",
    "load": "model.checkpoint",
    "project": "projection.projection",
    "read": "sequences.fasta",
    "save": "model.checkpoint",
    "show": "model.notebook",
}

__all__ = ["__version__", *sorted(_HOME)]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .errors import optional_packages

    with optional_packages():
        return getattr(import_module(f".{_HOME[name]}", __name__), name)
