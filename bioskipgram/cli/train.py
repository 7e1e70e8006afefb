"""The command `train`. Slow imports are inside the functions."""

import argparse
import hashlib
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bioskipgram.config import SAVE_EVERY, TrainConfig
from bioskipgram.errors import ConfigError, FastaError, TrainingError

from .console import log
from .keep import keep_sequences, lay_out
from .output import print_info, print_values
from .parser import add_config, add_strict, command, config_of
from .records import read_records, tell_left_out
from .session import StopRequest

if TYPE_CHECKING:
    from bioskipgram.counting.counts import RawCounts
    from bioskipgram.model.embedding import KmerEmbedding
    from bioskipgram.sequences.sequences import BadRecord, Sequences
    from bioskipgram.training.distributed import Group
    from bioskipgram.training.recorder import Recorder
    from bioskipgram.training.trainer import Training


def train(options: argparse.Namespace) -> None:
    """Train, save the model, and print its history."""
    config = config_of(options, TrainConfig)
    if options.estimate:
        _print_estimate(options, config)
        return
    out, _ = _places(options)
    stop = StopRequest()
    from bioskipgram.training.distributed import Group

    with Group.here(config.device) as group:
        config = _fair(config, group)
        with group.together():
            recorder = _recorder(options, config) if group.first else None
        with recorder or nullcontext():
            embedding, finished = None, True
            with group.together():
                if options.resume and group.first:
                    embedding = _found(options, config)
            if not group.any(embedding is not None):
                embedding, finished = _learn(options, config, recorder, stop, group)
            if embedding is None or not group.first:
                return
            if options.layouts and not stop.asked:
                _stage(recorder, "mapping")
                lay_out(embedding, out)
            if options.index and not stop.asked:
                _stage(recorder, "indexing")
                sha256 = file_sha256(options.sequences)
                keep_sequences(
                    out, options.sequences, alphabet=config.alphabet, sha256=sha256,
                    bad=None if options.strict else [],
                )  # fmt: skip
            if recorder:
                recorder.write(state="finished" if finished else "stopped", stage="")
        print_info(embedding, as_json=options.json)


