"""The commands `classify train`, `test`, `predict` and `report`."""

import argparse
import json
import sys
import time
from functools import partial
from pathlib import Path

from bioskipgram.classify import evaluate, file, leaks, report, windows
from bioskipgram.classify.baselines import Baseline, baselines
from bioskipgram.classify.fit import check, fit
from bioskipgram.classify.labelled import Labelled, both, read_classes, read_table
from bioskipgram.classify.settings import ClassifyConfig
from bioskipgram.errors import ConfigError
from bioskipgram.files import write_whole
from bioskipgram.jobs.job import Report
from bioskipgram.jobs.progress import OnProgress
from bioskipgram.model.shipped import model_path
from bioskipgram.sequences.alphabet import ALPHABETS
from bioskipgram.sequences.sequences import BadRecord

from .console import bar, log
from .output import print_table, print_values
from .parser import (
    Parser,
    add_command,
    add_config,
    add_run,
    add_sequences,
    add_strict,
    config_of,
)  # fmt: skip
from .records import read_records, tell_left_out

_SCORES = ("mcc", "auroc", "auprc", "macro_f1", "accuracy", "log_loss", "calibration_error")


def train(options: argparse.Namespace) -> None:
    """Fit a classifier, save it, and print what was found and chosen."""
    config = config_of(options, ClassifyConfig)
    items, dev = _training(options, config)
    found = leaks.look(items)
    _tell_leaks(found)
    with _Progress() as shown:
        made = fit(items, config, shown.on_progress, dev=dev)
    made.info["leaks"] = {**vars(found), "verdict": found.verdict}
    file.save(made, options.out)
    print_values(
        {
            "classifier": str(options.out), "items": len(items),
            "classes": ", ".join(made.classes),
            "held_out": made.info["held_out"], "held_out_mcc": round(made.info["mcc"], 4),
            "aligned": made.length > 0, "strands_merged": made.block.merged,
        },
        as_json=options.json,
    )  # fmt: skip


def test(options: argparse.Namespace) -> None:
    """Fit on one set, or load a classifier, and print its scores on another."""
    config = config_of(options, ClassifyConfig)
    if options.classifier:
        began = time.perf_counter()
        made = file.load(options.classifier)
        items = _read(options.test, made.alphabet, options)
        items = items.with_classes(made.classes, "the test set")
        scores = evaluate.judge(made, items, config.threads)
        found = evaluate.Evaluation(made, scores, time.perf_counter() - began)
    else:
        if not options.train:
            raise ConfigError("train: no training set; give --train FILE, or --classifier FILE")
        own, dev = _training(options, config)
        items = _read(options.test, config.alphabet, options)
        items = items.with_classes(own.classes, "the test set")
        seen = leaks.look(own, items)
        _tell_leaks(seen)
        with _Progress() as shown:
            tell = shown.on_progress
            found = evaluate.evaluated(own, items, config, tell, dev=dev)
            rules = _baselines(own, items, config, options, tell)
        found = evaluate.Evaluation(found.classifier, found.scores, found.seconds, seen, rules)
        if options.out and found.classifier:
            file.save(found.classifier, options.out)
    _print(found, as_json=options.json)


def _baselines(
    own: Labelled, items: Labelled, config: ClassifyConfig, options: argparse.Namespace,
    tell: OnProgress,
) -> list[Baseline]:  # fmt: skip

    if options.baselines == "none":
        return []
    shuffles = options.shuffles if options.baselines == "all" else 0
    return baselines(own, items, config, model=options.model, shuffles=shuffles, tell=tell)


def whole_report(options: argparse.Namespace) -> None:
    """Print leaks, grouped and random folds, baselines, learning curve and drivers as JSON."""
    config = config_of(options, ClassifyConfig)
    own, dev = _training(options, config)
    own = own if dev is None else both(own, dev)
    items = None
    if options.test:
        items = _read(options.test, config.alphabet, options)
        items = items.with_classes(own.classes, "the test set")
    with Report(options.status) if options.status else _Progress() as shown:
        tell = shown.on_progress
        found, classifier = report.made(
            own, items, config, model=options.model, folds=options.folds, tell=tell
        )
        text = json.dumps(found, indent=1)
        if options.out:
            write_whole(options.out, text.encode())
        if options.save:
            file.save(classifier, options.save)
    if not options.out:
        print(text)  # noqa: T201


def predict(options: argparse.Namespace) -> None:
    """Print the class of every record, or of windows along records."""
    made = file.load(options.classifier)
    sequences = read_records(options.sequences, ALPHABETS[made.alphabet], strict=options.strict)
    if options.window or options.form in ("bed", "bedgraph"):
        found = windows.along(made, sequences, window=options.window, step=options.step)
        text = windows.text_of(found, options.form, least=options.least)
    else:
        text = windows.records_text(made, sequences)
    if options.out:
        write_whole(options.out, text.encode())
    else:
        sys.stdout.write(text)


def _training(
    options: argparse.Namespace, config: ClassifyConfig
) -> tuple[Labelled, Labelled | None]:
    """Return the training items, and those of --dev if it is given."""
    items, dev = _read(options.train, config.alphabet, options), None
    if options.dev:
        dev = _read(options.dev, config.alphabet, options)
        dev = dev.with_classes(items.classes, "the development set")
    check(items if dev is None else both(items, dev), config)
    return items, dev


