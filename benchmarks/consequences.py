"""Consequences of random variants beside those of bcftools csq.

Each gene that ships becomes a chromosome of its own between two flanks, on either strand, its
coding sequence cut into one to four exons. Variants of all sizes, in frame and not, a half near
the start or the stop, are annotated by ``bcftools csq`` (Danecek & McCarthy 2017,
doi:10.1093/bioinformatics/btx100) and by `bioskipgram.variants`; classes and proteins are compared.
Each row of the VCF that csq reads is also read by this program: it must be the same variant.

    python -m benchmarks.consequences [--variants 6000] [--seed 1] [--show 5]
"""

import argparse
import itertools
import re
import shutil
import subprocess
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
from Bio.Data.IUPACData import protein_letters_3to1
from Bio.Seq import Seq

from bioskipgram.errors import QueryError
from bioskipgram.sequences import fasta
from bioskipgram.sequences.headers import parse_header
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.sequences.shipped import GENES
from bioskipgram.variants import reading
from bioskipgram.variants.coding import (
    check_together,
    coding_sequences,
    to_record,
    whole_records,
)
from bioskipgram.variants.consequence import Consequence, consequence
from bioskipgram.variants.protein import translated
from bioskipgram.variants.variant import Variant, dna, variant

FLANK = 90
"""Bases of C on both sides: no stop codon can be made with them."""
ONE = {long.capitalize(): letter for long, letter in protein_letters_3to1.items()} | {"Ter": "*"}
INTRON = "GT" + 40 * "C" + "AG"
GENE = """{name}\tx\tgene\t{first}\t{last}\t.\t{strand}\t.\tID=gene:{name};Name={name};biotype=protein_coding
{name}\tx\ttranscript\t{first}\t{last}\t.\t{strand}\t.\tID=transcript:{name};Parent=gene:{name};biotype=protein_coding
"""  # noqa: E501
EXON = """{name}\tx\texon\t{first}\t{last}\t.\t{strand}\t.\tParent=transcript:{name}
{name}\tx\tCDS\t{first}\t{last}\t.\t{strand}\t{phase}\tParent=transcript:{name}
"""
CLASSES = (
    ("start_lost", "start lost"), ("stop_gained", "stop gained"), ("stop_lost", "stop lost"),
    ("stop_retained", "stop retained"), ("frameshift", "frameshift"),
    ("inframe_deletion", "in-frame deletion"),
    ("inframe_insertion", "in-frame insertion"), ("inframe_altering", "in-frame change"),
    ("missense", "missense"), ("synonymous", "synonymous"),
    ("5_prime_utr", "UTR"), ("3_prime_utr", "UTR"), ("start_retained", "synonymous"),
)  # fmt: skip
"""What csq writes, the gravest first, and what is meant by it here."""


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--variants", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=3, help="examples of each difference")
    options = parser.parse_args()
    if shutil.which("bcftools") is None:
        print("bcftools is not installed: nothing was compared (Debian: apt install bcftools)")
        return
    random = np.random.default_rng(options.seed)
    genes = chromosomes(fasta.read(GENES), random)
    made = drawn(genes, options.variants, random)
    with tempfile.TemporaryDirectory() as folder:
        theirs = annotated(genes, made, Path(folder))
    report(genes, made, theirs, show=options.show)


def chromosomes(genes: Sequences, random: np.random.Generator) -> Sequences:
    """Return genes as coding sequences of records with exons, on both strands."""
    text = ""
    for record in range(len(genes)):
        letters, number = genes.text(record), int(random.integers(1, 5))
        cuts = sorted(random.choice(np.arange(20, len(letters) - 20), number - 1, replace=False))
        ends = [0, *map(int, cuts), len(letters)]
        parts = [letters[a:b] for a, b in itertools.pairwise(ends)]
        whole = FLANK * "C" + INTRON.join(parts) + FLANK * "C"
        spans = [(FLANK + a + i * len(INTRON), FLANK + b + i * len(INTRON))
                 for i, (a, b) in enumerate(itertools.pairwise(ends))]  # fmt: skip
        back = bool(random.integers(2))
        if back:
            whole = str(Seq(whole).reverse_complement())
            spans = [(len(whole) - b, len(whole) - a) for a, b in reversed(spans)]
        place = ",".join(f"{a + 1}..{b}" for a, b in spans)
        place = f"complement(join({place}))" if back else f"join({place})"
        text += f">{genes.names[record]} [cds={place}]\n{whole}\n"
    return coding_sequences(fasta.read(text.encode()))


