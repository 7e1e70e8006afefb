"""A process is known by its number, its birth and the boot: no other is ever signalled."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bioskipgram.errors import CheckpointError
from bioskipgram.jobs import process
from bioskipgram.jobs.process import Process, launch


@pytest.fixture
def innocent() -> Iterator["subprocess.Popen[bytes]"]:
    """A process that has nothing to do with us."""
    started = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    yield started
    started.kill()
    started.wait()


def test_a_process_is_alive_until_it_ends(innocent: "subprocess.Popen[bytes]") -> None:
    found = Process.of(innocent.pid)
    assert found.born
    assert found.alive
    found.end()
    assert not found.alive


@pytest.mark.parametrize("born", ["", "an earlier boot:1", "x"])
def test_a_number_used_again_is_not_signalled(
    innocent: "subprocess.Popen[bytes]", born: str
) -> None:
    earlier = Process(innocent.pid, born)
    assert not earlier.alive
    earlier.send(signal.SIGKILL)
    earlier.end(patience=0)
    time.sleep(0.1)
    assert innocent.poll() is None


def test_a_start_at_another_moment_of_this_boot_is_another_process(
    innocent: "subprocess.Popen[bytes]",
) -> None:
    boot, _, ticks = Process.of(innocent.pid).born.rpartition(":")
    assert Process(innocent.pid, f"{boot}:{ticks}").alive
    assert not Process(innocent.pid, f"{boot}:{int(ticks) - 1}").alive
    assert not Process(innocent.pid, f"{boot[:-1]}x:{ticks}").alive


@pytest.mark.parametrize("number", [0, 2**22 + 1, 2**31 - 1])
def test_a_number_without_a_process_is_dead(number: int) -> None:
    assert not Process.of(number).alive
    Process(number, "x").send(signal.SIGKILL)


def test_a_zombie_is_dead_and_collected(innocent: "subprocess.Popen[bytes]") -> None:
    found = Process.of(innocent.pid)
    os.kill(innocent.pid, signal.SIGKILL)
    give_up = time.monotonic() + 20
    while found.alive and time.monotonic() < give_up:
        time.sleep(0.01)
    assert not found.alive
    assert process._look(innocent.pid) == ("", "")  # not even as a zombie


def test_another_zombie_of_the_number_is_left_to_its_parent(
    innocent: "subprocess.Popen[bytes]",
) -> None:
    innocent.kill()
    while process._look(innocent.pid)[0] != "Z":
        time.sleep(0.01)
    assert not Process(innocent.pid, "earlier").alive
    assert process._look(innocent.pid)[0] == "Z"


def test_without_handles_the_signal_goes_by_number(
    innocent: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "pidfd_open")
    Process(innocent.pid, "earlier").send(signal.SIGKILL)
    assert innocent.poll() is None
    Process.of(innocent.pid).send(signal.SIGKILL)
    assert innocent.wait(20) == -signal.SIGKILL


def test_a_process_of_another_user_is_one_sentence(
    innocent: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(signal, "pidfd_send_signal", refuse)
    with pytest.raises(CheckpointError, match=f"process {innocent.pid} belongs to another user"):
        Process.of(innocent.pid).send(signal.SIGTERM)


def test_where_there_is_no_proc_ps_tells_the_same(
    innocent: "subprocess.Popen[bytes]", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    says = tmp_path / "ps"
    says.write_text('#!/bin/sh\n[ "$4" = 7 ] && echo "Ss   Sun Nov 29 05:12:41 2026"\n')
    says.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert process._look_by_ps(7) == ("S", "Sun Nov 29 05:12:41 2026")
    assert process._look_by_ps(innocent.pid) == ("", "")
    monkeypatch.setenv("PATH", "")
    assert process._look_by_ps(7) == ("", "")


def test_what_was_launched_has_a_session_and_a_log_of_its_own(tmp_path: Path) -> None:
    program = "import os\nprint(os.getsid(0) == os.getpid(), os.environ['OMP_NUM_THREADS'])"
    (tmp_path / "own.py").write_text(program)
    log = tmp_path / "log.txt"
    os.environ["PYTHONPATH"], before = str(tmp_path), os.environ.get("PYTHONPATH")
    try:
        found = launch(["own"], log=log, threads=1)
    finally:
        os.environ.pop("PYTHONPATH")
        if before is not None:
            os.environ["PYTHONPATH"] = before
    while found.alive:
        time.sleep(0.02)
    assert log.read_text().startswith("True 1\n")


@pytest.mark.parametrize("argument", ["\0", "x"])
def test_what_cannot_be_launched_is_one_sentence(tmp_path: Path, argument: str) -> None:
    log = tmp_path / ("log.txt" if argument == "\0" else "nowhere/log.txt")
    with pytest.raises(CheckpointError, match="no process can be started there"):
        launch([argument], log=log)
