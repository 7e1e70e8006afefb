"""The sampled trainer: classic streaming SGNS with drawn negatives (Mikolov et al. 2013).

For vocabularies whose co-occurrence table does not fit, and as the textbook method: shrinking
windows, subsampling, negatives from counts^noise_power, sparse gradients, a linearly falling rate,
blocks in random order. `Hogwild` computes on processors, `Minibatch` on accelerators.
"""

import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch

from bioskipgram.config import TrainConfig
from bioskipgram.counting.corpus import Corpus
from bioskipgram.errors import TrainingError
from bioskipgram.jobs.progress import Progress
from bioskipgram.numerics.arrays import Counts, Floats, State
from bioskipgram.numerics.threads import cores

from .distributed import ALONE, Group
from .hogwild_kernel import LANES, Bits, Draws, Tables, Text, as_bits, has_pair, walk
from .minibatch import Minibatch
from .skipgram import NO_PAIRS, SkipGram, pick_device

RATE = 0.6
"""Initial learning rate: the best of .05-.8 after one epoch at k = 6 (benchmarks/RESULTS.md)."""
SQUARES = 1e-3
"""Start of Adagrad's sums: the first steps are as long as those of plain gradient descent."""
BLOCK = 256
"""Consecutive places in a block; the blocks are shuffled."""
MERGE = 4
"""Steps after which processes that train together take the mean of their tables."""
PARTS = 4
"""Parts of a step per thread, to balance the load."""
FEWEST_STEPS = 50
"""A small corpus is cut into smaller steps than `batch`, so that the rate can fall."""


class Hogwild:
    """Learns blocks of a text on processors: `threads` that share the `tables` without locks.

    "Hogwild" (Recht et al. 2011, arXiv:1106.5730): an occasional lost update costs less than locks.
    One thread is reproducible bit for bit: every draw follows from the seed, the epoch and the
    place in the corpus.
    """

    def __init__(
        self, tables: Tables, draws: Draws, keep: Bits, *, l2: float, threads: int
    ) -> None:
        self._tables, self._draws, self._keep = tables, draws, keep
        self._l2, self._threads = np.float32(l2), threads
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None

    def read(self, corpus: Corpus) -> None:
        """Use the sentences of `corpus` from now on."""
        self._text = Text(corpus.tokens, corpus.offsets, self._keep)

    def step(self, blocks: Counts, size: int, *, rate: float, key: int) -> tuple[float, float]:
        """Learn the `size` places from each of `blocks`, int64[n], on; return loss and pairs."""

        def learn(part: Counts) -> tuple[float, float]:
            done: tuple[float, float] = walk(
                self._text, self._draws, self._tables, part, size,
                np.float32(rate), self._l2, np.uint64(key),
            )  # fmt: skip
            return done

        if self._pool is None:
            return learn(blocks)
        parts = [blocks[i :: self._threads * PARTS] for i in range(self._threads * PARTS)]
        sums = list(self._pool.map(learn, parts))
        return sum(loss for loss, _ in sums), sum(pairs for _, pairs in sums)


