"""Untrusted text, escaped for where it is shown: one function for each target.

Import it as ``from dashboard.shared import text as safe``. Untrusted is all that a user, a file or
an address brought: query parameters; names of files, models, runs, records and matrices; reports of
runs; the text of every error. Captions, messages, `help` and the labels of buttons, radios, pills,
tabs and expanders are Markdown. Tables, `st.text`, `st.code` and the options of a selectbox are
plain text: `one_line` suffices there. No page builds an address.
"""

import html as _html
import re
from typing import TYPE_CHECKING

from bioskipgram.tables import harmless

if TYPE_CHECKING:
    import pandas as pd


MAX_NAME = 80
MAX_ERROR = 300
_SPECIAL = frozenset(r"\`*_{}[]()<>#+-.!|~$:&=@^")
_ACTIVE = re.compile(r"(?<=://)|(?<=www)(?=\.)|(?<=@)|(?<=:)(?=material/)", re.IGNORECASE)
_JOINER = "\u2060"
"""WORD JOINER, which has no width. It stands in bare addresses and names of icons, which Streamlit
seeks in text that is already unescaped."""


def one_line(text: object, most: int = MAX_NAME) -> str:
    """Return text as one line of printable characters, cut at its end."""
    # Control, bidirectional and lone surrogate characters are not printable.
    line = "".join(c if c.isprintable() else " " for c in str(text)[: most + 1])
    return line if len(line) <= most else f"{line[: most - 1]}…"


def markdown(text: object, most: int = MAX_NAME) -> str:
    """Return text escaped for Markdown: no picture, link, HTML or emphasis."""
    line = _ACTIVE.sub(_JOINER, one_line(text, most))
    return "".join(f"\\{c}" if c in _SPECIAL else c for c in line)


def code(text: object, most: int = MAX_NAME) -> str:
    """Return text as a code span of Markdown."""
    line = one_line(text, most)
    fence = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    edge = " " if len(fence) > 1 or not line.strip() else ""
    return f"{fence}{edge}{line}{edge}{fence}"


def error(found: object) -> str:
    """Return an error's text as one line of Markdown; of a long one the middle is left out."""
    line = one_line(found, 100 * MAX_ERROR)
    if len(line) > MAX_ERROR:
        line = f"{line[: MAX_ERROR // 2]}…{line[1 - MAX_ERROR // 2 :]}"
    return markdown(line, MAX_ERROR)


def html(text: object, most: int = MAX_NAME) -> str:
    """Return text as HTML, for an element or an attribute."""
    return _html.escape(one_line(text, most))


def letters(text: str, colours: dict[str, str], *, underlined: frozenset[int] = frozenset()) -> str:
    """Return a k-mer or codons as HTML, each letter in its colour; one without a colour is N."""
    spans = []
    for place, letter in enumerate(text):
        colour, shown = (colours[letter], letter) if letter in colours else ("#8a8f98", "N")
        line = ";text-decoration:underline" * (place in underlined)
        spans.append(f'<span style="color:{colour}{line}">{html(shown)}</span>')
    return "".join(spans)


def figure(text: object, most: int = MAX_NAME) -> str:
    """Return text for a label, hover text or template of plotly, which reads some HTML."""
    return _html.escape(one_line(text, most), quote=False).replace("%{", "%&#123;")


def table(found: "pd.DataFrame") -> "pd.DataFrame":
    """Return a table for a file without spreadsheet formulas; numbers are unchanged."""
    texts = found.select_dtypes(exclude=["number", "bool"])
    cells = {name: [_cell(value) for value in texts[name]] for name in texts}
    return found.assign(**cells).rename(columns=_cell)


def _cell(value: object) -> object:
    return harmless(value) if isinstance(value, str) else value
