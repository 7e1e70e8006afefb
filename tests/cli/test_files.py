"""Names and patterns of files, whose file is whose, and what they are called."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioskipgram.cli.files import Files, file_sha256, known_digests
from bioskipgram.cli.main import main
from bioskipgram.errors import FastaError, TrainingError
from bioskipgram.model import checkpoint
from bioskipgram.training.distributed import Group

TEXTS = {"a.fa": ">a\nACGTTGCAAC\n", "b.fa": ">b\nGGCATTACG\n", "c[1].fa": ">c\nTTGACCAGT\n"}


class Known(Group):
    """A process of a group in which all see the same, or what `parts` says."""

    parts: tuple[object, ...] = ()

    def told(self, value: object) -> list[object]:
        return list(self.parts) or [value] * self.size

    def any(self, flag: bool) -> bool:
        return flag

    def gather(self, rows: object) -> object:
        raise AssertionError(rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in TEXTS.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def test_patterns_and_names_are_each_file_once(folder: Path) -> None:
    names = [str(folder / name) for name in ("b.fa", "?.fa", "c[1].fa")]
    files = Files.named(names)
    assert [Path(path).name for path in files.paths] == ["b.fa", "a.fa", "c[1].fa"]
    assert files.title == "3 files: b.fa, a.fa, c[1].fa"
    assert files.record.splitlines() == list(files.paths)
    with pytest.raises(FastaError, match=r"\*\.gb: no file has such a name"):
        Files.named([str(folder / "*.gb")])
    assert Files.named(["none.fa"]).paths == ("none.fa",)  # left to the reader to say


def test_a_long_list_of_names_is_shortened() -> None:
    title = Files(tuple(f"chromosome{i}.fa" for i in range(90))).title
    assert len(title) == 200
    assert title.startswith("90 files: chromosome0.fa, ")


def test_the_digest_is_that_of_one_file_or_over_those_of_several(folder: Path) -> None:
    one, two = (str(folder / name) for name in ("a.fa", "b.fa"))
    digests = [hashlib.sha256(TEXTS[name].encode()).hexdigest() for name in ("a.fa", "b.fa")]
    assert Files((one,)).sha256() == digests[0] == file_sha256(one)
    assert Files((one, two)).sha256() == hashlib.sha256("\n".join(digests).encode()).hexdigest()
    assert Files((one, two)).sha256({one: "x", two: "y"}) == hashlib.sha256(b"x\ny").hexdigest()


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=12), st.integers(2, 5))
def test_every_file_is_counted_once(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], processes: int
) -> None:
    folder = tmp_path_factory.mktemp("sizes")
    for i, size in enumerate(sizes):
        (folder / f"{i}").write_bytes(b"A" * size)
    files = Files(tuple(str(folder / f"{i}") for i in range(len(sizes))))
    parts = [list(files.shares(Known(rank, processes))) for rank in range(processes)]
    if len(sizes) < processes:
        assert parts == [[(p, (r, processes)) for p in files.paths] for r in range(processes)]
        return
    assert sorted(path for part in parts for path, _ in part) == sorted(files.paths)
    assert {share for part in parts for _, share in part} == {(0, 1)}
    loads = [sum(Path(path).stat().st_size for path, _ in part) for part in parts]
    assert max(loads) - min(loads) <= max(sizes)


def test_a_file_goes_to_a_process_that_has_it() -> None:
    files = Files(("a", "b", "c"))
    for rank, own in ((0, ["b", "c"]), (1, ["a"])):
        group = Known(rank, 2)
        object.__setattr__(group, "parts", ([-1, 5, 5], [9, -1, 5]))
        assert sorted(path for path, _ in files.shares(group)) == own


def test_digests_of_all_processes_come_together_and_must_agree() -> None:
    group = Known(0, 2)
    object.__setattr__(group, "parts", ({"a": "1", "b": "2"}, {"b": "2", "c": "3"}))
    assert known_digests({}, group) == {"a": "1", "b": "2", "c": "3"}
    alone = Group()
    assert known_digests({"a": "1"}, alone) == {"a": "1"}


@pytest.mark.parametrize("trainer", ["exact", "sampled"])
def test_several_files_are_learnt_as_one(folder: Path, trainer: str) -> None:
    whole, parts = folder / "whole.fa", folder / "parts"
    whole.write_text("".join(TEXTS.values()))
    words = ["--k=2", "--dim=4", "--steps=5", "--epochs=1", "--threads=1", f"--trainer={trainer}"]
    found = []
    for names in ([str(whole)], [str(folder / name) for name in TEXTS]):
        out = parts / f"{len(names)}.safetensors"
        assert main(["train", *names, *words, "--out", str(out), "--index", "--json"]) == 0
        found.append(checkpoint.load(out))
    one, several = found
    assert (several.center == one.center).all()
    assert (several.info.records, several.info.bases) == (one.info.records, one.info.bases)
    assert several.info.source == "3 files: a.fa, b.fa, c[1].fa"


def test_files_that_differ_between_processes_are_refused() -> None:
    class Alone(Known):
        size = 1

    group = Alone()
    object.__setattr__(group, "parts", ({"x/a.fa": "1"}, {"x/a.fa": "2"}))
    with pytest.raises(TrainingError, match=r"^a\.fa differs between processes"):
        known_digests({}, group)
