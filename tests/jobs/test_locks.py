"""Locks are the user's own, and free again when their holder ends."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bioskipgram.errors import CheckpointError
from bioskipgram.jobs import locks
from bioskipgram.jobs.locks import alone, hold, turns


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path / f"bioskipgram-{os.getuid()}"


def test_one_holds_a_lock_at_a_time(place: Path) -> None:
    first = hold(["x"])
    with pytest.raises(CheckpointError, match="another process holds x; try again"):
        hold(["x"], patience=0)
    os.close(first)
    os.close(hold(["x"], patience=0))
    assert [path.name for path in place.iterdir()] == ["x.lock"]


def test_a_queue_has_so_many_turns(place: Path) -> None:
    held = [hold(turns("q", 3), patience=0) for _ in range(3)]
    with pytest.raises(CheckpointError, match="another process holds q-0"):
        hold(turns("q", 3), patience=0)
    os.close(held.pop(1))
    held.append(hold(turns("q", 3), patience=0))
    for handle in held:
        os.close(handle)


def test_folders_have_locks_of_their_own(tmp_path: Path) -> None:
    with alone(tmp_path / "a"), alone(tmp_path / "b"):
        assert not (tmp_path / "a").exists()


def test_a_lock_is_free_when_its_holder_is_killed(place: Path) -> None:
    program = (
        "import time; from bioskipgram.jobs.locks import hold\n"
        "held = hold(['x']); print('held', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(CheckpointError):
            hold(["x"], patience=0)
        other.send_signal(signal.SIGKILL)
        os.close(hold(["x"], patience=20))


def test_nobody_else_can_open_the_folder(place: Path) -> None:
    assert locks._lock_folder() == place
    assert stat.S_IMODE(place.stat().st_mode) == 0o700


@pytest.mark.parametrize("there", ["open to all", "a link", "a file"])
def test_a_folder_that_others_can_use_is_not_taken(
    place: Path, there: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if there == "open to all":
        place.mkdir()
        place.chmod(0o777)
    elif there == "a link":
        (place.parent / "elsewhere").mkdir(mode=0o700)
        place.symlink_to(place.parent / "elsewhere")
    else:
        place.write_text("")
    other = place.parent / "other"
    other.mkdir()
    monkeypatch.setenv("TMPDIR", str(other))
    assert locks._lock_folder() == other / place.name


def test_no_folder_at_all_is_one_sentence(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(CheckpointError, match="set XDG_RUNTIME_DIR to a folder of your own"):
        hold(["x"])
