"""Remembered between reruns of the Train page: estimates of time and memory, pictures of maps."""

import base64
import io
import json
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

import bioskipgram
from bioskipgram.config import ProjectionConfig, TrainConfig
from bioskipgram.errors import BioSkipGramError, TrainingError
from bioskipgram.model import codon_quality, compare, quality
from bioskipgram.numerics.arrays import Floats
from dashboard import state
from dashboard.shared import cache, model_map
from dashboard.shared.cache import ModelFile

FOLDER = Path(bioskipgram.__file__).resolve().parents[1]
"""Where ``python -m bioskipgram`` finds the package."""
AT_ONCE = 2
"""The most processes that measure an estimate at once: each takes half a gigabyte."""
LONGEST, MOST_KEPT = 120.0, 500
"""The most seconds of an estimate, and estimates that are remembered."""
PICTURE = (132, 99)
"""Pixels of a map's picture in the table of runs, and in the comparison of two."""
LARGE_PICTURE = (480, 360)
_SAMPLE = 500
_GREY = (138, 143, 152)
_CATEGORIES = (
    "#3b7dc4", "#e6781e", "#3f8f3f", "#c23b3b", "#8e6bbf", "#8c6d46", "#d977b8", "#1f9393",
    "#a8a832", "#4c5a8a",
)  # fmt: skip


# Estimates -----------------------------------------------------------------------------------


def estimate(bases: int, config: TrainConfig) -> dict[str, str] | None:
    """Return what a training will take on this machine; None while that is being measured.

    It is measured by a process of its own, `AT_ONCE` of them for all sessions together; the one
    for settings that no session has any more is ended. A TrainingError says if there is too little
    memory.
    """
    bases = int(float(f"{bases:.2g}"))
    key, known = (bases, *asdict(config).values()), _estimates()
    with known.lock:
        known.want(key)
        known.end()
        if key in known.done:
            return _read(*known.done[key])
        if key not in known.running and len(known.running) < AT_ONCE:
            known.running[key] = time.monotonic(), _start(bases, config)
    return None


@dataclass
class _Estimates:
    """Processes that measure, and what those that ended printed; by bases and settings."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    running: dict[Any, "tuple[float, subprocess.Popen[str]]"] = field(default_factory=dict)
    done: dict[Any, tuple[int, str, str]] = field(default_factory=dict)
    wanted: Counter[Any] = field(default_factory=Counter)
    """How many sessions have such settings."""

    def want(self, key: Any) -> None:
        """Note that this session has these settings now; end what was measured for it alone."""
        before = st.session_state.get(state.ESTIMATED)
        if before == key:
            return
        st.session_state[state.ESTIMATED] = key
        self.wanted += Counter({key: 1})
        self.wanted -= Counter({before: 1})
        if before in self.running and before not in self.wanted:
            process = self.running.pop(before)[1]
            process.kill()
            process.communicate()

    def end(self) -> None:
        """Note what the processes printed that have ended; end those that take too long."""
        for key, (start, process) in [*self.running.items()]:
            if time.monotonic() > start + LONGEST:
                process.kill()
            elif process.poll() is None:
                continue
            output, errors = process.communicate()
            self.done[key] = process.returncode, output, errors
            del self.running[key]
        while len(self.done) > MOST_KEPT:
            del self.done[next(iter(self.done))]


@st.cache_resource(show_spinner=False)
def _estimates() -> _Estimates:
    """Return the estimates of all sessions."""
    return _Estimates()


def _start(bases: int, config: TrainConfig) -> "subprocess.Popen[str]":
    settings = [f"--{name.replace('_', '-')}={value}" for name, value in asdict(config).items()]
    command = ["bioskipgram", "train", str(bases), "--estimate", "--json", *settings]
    return subprocess.Popen(
        [sys.executable, "-m", *command], cwd=FOLDER, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def _read(code: int, output: str, errors: str) -> dict[str, str]:
    if code:
        why = errors.strip().rpartition("\n")[2].removeprefix("bioskipgram: ")
        raise TrainingError(why or "no estimate could be made")
    found: dict[str, str] = json.loads(output)
    return found


# Pictures of maps ----------------------------------------------------------------------------


def picture(model: ModelFile, size: tuple[int, int] = PICTURE) -> str:
    """Return a picture of a model's t-SNE map as a data address; "" while there is no map."""
    try:
        found = cache.layout(model, ProjectionConfig())
        return _picture(model, size, cache.clusters_made(model)) if found else ""
    except (BioSkipGramError, OSError):  # a model that is damaged, or just being replaced
        return ""


@st.cache_resource(max_entries=200, show_spinner=False)
def _picture(model: ModelFile, size: tuple[int, int], made: int) -> str:
    found = cache.layout(model, ProjectionConfig())
    if found is None:
        return ""
    return drawn(found.points, colours_of(model), size)


