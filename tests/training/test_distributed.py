"""Several processes beside one: the same sums, losses and vectors, and one end for all."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from bioskipgram.config import TrainConfig
from bioskipgram.counting.stream import count_file
from bioskipgram.errors import ConfigError, TrainingError
from bioskipgram.model import checkpoint
from bioskipgram.sequences.fasta import read
from bioskipgram.training.distributed import ALONE, Group
from bioskipgram.training.exact import ExactTrainer
from bioskipgram.training.trainer import Training

if TYPE_CHECKING:
    from bioskipgram.counting.counts import RawCounts


ROOT = Path(__file__).parents[2]
EXACT = TrainConfig(k=3, dim=8, steps=40, l2=0.01, threads=1, device="cpu")
SAMPLED = TrainConfig(k=3, dim=8, trainer="sampled", epochs=4, threads=1, device="cpu")
WIDE = TrainConfig(k=8, window=7, threads=1)
"""Its tally has cells: pairs are sorted, not counted in a table."""
PROGRAM = """
import sys
from pathlib import Path
import numpy as np
from tests.training.test_distributed import EXACT, SAMPLED, WIDE
from bioskipgram.errors import TrainingError
from bioskipgram.sequences.fasta import read
from bioskipgram.counting.stream import Counting
from bioskipgram.training.distributed import Group
from bioskipgram.training.trainer import Training
from bioskipgram.training.resume import restore, save

path, folder = sys.argv[1], Path(sys.argv[2])

def counted(config):
    counting = Counting(path, config, shard=(group.rank, group.size), block=1000)
    for _ in counting:
        pass
    return group.tally(counting.result())

def kept(name, training):
    embedding = training.embedding()
    found[name] = embedding.center
    found[name + " context"] = embedding.context
    found[name + " losses"] = np.array(embedding.info.losses)
    found[name + " loss"] = np.array(embedding.info.loss)

with Group.here("cpu") as group:
    found = {}
    for name, config in (("words", EXACT), ("cells", WIDE)):
        tally = counted(config)
        found[name] = tally.counts
        found[name + " sizes"] = np.array([tally.records, tally.bases])
        if tally.cells is not None:
            found[name + " cells"] = tally.cells
    for name, config in (("exact", EXACT), ("sampled", SAMPLED)):
        training = Training(read(path), config, group=group)
        for progress in training:
            if name == "exact" and progress.step == 20:
                save(training, folder / "half.state")
                found["own rows"] = np.array(len(training.trainer.objective.table._starts) - 1)
        kept(name, training)
    again = Training(read(path), EXACT, group=group)
    restore(again, folder / "start.state")
    list(again)
    kept("resumed", again)
    try:
        with group.together():
            if group.rank == 1:
                raise TrainingError("rank 1 cannot")
    except TrainingError as error:
        found["error"] = np.array(str(error))
    np.savez(folder / f"{group.rank}.npz", **found)
