"""How a process ended is told in one sentence, by whoever started it and by whoever did not."""

import errno
import time
from pathlib import Path

import pytest

from bioskipgram.errors import CheckpointError
from bioskipgram.jobs import ending, process
from bioskipgram.jobs.ending import in_words, note, told
from bioskipgram.jobs.process import Process, launch

KILL = "import os; os.kill(os.getpid(), {})"
ENDS = [
    ("raise SystemExit(0)", "in order but left no result"),
    ("1 / 0", "exit code 1. The last line of its log: ZeroDivisionError: division by zero"),
    ("bytearray(10**15)", "The last line of its log: MemoryError"),
    ("import sys; sys.exit('bioskipgram: no')", "exit code 1. The last line of its log: bioskip"),
    (KILL.format(9), "was killed (SIGKILL) by a person, a program or, if memory was short"),
    (KILL.format(1), "was ended by the signal SIGHUP: Hangup."),
    (
        KILL.format(11),
        "crashed (SIGSEGV: Segmentation fault), a fault of this program",
    ),
    ("import os; os.abort()", "crashed (SIGABRT: Aborted)"),
]


@pytest.mark.parametrize(("program", "said"), ENDS, ids=[said[:20] for _, said in ENDS])
def test_the_one_who_started_it_says_how_it_ended(
    program: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own.py").write_text(program)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    log = tmp_path / "log.txt"
    found = launch(["own"], log=log)
    while found.alive:
        time.sleep(0.02)
    sentence = told(log.read_text(), found.number, restarted=False)
    assert said in sentence
    assert len(sentence) < 300
    # Of a later process that went on in the same log, nothing is known.
    assert "not known" in told(log.read_text(), found.number + 1, restarted=False)


def test_memory_is_named_where_the_kernel_counted_a_process_killed_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own.py").write_text(KILL.format(9))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    counts = iter([3, 4])
    monkeypatch.setattr(process.ending, "killed_for_memory", lambda: next(counts))
    found = launch(["own"], log=tmp_path / "log.txt")
    while found.alive:
        time.sleep(0.02)
    sentence = told((tmp_path / "log.txt").read_text(), found.number, restarted=False)
    assert sentence.startswith("The system killed the process because memory ran out: it held up")
    assert ending.LESS in sentence


def test_without_the_one_who_started_it_the_log_and_the_restart_tell() -> None:
    bar = "reading\n  0%|  | 0/9\r 40%|####  | 4/9"
    assert told(bar, 7, restarted=False).endswith("the system killed it.")
    assert told("", 7, restarted=True).startswith("The machine was restarted")
    crash = "Fatal Python error: Segmentation fault\n\nThread 0x1\n  File x"
    assert told(crash, 7, restarted=False).endswith("Its log says: Segmentation fault.")


def test_a_log_that_was_deleted_is_not_made_again(tmp_path: Path) -> None:
    note(tmp_path / "log.txt", 7, 9, peak=10**9, starved=False)
    assert not list(tmp_path.iterdir())


def test_a_process_of_this_boot_is_not_from_before_the_restart() -> None:
    own = Process.of(process.os.getpid())
    assert not own.before_restart
    assert Process(7, "an earlier boot:5").before_restart
    assert not Process(7).before_restart


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (CheckpointError("x.fa: no"), "x.fa: no"),
        (MemoryError(), "Memory ran out; shorter k-mers"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "Memory ran out (DefaultCPU"),
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full ("),
        (KeyboardInterrupt(), "It was interrupted (Ctrl-C"),
        (ValueError("x"), "A fault of this program ended it (ValueError: x)"),
    ],
)  # fmt: skip
def test_what_ends_a_block_is_a_sentence(error: BaseException, said: str) -> None:
    assert in_words(error).startswith(said)


def test_the_kernel_says_how_many_it_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "vmstat").write_text("pgfault 5\noom_kill 12\n")
    monkeypatch.setattr(ending, "Path", lambda _: tmp_path / "vmstat")
    assert ending.killed_for_memory() == 12
    (tmp_path / "vmstat").unlink()
    assert ending.killed_for_memory() == 0
