"""The files of the map's script, in order, and their text."""

from pathlib import Path

SCRIPTS = (
    "unpack.js", "elements.js", "decode.js", "theme.js", "dots.js", "view.js", "space.js",
    "labels.js", "contours.js", "overlay.js", "range.js", "histograms.js", "legend.js", "card.js",
    "tools.js", "pointer.js", "picture.js", "strip.js", "map.js", "moves.js",
)  # fmt: skip
"""The files that define the map, in order; each use of it adds one that shows it."""
_HERE = Path(__file__).parent / "browser"


def script(*names: str) -> str:
    """Return files of the browser's folder, joined."""
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)
