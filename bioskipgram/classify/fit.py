"""Labelled sequences -> a classifier, every setting chosen in folds of the training set.

A part of the items is held out, whole groups at a time; of few items every one in turn. A head is
fitted along a path of costs on the rest, and its cost chosen by the log loss of that part, which
also decides whether strands are merged and whether positions count, and which calibrates the sum of
the heads. Then every head is fitted once more on all items; their sum is one linear classifier.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from bioskipgram import __version__
from bioskipgram.errors import ConfigError
from bioskipgram.jobs.progress import OnProgress, no_progress
from bioskipgram.numerics.arrays import Counts, Doubles, Floats

from .blocks import KINDS, MAX_ALIGNED, Block, Csr
from .calibration import best_threshold, calibrate
from .classifier import Classifier, decided, probabilities
from .held_out import splits
from .labelled import Labelled, both
from .logistic import ROUGH, TOLERANCE, Line, log_ratio, path, sums
from .scores import mcc
from .settings import COSTS, ClassifyConfig

FITTED = 20_000
"""The most items that a head is fitted on to choose its cost."""
TRIED = 12_000
"""The most items on which strands and positions are chosen."""
FEWEST = 4
"""The fewest items of a class."""
_MOST_OF = 0.7
"""The share of the items from which on a table of all is made at once."""
_USUAL = 2_000
"""Entries of an item; where items have more, so many fewer of them are fitted to choose by."""
_WITHIN = 1.0
"""A cost is not clearly worse within so many standard errors of the difference in log loss."""
_WORSE = 1.02
"""The path of costs ends where the log loss is so much above its lowest."""


@dataclass(frozen=True)
class Head:
    """One linear classifier: what it counts, and the kinds whose columns get their log ratio."""

    block: Block
    rated: tuple[str, ...]


@dataclass(frozen=True)
class Held:
    """A head as the held-out part sees it."""

    head: Head
    costs: tuple[float, ...]  # the chosen one of each margin
    margins: Doubles  # float64[held out, margins]
    loss: float  # log loss after calibration, nats


class Fitter:
    """Fits heads on labelled items."""

    def __init__(
        self,
        items: Labelled,
        config: ClassifyConfig,
        tell: OnProgress = no_progress,
        *,
        dev: int = 0,
    ) -> None:
        check(items, config)
        self.items, self.config, self.tell = items, config, tell
        K = len(items.classes)
        self.targets = [1] if K == 2 else list(range(K))
        self.random = np.random.default_rng(config.seed)
        tell("grouping the sequences that share a long word", 0.0)
        self.splits, self.some = splits(items, dev, self.random), items
        if len(self.splits) == 1:
            self._shorten()
        self.held = np.concatenate([held for held, _ in self.splits])
        self._table: tuple[Block, Labelled, Csr] | None = None

    def _shorten(self) -> None:
        """Leave out items by which no setting is chosen, so that their table is not made."""
        held, rest = self.splits[0]
        rest = np.sort(self.random.permutation(rest)[:FITTED])
        seen = np.union1d(held, rest)
        if len(seen) < _MOST_OF * len(self.items):
            self.some = self.items.take(seen)
            held, rest = np.searchsorted(seen, held), np.searchsorted(seen, rest)
        self.splits = [(held, rest)]

    def table(self, block: Block, items: Labelled) -> Csr:
        """Return the features of items; the last table is kept."""
        if self._table is None or self._table[0] != block or self._table[1] is not items:
            self._table = None  # so that there are never two
            self._table = block, items, block.features(items.sequences, self.config.threads)
        return self._table[2]

    def gigabytes(self, block: Block) -> float:
        """Return the size of a table, 8 bytes an entry: an index and a value."""
        return float(block.rooms(self.items.sequences.lengths).sum()) * 8 / 1e9

    def lines(
        self, head: Head, items: Labelled, rows: Counts, target: int, costs: Sequence[float],
        tolerance: float,
    ) -> Iterator[Line]:  # fmt: skip
        """Return the path of a head on some items for one class against the rest."""
        table, positive = self.table(head.block, items), items.labels[rows] == target
        scale = np.ones(head.block.size, np.float32)
        if head.rated:
            own, other = sums(table, rows[positive]), sums(table, rows[~positive])
        for kind in head.rated:
            inside = head.block.slices[kind]
            scale[inside] = log_ratio(own[inside], other[inside])
        return path(table, scale, rows, positive, costs, self.random, tolerance=tolerance)

    def hold(self, head: Head, most: int = FITTED) -> Held:
        """Return what the held-out part makes of a head at its best cost."""
        entries = head.block.rooms(self.some.sequences.lengths).mean()
        most = max(1, int(most * min(1.0, _USUAL / max(entries, 1.0))))
        parts = [rest[:: max(1, -(-len(rest) // most))] for _, rest in self.splits]
        found = [self._best(head, parts, target) for target in self.targets]
        margins = np.column_stack([margins for _, margins in found])
        loss = calibrate(margins, self.some.labels[self.held])[2]
        return Held(head, tuple(cost for cost, _ in found), margins, loss)

    def _best(self, head: Head, parts: list[Counts], target: int) -> tuple[float, Doubles]:
        truth = self.some.labels[self.held] == target
        table = self.table(head.block, self.some)
        paths = [self.lines(head, self.some, rows, target, COSTS, ROUGH) for rows in parts]
        found = list[tuple[float, Doubles, Doubles]]()
        for lines in zip(*paths, strict=True):
            pairs = zip(lines, self.splits, strict=True)
            margins = np.concatenate([line.margins(table, held) for line, (held, _) in pairs])
            losses = np.logaddexp(0, np.where(truth, -margins, margins))
            found.append((lines[0].cost, margins, losses))
            if found[-1][2].mean() > _WORSE * min(losses.mean() for _, _, losses in found):
                break
        best = min((losses for _, _, losses in found), key=lambda losses: float(losses.mean()))
        for cost, margins, losses in found:
            apart = losses - best
            if apart.mean() <= _WITHIN * apart.std() / np.sqrt(len(apart)):
                return cost, margins
        raise AssertionError("the best cost is not worse than itself")

    def refit(self, held: Held) -> tuple[Floats, Doubles]:
        """Return weights, float32[columns, margins], and biases of a head fitted on all items."""
        rows, weights, biases = np.arange(len(self.items)), [], []
        for target, cost in zip(self.targets, held.costs, strict=True):
            warm = [c for c in COSTS if c < cost][-1:]  # the last is quicker from there
            *_, line = self.lines(held.head, self.items, rows, target, [*warm, cost], TOLERANCE)
            weights.append(line.weights)
            biases.append(line.bias)
        return np.column_stack(weights).astype(np.float32), np.array(biases)


def fit(
    items: Labelled,
    config: ClassifyConfig | None = None,
    tell: OnProgress = no_progress,
    *,
    dev: Labelled | None = None,
    blocks: Sequence[Block] = (),
) -> Classifier:
    """Return the classifier of labelled sequences.

    Parameters
    ----------
    items, dev
        At least four of each class. Settings are chosen by `dev`, or by a part of the items; if
        all together are few, by all of them in folds.
    config
        The settings; the defaults choose by themselves.
    tell
        Is told what is done and how much of everything is, 0 to 1; what it raises stops the work.
    blocks
        What the heads count; () = chosen by the settings.

    Raises
    ------
    ConfigError
        If there are not two classes, or a setting does not fit the sequences.
    """
    config = config or ClassifyConfig()
    whole = items if dev is None else both(items, dev)
    fitter = Fitter(whole, config, tell, dev=0 if dev is None else len(dev))
    chosen, tried = [Head(block, ()) for block in blocks], list[dict[str, Any]]()
    if not blocks:
        base, tried = choose(fitter)
        chosen = heads(fitter, base)
    held = []
    for i, head in enumerate(chosen):
        tell(f"choosing the cost of head {i + 1} of {len(chosen)}", 0.3 + 0.4 * i / len(chosen))
        held.append(fitter.hold(head))
    fitted = []
    for i, one in enumerate(reversed(held)):  # the last one's table is still there
        tell(f"fitting head {i + 1} of {len(held)} on all items", 0.7 + 0.3 * i / len(held))
        fitted.append(fitter.refit(one))
    classifier = summed(fitter, held, fitted[::-1])
    classifier.info["tried"] = tried
    tell("fitted", 1.0)
    return classifier


def check(items: Labelled, config: ClassifyConfig) -> None:
    """Raise a ConfigError unless a classifier can be made of the items."""
    K = len(items.classes)
    if K < 2:
        raise ConfigError(f"one class, {items.classes[0][:40]!r}; two or more can be told apart")
    sizes = np.bincount(items.labels, minlength=K)
    if sizes.min() < FEWEST:
        raise ConfigError(
            f"class {items.classes[int(sizes.argmin())][:40]!r} has {sizes.min()} items; at "
            f"least {FEWEST} of each class are needed"
        )
    if items.sequences.alphabet.name != config.alphabet:
        raise ConfigError(
            f"alphabet: {config.alphabet}, but the sequences are {items.sequences.alphabet.name}"
        )
    lengths = items.sequences.lengths
    if config.aligned == "yes" and (lengths.min() != lengths.max() or lengths[0] > MAX_ALIGNED):
        raise ConfigError(
            f"aligned: the sequences have {lengths.min():,} to {lengths.max():,} letters; "
            f"positions can be learnt where all have one length of up to {MAX_ALIGNED:,}"
        )


def choose(fitter: Fitter) -> tuple[Block, list[dict[str, Any]]]:
    """Return the block of k-mers that the held-out part prefers, and all that was tried."""
    config, lengths = fitter.config, fitter.items.sequences.lengths
    other_strand = config.alphabet != "protein"
    merged = {"yes": [True], "no": [False], "auto": [True, False]}[config.strands]
    aligned = {"yes": [True], "no": [False], "auto": [False, True]}[config.aligned]
    if lengths.min() != lengths.max() or lengths[0] > MAX_ALIGNED:
        aligned = [False]
    blocks = [
        Block(("kmers", "aligned"), config.alphabet, one, int(lengths[0]))
        if positions
        else Block(("kmers",), config.alphabet, one)
        for positions in aligned
        for one in (merged if other_strand else [False])
    ]
    if len(blocks) == 1:
        return blocks[0], []
    found = []
    for i, block in enumerate(blocks):
        fitter.tell("choosing strands and positions", 0.3 * i / len(blocks))
        found.append(fitter.hold(Head(block, _positions(block)), TRIED))
    tried = [
        {"aligned": block.length > 0, "merged": block.merged, "loss": one.loss}
        for block, one in zip(blocks, found, strict=True)
    ]
    return min(found, key=lambda held: held.loss).head.block, tried


def _positions(block: Block) -> tuple[str, ...]:
    return ("aligned",) if block.length else ()


def choose_strands(items: Labelled, config: ClassifyConfig) -> bool:
    """Return whether a k-mer and its reverse complement are better merged."""
    if config.alphabet == "protein" or config.strands != "auto":
        return config.strands == "yes"
    return choose(Fitter(items, replace(config, aligned="no")))[0].merged


def heads(fitter: Fitter, base: Block) -> list[Head]:
    """Return the heads whose sum is the classifier: plain, log ratios, gapped words.

    Those whose tables do not fit the memory are left out.
    """
    config, positions = fitter.config, _positions(base)
    pairs = replace(base, kinds=("kmers", "pairs4", *positions))
    found = [
        Head(base, positions),
        Head(base, ("kmers", *positions)),
        Head(pairs, ("pairs4", *positions)),
    ]
    if config.gapped == "yes":
        gapped = replace(base, kinds=("kmers", "gapped", *positions))
        found.append(Head(gapped, ("gapped", *positions)))
    elif config.gapped == "no":
        del found[2]
    small = [head for head in found if fitter.gigabytes(head.block) <= config.memory]
    return small or found[:1]


def summed(fitter: Fitter, held: list[Held], fitted: list[tuple[Floats, Doubles]]) -> Classifier:
    """Return the mean of the heads as one classifier, calibrated on the held-out part."""
    items, H = fitter.items, len(held)
    margins = np.mean([one.margins for one in held], axis=0)
    truth = fitter.some.labels[fitter.held]
    slope, shift, loss = calibrate(margins, truth)
    chances = probabilities(slope * margins + shift)
    threshold = best_threshold(chances) if len(items.classes) == 2 else 0.5
    kinds = {kind for one in held for kind in one.head.block.kinds}
    block = replace(held[0].head.block, kinds=tuple(kind for kind in KINDS if kind in kinds))
    weights = np.zeros((block.size, margins.shape[1]), np.float32)
    for one, (own, _) in zip(held, fitted, strict=True):
        for kind, inside in one.head.block.slices.items():
            weights[block.slices[kind]] += np.float32(slope / H) * own[inside]
    bias = slope * np.mean([bias for _, bias in fitted], axis=0) + shift
    info = {
        "version": __version__, "config": asdict(fitter.config), "items": len(items),
        "length": int(np.median(items.sequences.lengths)),
        "sizes": np.bincount(items.labels, minlength=len(items.classes)).tolist(),
        "held_out": len(truth), "loss": loss,
        "mcc": mcc(truth, decided(chances, threshold), len(items.classes)),
        "heads": [
            {"kinds": list(one.head.block.kinds), "rated": list(one.head.rated),
             "costs": list(one.costs), "loss": one.loss}
            for one in held
        ],
    }  # fmt: skip
    return Classifier(items.classes, block, weights, bias, threshold, info)
