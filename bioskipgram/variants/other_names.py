"""Names of changes other than of a coding sequence: of a protein, of a genome, of dbSNP."""

import re

from bioskipgram.errors import QueryError
from bioskipgram.kmers.genetic_code import code
from bioskipgram.sequences.sequences import Sequences

from .coding import CodingSequences, table_of
from .protein import three, translated
from .transcripts import at, chromosome
from .variant import Variant, dna, variant

_PROTEIN = re.compile(
    r"\(?(?P<old>[A-Z]{3}|[A-Z*])(?P<place>[0-9]{1,6})"
    r"(?P<new>(?!dup|ext|ins)[A-Z]{3}|[A-Z*=])\)?",
    re.IGNORECASE,
)
_DBSNP = re.compile(r"\s*rs[0-9]{1,12}\s*", re.IGNORECASE)


def check_no_identifier(text: str) -> None:
    """Raise a QueryError for an identifier of dbSNP, such as rs334."""
    if _DBSNP.fullmatch(text):
        raise QueryError(
            f"{text.strip()} is an identifier of dbSNP, whose table is not here; give the change "
            "that dbSNP lists under HGVS, such as HBB:c.20A>T for rs334"
        )


def coding_changes(
    written: str, sequences: Sequences, record: int, *, given: str = "", line: int = 0
) -> list[Variant]:
    """Return all changes of one codon that give a protein change, fewest changed bases first.

    `written` is what follows ``p.``: Glu7Val, E7V, Gln40Ter, Glu7= (another codon) or Phe508del
    (its codon). A frameshift, or a residue that the record does not have, raise a QueryError.
    """
    name, table = sequences.names[record], table_of(sequences, record)
    change = _PROTEIN.fullmatch(written.strip())
    if change is None:
        raise QueryError(
            f"p.{written[:40]} is no exchange of one residue, like p.Glu7Val or p.E7V; too many "
            "changes of bases give other protein changes: give the coding change, like c.20A>T"
        )
    old, new = (_letter(change[part], written) for part in ("old", "new"))
    place, letters = int(change["place"]), dna(sequences, record)
    residues = translated(letters, table).letters
    _check_residue(residues, old, place, name)
    start = 3 * (place - 1)
    codon = letters[start : start + 3]
    if new == "del":
        alts = [""]
    else:
        wanted = old if new == "=" else new
        alts = [one for one, letter in code(table).items() if letter == wanted and one != codon]
        alts.sort(key=lambda one: (sum(a != b for a, b in zip(one, codon, strict=True)), one))
    if not alts or "N" in codon or (place == 1 and new != "del"):
        raise QueryError(f"p.{written[:40]}: no change of the codon {codon} of {name} gives this")
    return [
        variant(sequences, record, position=start, ref=codon, alt=alt, given=given, line=line)
        for alt in alts
    ]


def _letter(text: str, written: str) -> str:
    if text.lower() in ("=", "del"):
        return text.lower()
    text = text.capitalize()
    if text in ("*", "X"):
        return "*"
    known = {three(letter): letter for letter in "ACDEFGHIKLMNPQRSTUVWY*"}
    letter = text if len(text) == 1 else known.get(text, "")
    if letter not in known.values():
        raise QueryError(f"p.{written[:40]}: {text} is no amino acid; write it like p.Glu7Val")
    return letter


def _check_residue(residues: str, old: str, place: int, name: str) -> None:
    if not 1 <= place <= len(residues):
        raise QueryError(f"residue {place} is outside {name}, which has {len(residues):,} residues")
    if residues[place - 1] == old:
        return
    hint = ""
    if residues[place : place + 1] == old:
        hint = f"; older names leave the first Met out: p.{three(old)}{place + 1} may be meant"
    raise QueryError(
        f"residue {place} of {name} is {three(residues[place - 1])}, not {three(old)}{hint}"
    )


def genomic_place(name: str, position: int) -> str:
    """Return why a change at a position of a chromosome, from 1, is not read: one sentence."""
    genes = at(chromosome(name), position)
    if not genes:
        return (
            f"g. counts along a genome, which is not here, and no gene of MANE lies at position "
            f"{position:,} of {name} (GRCh38); give the coding change, like HBB:c.20A>T"
        )
    one = genes[0]
    strand = "plus" if one.strand == "+" else "minus"
    return (
        f"position {position:,} of {name} lies in {one.symbol} ({strand} strand, {one.start:,} to "
        f"{one.end:,}), whose exons are not known here; give the change as {one.symbol}:c.…, or "
        f"{one.symbol} as a GenBank record with its exons"
    )


def has_exons(sequences: Sequences, record: int) -> bool:
    """Return whether a record states where its coding sequence lies in it."""
    return isinstance(sequences, CodingSequences) and sequences.places[record] is not None
