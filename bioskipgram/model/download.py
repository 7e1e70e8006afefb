"""The models of a release, downloaded into the user's own folder.

A release is a folder on a web server with ``models.json`` and one zip archive a model. The list
holds for each model ``name``, ``about``, ``bytes`` and ``sha256`` of its archive. An archive holds
the model and the files beside it under the names that `beside` gives, uncompressed.
"""

import hashlib
import io
import json
import os
import re
import zipfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from bioskipgram.errors import CheckpointError, ConfigError
from bioskipgram.files import write_whole
from bioskipgram.sequences.fetch import Tell, fetch, opened

LIST = "models.json"
ADDRESS = "BIOSKIPGRAM_RELEASE"
"""Environment variable: the address of the release."""
_LONGEST_LIST = 1 << 20
_LARGEST = 4 << 30
"""The most bytes of an archive, and of what it unpacks to."""


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A model of a release: its archive's size and SHA-256, and what it is in a sentence."""

    name: str
    about: str
    bytes: int
    sha256: str

    def __post_init__(self) -> None:
        whole = type(self.bytes) is int and 0 < self.bytes <= _LARGEST
        named = re.fullmatch(r"[\w-][\w.-]{0,99}", self.name)
        if not (named and whole and re.fullmatch(r"[0-9a-f]{64}", self.sha256)):
            raise ValueError(f"{self.name!r:.60} is not described as a model of a release is")


def release_address(given: str | None = None) -> str:
    """Return where the release is: as given, else of the environment, else of this package.

    A ConfigError if there is none, or if it is no web address.
    """
    found = given or os.environ.get(ADDRESS) or _published()
    if not found:
        raise ConfigError(
            f"no address of a release is known; give one with --from, or set {ADDRESS}"
        )
    if not re.match(r"https?://[^/]", found):
        raise ConfigError(f"{found!r:.80} is no web address; it begins with http:// or https://")
    return found.rstrip("/")


def _published() -> str | None:
    """Return the address that the installed package names as its models."""
    try:
        addresses = metadata.metadata("bioskipgram").get_all("Project-URL") or []
    except metadata.PackageNotFoundError:
        return None
    named = dict(line.split(", ", 1) for line in addresses)
    return named.get("Models")


def offers(address: str) -> dict[str, Offer]:
    """Return the models of a release by name; a CheckpointError if they cannot be had."""
    where = f"{address}/{LIST}"
    with opened(where, error=CheckpointError) as answer:
        text = answer.read(_LONGEST_LIST)
    try:
        found = [Offer(**entry) for entry in json.loads(text)["models"]]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise CheckpointError(f"{where}: no list of models ({error})") from error
    return {offer.name: offer for offer in found}


def download(address: str, offer: Offer, folder: Path, tell: Tell = lambda done, of: None) -> Path:
    """Fetch a model with the files beside it, and return the model's path.

    What an earlier attempt left is continued. Nothing is put in place unless the whole archive
    has the SHA-256 of the list; `tell` is called with the bytes done and their number.

    Raises
    ------
    CheckpointError
        If it cannot be fetched, is not what the list says, or cannot be written.
    """
    part = folder / f".{offer.name}-{offer.sha256[:12]}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        where = f"{address}/{offer.name}.zip"
        fetch(where, part, size=offer.bytes, tell=tell, error=CheckpointError)
        archive = part.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{folder}: cannot be written ({error.strerror or error})") from error
    if hashlib.sha256(archive).hexdigest() != offer.sha256:
        part.unlink()
        raise CheckpointError(
            f"{offer.name}.zip: its checksum is not that of the list; download it again"
        )
    _unpack(archive, offer.name, folder)
    part.unlink()
    return folder / f"{offer.name}.safetensors"


def _unpack(archive: bytes, name: str, folder: Path) -> None:
    """Write the files of an archive that belong to a model; any other is a CheckpointError."""
    allowed = rf"{re.escape(name)}(\.(genes\.|sequences\.)?safetensors|\.quality\.json|\.layouts/"
    allowed += r"[\w-]+\.safetensors)"
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            entries = opened.infolist()
            foreign = [
                each.filename for each in entries if not re.fullmatch(allowed, each.filename)
            ]
            if foreign or sum(each.file_size for each in entries) > _LARGEST:
                raise CheckpointError(f"{name}.zip: holds {foreign[:1]}, which is no file of it")
            # The model last: without it the others are not seen.
            for entry in sorted(entries, key=lambda each: each.filename == f"{name}.safetensors"):
                write_whole(folder / entry.filename, opened.read(entry))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise CheckpointError(f"{name}.zip: damaged ({error})") from error
