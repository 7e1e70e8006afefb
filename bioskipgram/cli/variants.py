"""The command `variants`: the effects of changes of coding sequences, by a model."""

import argparse
from pathlib import Path

from bioskipgram.errors import QueryError
from bioskipgram.model import beside, checkpoint
from bioskipgram.sequences import fasta
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.sequences.shipped import GENES
from bioskipgram.variants import null as context_null
from bioskipgram.variants import reading, vcf
from bioskipgram.variants.assess import Assessment, Assessor
from bioskipgram.variants.coding import coding_sequences, frame_warning, table_of
from bioskipgram.variants.null import ContextNull
from bioskipgram.variants.score import Scorer
from bioskipgram.variants.summary import ranked, ranked_rows, summary
from bioskipgram.variants.variant import Variant, dna, find_record

from .console import bar, log
from .output import print_table, write_text
from .parser import Parser, add_run, add_strict, flag
from .records import read_records

MAX_WARNED = 1_000
"""Variants whose records are checked for a reading frame."""
_SHOWN = (
    "gene", "coding", "protein", "consequence", "log_odds", "log_odds_percentile", "window_shift",
    "window_shift_percentile", "gene_shift", "gene_shift_percentile", "blosum62", "change", "cpg",
)  # fmt: skip


def variants(options: argparse.Namespace) -> None:
    """Print the effects of variants, or write them to a file."""
    embedding = checkpoint.load(options.model)
    scorer = Scorer(embedding)
    alphabet = embedding.vocabulary.tokenizer.alphabet
    records = read_records(options.sequences or GENES, alphabet, strict=options.strict)
    sequences = coding_sequences(records)
    record = find_record(sequences, options.gene) if options.gene else None
    wanted = _wanted(options, sequences, record)
    _warn(sequences, [one.record for one in wanted])
    null = _null(options.model, scorer) if options.null else None
    found = _assessed(Assessor(scorer, sequences, null), wanted)
    _tell(found, options, sequences, embedding.digest)


def _wanted(options: argparse.Namespace, sequences: Sequences, record: int | None) -> list[Variant]:
    """Return the variants of the options; bad ones are logged."""
    if options.all:
        if record is None and len(sequences) > 1:
            raise QueryError("all: say of which gene, with --gene NAME")
        bases, letters = sequences[record or 0], "ACGT"
        return [
            Variant(record or 0, int(p), letters[bases[p]], letters[alt])
            for p, alt in zip(*context_null.every(bases), strict=True)
        ]
    texts: list[str | bytes] = list(options.variant)
    if options.file:
        texts.append(_bytes(options.file))
    found: list[Variant] = []
    for text in texts:
        part = reading.read(text, sequences, record=record)
        found += part.variants
        where = options.file.name if isinstance(text, bytes) else None
        for problem in part.problems:
            place = f"{where}, line {problem.line}" if where else problem.text
            log(f"{place}: {problem.reason}")
        if part.verdict:
            log(part.verdict)
    if not found:
        raise QueryError("there is no variant to look at; give one, such as HBB:c.20A>T")
    return found


def _warn(sequences: Sequences, records: list[int]) -> None:
    """Log which of the records asked about are no coding sequences, the first of them."""
    for record in dict.fromkeys(records[:MAX_WARNED]):
        if warning := frame_warning(dna(sequences, record), table_of(sequences, record)):
            log(f"{sequences.names[record]}: {warning}")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise QueryError(
            f"{str(path)[:80]}: it cannot be read: {error.strerror or error}"
        ) from error


def _null(model: Path, scorer: Scorer) -> ContextNull:
    """Return the null of the percentiles from beside the model, or make and store it."""

    def make() -> ContextNull:
        genes = fasta.read(GENES, alphabet=scorer.embedding.vocabulary.tokenizer.alphabet)
        gathering = context_null.Gathering(scorer, genes)
        for _ in bar(gathering, len(genes), desc="null", unit="gene", leave=False, disable=None):
            pass
        return gathering.null()

    path = context_null.cache_path(model, scorer.embedding)
    return beside.kept(path, context_null.load, make, context_null.save, must_save=False)


def _assessed(assessor: Assessor, wanted: list[Variant]) -> list[Assessment]:
    found: list[Assessment] = []
    with bar(total=len(wanted), unit="variant", leave=False, disable=None) as shown:
        for block in assessor.each(wanted):
            found += block
            shown.update(len(block))
    return found


def _tell(
    found: list[Assessment], options: argparse.Namespace, sequences: Sequences, model: str
) -> None:
    if options.tsv:
        write_text(options.tsv, vcf.table(found))
    if options.vcf:
        write_text(options.vcf, vcf.vcf(found, sequences, model=model))
    if options.summary:
        rows = summary(found).rows()
        table = [{one["what"]: one["value"] for one in rows}] if options.json else rows
        print_table(table, as_json=options.json)
        return
    rows = [one.row() for one in (ranked(found) if options.worst else found)]
    if options.json:
        print_table(rows, as_json=True)
    elif options.worst:
        print_table(ranked_rows(found), as_json=False)
    elif not (options.tsv or options.vcf):
        print_table([{name: row[name] for name in _SHOWN} for row in rows], as_json=False)


def add_variants(parser: Parser) -> None:
    """Add the options of `variants`."""
    add_run(parser, variants)
    parser.add_argument(
        "variant",
        nargs="*",
        help="HGVS changes, such as HBB:c.20A>T, NM_000518.5:c.20A>T or HBB:p.Glu7Val",
    )
    parser.add_argument("--file", type=Path, help="VCF, MAF, ANNOVAR, a table or a list; or .gz")
    parser.add_argument("--sequences", help="coding sequences; by default the genes that ship")
    add_strict(parser)
    parser.add_argument("--gene", help="which record is meant where a variant does not say")
    parser.add_argument("--all", action="store_true", help="every substitution of the gene")
    parser.add_argument(
        "--null", type=flag, nargs="?", const=True, default=True, metavar="YES",
        help="give percentiles among substitutions alike in reference genes",
    )  # fmt: skip
    parser.add_argument(
        "--worst", action="store_true",
        help="the worst first: by consequence, then BLOSUM62, then the score, told in words",
    )  # fmt: skip
    parser.add_argument("--summary", action="store_true", help="numbers of the whole set instead")
    parser.add_argument("--tsv", type=Path, help="write a table")
    parser.add_argument("--vcf", type=Path, help="write a VCF with the scores as INFO fields")
