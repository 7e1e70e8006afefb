"""The commands `quality` and `verify`: measures of models, and whether reports reproduce."""

import argparse
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from bioskipgram.errors import BioSkipGramError, CheckpointError

from .console import SafeStderr
from .output import print_table
from .parser import add_model, add_strict, command
from .train import file_sha256, read_sequences

if TYPE_CHECKING:
    from bioskipgram.model.embedding import KmerEmbedding
    from bioskipgram.model.quality import Judged
    from bioskipgram.model.quality_file import QualityReport

RANDOM_SEEDS = 5
TOLERANCE = 0.01
"""Tolerance of a reproduced number: sums differ between processors."""
_BLOCK = re.compile(r"(<!-- quality: ([\w.-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
"""In a Markdown file: the table of a model, made by `verify --write`."""


def quality(options: argparse.Namespace) -> None:
    """Print every measure of a model with its seeds, nulls and baselines."""
    from bioskipgram import __version__
    from bioskipgram.model import beside, checkpoint, quality_file

    embedding = checkpoint.load(options.model)
    found = judge(
        embedding, options.sequences, seeds=options.seeds, shuffles=options.nulls,
        strict=options.strict,
    )  # fmt: skip
    if options.keep:
        if not options.sequences:
            raise CheckpointError("keep: give the training sequences; the nulls are made of them")
        sha256 = file_sha256(options.sequences)
        report = quality_file.QualityReport(
            embedding.digest, Path(options.sequences).name, sha256, __version__, found
        )
        quality_file.save(report, beside.quality(options.model))
    _print(found, as_json=options.json)
    if not options.sequences:
        _say("nulls and seeds need the training sequences: give their file")


def judge(
    embedding: "KmerEmbedding",
    path: str | None,
    *,
    seeds: int,
    shuffles: int,
    strict: bool = False,
) -> "dict[str, Judged]":
    """Return every measure of a model; with its sequences, those of retrained models, too."""
    from bioskipgram.model import quality as q

    values: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    frames = None
    if path is not None:
        sequences = read_sequences(path, embedding.info.config, strict=strict)
        frames = _frames(embedding, sequences)
        for kind, other in _retrained(embedding, sequences, seeds, shuffles):
            for name, value in q.measures(other, frames).items():
                values[name][kind].append(value)
    own = q.measures(embedding, frames)
    for seed in range(1, 1 + RANDOM_SEEDS):
        chance = q.measures(q.random_like(embedding, seed=seed), frames, learnt=False)
        for name, value in chance.items():
            values[name][q.RANDOM].append(value)
    rules = q.baselines(embedding)
    return {
        name: q.Judged(
            value,
            tuple(values[name].pop("seeds", ())),
            {kind: tuple(each) for kind, each in values[name].items()},
            rules.get(name, {}),
        )
        for name, value in own.items()
    }


def _frames(embedding: "KmerEmbedding", sequences: Any) -> Any:
    """Return the share of every k-mer code in frame 0; None without frames."""
    import numpy as np

    from bioskipgram.kmers.vocabulary import Vocabulary
    from bioskipgram.model.unspelt import frame_shares

    config, tokenizer = embedding.info.config, embedding.vocabulary.tokenizer
    if config.both_strands or tokenizer.k_min or not tokenizer.alphabet.complement:
        return None
    if tokenizer.k > 8:  # 4^9 shares would take too long
        return None
    codes = replace(tokenizer, stride=1).all_codes()
    return frame_shares(sequences, Vocabulary(tokenizer, codes, np.ones(len(codes), np.int64)))


def _retrained(
    embedding: "KmerEmbedding", sequences: Any, seeds: int, shuffles: int
) -> "Iterator[tuple[str, KmerEmbedding]]":
    from tqdm import tqdm

    from bioskipgram.training import nulls

    config = embedding.info.config
    total = seeds + shuffles * len(nulls.kinds(config))
    made = nulls.retrained(sequences, config, seeds=seeds, shuffles=shuffles)
    yield from tqdm(made, "training", total, unit="model", leave=False, file=SafeStderr())


def _print(found: "dict[str, Judged]", *, as_json: bool) -> None:
    from bioskipgram.model.quality import meaning, spread

    if as_json:
        rows = [{"name": n, **asdict(one), "meaning": meaning(n)} for n, one in found.items()]
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


def _kinds(found: "dict[str, Judged]") -> list[str]:
    return list(dict.fromkeys(kind for one in found.values() for kind in one.nulls))


def markdown(report: "QualityReport") -> str:
    """Return a report as a Markdown table: medians and ranges."""
    from bioskipgram.model.quality import spread

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
    from bioskipgram.model import beside

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
    from bioskipgram.model import beside, checkpoint, quality_file

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
    _say(f"{path.name}: {'with its sequences' if corpus else 'what needs no sequences'}")
    found = judge(embedding, corpus, seeds=len(first.seeds), shuffles=shuffles)
    for name, one in found.items():
        yield from _apart(f"{path.name}, {name}", one, report.measures.get(name))


def _apart(name: str, new: "Judged", old: "Judged | None") -> Iterator[str]:
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
    from bioskipgram.files import write_whole
    from bioskipgram.model import beside, quality_file

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


def _say(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201


def add_quality(subparsers: Any) -> None:
    """Add the command `quality`."""
    text = (
        "Measure a model, each number beside its nulls. With the training sequences, the same "
        "settings are trained again from other seeds and on shuffled sequences."
    )
    parser = command(subparsers, "quality", quality, text)
    add_model(parser)
    parser.add_argument("sequences", nargs="?", help="the sequences it was trained on")
    add_strict(parser)
    parser.add_argument("--nulls", type=int, default=5, help="shuffles of each kind")
    parser.add_argument("--seeds", type=int, default=5, help="other seeds to train from")
    parser.add_argument("--keep", action="store_true", help="keep the report beside the model")


def add_verify(subparsers: Any) -> None:
    """Add the command `verify`."""
    text = (
        "Recompute every number that is printed of the models in a folder; exit 1 on drift, "
        "naming it. Without sequences, what needs none is checked."
    )
    parser = command(subparsers, "verify", verify, text, as_json=False)
    parser.add_argument("folder", type=Path, help="a folder of models with their reports")
    parser.add_argument("corpora", nargs="*", help="files of sequences the models were trained on")
    parser.add_argument(
        "--text", type=Path, action="append", default=[], metavar="FILE",
        help="a Markdown file whose tables are to be those of the reports",
    )  # fmt: skip
    parser.add_argument("--write", action="store_true", help="write the tables of such files again")
