"""Drives one reader with libFuzzer, led by the lines that inputs reach.

    pip install atheris
    python -m tests.fuzz.drive READER --seconds 180 [--keep]

Prints one line of JSON: inputs tried, wrong errors, lines covered, and seconds since a new one was
last covered. Inputs that raise a wrong error are kept and the search goes on; ``--keep`` adds them,
and the smallest inputs that cover most, to ``found.json``, which every test run tries again.
"""

import argparse
import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

import bioskipgram

FOUND = Path(__file__).parent / "found.json"
MOST_KEPT = 30
"""Inputs kept of each reader, the shortest."""
LONGEST_KEPT = 400


def main() -> None:
    """Run the fuzzer in a process of its own, since it does not return."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("reader")
    parser.add_argument("--seconds", type=int, default=180)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "corpus").mkdir()
        command = [sys.executable, "-m", __spec__.name, "--child", options.reader, name]
        limits = [f"-max_total_time={options.seconds}", "-max_len=4096", "-timeout=120",
                  "-rss_limit_mb=4096", f"{folder / 'corpus'}"]  # fmt: skip
        done = subprocess.run([*command, *limits], capture_output=True, text=True, check=False)
        found = report(options.reader, folder, done.stderr, done.returncode)
        sys.stdout.write(json.dumps(found) + "\n")
        if options.keep:
            keep(options.reader, folder)


def report(reader: str, folder: Path, log: str, code: int) -> dict[str, object]:
    """Return the figures of a run from libFuzzer's log."""
    wrong = {path.stem: path.read_text() for path in sorted(folder.glob("wrong-*.txt"))}
    covered = [int(found) for found in re.findall(r"cov: (\d+)", log)]
    runs = [int(found) for found in re.findall(r"^#(\d+)\t", log, re.MULTILINE)]
    last = max((p.stat().st_mtime for p in (folder / "corpus").iterdir()), default=0.0)
    return {"reader": reader, "inputs": max(runs, default=0), "wrong": len(wrong),
            "covered": max(covered, default=0), "corpus": len(list((folder / "corpus").iterdir())),
            "quiet_seconds": round(time.time() - last), "exit": code,
            "errors": [text[-700:] for text in wrong.values()][:5],
            "log": "" if code == 0 else log[-1500:]}  # fmt: skip


def keep(reader: str, folder: Path) -> None:
    """Add inputs to `found.json`: those with a wrong error, and the shortest of the corpus."""
    kept: dict[str, list[str]] = json.loads(FOUND.read_text("ascii"))
    inputs = [path.read_bytes() for path in sorted(folder.glob("wrong-*.bin"))]
    corpus = sorted((p.read_bytes() for p in (folder / "corpus").iterdir()), key=len, reverse=True)
    spread = [one for one in corpus if len(one) <= LONGEST_KEPT]
    inputs += spread[:: max(1, len(spread) // MOST_KEPT)][:MOST_KEPT]
    texts = {base64.b64encode(data).decode() for data in inputs}
    kept[reader] = sorted({*kept.get(reader, []), *texts})
    FOUND.write_text(json.dumps(kept, indent=0, sort_keys=True) + "\n", "ascii")


def child(reader: str, folder: Path, arguments: list[str]) -> None:
    """Fuzz one reader; wrong errors are written down, each kind once."""
    import atheris

    # numba compiles these, and does not know what atheris would put in.
    root = Path(bioskipgram.__file__).parent
    kernels = [".".join(("bioskipgram", path.parent.name, path.stem))
               for path in root.glob("*/*.py") if "njit" in path.read_text()]  # fmt: skip
    with atheris.instrument_imports(include=["bioskipgram", "dashboard"], exclude=kernels):
        from tests.fuzz.targets import TARGETS, try_input

    for number, seed in enumerate(TARGETS[reader].seeds):
        (folder / "corpus" / f"seed-{number}").write_bytes(seed)
    for text in json.loads(FOUND.read_text("ascii")).get(reader, []):
        data = base64.b64decode(text)
        (folder / "corpus" / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)

    def one(data: bytes) -> None:
        try:
            try_input(reader, data)
        except Exception as error:  # noqa: BLE001 - any other error is what is sought
            place = traceback.extract_tb(error.__traceback__)[-1]
            what = f"{type(error).__name__}-{Path(place.filename).stem}-{place.lineno}"
            if not (path := folder / f"wrong-{what}.txt").exists():
                path.write_text("".join(traceback.format_exception(error)))
                path.with_suffix(".bin").write_bytes(data)

    atheris.Setup([sys.argv[0], *arguments], one)
    atheris.Fuzz()


if __name__ == "__main__":
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], Path(sys.argv[3]), sys.argv[4:])
    else:
        main()
