"""All that a CUDA device has to show, in one command of under eight minutes: `make gpu`.

    python -m benchmarks.gpu CORPUS.fa.gz

The tests that need CUDA; the limits of a step (see `roofline`) at k = 6 and 8; the times from the
file to the vectors; and nccl with one process. Without a device it says so and ends.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MOST = 460
"""Seconds in all; a part that would begin later is left out, and said to be."""
NCCL = """
import torch, torch.distributed as dist
store = dist.TCPStore("127.0.0.1", 0, 1, is_master=True)
dist.init_process_group("cpu:gloo,cuda:nccl", store=store, rank=0, world_size=1)
x = torch.arange(6.0, device="cuda").reshape(3, 2)
total, parts = x.clone(), [torch.empty_like(x)]
dist.all_reduce(total); dist.all_gather(parts, x); dist.broadcast(x, 0)
assert torch.equal(total, x) and torch.equal(parts[0], x)
dist.destroy_process_group()
print("nccl", ".".join(map(str, torch.cuda.nccl.version())), "with one process: right")
"""


def parts(corpus: str) -> list[tuple[str, list[str]]]:
    """Return the parts by name, each the arguments of Python."""
    speed = ["-m", "benchmarks.speed", corpus, "--device", "cuda"]
    made = str(Path(tempfile.gettempdir()) / "gpu-k8.safetensors")
    return [
        ("tests", ["-m", "pytest", "-q", "-k", "cuda", "tests/training"]),
        ("limits", ["-m", "benchmarks.roofline", corpus, "--device", "cuda", "--k", "6", "8"]),
        ("k = 6", [*speed, "--gensim", "--steps", "20", "40", "0"]),
        ("k = 8", ["-m", "bioskipgram", "train", corpus, "--k", "8", "--trainer", "exact",
                   "--steps", "40", "--device", "cuda", "--out", made]),
        ("nccl", ["-c", NCCL]),
    ]  # fmt: skip


def main() -> int:
    """Run every part; return 1 if one failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus")
    options = parser.parse_args()
    import torch

    if not torch.cuda.is_available():
        print("make gpu: torch finds no CUDA device here, so nothing was run")
        return 0
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}", flush=True)
    begin, failed = time.perf_counter(), []
    for name, words in parts(options.corpus):
        left = MOST - (time.perf_counter() - begin)
        if left < 1:
            print(f"== {name}: left out, there is no time left", flush=True)
            continue
        print(f"== {name}", flush=True)
        start = time.perf_counter()
        try:
            code = subprocess.run([sys.executable, *words], check=False, timeout=left).returncode
        except subprocess.TimeoutExpired:
            code = 124
        print(f"== {name}: code {code}, {time.perf_counter() - start:.1f} s", flush=True)
        failed += [name] if code else []
    print("failed: " + ", ".join(failed) if failed else "all parts ended well")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
