"""What a status file may hold, and what is refused in one sentence."""

import json
import math
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from bioskipgram.errors import CheckpointError
from bioskipgram.jobs.status import Status, StatusWriter, from_json, read_end, to_json


@dataclass
class Point:
    x: float
    n: int = 1
    name: str = ""
    inner: "Point | None" = None


def test_a_status_that_was_written_is_read(tmp_path: Path) -> None:
    written = Status(state="running", stage="é", share=0.25, seconds_left=3.5, process=7, born="b")
    written.write(tmp_path / "x.json")
    assert Status.read(tmp_path / "x.json") == written


def test_the_file_is_pinned(tmp_path: Path) -> None:
    Status(process=7, born="boot:12", seconds_left=math.inf).write(tmp_path / "x.json")
    assert json.loads((tmp_path / "x.json").read_text()) == {
        "state": "waiting", "stage": "starting", "share": 0.0, "seconds_left": None, "error": "",
        "process": 7, "born": "boot:12",
    }  # fmt: skip


def test_a_status_of_the_first_version_is_read_and_its_process_is_not_ours(tmp_path: Path) -> None:
    old = {"state": "running", "stage": "looking", "share": 0.5, "seconds_left": None, "error": "",
           "process": os.getpid()}  # fmt: skip
    (tmp_path / "x.json").write_text(json.dumps(old))
    found = Status.read(tmp_path / "x.json")
    assert (found.active, found.share, found.owner.alive) == (True, 0.5, False)


BAD = [
    b"", b"{", b"null", b"5", b"[]", b'"x"', b"\xff", b'{"state": "\xff"}', b"[" * 100_000,
    *(json.dumps(values).encode() for values in [
        {"state": "asleep"}, {"state": 1}, {"state": None}, {"process": -1}, {"process": 2**31},
        {"process": 10**400}, {"process": 1.0}, {"process": True}, {"process": "1"},
        {"share": "x"}, {"share": None}, {"share": 2}, {"share": -0.1}, {"share": 10**400},
        {"seconds_left": "soon"}, {"seconds_left": []}, {"error": None}, {"stage": ["x"]},
        {"born": 7}, {"colour": 1}, {"\ud800": 1},
    ]),
]  # fmt: skip


@pytest.mark.parametrize("data", BAD, ids=lambda data: repr(data[:30]))
def test_what_is_no_status_is_one_sentence(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.json").write_bytes(data)
    with pytest.raises(CheckpointError, match=r"x\.json: no status can be read") as caught:
        Status.read(tmp_path / "x.json")
    str(caught.value).encode()


@pytest.mark.parametrize("kind", ["nothing", "folder", "pipe", "device", "broken", "circle"])
def test_what_is_no_file_is_one_sentence_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.json"
    {
        "nothing": lambda: None,
        "folder": path.mkdir,
        "pipe": lambda: os.mkfifo(path),
        "device": lambda: path.symlink_to("/dev/zero"),
        "broken": lambda: path.symlink_to(tmp_path / "nowhere"),
        "circle": lambda: path.symlink_to(path),
    }[kind]()
    with pytest.raises(CheckpointError, match=r"x\.json: no status can be read"):
        Status.read(path)


def test_text_that_cannot_be_encoded_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"error": "a\\ud800b"}')
    assert Status.read(tmp_path / "x.json").error == "a?b"


def test_of_a_long_file_the_end_is_read(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"0123456789")
    assert read_end(tmp_path / "x", 4) == b"6789"
    assert read_end(tmp_path / "x", 100) == b"0123456789"


def test_json_has_null_for_what_is_no_number() -> None:
    made = Point(math.nan, 2, "n", Point(math.inf))
    assert json.loads(to_json(made)) == {
        "x": None, "n": 2, "name": "n", "inner": {"x": None, "n": 1, "name": "", "inner": None},
    }  # fmt: skip
    assert math.isnan(from_json(Point, {"x": None}).x)
    assert from_json(Point, {"x": 3}).x == 3.0


@pytest.mark.parametrize(
    "values",
    [{"x": True}, {"x": "1"}, {"x": 1, "n": 2.0}, {"x": 1, "n": 2**60}, {}, {"x": 1, "y": 1}],
)
def test_a_value_that_does_not_fit_its_field_is_refused(values: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError)):
        from_json(Point, values)


# The writing side ----------------------------------------------------------------------------


def test_a_full_disk_ends_nothing_that_has_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes) -> None:
        raise CheckpointError("full")

    with StatusWriter(tmp_path / "x.json", Status()) as writer:
        monkeypatch.setattr("bioskipgram.jobs.status.write_whole", full)
        writer.write(state="running")
    with pytest.raises(CheckpointError, match="full"), StatusWriter(tmp_path / "x.json", Status()):
        pass


def test_how_a_block_fails_is_written(tmp_path: Path) -> None:
    with pytest.raises(MemoryError), StatusWriter(tmp_path / "x.json", Status()):
        raise MemoryError("8 GB")
    found = Status.read(tmp_path / "x.json")
    assert found.state == "failed"
    assert found.error.startswith("Memory ran out (8 GB); shorter k-mers")
    assert asdict(found)["process"] == 0
