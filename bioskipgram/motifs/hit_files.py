"""Hits -> text: CSV, BED and GFF3. Names of records are user input and are escaped."""

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator
from itertools import repeat
from typing import Any
from urllib.parse import quote

import numpy as np

from bioskipgram.tables import harmless

from .scan import Hits

COLUMNS = (
    "motif", "sequence", "start", "end", "strand", "score", "p_value", "q_value", "matched"
)  # fmt: skip
_GFF_KEPT = " !#$'()*+-./:<>?@[]^_`{|}~"
"""Characters that GFF3 allows in its ninth column besides letters and digits."""


def rows(hits: Iterable[Hits]) -> list[dict[str, Any]]:
    """Return a row per hit; start and end are 1-based and closed."""
    return [dict(zip(COLUMNS, cells, strict=True)) for one in hits for cells in _rows(one)]


def _rows(hits: Hits) -> Iterator[tuple[Any, ...]]:
    columns = (
        [hits.sequences.names[record] for record in hits.records.tolist()],
        (hits.starts + 1).tolist(), hits.stops.tolist(),
        np.where(hits.strands > 0, "+", "-").tolist(), [round(s, 3) for s in hits.scores.tolist()],
        hits.p_values.tolist(), hits.q_values.tolist(), map(hits.text, range(len(hits))),
    )  # fmt: skip
    return zip(repeat(hits.motif, len(hits)), *columns, strict=True)


def csv_text(hits: Iterable[Hits]) -> str:
    """Return the hits as CSV; names that a spreadsheet would take for a formula get a quote."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in rows(hits):
        row |= {name: harmless(row[name]) for name in ("motif", "sequence")}
        writer.writerow({name: _number(value) for name, value in row.items()})
    return out.getvalue()


def bed_text(hits: Iterable[Hits]) -> str:
    """Return the hits as BED6, 0-based half-open; the score is -100 log10(p), a whole 0 to 1000."""
    lines = [
        "\t".join(
            (
                _word(row["sequence"]), str(row["start"] - 1), str(row["end"]),
                _word(row["motif"]), str(_thousandths(row["p_value"])), row["strand"],
            )
        )
        for row in rows(hits)
    ]  # fmt: skip
    return "".join(f"{line}\n" for line in lines)


def gff3_text(hits: Iterable[Hits]) -> str:
    """Return the hits as GFF3: 1-based closed, names percent-encoded as its specification says."""
    lines = ["##gff-version 3"]
    for number, row in enumerate(rows(hits), 1):
        score = "." if math.isnan(row["p_value"]) else f"{row['score']:.3f}"
        facts = f"ID=hit{number};Name={quote(row['motif'], safe=_GFF_KEPT)}"
        if score != ".":
            facts += f";pvalue={row['p_value']:.4g};qvalue={row['q_value']:.4g}"
        lines.append(
            "\t".join(
                (
                    quote(row["sequence"], safe=".:^*$@!+_?-|"), "BioSkipGram", "nucleotide_motif",
                    str(row["start"]), str(row["end"]), score, row["strand"], ".", facts,
                )
            )
        )  # fmt: skip
    return "\n".join(lines) + "\n"


def _word(text: str) -> str:
    return re.sub(r"[\s\x00-\x1f\x7f]+", "_", text) or "."


def _thousandths(p: float) -> int:
    return 0 if math.isnan(p) else min(1000, round(-100 * math.log10(max(p, 1e-300))))


def _number(value: Any) -> Any:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.6g}"
    return value