class SampledTrainer:
    """Streaming skip-gram with negative sampling.

    Iterate to train; stop iterating to stop; iterate again to continue. `recut` gives the sentences
    of a later epoch by its number, by default always `corpus`. In a `group` each process learns its
    own blocks of a step, and every `MERGE` steps the tables and Adagrad's sums are averaged; with
    two processes the loss at k = 6 ended .0032 above one's 1.1268 after an epoch
    (benchmarks/distributed.py). `tables` are the padded arrays shared with the engine, `losses`
    (step, loss per pair) some fifty times a run.
    """

    def __init__(
        self,
        corpus: Corpus,
        config: TrainConfig,
        *,
        recut: Callable[[int], Corpus] | None = None,
        minibatch: bool | None = None,
        group: Group = ALONE,
    ) -> None:
        self.config, self.vocabulary, self.group = config, corpus.vocabulary, group
        with group.together():
            if not has_pair(corpus.tokens, corpus.offsets, np.array(config.distances)):
                raise TrainingError(NO_PAIRS)
            self.device = pick_device(config.device)
        self.losses: list[tuple[int, float]] = []
        self.step = 0
        self._first, self._recut, self._epoch = corpus, recut, -1
        self._make_tables()
        on_device = self.device.type != "cpu" if minibatch is None else minibatch
        self._engine = self._minibatch() if on_device else self._hogwild()
        T = len(corpus.tokens)
        # A centre has window + 1 pairs on average: the shrinking window, on both sides.
        places = min(config.batch // (config.window + 1), T * config.epochs // FEWEST_STEPS)
        self._size = max(1, min(BLOCK, places))
        self._each = -(-T // (self._size * max(1, places // self._size)))

    def _make_tables(self) -> None:
        """Make word2vec's start, in rows padded to whole registers."""
        V, dim = len(self.vocabulary), self.config.dim
        start = SkipGram.random(V, dim, seed=self.config.seed, device=self.device)
        pad = (0, -dim % LANES)
        center, context = (torch.nn.functional.pad(table, pad) for table in start.tables)
        self.model = SkipGram(center[:, :dim], context[:, :dim])
        squares = torch.full((2, V), SQUARES, device=self.device)
        names = ("center", "context", "center_squares", "context_squares")
        self.tables = dict(zip(names, (center, context, *squares), strict=True))

    def _merge(self) -> None:
        """Give all processes the mean of their tables.

        Sums of what they learnt would move a row several times too far, and the loss would grow.
        """
        if self.group.size > 1:
            for table in self.tables.values():
                self.group.all_sum(table).div_(self.group.size)

    def _hogwild(self) -> Hogwild:
        config, vocabulary = self.config, self.vocabulary
        tables = Tables(*(table.numpy() for table in self.tables.values()))
        draws = Draws.of(vocabulary, config)
        keep = as_bits(vocabulary.keep_probability(config.subsample))
        threads = config.threads or cores()
        return Hogwild(
            tables, draws, keep if config.subsample else keep[:0], l2=config.l2, threads=threads
        )

    def _minibatch(self) -> Minibatch:
        squares = self.tables["center_squares"], self.tables["context_squares"]
        return Minibatch(self.model, squares, self.vocabulary, self.config)

    def __iter__(self) -> Iterator[Progress]:
        """Train on from `step`, yielding after every step."""
        steps, first, start = self.steps, self.step, time.perf_counter()
        tokens = len(self._first.tokens) / self._each
        for step in range(first, steps):
            rate = (self.config.learning_rate or RATE) * (1 - step / steps)
            loss = self._learn(step, rate)
            self.step = step + 1
            self._note(loss)
            seconds, done = time.perf_counter() - start, step + 1 - first
            left = seconds / done * (steps - step - 1)
            yield Progress(step + 1, steps, loss, rate, tokens * done / seconds, left)

    @property
    def steps(self) -> int:
        """How many steps there are in all."""
        return self._each * self.config.epochs

    def _learn(self, step: int, rate: float) -> float:
        """Learn from one step's blocks; return the loss per pair."""
        epoch, within = divmod(step, self._each)
        if epoch != self._epoch:
            self._enter(epoch)
        n = len(self._order)
        start, stop = n * within // self._each, n * (within + 1) // self._each
        rank, size = self.group.rank, self.group.size
        blocks = self._order[start:stop][(rank - start) % size :: size]
        loss = pairs = 0.0
        if len(blocks):
            loss, pairs = self._engine.step(blocks, self._size, rate=rate, key=self._key)
        if (step + 1) % MERGE == 0:
            self._merge()
        loss, pairs = self.group.all_sum(torch.tensor([loss, pairs], dtype=torch.float64)).tolist()
        return loss / pairs if pairs else math.nan

    def _enter(self, epoch: int) -> None:
        """Read the epoch's sentences, and shuffle their blocks."""
        corpus = self._recut(epoch) if self._recut and epoch else self._first
        random = np.random.default_rng((self.config.seed, epoch))
        self._key = int(random.integers(2**62))
        self._order = random.permutation(-(-len(corpus.tokens) // self._size)) * self._size
        self._engine.read(corpus)
        self._epoch = epoch

    def _note(self, loss: float) -> None:
        if math.isnan(loss):  # a batch without a pair: all its k-mers were thinned out
            return
        if self.step % max(1, self.steps // 50) == 0 or self.step == self.steps:
            self.losses.append((self.step, loss))

    def arrays(self) -> tuple[Floats, Floats]:
        """Return copies of both tables, of all processes, float32[V, D] each."""
        self._merge()
        return self.model.arrays()

    def state(self) -> State:
        """Return all that continuing takes, as copies; random numbers follow from seed and step."""
        self._merge()
        return self._state()

    def _state(self) -> State:
        center, context = self.model.arrays()
        squares = ("center_squares", "context_squares")
        state = {name: self.tables[name].cpu().numpy().copy() for name in squares}
        state |= {"center": center, "context": context, "step": np.array([self.step])}
        return state | {"losses": np.array(self.losses, np.float64).reshape(-1, 2)}

    def restore(self, state: State) -> None:
        """Continue from a `state`; a TrainingError unless it is of such sentences and settings."""
        for name, old in self._state().items():
            free = name == "losses"
            if name not in state or (state[name].shape != old.shape and not free):
                found = state[name].shape if name in state else "nothing"
                raise TrainingError(
                    f"state, {name}: expected shape {old.shape}, found {found}; "
                    "resume with the sequences and the settings the run began with"
                )
        for name, table in self.tables.items():
            part = table[:, : self.config.dim] if table.ndim == 2 else table
            part.copy_(torch.from_numpy(state[name]))
        if not 0 <= state["step"][0] <= self.steps:
            raise TrainingError(f"state, step: {state['step'][0]} of {self.steps}")
        self.step = int(state["step"][0])
        self.losses = [(int(step), float(loss)) for step, loss in state["losses"]]
