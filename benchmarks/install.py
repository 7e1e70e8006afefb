"""Build the wheel and install it in empty environments: sizes, times, and whether it works.

    python -m benchmarks.install [PYTHON …]
    python -m benchmarks.install --sizes

For each Python (a path or a name on PATH; by default this one), from an empty folder: the core
without extras imports, tells about a model and finds neighbours; training says in one sentence what
to install; with ``[app]`` the dashboard answers on its port and the Python of README runs.
``--sizes`` adds up the files of the packages that the core and the extras bring, as they are in
this environment, beside what version 0.1.0 brought.
"""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 90.0


def timed(*words: object, cwd: Path, fails: bool = False) -> tuple[str, float]:
    """Run a command; return what it printed, and its seconds."""
    start = time.perf_counter()
    done = subprocess.run(
        [str(word) for word in words], cwd=cwd, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - start
    if (done.returncode != 0) != fails:
        raise SystemExit(f"{words}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr, seconds


def size(folder: Path) -> float:
    """Return the MB of an environment, without Python's own pip."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files if "/pip/" not in str(path)) / 1e6


def built(folder: Path) -> Path:
    """Build the sdist and from it the wheel; return the wheel."""
    timed(sys.executable, "-m", "build", "--outdir", folder, ROOT, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    (source,) = folder.glob("*.tar.gz")
    print(f"wheel {wheel.stat().st_size / 1e6:.1f} MB, sdist {source.stat().st_size / 1e6:.1f} MB")
    return wheel


def try_core(binaries: Path, empty: Path) -> dict[str, float]:
    """Use the core without extras; return the seconds of each first and second use."""
    seconds = {}
    python, program = binaries / "python", binaries / "bioskipgram"
    _, seconds["import"] = timed(python, "-c", "import bioskipgram", cwd=empty)
    for turn in ("first", "second"):
        _, seconds[f"{turn} info"] = timed(program, "info", "human-cds-k6", cwd=empty)
        found, seconds[f"{turn} neighbors"] = timed(
            program, "neighbors", "human-cds-codon", "GAA", "--json", cwd=empty
        )
        assert "GAG" in found, found
    _, seconds["--help"] = timed(program, "--help", cwd=empty)
    sample = "import bioskipgram.sequences.shipped as s; print(s.SAMPLE)"
    path, _ = timed(python, "-c", sample, cwd=empty)
    said, _ = timed(program, "train", path.strip(), "--out", "x.safetensors", cwd=empty, fails=True)
    assert 'pip install "bioskipgram[train]"' in said, said
    said, _ = timed(program, "app", cwd=empty, fails=True)
    assert 'pip install "bioskipgram[app]"' in said, said
    return seconds


def try_app(binaries: Path, empty: Path) -> float:
    """Start the dashboard; return the seconds until it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [str(binaries / "bioskipgram"), "app", "--no-browser", f"--port={port}"]
    start = time.perf_counter()
    server = subprocess.Popen(words, cwd=empty, stdout=subprocess.DEVNULL)
    try:
        while time.perf_counter() - start < PATIENCE:
            with suppress(OSError):
                where = f"http://localhost:{port}/_stcore/health"
                with urllib.request.urlopen(where, timeout=5) as answer:
                    assert answer.read() == b"ok"
                    return time.perf_counter() - start
            time.sleep(0.1)
        raise SystemExit("the dashboard does not answer")
    finally:
        server.terminate()
        server.wait()


def try_page(binaries: Path, empty: Path) -> None:
    """Run the first page of the installed dashboard without a browser."""
    program = """
import os
from streamlit.testing.v1 import AppTest
from bioskipgram.model import shipped
at = AppTest.from_file(str(shipped.ROOT / "dashboard" / "app.py"), default_timeout=120).run()
assert not at.exception and not at.error, (at.exception, at.error)
assert at.session_state["model"] == "human-cds-k6", at.session_state["model"]
"""
    timed(binaries / "python", "-c", program, cwd=empty)


BEFORE = [
    "anndata",
    "biopython",
    "isal",
    "numba",
    "numpy",
    "openTSNE",
    "pandas",
    "plotly",
    "regex",
    "safetensors",
    "scikit-learn",
    "scipy",
    "streamlit",
    "threadpoolctl",
    "torch",
    "tqdm",
    "umap-learn",
]
"""What 0.1.0 brought, whatever one wanted."""


def brought(names: list[str]) -> tuple[float, int]:
    """Return the MB and the number of these packages and of all that they bring."""
    found: dict[str, metadata.Distribution] = {}
    waiting = [Requirement(name) for name in names]
    while waiting:
        wanted = waiting.pop()
        if (name := canonicalize_name(wanted.name)) in found:
            continue
        with suppress(metadata.PackageNotFoundError):
            found[name] = metadata.distribution(wanted.name)
            given = map(Requirement, found[name].requires or [])
            extra = {"extra": ""}
            waiting += [one for one in given if one.marker is None or one.marker.evaluate(extra)]
    files = [Path(str(each.locate_file(f))) for each in found.values() for f in each.files or []]
    return sum(path.stat().st_size for path in files if path.exists()) / 1e6, len(found)


def print_sizes() -> None:
    """Print what the core and the extras bring."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras, core = project["optional-dependencies"], project["dependencies"]
    app = [*extras["maps"], *extras["app"][1:]]
    every = [one for name in extras if name not in ("all", "app") for one in extras[name]]
    for title, names in (
        ("0.1.0", BEFORE), ("core", core), ("core [app]", core + app),
        ("core [all]", core + app + every),
    ):  # fmt: skip
        megabytes, packages = brought(names)
        print(f"{title}: {megabytes:,.0f} MB, {packages} packages")


def readme_example() -> str:
    """Return the Python of README that needs no training."""
    text = (ROOT / "README.md").read_text("utf-8")
    return re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)[0]


def try_python(python: str, wheel: Path) -> None:
    """Install in an empty environment of one Python, use it, and print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        environment, empty = Path(folder, "environment"), Path(folder, "empty")
        empty.mkdir()
        timed(python, "-m", "venv", environment, cwd=empty)
        binaries = environment / "bin"
        version, _ = timed(binaries / "python", "--version", cwd=empty)
        before = size(environment)
        figures: dict[str, object] = {"python": version.split()[1]}
        pip = [binaries / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        _, figures["core install s"] = timed(*pip, wheel, cwd=empty)
        figures["core MB"] = size(environment) - before
        figures |= try_core(binaries, empty)
        _, figures["[app] install s"] = timed(*pip, f"{wheel}[app]", cwd=empty)
        figures["[app] MB"] = size(environment) - before
        figures["app answers"] = try_app(binaries, empty)
        try_page(binaries, empty)
        timed(binaries / "python", "-c", readme_example(), cwd=empty)
        rounded = {k: round(v, 2) if isinstance(v, float) else v for k, v in figures.items()}
        print(json.dumps(rounded), flush=True)


def main() -> None:
    """Build once; try every Python of the command line."""
    os.environ.pop("PYTHONPATH", None)
    if sys.argv[1:] == ["--sizes"]:
        print_sizes()
        return
    with tempfile.TemporaryDirectory() as folder:
        wheel = built(Path(folder))
        for python in sys.argv[1:] or [sys.executable]:
            try_python(python, wheel)


if __name__ == "__main__":
    main()
