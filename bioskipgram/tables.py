"""CSV and TSV text without spreadsheet formulas."""

from .numerics.arrays import Doubles


def harmless(text: str) -> str:
    r"""Return a text as one cell of a table that no spreadsheet runs as a formula.

    Control characters become blanks. A text that begins with a tab or a carriage return or, after
    any whitespace, with ``= + - @`` gets an apostrophe in front (OWASP, "CSV Injection").

    Examples
    --------
    >>> harmless("=cmd()"), harmless(" @x"), harmless("a\tb"), harmless("HBB")
    ("'=cmd()", "' @x", 'a b', 'HBB')
    """
    cell = "".join(c if c.isprintable() else " " for c in text)
    formula = cell.lstrip().startswith(("=", "+", "-", "@"))
    return f"'{cell}" if formula or text.startswith(("\t", "\r")) else cell


def matrix_bytes(matrix: Doubles, names: tuple[str, ...]) -> bytes:
    """Return a square matrix as a TSV table with the names along both sides."""
    cells = [harmless(name) for name in names]
    lines = ["\t".join(["name", *cells])]
    for name, row in zip(cells, matrix.tolist(), strict=True):
        lines.append("\t".join([name, *(f"{value:.6g}" for value in row)]))
    return ("\n".join(lines) + "\n").encode()
