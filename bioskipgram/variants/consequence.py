"""What a variant does to the protein of its coding sequence: its class and HGVS names."""

from dataclasses import dataclass

from bioskipgram.kmers.blosum import blosum62
from bioskipgram.kmers.genetic_code import start_codons, translate

from .hgvs import coding_name, rightmost
from .protein import Protein, extended, inserted, replaced, shifted, three, translated
from .variant import Variant, shared_start

KINDS = (
    "synonymous", "missense", "stop gained", "stop lost", "start lost", "frameshift",
    "in-frame deletion", "in-frame insertion", "in-frame change", "not known", "stop retained",
    "UTR",
)  # fmt: skip
"""The classes; "not known" without a whole codon of known bases, "UTR" before the first base of the
coding sequence and after its stop codon."""
_PURINES = "AG"


@dataclass(frozen=True)
class Consequence:
    """What a variant does to a coding sequence."""

    kind: str  # one of `KINDS`
    coding: str  # HGVS name, such as "c.20A>T"
    protein: str  # such as "p.Glu7Val"; "p.?" where it cannot be told
    codons: str = ""  # such as "GAG>GTG"; "" of changes of length
    amino_acids: str = ""  # such as "E>V"; "" of changes of length
    blosum62: int | None = None  # -4 to 11; None unless one amino acid replaces one or is kept
    change: str = ""  # "transition" (A-G, C-T) or "transversion"; "" unless one base is replaced
    cpg: str = ""  # "created", "destroyed", "moved" (both) or ""


def consequence(change: Variant, text: str, table: int = 1) -> Consequence:
    """Return what a variant does to `text`, its coding sequence in letters A C G T N.

    `table` is the NCBI number of the genetic code.

    Examples
    --------
    >>> found = consequence(Variant(0, 7, "A", "T"), "ATGCTGGAGTAA")
    >>> found.kind, found.codons, found.protein, found.blosum62, found.change
    ('missense', 'GAG>GTG', 'p.Glu3Val', -2, 'transversion')
    """
    codons, acids, score = "", "", None
    moved = rightmost(change, text)
    if not change.ref and moved.position > 3 * translated(text, table).stop + 2:
        moved = change  # it is not moved out of the stop codon
    effect = _Effect.of(moved, text, table)
    kind, protein = effect.classified()
    if len(change.ref) == len(change.alt):
        first, last = effect.first, effect.last
        codons = f"{text[3 * first : 3 * last]}>{effect.new[3 * first : 3 * last]}"
        if kind != "not known":
            old, come = effect.before.letters[first:last], effect.come
            acids = f"{old}>{come}"
            score = blosum62(old, come)
    return Consequence(
        kind, coding_name(change, text), protein, codons, acids, score, change_of(change),
        cpg(change, text),
    )  # fmt: skip


def change_of(change: Variant) -> str:
    """Return "transition", "transversion" or ""."""
    if not change.is_substitution:
        return ""
    same = (change.ref in _PURINES) == (change.alt in _PURINES)
    return "transition" if same else "transversion"


def cpg(change: Variant, text: str) -> str:
    """Return "created", "destroyed", "moved" or "", the change of the CpGs it touches."""
    left, right = text[max(0, change.position - 1) : change.position], text[change.stop :][:1]
    before = (left + change.ref + right).count("CG")
    after = (left + change.alt + right).count("CG")
    if before and after:
        return "moved"
    return "destroyed" if before else "created" if after else ""


