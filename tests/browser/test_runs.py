"""Runs without their page: it is closed, the server is killed, others wait in the queue.

The folder of runs and that of the locks are these tests' own, so nobody else's runs are waited for.
"""

import contextlib
import gzip
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bioskipgram.sequences.shipped import SAMPLE
from bioskipgram.training import runs
from bioskipgram.training.recorder import AT_ONCE
from bioskipgram.training.runs import Run
from tests.browser.conftest import ROOT, serving, watched
from tests.browser.test_train import DRAWN

pytestmark = pytest.mark.browser
APP = ROOT / "dashboard" / "app.py"
ENDLESS, SOME = 100_000, 1_500
STOP = "Stop and keep what was learnt"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folders of this module's own in the environment; return the one that holds them."""
    folder = tmp_path_factory.mktemp("own")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("BIOSKIPGRAM_RUNS", "BIOSKIPGRAM_SESSIONS", "XDG_RUNTIME_DIR"):
            (folder / name).mkdir(mode=0o700)
            patch.setenv(name, str(folder / name))
        patch.setenv("OMP_NUM_THREADS", "1")  # the tables are small, and the page needs a core
        yield folder


@pytest.fixture
def root(own: Path) -> Iterator[Path]:
    """The folder of runs; what is in it when a test ends is killed and deleted."""
    folder = own / "BIOSKIPGRAM_RUNS"
    yield folder
    for run in runs.all_runs(folder):
        if run.status().active:
            run.status().owner.end()
            until(lambda run=run: not run.status().active, run)
        run.delete()


@pytest.fixture(scope="module")
def server(own: Path) -> Iterator[str]:
    with serving(APP, (), own / "server.txt") as address:
        yield address


@pytest.fixture
def genes(tmp_path: Path) -> Path:
    path = tmp_path / "genes.fa"
    text = gzip.decompress(SAMPLE.read_bytes()).decode()
    path.write_text(">" + ">".join(text.split(">")[1:61]))
    return path


def open_train(page: Any, address: str, genes: Path | None = None) -> None:
    page.goto(f"{address}/train")
    page.get_by_text("726 sequences").wait_for()
    if genes is not None:
        page.locator("input[type=file]").first.set_input_files(genes)
        page.get_by_text("60 sequences").wait_for()


def ask_for(page: Any, steps: int) -> None:
    """Choose 4-mers and so many steps."""
    page.get_by_text("Custom", exact=True).click()
    for label, value in (("K-mer length", 4), ("Training steps", steps)):
        box = page.get_by_label(label, exact=True)
        box.fill(str(value))
        box.press("Enter")


def start(page: Any, root: Path, name: str) -> Run:
    """Give the run a name and start it; return it once its process has been started."""
    box = page.get_by_label("Name", exact=True)
    box.fill(name)
    box.press("Enter")
    page.get_by_role("button", name="Start", exact=True).click()
    run = Run(root / name)
    until(lambda: run.status().state != "damaged", run)
    return run


def until(reached: Callable[[], bool], run: Run, seconds: float = 100.0) -> None:
    give_up = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < give_up, f"{run.status()}; {run.log()}"
        time.sleep(0.1)


def trains(run: Run) -> bool:
    status = run.status()
    assert status.state not in runs.ENDED, status
    return status.progress is not None


def choose(page: Any, name: str) -> None:
    page.get_by_role("combobox", name="Run", exact=True).click()
    page.get_by_role("option", name=name, exact=True).click()


def test_a_run_outlives_its_closed_tab_and_its_killed_server(
    context: Any, server: str, own: Path, root: Path, genes: Path
) -> None:
    """The other server is as good as the killed one started again: it reads the same folder."""
    with serving(APP, (), own / "killed.txt") as address:
        with watched(context) as page:
            open_train(page, address, genes)
            ask_for(page, SOME)
            run = start(page, root, "kept")
            until(lambda: trains(run), run)
            # It is paused until tab and server are gone, so that it cannot finish before.
            os.kill(run.status().process, signal.SIGSTOP)
        with watched(context) as page:  # the tab was closed
            open_train(page, address)
            page.get_by_role("button", name=STOP).wait_for()
            page.get_by_text("genes.fa").first.wait_for()
            page.goto("about:blank")  # else it reports that its server is gone
            kill(address)
        assert run.status().active
        os.kill(run.status().process, signal.SIGCONT)
    with watched(context) as page:
        open_train(page, server)
        until(lambda: run.status().state == "finished", run)
        page.get_by_text("finished").first.wait_for()
        page.get_by_text("genes.fa").first.wait_for()
        page.get_by_role("button", name="Explore this model").click()
        page.wait_for_function(DRAWN)


def test_three_runs_at_once_one_stopped_and_resumed_from_another_tab(
    context: Any, server: str, root: Path
) -> None:
    """More runs than work at once: the others wait, and the pages answer."""
    names = [f"run-{i}" for i in range(AT_ONCE + 1)]
    with watched(context) as page:
        open_train(page, server)
        ask_for(page, ENDLESS)
        found = [start(page, root, name) for name in names]
        for run in found[:-1]:
            until(lambda run=run: trains(run), run)
        page.get_by_text(f"In the queue: {AT_ONCE} runs work at once").wait_for()
        assert found[-1].status().state == "waiting"
    first, others = found[0], found[1:]
    with watched(context) as page:
        page.goto(f"{server}/explore")
        page.wait_for_function(DRAWN)
        page.get_by_role("link", name="Train", exact=True).click()
        choose(page, names[0])
        page.get_by_role("button", name=STOP).click()
        page.get_by_role("button", name="Explore this model").wait_for()
        until(lambda: others[-1].status().state == "running", others[-1])
        for run in others:
            run.stop()
        done = first.status().progress
        page.get_by_role("button", name="Resume").click()
        until(lambda: first.status().active and trains(first), first)
        now = first.status().progress
        assert done is not None
        assert now is not None
        assert now.step >= done.step
        page.get_by_role("button", name=STOP).click()
        page.get_by_role("button", name="Explore this model").wait_for()


def kill(address: str) -> None:
    """Kill the server at an address, which this test started: it cannot end in order."""
    mark = f"--server.port={address.rpartition(':')[2]}".encode()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = path.read_bytes().split(b"\0")
            if mark in words and b"streamlit" in words:
                os.kill(int(path.parent.name), signal.SIGKILL)
