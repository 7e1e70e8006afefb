"""How a process ended, in one plain sentence, as far as that can be known.

The system tells only the program that started a process how it ended. That program notes it as the
last line of the process's log, where everybody finds it.
"""

import contextlib
import errno
import os
import re
import signal
from pathlib import Path

from bioskipgram.errors import BioSkipGramError

LESS = "shorter k-mers, fewer dimensions or fewer sequences take less"
_CRASHES = (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE, signal.SIGILL)
_FATAL = re.compile(r"Fatal Python error: (.+)")
_BAR = re.compile(r"\d%\|")
"""What a line of a progress bar holds."""
_NO_MEMORY = re.compile("out of memory|can.t allocate|unable to allocate", re.IGNORECASE)


def note(log: Path, number: int, status: int, *, peak: int, starved: bool) -> None:
    """Append to a log how process `number` ended.

    `status` is what `os.wait4` gave, `peak` the most memory that the process held, bytes;
    `starved` says whether the kernel killed a process for lack of memory meanwhile.
    """
    with contextlib.suppress(OSError):
        handle = os.open(log, os.O_WRONLY | os.O_APPEND)  # never made again once it was deleted
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(f"\n{_mark(number)}{_how(status, peak, starved=starved)}\n")


def _mark(number: int) -> str:
    return f"process {number}: "


def _how(status: int, peak: int, *, starved: bool) -> str:
    """Return what the system said of an end."""
    if status & 0x7F == 0:  # no signal, see wait(2)
        code = status >> 8
        return f"The process ended with exit code {code}."
    number = status & 0x7F
    held = f"it held up to {peak / 1e9:.1f} GB"
    if number == signal.SIGKILL and starved:
        return f"The system killed the process because memory ran out: {held}; {LESS}."
    if number == signal.SIGKILL:
        return (
            f"The process was killed (SIGKILL) by a person, a program or, if memory was short, the "
            f"system; {held} of memory."
        )
    try:
        name = f"{signal.Signals(number).name}: {signal.strsignal(number)}"
    except ValueError:
        name = f"signal {number}"
    if number in _CRASHES:
        return f"The process crashed ({name}), a fault of this program or a library; see its log."
    return f"The process was ended by the signal {name}."


def told(printed: str, number: int, *, restarted: bool) -> str:
    """Return how a process ended that did not say so in its status, one sentence.

    `printed` is the end of its log; `restarted`: the machine was started again since it was.
    """
    lines = [line.rsplit("\r", 1)[-1] for line in printed.split("\n") if line.strip()]
    noted = lines.pop() if lines and lines[-1].startswith(_mark(number)) else ""
    how = noted.removeprefix(_mark(number))
    if how.endswith("exit code 0."):
        how = "The process ended in order but left no result; perhaps the disk is full."
    elif not how and restarted:
        how = "The machine was restarted or switched off while the process worked."
    elif not how:
        how = (
            "The process is gone. How it ended is not known, because the program that had started "
            "it was closed; perhaps memory ran out and the system killed it."
        )
    return how if "(SIG" in how else how + _quoted(lines)


def _quoted(lines: list[str]) -> str:
    """Return what the last lines of a log say of an error."""
    fatal = [match[1] for line in lines if (match := _FATAL.match(line))]
    if fatal:
        return f" Its log says: {fatal[-1][:200]}."
    if lines and not _BAR.search(lines[-1]):
        return f" The last line of its log: {lines[-1][:200]}"
    return ""


def in_words(error: BaseException) -> str:
    """Return what a status says of the error that ended its process."""
    text = str(error)
    if isinstance(error, BioSkipGramError):
        return text
    if isinstance(error, MemoryError) or _NO_MEMORY.search(text):
        said = f" ({text})" if text else ""
        return f"Memory ran out{said}; {LESS}, or close other programs."
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full ({text}); free some space and try again."
    if isinstance(error, KeyboardInterrupt):
        return "It was interrupted (Ctrl-C, SIGINT)."
    return f"A fault of this program ended it ({type(error).__name__}: {text}); its log says where."


def killed_for_memory() -> int:
    """Return how many processes the kernel has killed for lack of memory; 0 if it does not say."""
    with contextlib.suppress(OSError, ValueError):
        for line in Path("/proc/vmstat").read_text("ascii").splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return 0