def _read(paths: list[Path], alphabet: str, options: argparse.Namespace) -> Labelled:
    """Return the items of one table, or of one file for each class."""
    bad = list[BadRecord]()
    listed = None if options.strict else bad
    if len(paths) == 1:
        found = read_table(paths[0], alphabet=ALPHABETS[alphabet], bad=listed)
    else:
        named = [(path.name, path) for path in paths]
        found = read_classes(named, alphabet=ALPHABETS[alphabet], bad=listed)
    tell_left_out(bad)
    return found


def _tell_leaks(found: leaks.Leaks) -> None:
    for sentence in found.sentences():
        log(sentence)
    if found.verdict != "pass":
        log(f"leaks: {found.verdict}; a score on such a split tells less than it seems to")


def _print(found: evaluate.Evaluation, *, as_json: bool) -> None:
    values = found.to_dict()
    if as_json:
        print(json.dumps(values))  # noqa: T201
        return
    ends = values["intervals"]
    row = {"what": "this classifier"} | {name: values[name] for name in _SCORES}
    print_values(
        row | {"mcc_95": "{:.3f} to {:.3f}".format(*ends["mcc"]), "seconds": found.seconds},
        as_json=False,
    )
    print()  # noqa: T201
    print_table(values["classes"], as_json=False)
    if found.baselines:
        print()  # noqa: T201
        rows = [
            {"baseline": one.name, "mcc": one.mcc, "auroc": one.auroc, "macro_f1": one.macro_f1,
             "about": one.about}
            for one in found.baselines
        ]  # fmt: skip
        print_table(rows, as_json=False)


class _Progress:
    """A bar on standard error that shows the stage and its share."""

    def __enter__(self) -> "_Progress":
        form = "{desc}: {percentage:3.0f} % {elapsed}"
        self._bar = bar(total=100, delay=1, bar_format=form)
        return self

    def on_progress(self, stage: str, share: float) -> None:
        """Show the stage and its share."""
        self._bar.set_description_str(stage, refresh=False)
        self._bar.n = round(100 * share)
        self._bar.update(0)

    def __exit__(self, *_: object) -> None:
        self._bar.close()


_FILES = "one CSV or TSV with the columns sequence and label, or one FASTA file for each class"


def add_classify(parser: Parser) -> None:
    """Add the commands `classify train`, `test`, `predict` and `report`."""
    add = partial(add_command, parser.add_subparsers(required=True, metavar="WHAT"))
    made = add("train", "Fit a classifier on labelled sequences and save it.")
    add_run(made, train, model=False)
    made.add_argument("train", nargs="+", type=Path, metavar="FILE", help=_FILES)
    made.add_argument("--out", type=Path, required=True, help="the classifier (.safetensors)")
    _add_reading(made)
    _add_test(add("test", "Fit on a training set and print the scores on a test set."))
    made = add("predict", "Print the class of every record of a file, or of windows along it.")
    add_run(made, predict, model=False, as_json=False)
    made.add_argument("classifier", type=Path, help="a saved classifier (.safetensors)")
    add_sequences(made, "FASTA, GenBank or EMBL, plain or gzipped")
    made.add_argument("--window", type=int, default=0, help="bases; 0 = whole records")
    made.add_argument("--step", type=int, default=0, help="between windows; 0 = a quarter window")
    made.add_argument("--form", choices=("tsv", "bed", "bedgraph"), default="tsv")
    made.add_argument("--least", type=float, default=0.0, help="lowest probability in BED")
    made.add_argument("--out", type=Path, help="where to write them")
    text = "Everything about a set: leaks, folds, baselines, learning curve, what drives it."
    made = add("report", text)
    add_run(made, whole_report, model=False, as_json=False)
    made.add_argument("train", nargs="+", type=Path, metavar="FILE", help=_FILES)
    made.add_argument("--test", nargs="+", type=Path, metavar="FILE", help=_FILES)
    made.add_argument("--folds", type=int, default=5, help="folds, where there is no test set")
    made.add_argument("--model", type=model_path, help="vectors whose means are a baseline, too")
    made.add_argument("--out", type=Path, help="where to write the JSON")
    made.add_argument("--save", type=Path, help="where to save the classifier of all items")
    made.add_argument("--status", type=Path, help=argparse.SUPPRESS)
    _add_reading(made)


def _add_test(made: Parser) -> None:
    add_run(made, test, model=False)
    made.add_argument("--train", nargs="+", type=Path, metavar="FILE", help=_FILES)
    made.add_argument("--test", nargs="+", type=Path, metavar="FILE", required=True, help=_FILES)
    made.add_argument("--classifier", type=Path, help="test this saved one instead")
    made.add_argument("--out", type=Path, help="where to save the classifier")
    made.add_argument(
        "--baselines", choices=("none", "quick", "all"), default="quick",
        help="quick = rules and 6-mers, all = shuffled labels too",
    )  # fmt: skip
    made.add_argument("--shuffles", type=int, default=5, help="how often labels are shuffled")
    made.add_argument("--model", type=model_path, help="vectors whose means are a baseline, too")
    _add_reading(made)


def _add_reading(parser: Parser) -> None:
    parser.add_argument(
        "--dev", nargs="+", type=Path, metavar="FILE",
        help="more training items, by which the settings are chosen",
    )  # fmt: skip
    add_strict(parser)
    add_config(parser, ClassifyConfig, "what is counted")
