"""The commands `app`, which starts the dashboard, and `download-models`."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from bioskipgram.errors import CheckpointError, ConfigError
from bioskipgram.model import shipped

from .console import SafeStderr
from .output import print_table
from .parser import Parser, add_run

PORT = 8501


def app(options: argparse.Namespace) -> None:
    """Start the dashboard and replace this process by it."""
    from importlib.util import find_spec

    if find_spec("streamlit") is None:  # the process that runs it could not say how to get it
        raise ModuleNotFoundError("no module named 'streamlit'", name="streamlit")
    script = shipped.ROOT / "dashboard" / "app.py"
    if not script.exists():
        raise CheckpointError(f"{script}: the dashboard is not there; install the package again")
    os.environ[shipped.OPENED] = os.pathsep.join(str(path.resolve()) for path in _given(options))
    os.environ["BIOSKIPGRAM_RUNS"] = str(options.runs.resolve())
    words = ["-m", "streamlit", "run", str(script), f"--server.port={options.port}"]
    words.append(f"--server.address={options.address}")
    if options.no_browser:
        words.append("--server.headless=true")
    os.execv(sys.executable, [sys.executable, *words])


def _given(options: argparse.Namespace) -> list[Path]:
    for path in options.models:
        if not path.is_file():
            raise CheckpointError(f"{path}: no such model file")
    return list(options.models)


def download_models(options: argparse.Namespace) -> None:
    """Download models of a release into the user's own folder."""
    from tqdm import tqdm

    from bioskipgram.model import download

    address = download.release_address(options.address)
    offers = download.offers(address)
    if unknown := [name for name in options.names if name not in offers]:
        raise ConfigError(f"{unknown[0]}: this release has only {', '.join(offers)}")
    chosen = [offers[name] for name in options.names or offers]
    if options.list:
        rows = [{"model": o.name, "MB": round(o.bytes / 1e6, 1), "about": o.about} for o in chosen]
        print_table(rows, as_json=options.json)
        return
    folder, rows = options.folder or shipped.own_folder(), []
    for offer in chosen:
        settings = {"unit": "B", "unit_scale": True, "desc": offer.name, "file": SafeStderr()}
        with tqdm(total=offer.bytes, **settings) as bar:

            def draw(done: int, _of: int, bar: Any = bar) -> None:
                bar.update(done - bar.n)

            path = download.download(address, offer, folder, draw)
        rows.append({"model": offer.name, "path": str(path)})
    print_table(rows, as_json=options.json)


def add_app(parser: Parser) -> None:
    """Add the options of `app`."""
    add_run(parser, app, model=False, as_json=False)
    parser.add_argument(
        "models", nargs="*", type=shipped.model_path, help="models to open, the first one first"
    )
    parser.add_argument(
        "--address", default="localhost",
        help="whom to serve: localhost = this computer alone, 0.0.0.0 = all that reach it",
    )  # fmt: skip
    parser.add_argument("--port", type=int, default=PORT, help="the port of this computer")
    parser.add_argument(
        "--runs", type=Path, default=os.environ.get("BIOSKIPGRAM_RUNS", "runs"),
        help="the folder of training runs",
    )  # fmt: skip
    parser.add_argument("--no-browser", action="store_true", help="only print the address")


def add_download_models(parser: Parser) -> None:
    """Add the options of `download-models`."""
    add_run(parser, download_models, model=False)
    parser.add_argument("names", nargs="*", metavar="NAME", help="which; by default all")
    parser.add_argument("--list", action="store_true", help="only list what there is")
    parser.add_argument("--from", dest="address", metavar="URL", help="the address of the release")
    parser.add_argument("--folder", type=Path, help="where to; by default your own folder")