def _fair(config: TrainConfig, group: "Group") -> TrainConfig:
    """Return the settings with this process's share of the machine's cores."""
    from bioskipgram.numerics.threads import cores

    if group.local == 1 or config.threads:
        return config
    return replace(config, threads=max(1, cores() // group.local))


def _print_estimate(options: argparse.Namespace, config: TrainConfig) -> None:
    from bioskipgram.training.estimate import estimate
    from bioskipgram.training.memory import check_memory

    found = estimate(options.sequences, config)
    print_values(found.rows(), as_json=options.json)
    check_memory(config, found.bases)


def _places(options: argparse.Namespace) -> tuple[Path, Path]:
    """Return the paths of the model and of the training state."""
    from bioskipgram.training.recorder import MODEL, STATE

    out = options.out or (options.run and options.run / MODEL)
    if out is None:
        raise ConfigError("out: give --out FILE or --run DIR, so that the model has a place")
    if options.run:
        return out, options.run / STATE
    return out, out.with_name(f"{out.name.removesuffix('.safetensors')}.{STATE}")


def _found(options: argparse.Namespace, config: TrainConfig) -> "KmerEmbedding | None":
    """Return the model if its training is already finished."""
    from .session import same_model

    out, state = _places(options)
    if state.exists() or not out.exists():
        return None
    found = same_model(out, config, file_sha256(options.sequences))
    if found is not None:
        log(f"{out} is finished, with these settings: there is nothing to do")
    return found


def _learn(
    options: argparse.Namespace,
    config: TrainConfig,
    recorder: "Recorder | None",
    stop: StopRequest,
    group: "Group",
) -> tuple["KmerEmbedding", bool]:
    """Return the saved model, and whether its training finished."""
    from bioskipgram.training.resume import Checkpointer

    from .session import fit, go_on, save_model

    out, state = _places(options)
    training = _prepare(options, config, recorder, stop, group)
    if options.resume:
        go_on(training, state)
    if recorder:
        recorder.rewind(training.last.step if training.last else 0)
    checkpointer = Checkpointer(training, state, every=options.save_every)
    _stage(recorder, "training")
    finished = fit(training, checkpointer, recorder, stop)
    _stage(recorder, "saving")
    embedding = training.embedding()
    save_model(embedding, out, checkpointer, half=options.half, finished=finished, group=group)
    return embedding, finished


def _prepare(
    options: argparse.Namespace,
    config: TrainConfig,
    recorder: "Recorder | None",
    stop: StopRequest,
    group: "Group",
) -> "Training":
    """Return a new training, after reading or counting the sequences."""
    from bioskipgram.counting.counts import RawCounts
    from bioskipgram.counting.pairs import trainer_of
    from bioskipgram.training.estimate import bases_of
    from bioskipgram.training.memory import check_memory
    from bioskipgram.training.trainer import Training

    path, title = options.sequences, options.title or Path(options.sequences).name
    exact = trainer_of(config) == "exact"
    _stage(recorder, "counting" if exact else "reading")
    with group.together():
        check_memory(config, bases_of(path))
        sequences = (_count if exact else _read)(options, config, stop, group)
        sha256 = sequences.digest if isinstance(sequences, RawCounts) else file_sha256(path)
    group.same(sha256, Path(path).name)
    if isinstance(sequences, RawCounts):
        sequences = group.tally(sequences)
    return Training(sequences, config, source=title, sha256=sha256, group=group)


def _count(
    options: argparse.Namespace, config: TrainConfig, stop: StopRequest, group: "Group"
) -> "RawCounts":
    """Return the counts of this process's share of a file, counted behind a progress bar."""
    from tqdm import tqdm

    from bioskipgram.counting.pairs import check_countable
    from bioskipgram.counting.stream import Counting

    check_countable(config)
    bad: list[BadRecord] | None = None if options.strict else []
    counting = Counting(options.sequences, config, bad=bad, shard=(group.rank, group.size))
    settings = {"unit": "B", "unit_scale": True, "mininterval": 0.5, "dynamic_ncols": True}
    with tqdm(delay=1, disable=not group.first, **settings) as drawn:
        for done in counting:
            drawn.update(done)
            if stop.asked:
                raise TrainingError("stopped while counting: there is nothing learnt to keep")
    tell_left_out(bad if bad and group.first else ())
    # Each process reads the whole file, so each knows its digest.
    return replace(counting.result(), digest=counting.hashed.hexdigest())


def _read(
    options: argparse.Namespace, config: TrainConfig, stop: StopRequest, group: "Group"
) -> "Sequences":
    return read_sequences(options.sequences, config, strict=options.strict)


def read_sequences(path: str, config: TrainConfig, *, strict: bool = False) -> "Sequences":
    """Return the sequences of a file; at least one must be long enough for a k-mer."""
    from bioskipgram.sequences.alphabet import ALPHABETS

    alphabet = ALPHABETS[config.alphabet]
    sequences = read_records(path, alphabet, strict=strict)
    if (longest := sequences.lengths.max()) < config.k:
        raise FastaError(
            f"{Path(path).name}: the longest sequence has {longest} {alphabet.unit}s, fewer than "
            f"k = {config.k}; give longer sequences or a smaller k"
        )
    return sequences


def file_sha256(path: str) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise FastaError(f"{path}: it cannot be opened: {error.strerror}") from error


def _recorder(options: argparse.Namespace, config: TrainConfig) -> "Recorder | None":
    if options.run is None:
        return None
    from bioskipgram.training.recorder import Recorder

    title = options.title or Path(options.sequences).name
    path = str(Path(options.sequences).resolve())
    return Recorder(options.run, source=title, config=config, path=path, queue=options.queue)


def _stage(recorder: "Recorder | None", stage: str) -> None:
    if recorder:
        recorder.write(stage=stage)


def add_train(subparsers: Any) -> None:
    """Add the command `train`."""
    text = "Learn vectors from a FASTA, GenBank or EMBL file, plain or gzipped."
    parser = command(subparsers, "train", train, text)
    parser.add_argument("sequences", help="the file of sequences")
    add_strict(parser)
    parser.add_argument("--out", type=Path, help="where to write the model (.safetensors)")
    parser.add_argument("--run", type=Path, help="a folder to record the run in, with its model")
    parser.add_argument(
        "--queue", action="store_true", help="with --run: wait while as many other runs are at work"
    )
    parser.add_argument("--title", default="", help="what to call the sequences")
    parser.add_argument("--half", action="store_true", help="store the vectors as float16")
    parser.add_argument(
        "--layouts", action="store_true", help="also lay out the map (PCA, t-SNE) and find clusters"
    )
    _add_going_on(parser)
    add_config(parser, TrainConfig, "settings")


def _add_going_on(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on from the state that an unfinished run left beside its model",
    )
    parser.add_argument(
        "--save-every", type=_seconds, default=SAVE_EVERY, metavar="SECONDS",
        help="how often to save the state that --resume goes on from",
    )  # fmt: skip
    parser.add_argument(
        "--index", action="store_true",
        help="also keep the sequences beside the model, so that k-mers can be traced to them",
    )  # fmt: skip
    parser.add_argument(
        "--estimate", action="store_true", help="print the memory and the time needed; do not train"
    )


def _seconds(text: str) -> float:
    if not (value := float(text)) >= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not 0 or more seconds")
    return value
