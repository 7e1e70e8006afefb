"""Models found by their names: those that ship, and those in the user's own folder."""

import os
from pathlib import Path

from bioskipgram.errors import ConfigError

from . import beside

_PACKAGE = Path(__file__).resolve().parents[1]
INSTALLED = _PACKAGE / "app"
"""In an installed package, the folder of the dashboard and of the models that ship with it."""
ROOT = INSTALLED if INSTALLED.is_dir() else _PACKAGE.parent
"""The folder that holds ``dashboard`` and ``models``: `INSTALLED`, else the repository."""
SHIPPED = ROOT / "models"
OPENED = "BIOSKIPGRAM_OPENED"
"""Environment variable: model files the dashboard was started with, separated as in PATH."""


def own_folder() -> Path:
    """Return the folder of downloaded models.

    ``$BIOSKIPGRAM_MODELS`` if set, else ``bioskipgram/models`` in ``$XDG_DATA_HOME``, by default
    ``~/.local/share``. It need not exist.
    """
    if given := os.environ.get("BIOSKIPGRAM_MODELS"):
        return Path(given)
    data = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")  # noqa: PTH111
    return Path(data) / "bioskipgram" / "models"


def models(folder: Path = SHIPPED) -> dict[str, Path]:
    """Return the model files by name; one in the user's folder replaces one that ships."""
    shipped = sorted(beside.models_in(folder), key=lambda path: ("k6" not in path.stem, path.stem))
    found = {path.stem: path for path in (*shipped, *beside.models_in(own_folder()))}
    opened = [Path(name) for name in os.environ.get(OPENED, "").split(os.pathsep) if name]
    return {path.stem: path for path in opened} | found


def model_path(name: str | Path) -> Path:
    """Return the path of a model file, given as a path or as the name of a model in `models`.

    A name of none, without a suffix or a folder, raises a ConfigError that lists them.

    Examples
    --------
    >>> model_path("human-cds-k6").name, str(model_path("my/x.safetensors"))
    ('human-cds-k6.safetensors', 'my/x.safetensors')
    """
    path = Path(name)
    if path.suffix or len(path.parts) != 1 or os.path.lexists(path):
        return path
    if path.name not in (found := models()):
        raise ConfigError(
            f"{path.name}: neither a file nor one of the models {', '.join(found) or '(none)'}; "
            "more come with: bioskipgram download-models"
        )
    return found[path.name]
