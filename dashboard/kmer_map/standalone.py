"""A map in an HTML file of its own: no server, no request, works from ``file://``."""

import base64
import html
import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bioskipgram.numerics.arrays import Floats, Tokens
from dashboard.kmer_map.content import Colouring, MapContent
from dashboard.kmer_map.message import encode_map
from dashboard.kmer_map.scripts import SCRIPTS, script

HINT = (
    "Click a k-mer for its nearest ones, a label for its cluster, an entry of the legend for its "
    "members, or draw a lasso."
)
# Nothing can be fetched, whatever the page holds.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
)
_STYLE = """
:root {
  color-scheme: light dark;
  --st-font: system-ui, sans-serif; --st-code-font: ui-monospace, monospace;
  --st-base-radius: 6px; --st-button-radius: 6px;
  --st-background-color: #ffffff; --st-secondary-background-color: #f2f4f7;
  --st-text-color: #24272e; --st-border-color: #d8dbe1; --st-primary-color: #2a6fb0;
}
@media (prefers-color-scheme: dark) { :root {
  --st-background-color: #0f1216; --st-secondary-background-color: #1b2027;
  --st-text-color: #e8eaee; --st-border-color: #39404a; --st-primary-color: #6aa9e0;
} }
body {
  margin: 0 auto; padding: 1.25rem; max-width: 76rem; font: 400 .9375rem/1.5 var(--st-font);
  background: var(--st-background-color); color: var(--st-text-color);
}
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.125rem; margin: 2rem 0 .5rem; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--st-border-color); }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
code, textarea { font-family: var(--st-code-font); }
.scrolls { overflow-x: auto; }
.standalone select { font: inherit; padding: .2rem .4rem; margin-bottom: .5rem; max-width: 100%; }
.standalone-said { margin: .5rem 0 .25rem; }
.standalone-list { width: 100%; height: 8rem; box-sizing: border-box; }
"""


def block(
    content: MapContent,
    colourings: Sequence[Colouring],
    *,
    clusters: Tokens | None = None,
    neighbors: tuple[Tokens, Floats] | None = None,
) -> str:
    """Return the HTML of a map with a menu of colours.

    Parameters
    ----------
    content
        The map; its colours are those of the first of `colourings`.
    colourings
        The entries of the menu.
    clusters
        int32[V], the cluster of each k-mer, by which the labels select.
    neighbors
        int32[V, n] tokens and float32[V, n] cosines, shown when a k-mer is clicked.
    """
    maps, parts = [], []
    for number, colouring in enumerate(colourings):
        look = replace(content.look, colouring=colouring)
        message, packed = encode_map(replace(content, look=look), f"map{number}")
        maps.append({"title": colouring.title, "message": _base64(message)})
        parts += [_base64(part) for part in packed.values()]
    data = {"maps": maps, "parts": parts, "hint": HINT}
    data["clusters"] = [] if clusters is None else clusters.tolist()
    if neighbors is not None:
        tokens, cosines = neighbors
        data["neighbors"] = _base64(np.ascontiguousarray(tokens, "<i4").tobytes())
        data["cosines"] = _base64(np.ascontiguousarray(cosines, "<f4").tobytes())
    # "<" ends no script early, whatever a label says.
    text = json.dumps(data).replace("<", "\\u003c")
    return (
        '<div class="standalone"><label>Colour by <select></select></label>'
        f'<script type="application/json">{text}</script><div class="standalone-map"></div>'
        f'<p class="standalone-said">{html.escape(HINT)}</p>'
        '<textarea class="standalone-list" readonly hidden aria-label="k-mers"></textarea></div>'
    )


def page(title: str, body: str) -> str:
    """Return a whole HTML page around maps and other HTML, which must be escaped already."""
    scripts = script(*SCRIPTS, "standalone.js").replace("</", "<\\/")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}{script('style.css')}</style></head>"
        f'<body>{body}<script type="module">{scripts}</script></body></html>\n'
    )


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
