"""What each command of the command line does. Heavy imports wait inside the functions."""

import argparse
import hashlib
import json
import sys
from contextlib import nullcontext
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from .config import ClusterConfig, Config, ProjectionConfig, TrainConfig
from .errors import ConfigError, FastaError, TrainingError
from .session import StopRequest, bar, say

if TYPE_CHECKING:
    from .embedding import KmerEmbedding
    from .fasta import Sequences
    from .runs import Recorder
    from .tally import Tally
    from .training import Group, Training

C = TypeVar("C", bound=Config)


def train(options: argparse.Namespace) -> None:
    """Train, save the model, and print its history."""
    config = _config(options, TrainConfig)
    if options.estimate:
        _print_estimate(options, config)
        return
    out, _ = _places(options)
    stop = StopRequest()
    from .training import Group

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
                _lay_out(embedding, out)
            if recorder:
                recorder.write(state="finished" if finished else "stopped", stage="")
        _print_info(embedding, as_json=options.json)


def _fair(config: TrainConfig, group: "Group") -> TrainConfig:
    """Return the settings with this process's share of the machine's cores."""
    from .tally import cores

    if group.local == 1 or config.threads:
        return config
    return replace(config, threads=max(1, cores() // group.local))


def _print_estimate(options: argparse.Namespace, config: TrainConfig) -> None:
    from .estimate import check_memory, estimate

    found = estimate(options.sequences, config)
    _print(found.rows(), as_json=options.json)
    check_memory(config, found.bases)


def _places(options: argparse.Namespace) -> tuple[Path, Path]:
    """Return where the model goes, and where the state is kept meanwhile."""
    from .runs import MODEL, STATE

    out = options.out or (options.run and options.run / MODEL)
    if out is None:
        raise ConfigError("out: give --out FILE or --run DIR, so that the model has a place")
    if options.run:
        return out, options.run / STATE
    return out, out.with_name(f"{out.name.removesuffix('.safetensors')}.{STATE}")


def _found(options: argparse.Namespace, config: TrainConfig) -> "KmerEmbedding | None":
    """Return the model if there is nothing left to do but to show it."""
    from .session import same_model

    out, state = _places(options)
    if state.exists() or not out.exists():
        return None
    found = same_model(out, config, _sha256(options.sequences))
    if found is not None:
        say(f"{out} is finished, with these settings: there is nothing to do")
    return found


def _learn(
    options: argparse.Namespace,
    config: TrainConfig,
    recorder: "Recorder | None",
    stop: StopRequest,
    group: "Group",
) -> tuple["KmerEmbedding", bool]:
    """Return the model, saved, and whether its training came to the end."""
    from .session import fit, go_on, save_model
    from .training.state import Keeper

    out, state = _places(options)
    training = _prepare(options, config, recorder, stop, group)
    if options.resume:
        go_on(training, state)
    if recorder:
        recorder.rewind(training.last.step if training.last else 0)
    keeper = Keeper(training, state, every=options.save_every)
    _stage(recorder, "training")
    finished = fit(training, keeper, recorder, stop)
    _stage(recorder, "saving")
    embedding = training.embedding()
    save_model(embedding, out, keeper, half=options.half, finished=finished, group=group)
    return embedding, finished


def _prepare(
    options: argparse.Namespace,
    config: TrainConfig,
    recorder: "Recorder | None",
    stop: StopRequest,
    group: "Group",
) -> "Training":
    """Return the training at its start, after reading or counting the sequences."""
    from .cooccurrence import trainer_of
    from .estimate import bases_of, check_memory
    from .tally import Tally
    from .training import Training

    path, title = options.sequences, options.title or Path(options.sequences).name
    exact = trainer_of(config) == "exact"
    _stage(recorder, "counting" if exact else "reading")
    with group.together():
        check_memory(config, bases_of(path))
        sequences = _count(path, config, stop, group) if exact else _read(path, config)
        sha256 = sequences.digest if isinstance(sequences, Tally) else _sha256(path)
    group.same(sha256, Path(path).name)
    if isinstance(sequences, Tally):
        sequences = group.tally(sequences)
    return Training(sequences, config, source=title, sha256=sha256, group=group)


def _count(path: str, config: TrainConfig, stop: StopRequest, group: "Group") -> "Tally":
    """Return the tally of this process's share of a file, counted behind a progress bar."""
    from tqdm import tqdm

    from .cooccurrence import check_countable
    from .counting import Counting

    check_countable(config)
    counting = Counting(path, config, shard=(group.rank, group.size))
    settings = {"unit": "B", "unit_scale": True, "mininterval": 0.5, "dynamic_ncols": True}
    with tqdm(delay=1, disable=not group.first, **settings) as drawn:
        for done in counting:
            drawn.update(done)
            if stop.asked:
                raise TrainingError("stopped while counting: there is nothing learnt to keep")
    # Each process reads the whole file, so each knows its digest.
    return replace(counting.tally(), digest=counting.hashed.hexdigest())


def _read(path: str, config: TrainConfig) -> "Sequences":
    from .alphabet import ALPHABETS
    from .fasta import read

    alphabet = ALPHABETS[config.alphabet]
    sequences = read(path, alphabet=alphabet)
    if (longest := sequences.lengths.max()) < config.k:
        raise FastaError(
            f"{Path(path).name}: the longest sequence has {longest} {alphabet.unit}s, fewer than "
            f"k = {config.k}; give longer sequences or a smaller k"
        )
    return sequences


def _sha256(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise FastaError(f"{path}: it cannot be opened: {error.strerror}") from error


def _recorder(options: argparse.Namespace, config: TrainConfig) -> "Recorder | None":
    if options.run is None:
        return None
    from .runs import Recorder, Run

    title = options.title or Path(options.sequences).name
    path = str(Path(options.sequences).resolve())
    return Recorder(Run(options.run), source=title, config=config, path=path)


def _stage(recorder: "Recorder | None", stage: str) -> None:
    if recorder:
        recorder.write(stage=stage)


def _lay_out(embedding: "KmerEmbedding", path: Path) -> None:
    """Make the layouts and clusters that a fresh model is first looked at with."""
    from .config import default_clusters

    for method in ("pca", "tsne"):
        _layout(embedding, path, ProjectionConfig(method=method))
    _clusters(embedding, path, default_clusters(len(embedding)))


def project(options: argparse.Namespace) -> None:
    """Lay a model out, beside it, and say where the layout is."""
    from . import checkpoint
    from .config import default_clusters

    embedding = checkpoint.load(options.model)
    config = _config(options, ProjectionConfig)
    projection, path = _layout(embedding, options.model, config)
    result = {"layout": str(path), "trustworthiness": projection.trustworthiness}
    if options.cluster:
        wanted = asdict(default_clusters(len(embedding))) | {"method": options.cluster}
        if options.clusters:
            wanted["clusters"] = options.clusters
        clusters, place = _clusters(embedding, options.model, ClusterConfig.from_dict(wanted))
        result |= {"clusters": str(place), "number": len(clusters)}
    if options.tsv:
        _write_points(embedding, projection.points, options.tsv)
    _print(result, as_json=options.json)


def _layout(embedding: "KmerEmbedding", model: Path, config: ProjectionConfig) -> tuple[Any, Path]:
    """Return a layout and its place, made now unless it is there already."""
    from . import projection

    path = projection.cache_path(model, embedding, config)
    if path.exists():
        return projection.load(path), path
    made = projection.project(embedding, config)
    projection.save(made, path)
    return made, path


def _clusters(embedding: "KmerEmbedding", model: Path, config: ClusterConfig) -> tuple[Any, Path]:
    from . import clusters, projection

    path = projection.cache_path(model, embedding, config)
    if path.exists():
        return clusters.load(path), path
    made = clusters.find(embedding, config)
    clusters.save(made, path)
    return made, path


def _write_points(embedding: "KmerEmbedding", points: Any, path: Path) -> None:
    from .checkpoint import write_whole

    rows = ["\t".join(["kmer", *"xyz"[: points.shape[1]]])]
    for text, point in zip(embedding.vocabulary.texts, points.tolist(), strict=True):
        rows.append("\t".join([text, *(f"{value:.5g}" for value in point)]))
    write_whole(path, ("\n".join(rows) + "\n").encode())


def neighbors(options: argparse.Namespace) -> None:
    """Print the nearest k-mers of each query."""
    from . import checkpoint

    if options.n < 1:
        raise ConfigError(f"n: {options.n} is below 1")
    embedding = checkpoint.load(options.model)
    for query in options.query:
        found = embedding.neighbors(query, options.n)
        texts = [embedding.vocabulary.texts[token] for token in found.tokens[0]]
        rows = [
            {"query": query, "kmer": text, "cosine": round(float(score), 4), "relation": relation}
            for text, score, relation in zip(
                texts, found.scores[0], found.relations[0], strict=True
            )
        ]
        _print_table(rows, as_json=options.json)


def info(options: argparse.Namespace) -> None:
    """Print a model's settings and history."""
    from . import checkpoint

    _print_info(checkpoint.load(options.model), as_json=options.json)


def _print_info(embedding: "KmerEmbedding", *, as_json: bool) -> None:
    info = embedding.info
    values: dict[str, Any] = {"kmers": len(embedding), "digest": embedding.digest, "gap": info.gap}
    values |= info.to_dict()
    if not as_json:
        config = values.pop("config")
        values.pop("losses")
        values |= {"settings": ", ".join(f"{name}={value}" for name, value in config.items())}
    _print(values, as_json=as_json)


def quality(options: argparse.Namespace) -> None:
    """Print every measure of a model beside its nulls."""
    from . import checkpoint
    from .quality import measure

    embedding = checkpoint.load(options.model)
    null = _null(embedding, options.sequences) if options.sequences else None
    rows = [asdict(one) for one in measure(embedding, null)]
    if not options.json:
        rows = [{name: row[name] for name in list(row)[:-1]} for row in rows]
    _print_table(rows, as_json=options.json)
    if null is None:
        print("the shuffled null needs the training sequences: give their file", file=sys.stderr)  # noqa: T201


def _null(embedding: "KmerEmbedding", path: str) -> "KmerEmbedding":
    from .quality import shuffled
    from .training import Training

    config = embedding.info.config
    sequences = shuffled(_read(path, config), unit=config.stride, frame=config.frame)
    training = Training(sequences, config, source="shuffled")
    for _ in bar(training):
        pass
    return training.embedding()


def _config(options: argparse.Namespace, config: type[C]) -> C:
    names = [spec.name for spec in fields(config)]  # type: ignore[arg-type]
    return config.from_dict({name: getattr(options, name) for name in names})


def _print(values: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(values))  # noqa: T201
        return
    for name, value in values.items():
        print(f"{name:16} {_cell(value)}")  # noqa: T201


def _print_table(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(rows))  # noqa: T201
        return
    table = [list(rows[0])] + [[_cell(value) for value in row.values()] for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for line in table:
        print("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip())  # noqa: T201


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.4f}" if isinstance(value, float) else str(value)
