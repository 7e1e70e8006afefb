"""Projections and clusterings made in the background, beside their model.

Each is made by a process ``python -m bioskipgram project … --status FILE`` of low priority and at
most two threads; on a machine of two cores they are made one after another. Ending the process
leaves no incomplete file.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

from bioskipgram.config import SMALL, ClusterConfig, ProjectionConfig
from bioskipgram.jobs.job import Job

from .methods import algorithm
from .projection import WHOLE


@dataclass(frozen=True)
class ProjectionJob(Job):
    """Makes one projection or clustering of a model; its place is `projection.cache_path`."""

    model: Path

    def start(self, config: ProjectionConfig | ClusterConfig, *, clusters: bool = False) -> None:
        """Start its process, unless one is running; with `clusters` it finds missing ones, too."""
        command = ["bioskipgram", "project", str(self.model.resolve())]
        if isinstance(config, ClusterConfig):
            command += ["--no-layout", f"--cluster={config.method}"]
            command += [f"--clusters={config.clusters}", f"--resolution={config.resolution}"]
            command += [f"--min-cluster-size={config.min_cluster_size}"]
        else:
            command += [f"--{key.replace('_', '-')}={each}" for key, each in asdict(config).items()]
            command += ["--cluster=kmeans"] if clusters else []
        self.launch(command)


def seconds_needed(config: ProjectionConfig | ClusterConfig, V: int) -> float:
    """Return about how long a projection of `V` k-mers of 100 dimensions takes, seconds.

    As `benchmarks/layouts.py` measured on two idle cores, start included.
    """
    if isinstance(config, ClusterConfig):
        pairs = (V / 65_536) ** 2  # each k-mer is compared with all others
        return 3 + {"kmeans": V / 4000, "leiden": 45 * pairs, "hdbscan": 900 * pairs}[config.method]
    laid_out = min(V, WHOLE) if V <= WHOLE else 65_536
    graph = 20 * (laid_out / 65_536) ** 2
    placing = 25 * (V / 65_536) if V > WHOLE else 0.0
    judging = 1 + 4 * V / 65_536
    making = {
        "pca": 1 + 2 * V / 65_536,
        # Barnes-Hut: V log V; in space a point has eight cells for neighbours, not four.
        "tsne": 4 + 10 * laid_out / 4096 * (6 if config.dimensions == 3 else 1),
        "fast-tsne": 5 + 80 * laid_out / 65_536,
        "umap-2": 6 + (8 * laid_out / 4096 if laid_out <= 10_000 else 70 * laid_out / 65_536),
    }[algorithm(config, laid_out)]
    graph = graph if config.method == "umap" or laid_out > SMALL else 0.0
    return making + graph + placing + judging