def drawn(genes: Sequences, number: int, random: np.random.Generator) -> list[Variant]:
    """Return random variants, no two the same."""
    made: dict[tuple[int, int, str, str], Variant] = {}
    while len(made) < number:
        record = int(random.integers(len(genes)))
        length = int(genes.lengths[record])
        near = int(random.integers(15))
        position = [near, length - near, *random.integers(length, size=2)][random.integers(4)]
        gone, come = _sizes(random)
        ref = dna(genes, record, int(position), int(position) + gone)
        alt = "".join(random.choice(list("ACGT"), come))
        try:
            one = variant(genes, record, position=int(position), ref=ref, alt=alt)
            last = min(max(one.stop - 1, one.position), length - 1)
            check_together(genes, record, min(one.position, last), last)
        except QueryError:  # the same letters, an end that is past, or an intron between
            continue
        made[record, one.position, one.ref, one.alt] = one
    return list(made.values())


def _sizes(random: np.random.Generator) -> tuple[int, int]:
    """Return how many bases go and how many come."""
    size = int(random.integers(1, 13))
    whole = 3 * int(random.integers(1, 5))
    kinds = [(1, 1), (size, size), (size, 0), (whole, 0), (0, size), (0, whole)]
    kinds += [(size, int(random.integers(1, 13))), (size, size + whole), (size + whole, size)]
    return kinds[random.integers(len(kinds))]


def annotated(genes: Sequences, made: list[Variant], folder: Path) -> list[str]:
    """Return what ``bcftools csq`` says of each variant, "" where it says nothing."""
    whole, reference, annotation, rows = whole_records(genes), "", "##gff-version 3\n", list[str]()
    for record in range(len(genes)):
        text, name = whole.text(record), f"g{record}"
        reference += f">{name}\n{text}\n"
        annotation += _annotation(genes, record, name)
        for number, one in enumerate(made):
            if one.record == record:
                there = to_record(genes, one)[1]
                before = text[there.position - 1]
                rows.append(
                    f"{name}\t{there.position}\tv{number}\t{before}{there.ref}"
                    f"\t{before}{there.alt}\t.\t.\t."
                )
                _check_read_back(genes, one, rows[-1])
    lengths = whole.lengths.tolist()
    header = "##fileformat=VCFv4.2\n" + "".join(
        f"##contig=<ID=g{i},length={length}>\n" for i, length in enumerate(lengths)
    )
    (folder / "ref.fa").write_text(reference)
    (folder / "genes.gff3").write_text(annotation)
    (folder / "in.vcf").write_text(
        header + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n" + "\n".join(rows) + "\n"
    )
    script = (
        "bcftools sort in.vcf 2>/dev/null | bcftools csq -l -f ref.fa -g genes.gff3 2>/dev/null"
        r" | bcftools query -f '%ID\t%BCSQ\n'"
    )
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, capture_output=True, text=True, check=True
    )
    found = [""] * len(made)
    for line in done.stdout.splitlines():
        name, said = line.split("\t")
        found[int(name[1:])] = said.removeprefix(".")
    return found


def _annotation(genes: Sequences, record: int, name: str) -> str:
    """Return a gene's lines of GFF3, with the phase of each exon."""
    stated = parse_header(genes.descriptions[record]).cds
    spans = [(int(a), int(b)) for a, b in re.findall(r"(\d+)\.\.(\d+)", stated)]
    strand = "-" if stated.startswith("complement") else "+"
    lines = [GENE.format(name=name, first=spans[0][0], last=spans[-1][1], strand=strand)]
    done = 0
    for first, last in spans if strand == "+" else spans[::-1]:
        lines.append(EXON.format(name=name, first=first, last=last, strand=strand, phase=-done % 3))
        done += last - first + 1
    return "".join(lines)


def _check_read_back(genes: Sequences, one: Variant, row: str) -> None:
    """Raise unless a row of VCF is read as the variant it was made from, or none has its name.

    An insertion at the end of an exon has a neighbour outside the coding sequence.
    """
    fields = row.split("\t")
    fields[0] = genes.names[one.record]
    listed = reading.read("\t".join(fields), genes)
    new = [_changed(dna(genes, v.record), v) for v in listed.variants]
    if new != [_changed(dna(genes, one.record), one)] and (one.ref or listed.variants):
        raise SystemExit(f"{row}: read as {listed}, not {one}")


def _changed(text: str, one: Variant) -> str:
    return text[: one.position] + one.alt + text[one.stop :]


def theirs_of(said: str) -> tuple[str, str]:
    """Return csq's class in our words, and its exchange of amino acids."""
    entries = [one for one in said.split(",") if not one.startswith("splice_region|")]
    parts = (entries[0].split("|") + [""] * 6)[:6]
    names = parts[0].removeprefix("*").split("&")
    old, _, new = re.sub(r"\d", "", parts[5]).partition(">")
    if "stop_retained" in names and len(names) > 1 and old != new:
        names.remove("stop_retained")  # said of every change whose new residues end with a stop
    return next((ours for name, ours in CLASSES if name in names), said or "UTR"), parts[5]


