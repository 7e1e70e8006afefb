"""Models of a release, from a server of this computer: whole, or not at all."""

import hashlib
import json
import re
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bioskipgram.cli.main import main
from bioskipgram.errors import CheckpointError, ConfigError
from bioskipgram.model import checkpoint, download
from bioskipgram.model.download import Offer

MODELS = Path(__file__).parents[2] / "models"
NAME = "human-cds-codon"


class Release:
    """A folder on a server that may cut an answer short; `asked` are the ranges asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.asked, self.ranges, self.cut = folder, list[str | None](), True, 0
        release = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                wanted = self.headers["Range"]
                release.asked.append(wanted)
                path = release.folder / self.path[1:]
                if not path.exists():
                    self.send_error(404)
                    return
                data, start = path.read_bytes(), 0
                if wanted and release.ranges:
                    start = int(wanted.removeprefix("bytes=").removesuffix("-"))
                self.send_response(206 if start else 200)
                self.send_header("Content-Length", str(len(data) - start))
                self.end_headers()
                self.wfile.write(data[start : release.cut or None])

            def log_message(self, *_words: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def offer(self, **files: bytes) -> Offer:
        """Put an archive of some files on the server, and its line into the list."""
        path = self.folder / f"{NAME}.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in files.items():
                archive.writestr(name.replace("__", "/"), data)
        data = path.read_bytes()
        sha256 = hashlib.sha256(data).hexdigest()
        entry = {"name": NAME, "about": "codons", "bytes": len(data), "sha256": sha256}
        (self.folder / "models.json").write_text(json.dumps({"models": [entry]}))
        return download.offers(self.address)[NAME]


@pytest.fixture
def release(tmp_path: Path) -> Iterator[Release]:
    folder = tmp_path / "release"
    folder.mkdir()
    made = Release(folder)
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def files() -> dict[str, bytes]:
    """The model's file and a map beside it."""
    (layout,) = (MODELS / f"{NAME}.layouts").glob("tsne-2d-*")
    return {
        f"{NAME}.layouts__{layout.name}": layout.read_bytes(),
        f"{NAME}.safetensors": (MODELS / f"{NAME}.safetensors").read_bytes(),
    }


def test_a_model_comes_with_what_is_beside_it(
    release: Release, files: dict[str, bytes], tmp_path: Path
) -> None:
    told: list[tuple[int, int]] = []
    offer = release.offer(**files)
    path = download.download(release.address, offer, tmp_path / "own", lambda *n: told.append(n))
    assert checkpoint.load(path).digest == checkpoint.load(NAME).digest
    assert sorted(each.name for each in path.parent.rglob("*")) == sorted(
        [f"{NAME}.layouts", f"{NAME}.safetensors", *(n.split("__")[1] for n in files if "__" in n)]
    )
    assert told[-1] == (offer.bytes, offer.bytes)


@pytest.mark.parametrize("ranges", [True, False])
def test_what_was_cut_short_is_continued(
    release: Release, files: dict[str, bytes], tmp_path: Path, ranges: bool
) -> None:
    offer, own = release.offer(**files), tmp_path / "own"
    release.cut, release.ranges = 5000, ranges
    with pytest.raises(CheckpointError, match=r"after 5,000 of .* continues there|cannot be fet"):
        download.download(release.address, offer, own)
    assert not list(own.glob("[!.]*"))
    release.cut = 0
    assert checkpoint.load(download.download(release.address, offer, own))
    assert release.asked[-1] == "bytes=5000-"
    assert not list(own.glob(".*"))


def test_another_checksum_leaves_nothing(
    release: Release, files: dict[str, bytes], tmp_path: Path
) -> None:
    wrong = replace(release.offer(**files), sha256="0" * 64)
    with pytest.raises(CheckpointError, match=r"codon\.zip: its checksum is not that of the list"):
        download.download(release.address, wrong, tmp_path / "own")
    assert not list((tmp_path / "own").iterdir())


@pytest.mark.parametrize("name", ["..__x.safetensors", "__etc__x", "other.safetensors", "a.py"])
def test_a_foreign_file_is_not_unpacked(release: Release, tmp_path: Path, name: str) -> None:
    offer = release.offer(**{name: b"x"})
    with pytest.raises(CheckpointError, match="which is no file of it"):
        download.download(release.address, offer, tmp_path / "own")
    assert not [each for each in tmp_path.rglob("*") if each.name in ("x.safetensors", "a.py")]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda entry: entry.pop("sha256"),
        lambda entry: entry.update(name="../up"),
        lambda entry: entry.update(bytes=-1),
        lambda entry: entry.update(bytes=True),
        lambda entry: entry.update(sha256="beef"),
    ],
)
def test_a_list_that_is_none_is_refused(release: Release, spoil: Callable[[Any], None]) -> None:
    release.offer(x=b"")
    path = release.folder / "models.json"
    content = json.loads(path.read_text())
    spoil(content["models"][0])
    path.write_text(json.dumps(content))
    with pytest.raises(CheckpointError, match=r"models\.json: no list of models"):
        download.offers(release.address)


def test_no_server_and_no_list_are_one_sentence(release: Release) -> None:
    with pytest.raises(CheckpointError, match=r"models\.json: cannot be fetched \(404 Not Found\)"):
        download.offers(release.address)
    release.server.shutdown()
    release.server.server_close()
    with pytest.raises(CheckpointError, match=r"cannot be fetched .*refused.*; try again later"):
        download.offers(release.address)


def test_the_address_is_the_given_one_or_the_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(download.ADDRESS, raising=False)
    monkeypatch.setattr(download, "_published", lambda: None)
    with pytest.raises(ConfigError, match="no address of a release is known; give one with --from"):
        download.release_address()
    monkeypatch.setenv(download.ADDRESS, "http://one/")
    assert download.release_address() == "http://one"
    assert download.release_address("https://two/x") == "https://two/x"
    with pytest.raises(ConfigError, match=re.escape("'file:///etc' is no web address")):
        download.release_address("file:///etc")


def test_the_command_downloads_into_the_folder(
    release: Release,
    files: dict[str, bytes],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    release.offer(**files)
    words = ["download-models", f"--from={release.address}", f"--folder={tmp_path}", "--json"]
    assert main([*words, "--list"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["about"] == "codons"
    assert main([*words, NAME]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == [{"model": NAME, "path": str(tmp_path / f"{NAME}.safetensors")}]
    assert "100%" in err
    assert main([*words, "mouse"]) == 2
    assert capsys.readouterr().err == f"bioskipgram: mouse: this release has only {NAME}\n"
