"""How long layouts take, how far they can be trusted, and whether the dashboard stays alive.

::

    python -m benchmarks.layouts models/human-cds-k6.safetensors models/human-cds-k8.safetensors
    python -m benchmarks.layouts MODEL --rivals      the other implementations of t-SNE and UMAP
    python -m benchmarks.layouts MODEL --together    three UMAPs at once beside a running dashboard

Each layout is made by a process of its own, as the dashboard makes it, and nothing is kept
beside the model. "Cold" is the first UMAP with no compiled code on disk, "warm" any later one.
"""

import argparse
import contextlib
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from bioskipgram.config import SMALL, ProjectionConfig, default_clusters
from bioskipgram.model import checkpoint
from bioskipgram.projection import projection
from bioskipgram.projection.jobs import ProjectionJob, seconds_needed

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Measure each model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="+", type=Path)
    parser.add_argument("--rivals", action="store_true")
    parser.add_argument("--together", action="store_true")
    parser.add_argument("--in-space", action="store_true", help="t-SNE in 3-D, too, however slow")
    options = parser.parse_args()
    for model in options.models:
        with _copied(model) as copy:
            if options.together:
                together(copy)
            elif options.rivals:
                rivals(copy)
            else:
                layouts(copy, in_space=options.in_space)


@contextlib.contextmanager
def _copied(model: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(shutil.copy(model, folder))


def layouts(model: Path, *, in_space: bool) -> None:
    """Print the time and the trustworthiness of each layout, UMAP cold and warm."""
    V = len(checkpoint.load(model))
    print(f"\n{model.name}: {V:,} k-mers, {os.cpu_count()} cores\n")
    print("| layout | seconds | estimated | trustworthiness |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as compiled:
        for name, method, dimensions in [
            ("PCA", "pca", 2), ("t-SNE", "tsne", 2), ("UMAP, cold", "umap", 2),
            ("UMAP, warm", "umap", 2), ("UMAP, 3-D, warm", "umap", 3), ("t-SNE, 3-D", "tsne", 3),
        ]:  # fmt: skip
            config = ProjectionConfig(method=method, dimensions=dimensions)
            if name == "t-SNE, 3-D" and V > SMALL and not in_space:
                print(f"| {name} | not run | {seconds_needed(config, V):.0f} | |")
                continue
            seconds, trust = _made(model, config, compiled)
            print(f"| {name} | {seconds:.1f} | {seconds_needed(config, V):.0f} | {trust:.4f} |")
    begin = time.perf_counter()
    _project(model, "--no-layout", "--cluster=kmeans")
    seconds = time.perf_counter() - begin
    estimated = seconds_needed(default_clusters(V), V)
    print(f"| {default_clusters(V).clusters} clusters | {seconds:.1f} | {estimated:.0f} | |")


def _made(model: Path, config: ProjectionConfig, compiled: str) -> tuple[float, float]:
    place = projection.cache_path(model, checkpoint.load(model), config)
    place.unlink(missing_ok=True)
    begin = time.perf_counter()
    options = [f"--method={config.method}", f"--dimensions={config.dimensions}"]
    _project(model, *options, NUMBA_CACHE_DIR=compiled)
    return time.perf_counter() - begin, projection.load(place).trustworthiness


def _project(model: Path, *options: str, **environment: str) -> None:
    command = [sys.executable, "-m", "bioskipgram", "project", str(model), *options]
    subprocess.run(
        command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, env=os.environ | environment
    )


RIVALS = {
    "scikit-learn t-SNE": "from sklearn.manifold import TSNE\n"
    "points = TSNE(2, random_state=1).fit_transform(unit)",
    "openTSNE, Barnes-Hut": "import openTSNE\n"
    "points = openTSNE.TSNE(2, negative_gradient_method='bh', n_jobs=2, random_state=1).fit(unit)",
    "openTSNE, interpolated": "import openTSNE\n"
    "points = openTSNE.TSNE(2, negative_gradient_method='fft', n_jobs=2, random_state=1).fit(unit)",
    "umap-learn's class": "import umap\n"
    "points = umap.UMAP(random_state=1, n_jobs=1).fit_transform(unit)",
}


def rivals(model: Path) -> None:
    """Print what the libraries take when they are called plainly, start and compilation included.

    The processor's seconds tell more than the clock's on a machine that does other things.
    """
    print(f"\n{model.name}\n\n| library | seconds | processor seconds | trustworthiness |")
    print("|---|---|---|---|")
    for name, code in RIVALS.items():
        program = (
            "import sys, time, numpy as np\nfrom bioskipgram.model import checkpoint\n"
            f"from bioskipgram.projection import projection\n"
            f"unit = np.array(checkpoint.load({str(model)!r}).unit)\nbegin = time.perf_counter()\n"
            f"used = time.process_time()\n{code}\n"
            "print(time.perf_counter() - begin, time.process_time() - used, "
            "projection.trustworthiness(unit, np.asarray(points, np.float32)))"
        )
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", program],
            cwd=ROOT, check=True, capture_output=True, text=True,
        )  # fmt: skip
        seconds, used, trust = map(float, done.stdout.split())
        print(f"| {name} | {seconds:.1f} | {used:.1f} | {trust:.4f} |", flush=True)


def together(model: Path) -> None:
    """Ask for three UMAPs at once beside a dashboard; print how quickly it answers meanwhile."""
    embedding = checkpoint.load(model)
    configs = [ProjectionConfig(method="umap", seed=seed) for seed in (11, 12, 13)]
    jobs = [ProjectionJob(projection.cache_path(model, embedding, c), model) for c in configs]
    with _dashboard() as address:
        quiet = _answers(address, seconds=5)
        begin = time.perf_counter()
        for job, config in zip(jobs, configs, strict=True):
            job.start(config)
        busy: list[float] = []
        reruns: list[float] = []
        watching = threading.Thread(target=_rerun, args=(jobs, reruns))
        watching.start()
        while any(_active(job) for job in jobs):
            busy += _answers(address, seconds=2)
        seconds = time.perf_counter() - begin
        watching.join()
    made = sum(job.place.exists() for job in jobs)
    print(f"\n{model.name}: {made} of 3 UMAPs made in {seconds:.0f} s")
    for name, times in [("health, before", quiet), ("health, meanwhile", busy),
                        ("Explore drawn anew, meanwhile", reruns)]:  # fmt: skip
        middle, worst = statistics.median(times) * 1e3, max(times) * 1e3
        print(f"{name}: median {middle:.0f} ms, longest {worst:.0f} ms, of {len(times)}")


def _active(job: ProjectionJob) -> bool:
    status = job.status()
    return status is not None and status.active


def _rerun(jobs: list[ProjectionJob], times: list[float]) -> None:
    """Draw Explore again and again while the layouts are made."""
    from streamlit.testing.v1 import AppTest

    app = AppTest.from_file(str(ROOT / "dashboard/app.py"), default_timeout=120).run()
    while any(_active(job) for job in jobs) or not times:
        begin = time.perf_counter()
        app.run()
        times.append(time.perf_counter() - begin)
        time.sleep(1)


def _answers(address: str, *, seconds: float) -> list[float]:
    """Return how long the health endpoint took each time it was asked."""
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        begin = time.perf_counter()
        urllib.request.urlopen(f"{address}/_stcore/health", timeout=30).close()
        times.append(time.perf_counter() - begin)
        time.sleep(0.1)
    return times


@contextlib.contextmanager
def _dashboard() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "dashboard/app.py", "--server.headless=true",
         f"--server.port={port}"], cwd=ROOT, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=5).close()
                break
            time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
