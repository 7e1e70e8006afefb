"""Reports made in the background: the labelled items, their report and classifier in one folder."""

import csv
import gzip
import io
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bioskipgram.errors import CheckpointError
from bioskipgram.files import digest, write_whole
from bioskipgram.jobs.job import Job
from bioskipgram.jobs.status import UNREADABLE
from bioskipgram.sequences.shipped import DATA

from .labelled import COLUMNS, Labelled
from .settings import ClassifyConfig

LARGEST_REPORT = 1 << 24
"""Bytes of the largest report that is read."""


@dataclass(frozen=True)
class ClassifyJob(Job):
    """Makes the classifier of some items, its place, and the report beside it."""

    @classmethod
    def of(
        cls, train: Labelled, test: Labelled | None, config: ClassifyConfig, folder: Path
    ) -> "ClassifyJob":
        """Return the job of these items and settings; the same ones have the same place."""
        parts = [train, *([test] if test is not None else [])]
        key = digest(*(a for one in parts for a in (one.sequences.codes, one.labels)))
        text = json.dumps([asdict(config), train.classes])
        return cls(folder / f"{digest(_bytes(text))[:12]}-{key[:12]}.safetensors")

    @property
    def report_file(self) -> Path:
        """Where the report is, once it is made."""
        return self.place.with_suffix(".report.json")

    def start(
        self, train: Labelled, test: Labelled | None, config: ClassifyConfig,
        model: str | None = None,
    ) -> None:  # fmt: skip
        """Write the items and start the process, unless it is at work.

        `model` = the path of vectors that stand among the baselines.
        """
        own, other = (self.place.with_suffix(f".{part}.csv.gz") for part in ("train", "test"))
        write_whole(own, table_bytes(train))
        command = ["bioskipgram", "classify", "report", str(own.resolve())]
        if test is not None:
            write_whole(other, table_bytes(test))
            command += ["--test", str(other.resolve())]
        command += ["--model", str(Path(model).resolve())] if model else []
        command += ["--out", str(self.report_file.resolve()), "--save", str(self.place.resolve())]
        command += [f"--{name.replace('_', '-')}={value}" for name, value in asdict(config).items()]
        self.report_file.unlink(missing_ok=True)
        self.launch(command)

    def report(self) -> dict[str, Any] | None:
        """Return the report, None while there is none."""
        try:
            if self.report_file.stat().st_size > LARGEST_REPORT or not self.place.is_file():
                return None
            found = json.loads(self.report_file.read_bytes())
        except FileNotFoundError:
            return None
        except UNREADABLE as error:
            raise CheckpointError(f"{self.report_file.name}: no report ({error})") from error
        return found if isinstance(found, dict) else None


EXAMPLE = ClassifyJob(DATA / "gue_tf0.safetensors")
"""The one that ships, of GUE's first task; ``python -m benchmarks.classify --example`` made it."""
NAMES = ("background", "bound")
"""The classes of that task, whose labels are 0 and 1; sorted, as those of a table."""


def _bytes(text: str) -> Any:
    import numpy as np

    return np.frombuffer(text.encode(), np.uint8)


def table_bytes(items: Labelled) -> bytes:
    """Return labelled items as a gzipped CSV, which `read_table` reads back."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for i, label in enumerate(items.labels.tolist()):
        writer.writerow([items.sequences.text(i), items.classes[label]])
    return gzip.compress(text.getvalue().encode(), 3, mtime=0)
