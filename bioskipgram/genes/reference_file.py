"""Reference genes <-> a file beside the model.

One safetensors file ``<model>.genes.safetensors``, sealed, of format "bioskipgram-genes/2".
``gaps`` and ``counts`` (uint8[entries]) hold the sparse counts as `packing.packed` says, ``words``
(uint16) and ``protein_words`` (uint8) the sets of words as `packing.gaps_of` says. ``unknown`` and
``lengths`` (int64[R]) are as in `Reference`; ``pairs`` (uint8[R, D']) as in `GeneCounts` once
multiplied by ``steps`` and added to ``lows`` (float32[D']). The header holds ``genes`` (JSON:
names, ids, sources, kmers, sketch) and ``model`` (the model's digest). A file of version 0.1,
"bioskipgram-genes/1", has no words.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bioskipgram.errors import CheckpointError
from bioskipgram.files import FileKind, read_tensors
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.numerics.arrays import State

from .counts import PAIR_DIMENSIONS, PAIR_LAGS, GeneCounts
from .packing import gaps_of, keys_of, packed, restored, rounded, unpacked
from .reference import Reference
from .words import DNA_WORDS, PROTEIN_WORDS, Words, WordSets

FORMAT = "bioskipgram-genes/2"
MAX_KMERS = 20**6
"""The most k-mers of a tokenizer."""
_TENSORS = ("counts", "gaps", "lengths", "lows", "pairs", "steps", "unknown")
_CURE = "make the reference genes with: bioskipgram reference MODEL genes.fa"
GENES = FileKind(
    format=FORMAT, cure=_CURE, facts=("genes", "model"),
    tensors=(*sorted((*_TENSORS, "protein_words", "words")),),
)  # fmt: skip
GENES_1 = replace(GENES, format="bioskipgram-genes/1", tensors=_TENSORS)


def save(reference: Reference, path: Path) -> Path:
    """Write reference genes, whole or not at all (CheckpointError), and return the path."""
    gaps, counted = packed(reference.counts)
    tensors: State = {
        "gaps": gaps,
        "counts": counted,
        "unknown": reference.counted.unknown,
        "lengths": reference.lengths,
    }
    tensors["pairs"], tensors["lows"], tensors["steps"] = rounded(reference.counted.pairs)
    genes: dict[str, Any] = {"kmers": reference.counts.shape[1]}
    genes |= {name: list(getattr(reference, name)) for name in ("names", "ids", "sources")}
    kind, words = GENES_1, reference.words
    if words is not None:
        kind = GENES
        genes |= {"sketch": 0 if words.dna is None else _sketched(words.dna)}
        dna = np.zeros(0, np.int64) if words.dna is None else words.dna.keys
        tensors["words"] = gaps_of(dna, np.uint16)
        tensors["protein_words"] = gaps_of(words.protein.keys, np.uint8)
    kind.write(path, tensors, genes=json.dumps(genes), model=reference.model)
    return path


def _sketched(sets: WordSets) -> int:
    """Return the number of words below which a record has all of its words in the sets."""
    return int(sets.sizes.max(initial=0)) + sets.complete


def load(path: Path, embedding: KmerEmbedding | None = None) -> Reference:
    """Return the reference genes in a file, of `embedding` or (None) of any model.

    A file that is missing, damaged, of another format or model raises a CheckpointError.
    """
    path = Path(path)
    old = read_tensors(path)[1].get("format") == GENES_1.format
    found = (GENES_1 if old else GENES).read(path, _assemble)
    if embedding is not None and found.model != embedding.digest:
        raise CheckpointError(
            f"{path.name}: these genes were counted for another model; "
            "make them again with: bioskipgram reference MODEL genes.fa"
        )
    if embedding is not None:
        _check_sizes(found, embedding, path.name)
    return found


def _check_sizes(found: Reference, embedding: KmerEmbedding, name: str) -> None:
    """Raise a CheckpointError unless the arrays have this model's widths."""
    V, D = embedding.unit.shape
    pairs = found.counted.pairs
    wide = PAIR_LAGS * min(D, PAIR_DIMENSIONS) ** 2
    if found.counts.shape[1] != V or pairs is None or pairs.shape[1] != wide:
        raise CheckpointError(f"{name}: damaged (not of this model's {V:,} k-mers); {_CURE}")


def _assemble(tensors: State, metadata: dict[str, str]) -> Reference:
    facts: dict[str, Any] = json.loads(metadata["genes"])
    names, ids, sources = (tuple(map(str, facts[key])) for key in ("names", "ids", "sources"))
    kmers = facts["kmers"]
    if not isinstance(kmers, int) or not 1 <= kmers <= MAX_KMERS:
        raise ValueError(f"kmers: {str(kmers)[:40]}, of which there are 1 to {MAX_KMERS:,}")
    for name in ("unknown", "lengths"):
        if (tensors[name] < 0).any():
            raise ValueError(f"{name}: a number below 0")
    for name in ("lows", "steps"):  # of products of unit vectors
        if not (np.abs(tensors[name]) <= 2).all():
            raise ValueError(f"{name}: holds a value beyond 2, or one that is not finite")
    matrix = unpacked(tensors["gaps"], tensors["counts"], (len(names), kmers))
    pairs = restored(*(tensors[name] for name in ("pairs", "lows", "steps")))
    counted = GeneCounts(matrix, tensors["unknown"], pairs)
    words = _words(tensors, facts, len(names)) if "words" in tensors else None
    return Reference(names, ids, sources, tensors["lengths"], counted, metadata["model"], words)


def _words(tensors: State, facts: dict[str, Any], records: int) -> Words:
    keys = keys_of(tensors["protein_words"], np.uint8, records * PROTEIN_WORDS.size)
    protein = WordSets.of_keys(keys, records, PROTEIN_WORDS)
    if not facts["sketch"]:
        return Words(None, protein)
    keys = keys_of(tensors["words"], np.uint16, records * DNA_WORDS.size)
    # A full sketch is complete up to its last word.
    return Words(WordSets.of_keys(keys, records, DNA_WORDS).sketch(int(facts["sketch"])), protein)
