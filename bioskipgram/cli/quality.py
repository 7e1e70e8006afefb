"""The commands `quality`, `verify` and `stability`: measures of models that hold, or not."""

import argparse
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from statistics import median

from bioskipgram import __version__
from bioskipgram.errors import BioSkipGramError, CheckpointError
from bioskipgram.files import write_whole
from bioskipgram.jobs.job import Report
from bioskipgram.model import beside, beyond, checkpoint, quality_file
from bioskipgram.model import quality as q
from bioskipgram.model import stability as measured
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.model.quality import Judged, spread
from bioskipgram.model.quality_file import QualityReport
from bioskipgram.model.word_vectors import IMPORTED, check_trained_here
from bioskipgram.sequences.sequences import Sequences

from .console import bar, log
from .files import Files
from .output import print_table, print_values
from .parser import Parser, add_files, add_number, add_run, add_status
from .records import file_sha256

RANDOM_SEEDS = 5
MODELS = 8
"""Bootstraps; with eight the error of the chances was at most .031 (benchmarks/RESULTS.md)."""
TOLERANCE = 0.01
"""Tolerance of a reproduced number: sums differ between processors."""
_BLOCK = re.compile(r"(<!-- quality: ([\w.-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
"""In a Markdown file: the table of a model, made by `verify --write`."""


def quality(options: argparse.Namespace) -> None:
    """Print every measure of a model with its seeds, nulls and baselines."""
    if options.keep and not options.sequences:
        raise CheckpointError("keep: give the training sequences; the nulls are made of them")
    with Report(options.status) as report:
        embedding = checkpoint.load(options.model)
        config, files = embedding.info.config, Files.named(options.sequences)
        sequences = files.to_train(config, strict=options.strict) if files.paths else None
        others: list[KmerEmbedding] = []
        found = judge(
            embedding, sequences, seeds=options.seeds, shuffles=options.nulls, report=report,
            others=others,
        )  # fmt: skip
        if options.keep:
            if len(others) >= beyond.FEWEST and len(embedding) <= beyond.MOST:
                from bioskipgram.training import nulls

                lit = beyond.beyond(embedding, others, nulls.kinds(config)[-1])
                path = beside.beyond(options.model, embedding.digest)
                beyond.save(lit, embedding.digest, path)
            name = options.name or files.title
            made = QualityReport(embedding.digest, name, files.sha256(), __version__, found)
            quality_file.save(made, beside.quality(options.model))
    _print(found, as_json=options.json)
    if not options.sequences:
        log("nulls and seeds need the training sequences: give their file")


def judge(
    embedding: KmerEmbedding,
    sequences: Sequences | None,
    *,
    seeds: int,
    shuffles: int,
    report: Report | None = None,
    others: list[KmerEmbedding] | None = None,
) -> dict[str, Judged]:
    """Return every measure of a model; with its sequences, those of retrained models, too.

    `others` takes the models of the strictest shuffle.
    """
    values: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    frames = None
    if sequences is not None and embedding.info.trainer == IMPORTED:
        log("its settings of training are not known, so no seeds and nulls are trained")
        frames = q.frames_of(embedding, sequences)
    elif sequences is not None:
        from bioskipgram.training import nulls

        config, frames = embedding.info.config, q.frames_of(embedding, sequences)
        total = seeds + shuffles * len(nulls.kinds(config))
        made = nulls.retrained(sequences, config, seeds=seeds, shuffles=shuffles)
        made = bar(made, total, desc="training", unit="model", leave=False)
        for done, (kind, other) in enumerate(made, 1):
            if report is not None:
                report.on_progress(f"trained: {kind}", done / total)
            for name, value in q.measures(other, frames).items():
                values[name][kind].append(value)
            if others is not None and kind == nulls.kinds(config)[-1]:
                others.append(other)
    own = q.measures(embedding, frames)
    for seed in range(1, 1 + RANDOM_SEEDS):
        chance = q.measures(q.random_like(embedding, seed=seed), frames, learnt=False)
        for name, value in chance.items():
            values[name][q.RANDOM].append(value)
    rules = q.baselines(embedding)
    return {
        name: Judged(
            value,
            tuple(values[name].pop("seeds", ())),
            {kind: tuple(each) for kind, each in values[name].items()},
            rules.get(name, {}),
        )
        for name, value in own.items()
    }


def _print(found: dict[str, Judged], *, as_json: bool) -> None:
    if as_json:
        rows = [{"name": n, **asdict(one), "meaning": q.meaning(n)} for n, one in found.items()]
        print_table(rows, as_json=True)
        return
    kinds = _kinds(found)
    print_table(
        [
            {
                "measure": name, "model": one.value,
                "other seeds": spread(one.seeds) if one.seeds else None,
                **{kind: spread(one.nulls[kind]) if kind in one.nulls else None for kind in kinds},
                "without learning": max(one.baselines.values()) if one.baselines else None,
            }
            for name, one in found.items()
        ],
        as_json=False,
    )  # fmt: skip


def _kinds(found: dict[str, Judged]) -> list[str]:
    return list(dict.fromkeys(kind for one in found.values() for kind in one.nulls))


def markdown(report: QualityReport) -> str:
    """Return a report as a Markdown table: medians and ranges."""
    kinds = _kinds(report.measures)
    heads = ["measure", "this model", "other seeds", *kinds, "without learning"]
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for name, one in report.measures.items():
        rules = "; ".join(f"{rule}: {value:.3f}" for rule, value in one.baselines.items())
        others = [spread(one.nulls[kind]) if kind in one.nulls else "" for kind in kinds]
        cells = [name, f"{one.value:.3f}", spread(one.seeds) if one.seeds else "", *others, rules]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def verify(options: argparse.Namespace) -> int:
    """Reproduce the reported numbers; name each that changed and return 1 if there is one."""
    corpora = {file_sha256(path): path for path in options.corpora}
    models = beside.models_in(options.folder)
    if not models:
        raise CheckpointError(f"{options.folder}: there is no model in this folder")
    drifted = [line for path in models for line in _drift(path, corpora)]
    for text in options.text:
        drifted += _drift_of_text(text, options.folder, write=options.write)
    for line in drifted:
        print(line)  # noqa: T201
    if not drifted:
        print(f"{len(models)} models: every number holds")  # noqa: T201
    return int(bool(drifted))


def _drift(path: Path, corpora: dict[str, str]) -> Iterator[str]:
    """Yield a line for each number of a model's report that is not reproduced."""
    try:
        embedding = checkpoint.load(path)
        report = quality_file.load(beside.quality(path))
    except BioSkipGramError as error:
        yield f"{path.name}: {error}"
        return
    if report.digest != embedding.digest:
        yield f"{path.name}: the report is another model's; make it again with quality --keep"
        return
    corpus, first = corpora.get(report.sha256), next(iter(report.measures.values()))
    shuffles = max((len(v) for k, v in first.nulls.items() if "shuffled" in k), default=0)
    log(f"{path.name}: {'with its sequences' if corpus else 'what needs no sequences'}")
    sequences = Files((corpus,)).to_train(embedding.info.config) if corpus else None
    found = judge(embedding, sequences, seeds=len(first.seeds), shuffles=shuffles)
    for name, one in found.items():
        yield from _apart(f"{path.name}, {name}", one, report.measures.get(name))


def _apart(name: str, new: Judged, old: Judged | None) -> Iterator[str]:
    if old is None:
        yield f"{name}: {new.value:.4f}, but the report has no such measure"
        return
    pairs = {"this model": ([new.value], [old.value])}
    if new.seeds:
        pairs["other seeds"] = (list(new.seeds), list(old.seeds))
    pairs |= {kind: (list(each), list(old.nulls.get(kind, ()))) for kind, each in new.nulls.items()}
    pairs |= {k: ([v], [old.baselines.get(k, -1.0)]) for k, v in new.baselines.items()}
    for what, (now, printed) in pairs.items():
        if not printed or abs(median(now) - median(printed)) > TOLERANCE:
            was = f"{median(printed):.4f}" if printed else "nothing"
            yield f"{name}, {what}: {median(now):.4f}, but {was} is printed"


def _drift_of_text(path: Path, folder: Path, *, write: bool) -> Iterator[str]:
    """Yield a line for each table in a Markdown file that is not that of the report."""
    text = path.read_text("utf-8")
    stale = []

    def table(found: re.Match[str]) -> str:
        report = quality_file.load(beside.quality(folder / f"{found[2]}.safetensors"))
        new = found[1] + markdown(report) + found[3]
        stale.extend([found[2]] * (new != found[0]))
        return new

    new = _BLOCK.sub(table, text)
    if write:
        write_whole(path, new.encode())
        return
    for name in stale:
        yield f"{path.name}: the table of {name} is not that of its report; write it with --write"


def stability(options: argparse.Namespace) -> None:
    """Train the model again on resampled records and keep how often its neighbours come back."""
    from bioskipgram.training import nulls

    embedding = checkpoint.load(options.model)
    check_trained_here(embedding)
    config = embedding.info.config
    sequences = Files.named(options.sequences).to_train(config, strict=options.strict)
    made = nulls.bootstrapped(sequences, config, models=options.models)
    others = bar(made, options.models, desc="training", unit="model", leave=False)
    found = measured.stability(embedding, list(others))
    path = beside.remade(options.model, "stability", embedding.digest)
    measured.save(found, embedding.digest, path)
    values = {
        "stability": str(path),
        "models": found.models,
        "neighbors": found.tokens.shape[1],
        "mean_share": float(found.shares.mean()),
        "below_half": float((found.shares < 0.5).mean()),
    }
    print_values(values, as_json=options.json)


def add_quality(parser: Parser) -> None:
    """Add the options of `quality`."""
    add_run(parser, quality)
    add_files(parser, "*")
    parser.add_argument("--nulls", type=int, default=5, help="shuffles of each kind")
    parser.add_argument("--seeds", type=int, default=5, help="other seeds to train from")
    parser.add_argument("--keep", action="store_true", help="keep the report beside the model")
    parser.add_argument("--name", default="", help="what the report calls the sequences")
    add_status(parser)


def add_verify(parser: Parser) -> None:
    """Add the options of `verify`."""
    add_run(parser, verify, model=False, as_json=False)
    parser.add_argument("folder", type=Path, help="a folder of models with their reports")
    parser.add_argument("corpora", nargs="*", help="files of sequences the models were trained on")
    parser.add_argument(
        "--text", type=Path, action="append", default=[], metavar="FILE",
        help="a Markdown file whose tables are to be those of the reports",
    )  # fmt: skip
    parser.add_argument("--write", action="store_true", help="write the tables of such files again")


def add_stability(parser: Parser) -> None:
    """Add the options of `stability`."""
    add_run(parser, stability)
    add_files(parser)
    add_number(parser, "--models", MODELS, "how many to train")
