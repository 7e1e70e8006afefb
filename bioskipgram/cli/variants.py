"""The command `variants`: the effects of changes of coding sequences, by a model."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bioskipgram.errors import QueryError

from .console import log
from .output import print_table
from .parser import add_model, add_strict, command, flag
from .records import read_records

if TYPE_CHECKING:
    from bioskipgram.sequences.sequences import Sequences
    from bioskipgram.variants.assess import Assessment, Assessor
    from bioskipgram.variants.null import ContextNull
    from bioskipgram.variants.score import Scorer
    from bioskipgram.variants.variant import Variant


MAX_WARNED = 1_000
"""Variants whose records are checked for a reading frame."""
_SHOWN = (
    "gene", "coding", "protein", "consequence", "log_odds", "log_odds_percentile", "window_shift",
    "window_shift_percentile", "gene_shift", "gene_shift_percentile", "blosum62", "change", "cpg",
)  # fmt: skip


def variants(options: argparse.Namespace) -> None:
    """Print the effects of variants, or write them to a file."""
    from bioskipgram.model import checkpoint
    from bioskipgram.sequences.shipped import GENES
    from bioskipgram.variants.assess import Assessor
    from bioskipgram.variants.coding import coding_sequences
    from bioskipgram.variants.score import Scorer
    from bioskipgram.variants.variant import find_record

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


def _wanted(
    options: argparse.Namespace, sequences: "Sequences", record: int | None
) -> "list[Variant]":
    """Return the variants of the options; bad ones are logged."""
    from bioskipgram.variants import reading
    from bioskipgram.variants.null import every
    from bioskipgram.variants.variant import Variant

    if options.all:
        if record is None and len(sequences) > 1:
            raise QueryError("all: say of which gene, with --gene NAME")
        bases, letters = sequences[record or 0], "ACGT"
        return [
            Variant(record or 0, int(p), letters[bases[p]], letters[alt])
            for p, alt in zip(*every(bases), strict=True)
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


def _warn(sequences: "Sequences", records: list[int]) -> None:
    """Log which of the records asked about are no coding sequences, the first of them."""
    from bioskipgram.variants.coding import frame_warning, table_of
    from bioskipgram.variants.variant import dna

    for record in dict.fromkeys(records[:MAX_WARNED]):
        if warning := frame_warning(dna(sequences, record), table_of(sequences, record)):
            log(f"{sequences.names[record]}: {warning}")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise QueryError(f"{path}: it cannot be read: {error.strerror or error}") from error


def _null(model: Path, scorer: "Scorer") -> "ContextNull":
    """Return the null of the percentiles from beside the model, or make and store it."""
    from tqdm import tqdm

    from bioskipgram.model import beside
    from bioskipgram.sequences import fasta
    from bioskipgram.sequences.shipped import GENES
    from bioskipgram.variants import null as context_null

    def make() -> "ContextNull":
        genes = fasta.read(GENES, alphabet=scorer.embedding.vocabulary.tokenizer.alphabet)
        gathering = context_null.Gathering(scorer, genes)
        for _ in tqdm(gathering, "null", len(genes), unit="gene", leave=False, disable=None):
            pass
        return gathering.null()

    path = context_null.cache_path(model, scorer.embedding)
    return beside.kept(path, context_null.load, make, context_null.save, must_save=False)


def _assessed(assessor: "Assessor", wanted: "list[Variant]") -> "list[Assessment]":
    from tqdm import tqdm

    found: list[Assessment] = []
    with tqdm(total=len(wanted), unit="variant", leave=False, disable=None) as shown:
        for block in assessor.each(wanted):
            found += block
            shown.update(len(block))
    return found


def _tell(
    found: "list[Assessment]", options: argparse.Namespace, sequences: "Sequences", model: str
) -> None:
    from bioskipgram.files import write_whole
    from bioskipgram.variants import vcf

    if options.tsv:
        write_whole(options.tsv, vcf.table(found).encode())
    if options.vcf:
        write_whole(options.vcf, vcf.vcf(found, sequences, model=model).encode())
    rows = [one.row() for one in found]
    if options.json:
        print_table(rows, as_json=True)
    elif not (options.tsv or options.vcf):
        print_table([{name: row[name] for name in _SHOWN} for row in rows], as_json=False)


def add_variants(subparsers: Any) -> None:
    """Add the command `variants`."""
    text = (
        "What changes of coding sequences do: to the protein, and to the k-mers around them as a "
        "model sees it. The score is association of contexts, not pathogenicity. A coding sequence "
        "does not show exon ends, so that an effect on splicing cannot be seen."
    )
    parser = command(subparsers, "variants", variants, text)
    add_model(parser)
    parser.add_argument(
        "variant", nargs="*", help="HGVS coding changes, such as HBB:c.20A>T or HBB:c.20_22del"
    )
    parser.add_argument("--file", type=Path, help="a VCF over the sequences, or a list; or .gz")
    parser.add_argument("--sequences", help="coding sequences; by default the genes that ship")
    add_strict(parser)
    parser.add_argument("--gene", help="which record is meant where a variant does not say")
    parser.add_argument("--all", action="store_true", help="every substitution of the gene")
    parser.add_argument(
        "--null", type=flag, nargs="?", const=True, default=True, metavar="YES",
        help="give percentiles among substitutions alike in reference genes",
    )  # fmt: skip
    parser.add_argument("--tsv", type=Path, help="write a table")
    parser.add_argument("--vcf", type=Path, help="write a VCF with the scores as INFO fields")
