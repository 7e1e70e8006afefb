"""What bounds a step of the exact trainer: its operations and bytes beside what the machine can do.

    python -m benchmarks.roofline CORPUS.fa.gz [--k 6 8] [--device cpu] [--threads 2]

A step multiplies three times, V x D x V each (the products, and the slopes of both tables): 6 V^2 D
operations; with tied tables, on half the tiles and those of the diagonal, 3 V^2 D and a little. It
has to read the pairs once: 4 V^2 bytes where they are dense. Where they are sparse, on a processor,
each of C pairs that are not zero reads a vector of 4 D bytes, and the negatives multiply twice for
each table with a sample of S k-mers: 8 V S D operations; tied tables read the pairs once, two
tables twice. The limits of the machine are measured here: the rate of a large square product in
the same precision, and that of copying memory. "sigmoids" is the time of so many of them alone,
which no product hides. The share reached is the time of the slowest limit over the measured one; on
a processor, which does them one after the other, that of their sum.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from bioskipgram.config import TrainConfig
from bioskipgram.counting.pairs import counted
from bioskipgram.counting.stream import count_file
from bioskipgram.training.loss import ExpectedLoss, half_is_fast
from bioskipgram.training.skipgram import SkipGram, computing, pick_device

SIZE = 4096
"""Rows of the square product that measures the rate."""


def main() -> None:
    """Print a table."""
    import torch

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--k", type=int, nargs="*", default=[6])
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    device = pick_device(options.device)
    with computing(options.threads):
        bandwidth = _bandwidth(device, options.repeats)
        print(f"{device}, {torch.get_num_threads()} threads: {bandwidth / 1e9:.0f} GB/s copied")
        print(
            "| k | tables | precision | ms a step | products | bytes | sigmoids | share reached |"
        )
        print("|---|---|---|---|---|---|---|---|")
        for k in options.k:
            config = TrainConfig(k=k, dim=100, window=5, trainer="exact")
            pairs = counted(count_file(options.corpus, config), config)
            for half in (False, True):
                if not half or half_is_fast(device):
                    objective = ExpectedLoss(pairs, config, device, half=half)
                    for tied in (False, True):
                        measured = objective, pairs, config, bandwidth, options.repeats
                        print(_row(*measured, tied=tied), flush=True)


def _row(
    objective: ExpectedLoss,
    pairs: object,
    config: TrainConfig,
    bandwidth: float,
    repeats: int,
    *,
    tied: bool,
) -> str:
    import torch

    V, D, device = objective.V, config.dim, objective.device
    dtype = torch.bfloat16 if objective.half else torch.float32
    model = SkipGram.random(V, D, seed=1, device=device)
    gradient = objective.tied_gradient if tied else objective.gradient
    seconds = _least(lambda: gradient(model), device, repeats)
    square = torch.ones(SIZE, SIZE, dtype=dtype, device=device)
    rate = 2 * SIZE**3 / _least(lambda: square @ square, device, repeats)
    tile = torch.zeros(min(V, objective.tile[0]), min(V, objective.tile[1]), device=device)
    sigmoid = _least(lambda: torch.sigmoid_(tile), device, repeats) / tile.numel()
    if objective.table.can_pull:
        S, reads = objective.sample, 1 if tied else 2
        cells = len(pairs.weights)  # type: ignore[attr-defined]
        limits = [
            8 * V * S * D / rate,
            reads * cells * (8 + 4 * D) / bandwidth,
            2 * V * S * sigmoid,
        ]
    else:
        done = min(1.0, (1 + objective.tile[0] // 2 / V) / 2) if tied else 1.0  # of all cells
        limits = [done * part for part in (6 * V * V * D / rate, 4 * V * V / bandwidth)]
        limits.append(done * V * V * sigmoid)
    cells_of_row = [f"{1000 * part:.1f}" for part in limits]
    name = "bfloat16" if objective.half else "float32"
    share = (sum(limits) if device.type == "cpu" else max(limits)) / seconds
    kind = "tied" if tied else "two"
    return (
        f"| {config.k} | {kind} | {name} | {1000 * seconds:.1f} | {' | '.join(cells_of_row)} "
        f"| {100 * share:.0f} % |"
    )


def _bandwidth(device: object, repeats: int) -> float:
    """Return bytes read and written a second by copying 256 MB."""
    import torch

    one = torch.ones(1 << 26, device=device)  # type: ignore[call-overload]
    two = torch.empty_like(one)
    return 2 * 4 * len(one) / _least(lambda: two.copy_(one), device, repeats)


def _least(work: Callable[[], object], device: object, repeats: int) -> float:
    """Return the least seconds of some runs, after one that does not count."""
    import torch

    found = []
    for _ in range(1 + repeats):
        start = time.perf_counter()
        work()
        if getattr(device, "type", "") == "cuda":
            torch.cuda.synchronize()
        found.append(time.perf_counter() - start)
    return min(found[1:])


if __name__ == "__main__":
    main()