def colour_of(model: ModelFile) -> str:
    """Return the property by which a map is coloured: of codons the amino acid, else cluster."""
    codons = codon_quality.is_codons(cache.embedding(model).vocabulary.tokenizer)
    return "amino acid" if codons else "cluster"


def colours_of(model: ModelFile) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return the colour of each k-mer, uint8[V, 3], by `colour_of`."""
    look = model_map.colouring_by(model, colour_of(model))
    palette = np.array([_rgb(text) for text in look.palette or _CATEGORIES], np.uint8)
    known = ~np.isnan(look.values) & (look.values >= 0)
    chosen = np.where(known, look.values, 0).astype(np.int64) % len(palette)
    return np.where(known[:, None], palette[chosen], np.array(_GREY, np.uint8))


def _rgb(text: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(text.removeprefix("#")))


def drawn(points: Floats, colours: np.ndarray[Any, Any], size: tuple[int, int]) -> str:
    """Return points (float32[V, 2]) in their colours as a transparent PNG, a data address."""
    width, height = (2 * side for side in size)  # drawn at twice the size, for smooth edges
    radius = max(1, round(min(width, height) / (14 + 2.2 * len(points) ** 0.5)))
    low, span = points.min(axis=0), np.maximum(np.ptp(points, axis=0), 1e-9)
    places = (points - low) / span * [width - 2 * radius - 2, height - 2 * radius - 2] + radius + 1
    columns, rows = places.astype(np.int64).T
    pixels = np.zeros((height, width, 4), np.uint8)
    for dy in range(-radius, radius + 1):
        for dx in range(-radius, radius + 1):
            if dx * dx + dy * dy <= radius * radius:
                row = np.clip(height - 1 - rows + dy, 0, height - 1)
                column = np.clip(columns + dx, 0, width - 1)
                pixels[row, column, :3], pixels[row, column, 3] = colours, 255
    file = io.BytesIO()
    Image.fromarray(pixels, "RGBA").resize(size, Image.Resampling.BOX).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


# Facts about models --------------------------------------------------------------------------


@dataclass(frozen=True)
class Facts:
    """What the table says of a model: `learnt` in percent, `quality` in words; None = unknown."""

    loss: float | None
    learnt: float | None
    quality: str | None


def facts(model: ModelFile) -> Facts:
    """Return how well a model learnt; a model that cannot be read has nothing to say."""
    try:
        return _facts(model)
    except (BioSkipGramError, OSError):
        return Facts(None, None, None)


@st.cache_resource(max_entries=200, show_spinner=False)
def _facts(model: ModelFile) -> Facts:
    embedding = cache.embedding(model)
    gap = embedding.info.gap
    if codon_quality.is_codons(embedding.vocabulary.tokenizer):
        rule = max(
            quality.baselines(embedding).get(codon_quality.AUC, {"": 0.5}).values(), default=0.5
        )
        auc = codon_quality.synonym_auc(embedding)
        said = None if auc is None else f"AUC {auc:.2f}, rule {rule:.2f}"
    else:
        other = quality.neighbor_relations(embedding).get("other", 0.0)
        said = f"{100 * other:.0f} % not spelt alike"
    return Facts(embedding.info.loss, None if gap is None else 100 * (1 - gap), said)


# Two models ----------------------------------------------------------------------------------


@st.cache_resource(max_entries=20, show_spinner="Comparing the models …")
def overlap(one: ModelFile, two: ModelFile, n: int) -> tuple[float, float, int]:
    """Return the mean Jaccard index of neighbour lists, that of random lists, and the k-mers."""
    first, second = cache.embedding(one), cache.embedding(two)
    tokens, others = compare.common(first, second)
    rows = np.random.default_rng(1).permutation(len(tokens))[:_SAMPLE]
    lists = [
        compare.neighbor_lists(model, own, rows, n=n)
        for model, own in ((first, tokens), (second, others))
    ]
    shared = float(compare.jaccard(lists[0], lists[1], n).mean())
    return shared, compare.expected_jaccard(len(tokens) - 1, n), len(tokens)


@st.cache_resource(max_entries=20, show_spinner=False)
def pictures(one: ModelFile, two: ModelFile) -> tuple[str, ...]:
    """Return large pictures of two maps, the second turned onto the first; () without maps."""
    maps = [cache.layout(model, ProjectionConfig()) for model in (one, two)]
    if maps[0] is None or maps[1] is None:
        return ()
    found = compare.align(cache.embedding(one), cache.embedding(two))
    second = compare.laid_over(maps[1].points, maps[0].points, found)
    colours = colours_of(one)
    others = np.full((len(second), 3), _GREY, np.uint8)
    others[found.second] = colours[found.first]
    return (
        drawn(maps[0].points, colours, LARGE_PICTURE), drawn(second, others, LARGE_PICTURE),
    )  # fmt: skip
