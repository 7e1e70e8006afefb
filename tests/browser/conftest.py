"""What every browser test needs: Chromium, a Streamlit that ends with the tests, a page."""

import contextlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLAGS = (
    "--no-sandbox",
    "--use-angle=swiftshader",  # WebGL without a graphics processor
    "--enable-unsafe-swiftshader",
    "--disable-gpu-compositing",  # as Chromium does without one; a frame takes half as long
    "--ignore-gpu-blocklist",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
START_SECONDS = 60.0
PATIENCE = 120_000  # milliseconds; the machine may have other work
QUIET = """() => document.querySelector('[data-testid=stApp]')
  ?.getAttribute('data-test-script-state') === 'notRunning'
  && document.querySelector('.kmer-map-moving') === null"""
Launch = Callable[..., Any]
Serve = Callable[..., str]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Try a test in Chromium again that fails: with other work on the machine it may time out."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=2))


@pytest.fixture(scope="session")
def launch() -> Iterator[Launch]:
    """Return ``launch(*flags)``, which starts a Chromium with further flags."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        pytest.skip("no chromium on the PATH")
    with contextlib.ExitStack() as stack, api.sync_playwright() as playwright:

        def start(*flags: str) -> Any:
            browser = playwright.chromium.launch(executable_path=executable, args=[*FLAGS, *flags])
            stack.callback(browser.close)
            return browser

        yield start
        stack.close()


@pytest.fixture(scope="session")
def chromium(launch: Launch) -> Any:
    """Return the Chromium that the tests of a session share; each opens contexts of its own."""
    return launch()


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Return ``serve(script, *args)``: starts Streamlit on the script, returns its address.

    The server is a process of its own on a free port of the loopback interface. The same call
    gets the same server; all end with the session.
    """
    with contextlib.ExitStack() as stack:
        running: dict[tuple[str, ...], str] = {}

        def start(script: Path | str, *args: str) -> str:
            call = (str(script), *args)
            if call not in running:
                log = tmp_path_factory.mktemp("streamlit") / "log.txt"
                running[call] = stack.enter_context(serving(Path(script), args, log))
            return running[call]

        yield start


@pytest.fixture(scope="session")
def address(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of the app, which all tests share, with folders of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BIOSKIPGRAM_RUNS", str(tmp_path_factory.mktemp("runs")))
        patch.setenv("BIOSKIPGRAM_SESSIONS", str(tmp_path_factory.mktemp("sessions")))
        # Runs wait for those of this server alone.
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("locks")))
        yield serve(ROOT / "dashboard" / "app.py")


@pytest.fixture(scope="session")
def context(chromium: Any) -> Any:
    """Return what pages share: Streamlit's scripts, which take a second to read and compile."""
    return chromium.new_context(viewport={"width": 1280, "height": 1000})


@pytest.fixture
def page(context: Any) -> Iterator[Any]:
    """Return a page of the shared context, see `watched`, for which the app is new."""
    context.clear_cookies()  # what an earlier test kept is in the basket of its cookie
    with watched(context) as page:
        yield page


@pytest.fixture
def cold(chromium: Any, warm: None) -> Iterator[Any]:
    """Return a page of a new browser, of a server that the module's `warm` has visited."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    with watched(context) as page:
        yield page
    context.close()


@contextlib.contextmanager
def watched(context: Any) -> Iterator[Any]:
    """Open a page that fails the test on a script error, a dialog, a request off localhost."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: wrong.append(dialog.message))
    page.on("request", lambda request: wrong.append(request.url) if _away(request.url) else None)
    yield page
    page.close()
    assert not wrong


def settled(page: Any, script: str, argument: Any = None) -> Any:
    """Return what a script says of the page once nothing runs and it says the same three times.

    A page is laid out more than once: whoever clicks where a point was hits another one.
    """
    said: list[Any] = []
    while len(said) < 3 or said[-1] is None or said[-3:] != 3 * said[-1:]:
        page.wait_for_timeout(250)
        page.wait_for_function(QUIET)
        said.append(page.evaluate(script, argument))
    return said[-1]


def _away(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1", "data:", "blob:"))


@contextlib.contextmanager
def serving(script: Path, args: tuple[str, ...], log: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = (f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true")
    command = [sys.executable, "-m", "streamlit", "run", str(script), *options, "--", *args]
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )
        try:
            _wait_until_healthy(f"http://127.0.0.1:{port}", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_healthy(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=2).close()
            return
        time.sleep(0.1)
    pytest.fail(f"Streamlit did not start:\n{log.read_text()}")
