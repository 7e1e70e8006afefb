"""A process: started in a session of its own, recognized, and sent a signal.

A process is known by its number, its start time and the boot of the machine, so a number that the
system has used again is never taken for it.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from bioskipgram.errors import CheckpointError
from bioskipgram.numerics.threads import cores

from . import ending

THREADS = 2
"""The most threads of one projection."""
_THREAD_SETTINGS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS",
)  # fmt: skip

_LAUNCHED: dict["Process", tuple[Path, int]] = {}
"""The log of each process of this program, and how many the kernel had killed for memory then."""
_COLLECTING = threading.RLock()


@dataclass(frozen=True)
class Process:
    """A process, told apart from later ones that are given the same number.

    `born` is the machine's boot and the start time since then; "" = not known: it counts as ended.
    """

    number: int
    born: str = ""

    @classmethod
    def of(cls, number: int) -> Self:
        """Return the process that has a number now."""
        return cls(number, _look(number)[1])

    @property
    def alive(self) -> bool:
        """Whether it still runs; a child that has ended (a zombie) is collected."""
        with _COLLECTING:  # whoever is told that it is gone finds in its log how it ended
            state, born = _look(self.number)
            if not born or born != self.born:
                return False
            return state != "X" and (state != "Z" or not self._collect())

    def _collect(self) -> bool:
        """Take an ended child off the system's list, and note in its log how it ended.

        Return whether that is so; False while some of its threads have still to end.
        """
        try:
            number, status, used = os.wait4(self.number, os.WNOHANG)
        except ChildProcessError:
            return True
        if not number:
            return False
        log, killed = _LAUNCHED.pop(self, (None, 0))
        if log is not None:
            peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
            starved = ending.killed_for_memory() > killed
            ending.note(log, number, status, peak=peak, starved=starved)
        return True

    @property
    def before_restart(self) -> bool:
        """Whether the machine was started again since the process was."""
        boot, now = self.born.rpartition(":")[0], Process.of(os.getpid()).born.rpartition(":")[0]
        return bool(boot) and boot != now

    def send(self, number: signal.Signals) -> None:
        """Send it a signal; if it has ended nothing is sent, whoever has its number now.

        A CheckpointError if it belongs to another user.
        """
        with contextlib.suppress(ProcessLookupError), _held(self.number) as handle:
            if not self.alive:
                return
            try:
                if handle is None:
                    os.kill(self.number, number)
                else:
                    signal.pidfd_send_signal(handle, number)
            except PermissionError as error:
                raise CheckpointError(
                    f"process {self.number} belongs to another user, who must stop it"
                ) from error

    def end(self, patience: float = 2.0) -> None:
        """Ask it to end, and kill it if it has not done so after so many seconds."""
        self.send(signal.SIGTERM)
        give_up = time.monotonic() + patience
        while self.alive and time.monotonic() < give_up:
            time.sleep(0.02)
        self.send(signal.SIGKILL)


@contextlib.contextmanager
def _held(number: int) -> Iterator[int | None]:
    """Give a handle that stays with the process even if its number is used again."""
    try:
        handle = os.pidfd_open(number)
    except ProcessLookupError:
        raise
    except (AttributeError, OSError):  # another system than Linux, or an old one
        yield None
        return
    try:
        yield handle
    finally:
        os.close(handle)


def _look(number: int) -> tuple[str, str]:
    """Return a process's state (one letter) and its birth; two empty texts if there is none."""
    try:
        words = Path(f"/proc/{number}/stat").read_bytes().rpartition(b")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return words[0].decode(), f"{boot}:{words[19].decode()}"  # field 22: start, clock ticks
    except OSError:
        return ("", "") if Path("/proc/self/stat").exists() else _look_by_ps(number)


def _look_by_ps(number: int) -> tuple[str, str]:
    """Return what `_look` does where there is no /proc: the birth is a date and time."""
    command = ["ps", "-o", "stat=,lstart=", "-p", str(number)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, env=os.environ | {"LC_ALL": "C"}
        )
        state, *born = done.stdout.split()
    except (OSError, ValueError, subprocess.CalledProcessError):
        return "", ""
    return state[0], " ".join(born)


def launch(
    arguments: Sequence[str], *, log: Path, append: bool = False, threads: int = 0
) -> Process:
    """Start ``python -m`` in a session of its own; it survives this program.

    What it prints goes to `log`, after the present contents if `append`; `threads` is the most
    that its numerical libraries may use, 0 = any number. A CheckpointError if it cannot start.
    """
    killed = ending.killed_for_memory()
    limits = dict.fromkeys(_THREAD_SETTINGS, str(threads)) if threads else {}
    try:
        with log.open("ab" if append else "wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-X", "faulthandler", "-m", *arguments],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
                cwd=Path(__file__).resolve().parents[2], env=os.environ | limits,
            )  # fmt: skip
    except (OSError, ValueError) as error:  # ValueError: a NUL in an argument
        raise CheckpointError(
            f"{log.parent}: no process can be started there ({error}); free some space or memory, "
            "or choose a folder that can be written to"
        ) from error
    # It is to outlive this object, which would warn of that; `Process.alive` collects it.
    process.returncode = 0
    found = Process.of(process.pid)
    _LAUNCHED[found] = log, killed
    return found


def threads_of_one() -> int:
    """Return how many threads a projection gets."""
    return min(THREADS, cores())
