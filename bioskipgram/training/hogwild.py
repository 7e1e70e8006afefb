"""The sampled trainer's engine for processors: threads that share the tables without locks.

"Hogwild" (Recht et al. 2011, arXiv:1106.5730): an occasional lost update costs less than locks. One
thread is reproducible bit for bit: every draw follows from the seed, the epoch and the place in the
corpus.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from bioskipgram.counting.corpus import Corpus
from bioskipgram.numerics.arrays import Counts

from .hogwild_kernel import Bits, Draws, Tables, Text, walk

PARTS = 4
"""Parts of a step per thread, to balance the load."""


class Hogwild:
    """Learns blocks of a text into `tables`, `threads` of them at once."""

    def __init__(
        self, tables: Tables, draws: Draws, keep: Bits, *, l2: float, threads: int
    ) -> None:
        self._tables, self._draws, self._keep = tables, draws, keep
        self._l2 = np.float32(l2)
        self._threads = threads
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
