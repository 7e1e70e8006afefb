"""A layout in the making, on disk: a process that anyone may watch and stop.

While a layout or a clustering is made, a file ``<its name>.json`` stands beside its place and
says how far it is; it goes when the layout is there. The process is ``python -m bioskipgram
project … --status FILE``, of low priority and at most two threads. One at a time computes on a
machine of two cores, the others wait their turn. Ending the process leaves nothing half written.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bioskipgram.config import SMALL, ClusterConfig, ProjectionConfig
from bioskipgram.jobs import THREADS, Status, alive, alone, write_status

from .methods import algorithm
from .projection import WHOLE


@dataclass(frozen=True)
class LayoutJob:
    """What makes one layout or clustering of a model.

    Attributes
    ----------
    model
        The model's file.
    place
        Where the result belongs: `projection.cache_path`.
    """

    model: Path
    place: Path

    @property
    def file(self) -> Path:
        """Where its status is, while there is one."""
        return self.place.with_suffix(".json")

    def status(self) -> Status | None:
        """Return how it stands, None if nobody makes it; one whose process is gone has failed."""
        try:
            status = Status(**json.loads(self.file.read_text("utf-8")))
            if type(status.process) is not int or status.process < 1:
                return None  # 0 and -1 mean many processes
        except (OSError, ValueError, TypeError):  # none, or none of ours
            return None
        if status.active and not alive(status.process):
            # It may have ended well since its status was read.
            if not self.file.exists():
                return None
            gone = "The process ended without a word: killed, or out of memory. Try it again."
            return replace(status, state="failed", error=gone)
        return status

    def start(self, config: ProjectionConfig | ClusterConfig, *, clusters: bool = False) -> None:
        """Start its process, unless somebody's is at it.

        Parameters
        ----------
        config
            What to make.
        clusters
            Find k-means clusters, too, if they are missing; only with a layout.

        Raises
        ------
        CheckpointError
            If nothing can be written beside the model.
        """
        with alone(self.place.parent):
            status = self.status()
            if status is not None and status.active:
                return
            # One that is there and was asked for again is damaged.
            self.place.unlink(missing_ok=True)
            process = _launch(self, config, clusters=clusters)
            write_status(self.file, Status(process=process))

    def stop(self) -> None:
        """End its process and forget it."""
        status = self.status()
        if status is not None and status.active:
            with contextlib.suppress(ProcessLookupError):  # it has just ended
                os.kill(status.process, signal.SIGTERM)
            give_up = time.monotonic() + 2
            while alive(status.process) and time.monotonic() < give_up:
                time.sleep(0.02)
        self.file.unlink(missing_ok=True)


def _launch(job: LayoutJob, config: ProjectionConfig | ClusterConfig, *, clusters: bool) -> int:
    command = [sys.executable, "-m", "bioskipgram", "project", str(job.model.resolve())]
    if isinstance(config, ProjectionConfig):
        command += [f"--{key.replace('_', '-')}={value}" for key, value in asdict(config).items()]
        command += ["--cluster=kmeans"] if clusters else []
    else:
        command += ["--no-layout", f"--cluster={config.method}", f"--clusters={config.clusters}"]
    threads = str(threads_of_one())
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
    process = subprocess.Popen(
        [*command, "--status", str(job.file.resolve())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).resolve().parents[2],
        env=os.environ | dict.fromkeys(names, threads),
        start_new_session=True,
    )
    # It is to outlive this object, which would warn of that; `alive` collects what it leaves.
    process.returncode = 0
    return process.pid


def threads_of_one() -> int:
    """Return how many threads a layout gets."""
    from bioskipgram.threads import cores

    return min(THREADS, cores())


def seconds_needed(config: ProjectionConfig | ClusterConfig, V: int) -> float:
    """Return about how long a layout of `V` k-mers of 100 dimensions takes, seconds.

    From what `benchmarks/layouts.py` measured on two cores; starting included. A busy machine
    takes longer.
    """
    if isinstance(config, ClusterConfig):
        return 3 + V / 4000
    laid_out = min(V, WHOLE) if V <= WHOLE else 65_536
    graph = 20 * (laid_out / 65_536) ** 2
    placing = 25 * (V / 65_536) if V > WHOLE else 0.0
    judging = 1 + 4 * V / 65_536
    making = {
        "pca": 1 + 2 * V / 65_536,
        # Barnes-Hut: V log V; in space a point has eight cells for neighbours, not four.
        "tsne": 4 + 10 * laid_out / 4096 * (6 if config.dimensions == 3 else 1),
        "fast-tsne": 5 + 80 * laid_out / 65_536,
        "umap-2": 6 + (8 * laid_out / 4096 if laid_out <= 10_000 else 70 * laid_out / 65_536),
    }[algorithm(config, laid_out)]
    graph = graph if config.method == "umap" or laid_out > SMALL else 0.0
    return making + graph + placing + judging