def protein_by_csq(before: str, exchange: str) -> str | None:
    """Return the protein, up to its stop, that an exchange like "7E>7V" describes."""
    found = re.fullmatch(r"(\d+)([A-Z*]+)(?:\.\.\d+[A-Z*]*)?>(\d+)([A-Z*]+)", exchange)
    if found is None:
        return None
    start = int(found[1]) - 1
    end = start + len(found[2])
    after = before[:start] + found[4] + before[end:]
    return after[: after.find("*") + 1] if "*" in after else after


def report(genes: Sequences, made: list[Variant], theirs: list[str], *, show: int) -> None:
    """Print the table of agreement, and examples of each kind of difference."""
    counts: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one, said in zip(made, theirs, strict=True):
        text = dna(genes, one.record)
        ours = consequence(one, text)
        kind, exchange = theirs_of(said)
        counts[ours.kind, kind] += 1
        line = f"{genes.names[one.record]}:{ours.coding} {ours.protein} | {said}"
        _check_by_biopython(ours, text, one, line)
        if ours.kind != kind:
            examples[ours.kind, kind].append(line)
        elif (right := _proteins_differ(ours, text, one, exchange)) is not None:
            counts[f"Biopython: {right}", kind] += 1
            examples[f"Biopython: {right}", kind].append(line)
    for (ours_kind, kind), number in sorted(counts.items(), key=lambda item: -item[1]):
        print(f"{number:6,}  {ours_kind:20} {kind[:60]}")
    same = sum(n for (a, b), n in counts.items() if a == b)
    print(f"{same:,} of {len(made):,} in the same class")
    for pair, lines in examples.items():
        print(f"\n{pair[0]} | {pair[1][:60]}: {len(lines)}")
        print("\n".join(f"    {line[:300]}" for line in lines[:show]))


def _proteins_differ(ours: Consequence, text: str, one: Variant, exchange: str) -> str | None:
    """Return how csq's exchange and our name differ, and whose Biopython's translation is."""
    before = translated(text).ended
    theirs = protein_by_csq(before, exchange)
    if theirs is None or ours.protein in ("p.?", "p.Met1?") or fits(before, ours.protein, theirs):
        return None
    new = text[: one.position] + one.alt + text[one.stop :]
    truth = str(Seq(new[: len(new) // 3 * 3]).translate(to_stop=True))
    truth += "*" * (3 * len(truth) + 3 <= len(new))
    verdict = "ours" if fits(before, ours.protein, truth) else "not ours"
    return f"{verdict}, {'csq' if theirs == truth else 'not csq'}"


def _check_by_biopython(ours: Consequence, text: str, one: Variant, line: str) -> None:
    """Raise unless our name of the protein is what Biopython translates the text to."""
    if ours.protein in ("p.?", "p.Met1?") or ours.kind == "UTR":
        return
    new = _changed(text, one)
    truth = str(Seq(new[: len(new) // 3 * 3]).translate(to_stop=True))
    truth += "*" * (3 * len(truth) + 3 <= len(new))
    if not fits(translated(text).ended, ours.protein, truth):
        print(f"not what Biopython translates: {line}")


def fits(before: str, name: str, after: str) -> bool:
    """Return whether a p. name describes what became of a protein."""
    told = described(before, name)
    if isinstance(told, str):
        return told == after
    first, letter, away = told
    rest = after[first:]
    far = str(len(rest)) if rest.endswith("*") else "?"
    return before[:first] == after[:first] and rest[:1] == letter and away in ("?", far)


def described(before: str, name: str) -> str | tuple[int, str, str]:
    """Return the protein that a p. name describes, up to its stop.

    Of a frameshift or an extension: the first new residue's place (from 0), its letter, and how
    many residues there are from it to the stop.
    """
    long = r"([A-Z][a-z]{2})"
    if found := re.fullmatch(rf"p\.{long}(\d+){long}(fs|ext)Ter(\d+|\?)", name):
        away = found[5] if found[5] == "?" else str(int(found[5]) + (found[4] == "ext"))
        return int(found[2]) - 1, ONE[found[3]], away
    if name.endswith("="):
        return before
    pattern = (
        rf"p\.{long}(\d+)(?:_{long}(\d+))?(delins|del|dup|ins)?((?:[A-Z][a-z]{{2}})*)(?:extTer.)?"
    )
    found = re.fullmatch(pattern, name)
    if found is None:
        raise ValueError(f"{name} is no protein name that is known here")
    first, last = int(found[2]), int(found[4] or found[2])
    if ONE[found[1]] != before[first - 1] or (found[3] and ONE[found[3]] != before[last - 1]):
        raise ValueError(f"{name} names residues that are not there")
    new = "".join(ONE[found[6][i : i + 3]] for i in range(0, len(found[6]), 3))
    kind = found[5]
    if kind == "ins":
        after = before[:first] + new + before[first:]
    elif kind == "dup":
        after = before[:last] + before[first - 1 :]
    else:
        after = before[: first - 1] + new + before[last:]
    return after[: after.find("*") + 1] or after


if __name__ == "__main__":
    main()