"""
Found = list[dict[str, Any]]


def environment(**more: object) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name != "WORLD_SIZE"}
    return {**inherited, "PYTHONPATH": str(ROOT), **{k: str(v) for k, v in more.items()}}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def start(size: int, *words: object) -> list["subprocess.Popen[str]"]:
    """Start a group of processes that run python with these words."""
    port = free_port()
    return [
        subprocess.Popen(
            [sys.executable, *map(str, words)],
            env=environment(
                RANK=rank, WORLD_SIZE=size, MASTER_ADDR="127.0.0.1", MASTER_PORT=port
            ),
            cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for rank in range(size)
    ]  # fmt: skip


def ends(processes: list["subprocess.Popen[str]"]) -> list[tuple[int, str, str]]:
    """The exit code, output and errors of each; none may hang."""
    try:
        told = [process.communicate(timeout=240) for process in processes]
    finally:
        for process in processes:
            process.kill()
    return [(process.returncode, *texts) for process, texts in zip(processes, told, strict=True)]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory, motif_text: Callable[..., str]) -> Path:
    path = tmp_path_factory.mktemp("corpus") / "motifs.fa"
    texts = [motif_text(400, seed) for seed in range(8)]
    path.write_text("".join(f">{i}\n{text}\n" for i, text in enumerate(texts)))
    return path


def trained(path: Path, config: TrainConfig, steps: int = 1 << 20) -> Training:
    training = Training(read(path), config)
    for progress in training:
        if progress.step == steps:
            break
    return training


@pytest.fixture(scope="module", params=[2, 3])
def group(
    request: pytest.FixtureRequest, corpus: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Found]:
    """What each process of a group of 2 or 3 found."""
    from bioskipgram.training.resume import save

    folder = tmp_path_factory.mktemp("group")
    save(trained(corpus, EXACT, steps=15), folder / "start.state")
    for code, _, errors in ends(start(request.param, "-c", PROGRAM, corpus, folder)):
        assert code == 0, errors
    return folder, [dict(np.load(folder / f"{rank}.npz")) for rank in range(request.param)]


# The same as one ----------------------------------------------------------------------------------


def test_all_processes_end_with_the_same(group: tuple[Path, Found]) -> None:
    _, (first, *others) = group
    for other in others:
        assert set(other) == set(first)
        for name in set(first) - {"error", "own rows"}:
            np.testing.assert_array_equal(other[name], first[name], err_msg=name)


def test_a_process_keeps_its_own_rows_of_the_pair_table(group: tuple[Path, Found]) -> None:
    _, found = group
    rows = [int(one["own rows"]) for one in found]
    assert sum(rows) == 64
    assert max(rows) - min(rows) <= 1


def test_the_shares_of_a_file_add_up(group: tuple[Path, Found], corpus: Path) -> None:
    _, (found, *_) = group
    for name, config in (("words", EXACT), ("cells", WIDE)):
        whole = count_file(corpus, config)
        np.testing.assert_array_equal(found[name], whole.counts)
        assert found[name + " sizes"].tolist() == [whole.records, whole.bases]
    assert whole.cells is not None
    np.testing.assert_array_equal(found["cells cells"], whole.cells)


def test_the_exact_trainer_learns_what_one_process_learns(
    group: tuple[Path, Found], corpus: Path
) -> None:
    _, (found, *_) = group
    embedding = trained(corpus, EXACT).embedding()
    for name in ("exact", "resumed"):
        np.testing.assert_allclose(found[name + " losses"], embedding.info.losses, rtol=1e-5)
        np.testing.assert_allclose(found[name], embedding.center, atol=1e-3)
        np.testing.assert_allclose(found[name + " context"], embedding.context, atol=1e-3)
    assert found["exact loss"] == pytest.approx(embedding.info.loss, rel=1e-6)


def test_one_process_goes_on_from_the_state_of_several(
    group: tuple[Path, Found], corpus: Path
) -> None:
    from bioskipgram.training.resume import restore

    folder, (found, *_) = group
    training = Training(read(corpus), EXACT)
    restore(training, folder / "half.state")
    assert [progress.step for progress in training] == list(range(21, 41))
    np.testing.assert_allclose(found["exact"], training.embedding().center, atol=1e-3)


def test_the_sampled_trainer_learns_as_well_as_one_process(
    group: tuple[Path, Found], corpus: Path
) -> None:
    _, (found, *_) = group
    training = trained(corpus, SAMPLED)
    info = training.embedding().info
    assert info.optimum is not None
    assert info.zero_loss is not None
    steps = found["sampled losses"][:, 0].tolist()
    assert steps == [step for step, _ in info.losses]
    assert info.loss < info.zero_loss - 0.1
    # Sums instead of means went 0.18 too high in three processes, and further with more epochs.
    assert float(found["sampled loss"]) == pytest.approx(info.loss, abs=0.01)


def test_an_error_of_one_is_told_by_the_first(group: tuple[Path, Found]) -> None:
    _, (first, *others) = group
    assert str(first["error"]) == f"process 2 of {1 + len(others)}: rank 1 cannot"
    assert {str(other["error"]) for other in others} == {"rank 1 cannot"}


# The command line ---------------------------------------------------------------------------------


def words(corpus: Path, out: Path, **settings: object) -> list[object]:
    options = [f"--{name.replace('_', '-')}={value}" for name, value in settings.items()]
    return ["-m", "bioskipgram", "train", corpus, "--out", out, "--threads=1", "--json", *options]


def test_a_file_that_cannot_be_read_ends_all_with_one_sentence(tmp_path: Path) -> None:
    bad = tmp_path / "bad.fa"
    bad.write_text(">a\nACGTACGT\n>b\nAC!GT\n")
    (code, output, errors), (other, *silence) = ends(
        start(2, *words(bad, tmp_path / "x.safetensors", k=3), "--strict")
    )
    assert (code, other) == (2, 2)
    assert errors.startswith("bioskipgram: bad.fa, line 4: '!' is not a DNA letter")
    assert errors.count("\n") == 1
    assert [output, *silence] == ["", "", ""]
    assert list(tmp_path.iterdir()) == [bad]


def test_a_record_that_is_left_out_is_told_once(tmp_path: Path) -> None:
    bad = tmp_path / "bad.fa"
    bad.write_text(">a\nACGTACGT\n>b\nAC!GT\n")
    (code, output, errors), (other, *silence) = ends(
        start(2, *words(bad, tmp_path / "x.safetensors", k=3, steps=2))
    )
    assert (code, other) == (0, 0)
    assert errors.count("left out: bad.fa, line 3: b: '!' at position 3") == 1
    assert json.loads(output)["records"] == 1
    assert silence == ["", ""]


@pytest.mark.parametrize(("size", "files"), [(2, 5), (3, 4), (3, 2)])
def test_many_files_give_what_one_process_learns_from_them(
    corpus: Path, tmp_path: Path, size: int, files: int
) -> None:
    records = corpus.read_text().split(">")[1:]
    for i in range(files):
        text = "".join(f">{record}" for record in records[i::files])
        (tmp_path / f"part{i}.fa").write_text(f"{text}>bad {i}\nAC!GT\n")
    out, pattern = tmp_path / "x.safetensors", tmp_path / "part*.fa"
    command = words(pattern, out, k=3, dim=8, steps=30)
    (code, output, errors), *others = ends(start(size, *command))
    assert (code, others) == (0, [(0, "", "")] * (size - 1)), errors
    left_out = [line for line in errors.splitlines() if "left out: part" in line]
    assert len(left_out) == len(set(left_out)) == files
    info = json.loads(output)
    names = ", ".join(f"part{i}.fa" for i in range(files))
    assert info["source"] == f"{files} files: {names}"
    assert info["records"] == len(records)
    several = checkpoint.load(out)
    ((code, _, errors),) = ends(start(1, *command))
    alone = checkpoint.load(out)
    assert code == 0, errors
    assert several.info.sha256 == alone.info.sha256
    assert several.info.loss == pytest.approx(alone.info.loss, rel=1e-6)
    np.testing.assert_allclose(several.center, alone.center, atol=1e-3)
    np.testing.assert_array_equal(several.vocabulary.counts, alone.vocabulary.counts)


def test_a_stopped_group_is_gone_on_with_by_another_number(corpus: Path, tmp_path: Path) -> None:
    out, state = tmp_path / "x.safetensors", tmp_path / "x.state.safetensors"
    command = words(corpus, out, k=3, dim=8, steps=400, save_every=0)
    launcher = ["-m", "torch.distributed.run", "--nproc-per-node=2", "--local-addr=127.0.0.1",
                "--master-addr=127.0.0.1", f"--master-port={free_port()}"]  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, *map(str, [*launcher, *command])],
        env=environment(), cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    for _ in range(600):
        if state.exists() or process.poll() is not None:
            break
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    ((_, output, errors),) = ends([process])
    (line,) = output.splitlines()
    done = json.loads(line)["steps_done"]
    assert 0 < done < 400, errors
    assert checkpoint.load(out).info.steps_done == done
    assert state.exists()
    (code, output, errors), *others = ends(start(3, *command, "--resume", "--save-every=99"))
    assert code == 0, errors
    assert f"going on after step {done:,} of 400" in errors
    assert others == [(0, "", "")] * 2
    assert json.loads(output)["steps_done"] == 400
    config = TrainConfig(k=3, dim=8, steps=400, threads=1)
    alone = trained(corpus, config).embedding()
    assert checkpoint.load(out).info.loss == pytest.approx(alone.info.loss, rel=1e-5)
    assert checkpoint.load(out).info.sha256 == count_file(corpus, config).digest
    assert sorted(tmp_path.iterdir()) == [out]


# Alone --------------------------------------------------------------------------------------------


def test_alone_everything_is_as_given(corpus: Path) -> None:
    tally: RawCounts = count_file(corpus, EXACT)
    rows = torch.ones(3, 2)
    assert ALONE.tally(tally) is tally
    assert ALONE.gather(rows) is ALONE.all_sum(rows) is ALONE.broadcast(rows) is rows
    assert ALONE.text("a") == "a"
    assert (ALONE.sum(1.5), ALONE.any(True), ALONE.any(False)) == (1.5, True, False)
    with pytest.raises(TrainingError, match=r"^as it is$"), ALONE.together():
        raise TrainingError("as it is")
    with Group.here("cpu") as group:
        assert group == ALONE


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_every_row_is_of_one_process(size: int) -> None:
    parts = [range(16)[Group(rank, size).rows(16)] for rank in range(size)]
    assert [row for part in parts for row in part] == list(range(16))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


@pytest.mark.parametrize(
    ("names", "says"),
    [
        ({"WORLD_SIZE": "2"}, "RANK, MASTER_ADDR or MASTER_PORT is not set"),
        ({"WORLD_SIZE": "two"}, "WORLD_SIZE: expected a whole number, found 'two'"),
    ],
)
def test_a_half_named_group_is_refused(
    names: dict[str, str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("RANK", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=says), Group.here("cpu"):
        pass


def test_a_meeting_place_that_is_taken_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        names = {"RANK": 0, "WORLD_SIZE": 2, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
        for name, value in {**names, "GLOO_SOCKET_IFNAME": "lo"}.items():
            monkeypatch.setenv(name, str(value))
        says = rf"process 1 of 2 did not meet the others at 127.0.0.1:{port} \(.*in use"
        with pytest.raises(TrainingError, match=says), Group.here("cpu"):
            pass


def test_the_trainer_that_is_alone_keeps_all_rows(corpus: Path) -> None:
    trainer = trained(corpus, EXACT, steps=1).trainer
    assert isinstance(trainer, ExactTrainer)
    assert len(trainer.model.center) == 64
