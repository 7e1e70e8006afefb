"""Values and tables on standard output, for people or as JSON."""

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bioskipgram.model.embedding import KmerEmbedding


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


def print_info(embedding: "KmerEmbedding", *, as_json: bool) -> None:
    """Print a model's settings and history."""
    info = embedding.info
    values: dict[str, Any] = {"kmers": len(embedding), "digest": embedding.digest, "gap": info.gap}
    values |= info.to_dict()
    if not as_json:
        config = values.pop("config")
        values.pop("losses")
        values |= {"settings": ", ".join(f"{name}={value}" for name, value in config.items())}
    print_values(values, as_json=as_json)
