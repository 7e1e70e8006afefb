"""The step of `torch.optim.Adam`, without its imports."""

import subprocess
import sys
from pathlib import Path

import torch

from bioskipgram.training.adam import EPSILON, Adam

ROOT = Path(__file__).parents[2]


def test_the_steps_are_those_of_torch() -> None:
    generator = torch.Generator().manual_seed(1)
    tables = [torch.randn(5, 3, generator=generator), torch.randn(7, 3, generator=generator)]
    wanted = [table.clone() for table in tables]
    known = torch.optim.Adam(wanted, betas=(0.8, 0.95), eps=EPSILON, fused=True)
    adam = Adam(tables, (0.8, 0.95))
    for rate in (0.2, 0.1, 0.3):
        slopes = [torch.randn(table.shape, generator=generator) for table in tables]
        adam.step(slopes, rate)
        for group in known.param_groups:
            group["lr"] = rate
        for table, slope in zip(wanted, slopes, strict=True):
            table.grad = slope
        known.step()
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(tables, wanted, strict=True))


def test_training_does_not_import_the_compiler_of_torch() -> None:
    program = (
        "import sys; from bioskipgram import Training, TrainConfig, read\n"
        "config = TrainConfig(k=2, dim=4, steps=3)\n"
        "training = Training(read(b'>a\\n' + b'ACGTTGCAAC' * 9), config)\n"
        "assert len(list(training)) == 3; print('torch._dynamo' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False"]
