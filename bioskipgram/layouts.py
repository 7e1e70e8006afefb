"""A layout in the making, on disk: a process that anyone may watch and stop.

While a layout or a clustering is made, a file ``<its name>.json`` stands beside its place and
says how far it is; it goes when the layout is there. The process is ``python -m bioskipgram
project … --status FILE``, of low priority and at most two threads. One at a time computes on a
machine of two cores, the others wait their turn. Ending the process leaves nothing half written.
"""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from .checkpoint import write_whole
from .config import ClusterConfig, ProjectionConfig
from .errors import BioSkipGramError, CheckpointError
from .projection import SMALL, WHOLE, algorithm
from .runs import alive

THREADS = 2
"""Of one layout, at most."""
_SECONDS_BETWEEN_WRITES = 0.5
_QUEUE = "bioskipgram-layouts-{user}-{slot}.lock"


@dataclass(frozen=True, kw_only=True)
class Status:
    """How a layout in the making stands.

    Attributes
    ----------
    state
        "waiting" for another to end, "running" or "failed".
    stage
        What it is doing.
    share
        How much of that stage is done, 0 to 1.
    seconds_left
        Of that stage; None = not known yet.
    error
        One sentence, where it failed.
    process
        Its process number.
    """

    state: str = "waiting"
    stage: str = "starting"
    share: float = 0.0
    seconds_left: float | None = None
    error: str = ""
    process: int

    @property
    def active(self) -> bool:
        """Whether the layout is still to come."""
        return self.state in ("waiting", "running")


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
        with _alone(self.place.parent):
            status = self.status()
            if status is not None and status.active:
                return
            # One that is there and was asked for again is damaged.
            self.place.unlink(missing_ok=True)
            process = _launch(self, config, clusters=clusters)
            _write(self.file, Status(process=process))

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


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold a folder's lock: two that ask for a layout at once start one process."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise CheckpointError(
            f"{folder}: no layout can be kept there ({error.strerror}); "
            "copy the model to a folder that can be written to"
        ) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


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
        cwd=Path(__file__).resolve().parents[1],
        env=os.environ | dict.fromkeys(names, threads),
        start_new_session=True,
    )
    # It is to outlive this object, which would warn of that; `alive` collects what it leaves.
    process.returncode = 0
    return process.pid


def threads_of_one() -> int:
    """Return how many threads a layout gets."""
    from .tally import cores

    return min(THREADS, cores())


class Report:
    """The writing side: a context that waits its turn, tells how far it is, and how it ends.

    Parameters
    ----------
    file
        The status file; None = nobody watches, and there is nothing to wait for.
    """

    def __init__(self, file: Path | None) -> None:
        self._file, self._turn = file, -1
        self._status = Status(process=os.getpid())
        self._written = self._began = time.monotonic()

    def __enter__(self) -> Self:
        if self._file is not None:
            os.nice(10)
            _write(self._file, self._status)
            self._turn = _turn()
        return self

    def tell(self, stage: str, share: float) -> None:
        """Say that this share of a stage is done."""
        now, old = time.monotonic(), self._status
        if stage != old.stage:
            self._began = now
        elapsed = now - self._began
        left = elapsed * (1 - share) / share if share > 0.02 and elapsed > 1 else None
        new = replace(old, state="running", stage=stage, share=share, seconds_left=left)
        if self._file is None or (
            stage == old.stage and now - self._written < _SECONDS_BETWEEN_WRITES
        ):
            return
        self._status, self._written = new, now
        with contextlib.suppress(CheckpointError):  # a full disk: the layout's own writing tells
            _write(self._file, new)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if self._file is None:
            return
        if error is None:
            self._file.unlink(missing_ok=True)
        else:
            ours = isinstance(error, BioSkipGramError)
            text = str(error) if ours else f"{type(error).__name__}: {error}"
            with contextlib.suppress(CheckpointError):
                _write(self._file, replace(self._status, state="failed", error=text))
        if self._turn >= 0:
            os.close(self._turn)


def _turn() -> int:
    """Wait until fewer layouts are computed than there are pairs of cores; return the lock.

    The kernel lets go of it when the process ends, however it ends.
    """
    from .tally import cores

    slots = max(1, cores() // THREADS)
    folder = Path(tempfile.gettempdir())
    paths = [folder / _QUEUE.format(user=os.getuid(), slot=slot) for slot in range(slots)]
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
    handles = [os.open(path, flags, 0o600) for path in paths]
    while True:
        for handle in handles:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                for other in handles:
                    if other != handle:
                        os.close(other)
                return handle
        time.sleep(0.3)


def _write(file: Path, status: Status) -> None:
    write_whole(file, json.dumps(asdict(status)).encode())


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
