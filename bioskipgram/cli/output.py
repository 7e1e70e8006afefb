"""Values, tables and files that commands give out: for people or as JSON."""

import json
from pathlib import Path
from typing import Any


def print_values(values: dict[str, Any], *, as_json: bool) -> None:
    """Print named values, a line each."""
    if as_json:
        print(json.dumps(values))  # noqa: T201
        return
    for name, value in values.items():
        print(f"{name:16} {_cell(value)}")  # noqa: T201


def print_table(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    """Print rows under the names of their columns."""
    if as_json:
        print(json.dumps(rows))  # noqa: T201
        return
    table = [list(rows[0])] + [[_cell(value) for value in row.values()] for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for line in table:
        print("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip())  # noqa: T201


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def write_text(path: Path | None, text: str) -> None:
    """Write a text to a file, whole or not at all; without a path print it."""
    if path is None:
        print(text, end="")  # noqa: T201
    else:
        from bioskipgram.files import write_whole

        write_whole(path, text.encode())