@dataclass(frozen=True)
class _Effect:
    """A change of a coding sequence, with the proteins before and after."""

    before: Protein
    new: str  # the record with the change
    table: int
    shift: int  # bases inserted less bases deleted
    first: int  # first codon of the reference that it touches, 0-based
    last: int  # exclusive; = `first` for an insertion between two codons
    come: str  # residues in place of these codons; of a frameshift all that follow
    inside: bool  # whether it touches the coding sequence, or lies between two of its bases
    known: bool  # whether the codons before and after are whole and known

    @classmethod
    def of(cls, change: Variant, text: str, table: int) -> "_Effect":
        before = translated(text, table)
        new = text[: change.position] + change.alt + text[change.stop :]
        shift = len(change.alt) - len(change.ref)
        first, last = change.position // 3, -(-change.stop // 3)
        while shift % 3 and first < last and new[3 * first :][:3] == text[3 * first :][:3]:
            first += 1  # a codon that stays, of selenocysteine perhaps
        behind = min(3 * (before.stop + 1), len(text))
        # As if it were before the first base, whose start codon stays whole.
        outer = not change.ref and change.position < 3 and new.endswith(text)
        inside = change.position < behind and not outer
        end = len(new) if shift % 3 else 3 * last + shift
        come = translate(new[3 * first : end], table=table)
        whole = shift % 3 or 3 * last <= len(text)
        known = bool(whole) and "N" not in text[3 * first : 3 * last]
        return cls(before, new, table, shift, first, last, come, inside, known)

    def classified(self) -> tuple[str, str]:
        """Return the class and the protein name."""
        if not self.inside:
            return "UTR", "p.="
        if not self.known:
            return "not known", "p.?"
        if not self.first and self.before.starts and self.new[:3] not in start_codons(self.table):
            return "start lost", "p.Met1?"
        before, after = self.before.ended, self.after
        first = shared_start(before, after)
        if before == after:
            return self._kept()
        return self._shifted(after, first) if self.shift % 3 else self._in_frame(after, first)

    @property
    def after(self) -> str:
        """The protein with the change, up to its stop."""
        rest = "" if self.shift % 3 else self.before.letters[self.last :]
        letters = self.before.letters[: self.first] + self.come + rest
        if self.before.starts:  # `classified` checked that it still does
            letters = "M" + letters[1:]
        return letters[: letters.find("*") + 1] or letters

    def _kept(self) -> tuple[str, str]:
        stop = self.before.stop
        if self.last > stop or self.shift:
            return "stop retained", f"p.Ter{stop + 1}="
        one = self.last - self.first == 1
        letter = self.before.letters[self.first]
        return "synonymous", f"p.{three(letter)}{self.first + 1}=" if one else "p.="

    def _shifted(self, after: str, first: int) -> tuple[str, str]:
        before = self.before.ended
        if after[first : first + 1] == "*":
            return "stop gained", shifted(before, after, first)
        if before[first : first + 1] == "*":
            return "stop lost", extended(before, after, first)
        touched = self.first <= self.before.stop < min(self.last, len(self.before.letters))
        kept = "*" in self.come[: self.last - self.first]
        return "stop lost" if touched and not kept else "frameshift", shifted(before, after, first)

    def _in_frame(self, after: str, first: int) -> tuple[str, str]:
        before, stop = self.before.ended, self.before.stop
        end = len(after) - 1 if after.endswith("*") else len(after) + 1
        # The stop now, and where the change of length alone would move it.
        moved = stop + self.shift // 3
        if stop < len(self.before.letters) and end > moved:
            return "stop lost", self._without_stop(after, first)
        if end < moved and (end < stop or first < stop >= self.last):
            gone = before[first : max(min(self.last, stop), first + 1)]
            return "stop gained", replaced(gone, after[first:], first)
        shared = shared_start(before[first:][::-1], after[first:][::-1])
        gone, come = before[first : len(before) - shared], after[first : len(after) - shared]
        if not gone:
            return "in-frame insertion", inserted(before, come, first)
        kind = "in-frame change" if come else "in-frame deletion"
        return kind if self.shift else "missense", replaced(gone, come, first)

    def _without_stop(self, after: str, first: int) -> str:
        """Return the name of a protein whose stop codon is replaced or gone."""
        before = self.before.ended
        if before[first] == "*" and first < len(after):
            return extended(before, after, first)
        come = self.come[first - self.first :]
        away = str(len(after) - self.first - len(self.come)) if after.endswith("*") else "?"
        return replaced(before[first:], come, first) + f"extTer{away}" * bool(come)
