"""CSV and TSV text that no spreadsheet computes."""

from .arrays import Doubles

_FORMULA = ("=", "+", "-", "@")
"""How a text begins that spreadsheets would compute."""


def neutral(text: str) -> str:
    r"""Return a text as one table cell: no tab or line end, and no spreadsheet's formula.

    Examples
    --------
    >>> neutral("=cmd()"), neutral("a\tb"), neutral("HBB")
    ("'=cmd()", 'a b', 'HBB')
    """
    text = "".join(c if c.isprintable() else " " for c in text)
    return f"'{text}" if text.startswith(_FORMULA) else text


def matrix_bytes(matrix: Doubles, names: tuple[str, ...]) -> bytes:
    """Return a square matrix as a TSV table with the names along both sides."""
    cells = [neutral(name) for name in names]
    lines = ["\t".join(["name", *cells])]
    for name, row in zip(cells, matrix.tolist(), strict=True):
        lines.append("\t".join([name, *(f"{value:.6g}" for value in row)]))
    return ("\n".join(lines) + "\n").encode()


def harmless(text: str) -> str:
    """Return text that no spreadsheet takes for a formula.

    Examples
    --------
    >>> harmless("=1+1"), harmless("HBB")
    ("'=1+1", 'HBB')
    """
    return f"'{text}" if text[:1] in tuple("=+-@\t\r") else text
