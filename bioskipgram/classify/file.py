"""Classifier <-> one safetensors file.

Tensors ``bias`` (float64[margins]) and ``weights`` (float32[columns, margins]). The header holds
``format``, ``classifier`` (JSON: classes, block, threshold, info) and ``sha256`` over the tensors
and the JSON. Reading checks all of it first, and never runs code.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bioskipgram.files import FileKind
from bioskipgram.numerics.arrays import State

from .blocks import Block
from .classifier import Classifier

FORMAT = "bioskipgram-classifier/1"
CLASSIFIER = FileKind(
    format=FORMAT,
    cure="train the classifier again, or use the version that wrote it",
    facts=("classifier",),
    tensors=("bias", "weights"),
)


def save(classifier: Classifier, path: str | Path) -> Path:
    """Write a classifier, whole or not at all, and return its path; a CheckpointError if it fails.

    See the module's docstring for what the file holds.
    """
    text = {
        "classes": classifier.classes, "block": asdict(classifier.block),
        "threshold": classifier.threshold, "info": classifier.info,
    }  # fmt: skip
    tensors: State = {"bias": classifier.bias, "weights": classifier.weights}
    CLASSIFIER.write(Path(path), tensors, classifier=json.dumps(text))
    return Path(path)


def load(path: str | Path) -> Classifier:
    """Return the classifier in a file; a CheckpointError if it is missing or damaged."""
    return CLASSIFIER.read(Path(path), _assemble)


def _block(values: Any) -> Block:
    kinds = tuple(str(kind) for kind in values.pop("kinds"))
    numbers = {name: values[name] for name in ("length", "longest", "shortest")}
    if any(type(number) is not int for number in numbers.values()):
        raise ValueError(f"block: {numbers}")
    return Block(kinds, str(values["alphabet"]), bool(values["merged"]), **numbers)


def _assemble(tensors: State, metadata: dict[str, str]) -> Classifier:
    text = json.loads(metadata["classifier"])
    classes = tuple(str(name) for name in text["classes"])
    block, info = _block(dict(text["block"])), dict(text["info"])
    return Classifier(
        classes, block, tensors["weights"], tensors["bias"], float(text["threshold"]), info
    )
