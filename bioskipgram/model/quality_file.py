"""The quality report of a model, a file beside it: ``x.quality.json``.

Everything that README files and pages print about a model's quality is read from here;
``bioskipgram quality MODEL CORPUS --keep`` writes it, ``bioskipgram verify`` repeats it.
"""

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bioskipgram.errors import CheckpointError
from bioskipgram.files import write_whole

from .quality import Judged

FORMAT = "bioskipgram-quality/1"
MAX_BYTES = 1_000_000


@dataclass(frozen=True)
class QualityReport:
    """The measures of a model by name, its digest, and the sequences of its seeds and nulls."""

    digest: str
    source: str
    sha256: str
    version: str
    measures: dict[str, Judged]


def save(report: QualityReport, path: Path) -> None:
    """Write a report, whole or not at all."""
    text = json.dumps({"format": FORMAT, **asdict(report)}, indent=1)
    write_whole(path, (text + "\n").encode())


def load(path: Path) -> QualityReport:
    """Return the report in a file; a CheckpointError if it is missing or not such a report."""
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(MAX_BYTES))
        if found["format"] != FORMAT:
            raise ValueError(f"format {found['format']!r}, {FORMAT!r} is known")
        facts = {name: _text(found[name]) for name in ("digest", "source", "sha256", "version")}
        measures = {_text(name): _judged(one) for name, one in found["measures"].items()}
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read ({error.strerror})") from error
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise CheckpointError(
            f"{path.name}: no report of a model's quality ({error!r:.100}); make it again with: "
            "bioskipgram quality MODEL CORPUS --keep"
        ) from error
    return QualityReport(measures=measures, **facts)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} is no text")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(f"{value!r:.40} is no number")
    return float(value)


def _judged(one: dict[str, Any]) -> Judged:
    return Judged(
        _number(one["value"]),
        tuple(map(_number, one["seeds"])),
        {_text(kind): tuple(map(_number, values)) for kind, values in one["nulls"].items()},
        {_text(rule): _number(value) for rule, value in one["baselines"].items()},
    )
