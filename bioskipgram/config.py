"""Settings: each with its default, limits and help text, written once.

The command line and the dashboard's forms are both made from these fields.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import ConfigError
from .option import Config, option

if TYPE_CHECKING:
    from bioskipgram.kmers.tokenizer import KmerTokenizer

SAVE_EVERY = 20.0
"""Seconds between two saves of a training's state."""
SMALL = 16_384
"""Up to so many k-mers a map or clusters are computed in seconds; see `benchmarks/layouts.py`."""


@dataclass(frozen=True, kw_only=True)
class TrainConfig(Config):
    """How to train: what counts as a word, what as its context, and how to learn from them.

    Examples
    --------
    >>> TrainConfig(k=13)
    Traceback (most recent call last):
    ...
    bioskipgram.errors.ConfigError: k: 13 is outside 1 to 12
    """

    k: int = option(6, "k-mer length in bases; protein up to 6", low=1, high=12)
    stride: int = option(1, "bases from one k-mer to the next; 3 = codon by codon", low=1, high=12)
    frame: int = option(
        0, "bases skipped at the start of each record; less than the stride", low=0, high=11
    )
    k_min: int = option(
        0,
        "words of every length from this to k in one space, at every base one of a length drawn "
        "at random, as in dna2vec; 0 = k only",
        low=0,
        high=12,
        advanced=True,
    )
    canonical: bool = option(
        default=False, help="merge each k-mer with its reverse complement", advanced=True
    )
    both_strands: bool = option(
        default=False, help="learn from the reverse complement of every record too", advanced=True
    )
    alphabet: str = option(
        "DNA", "letters of the sequences", choices=("DNA", "RNA", "protein"), advanced=True
    )
    dim: int = option(100, "dimensions of the vectors", low=1, high=2000)
    window: int = option(5, "k-mers of context on each side", low=1, high=50)
    contexts: str = option(
        "all",
        "all = every k-mer in the window; non-overlapping = only k-mers that share no base with "
        "the centre (the window begins where the centre ends); frame = only k-mers whole codons "
        "away; frame-apart = both: whole codons away, no base shared. The window counts the "
        "distances used: frame-apart with k 6 and window 5 takes 6, 9, 12, 15 and 18 bases",
        choices=("all", "non-overlapping", "frame", "frame-apart"),
        aliases={"apart": "non-overlapping"},
    )
    negatives: int = option(5, "negative samples per pair", low=1, high=100)
    noise_power: float = option(
        0.75, "noise distribution = counts to this power", low=0.0, high=1.0, advanced=True
    )
    subsample: float = option(
        0.0,
        "thin out k-mers more frequent than this share, as word2vec's sample; 0 = off",
        low=0.0,
        high=1.0,
        advanced=True,
    )
    min_count: int = option(
        1, "leave out k-mers seen fewer times", low=1, high=1_000_000_000, advanced=True
    )
    trainer: str = option(
        "auto",
        "exact = full-batch on the co-occurrence counts (k up to 9), sampled = streaming "
        "negative sampling (any k), auto = exact where its table fits",
        choices=("auto", "exact", "sampled"),
    )
    steps: int = option(
        0, "steps of the exact trainer; 0 = until the loss hardly falls", low=0, high=100_000
    )
    epochs: int = option(5, "passes of the sampled trainer over the corpus", low=1, high=10_000)
    batch: int = option(
        65_536,
        "pairs per step of the sampled trainer, at most",
        low=1,
        high=10_000_000,
        advanced=True,
    )
    shared_negatives: bool = option(
        default=False,
        help="sampled trainer: one draw of negatives for all pairs of a centre, which is faster",
        advanced=True,
    )
    learning_rate: float = option(
        0.0, "peak learning rate; 0 = the trainer's own default", low=0.0, high=10.0, advanced=True
    )
    l2: float = option(
        0.0,
        "L2 penalty per pair on its two vectors, (l2/2)(|u|^2 + |v|^2)",
        low=0.0,
        high=10.0,
        advanced=True,
    )
    remove_components: int = option(
        0,
        "leading principal components taken out when vectors are compared (all-but-the-top); "
        "the stored vectors stay whole",
        low=0,
        high=100,
    )
    seed: int = option(1, "random seed", low=0, high=2**31 - 1)
    threads: int = option(
        0,
        "processor threads; 0 = all there are; with 1, runs repeat bit for bit",
        low=0,
        high=1024,
        advanced=True,
    )
    device: str = option("auto", "where to compute", choices=("auto", "cpu", "cuda"), advanced=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        alphabet = self.tokenizer.alphabet  # its limits (stride, frame, k-min) hold here too
        if self.both_strands:
            alphabet.check_strands("both-strands")
        if self._in_frame and not alphabet.complement:
            raise ConfigError(
                f"contexts: {self.alphabet} has no reading frame; choose all or non-overlapping, "
                "or give nucleotides and the alphabet DNA or RNA"
            )
        if self.contexts != "all" and self.k_min:
            raise ConfigError(
                f"contexts: {self.contexts} measures from words of one length; choose all, "
                "or k-min 0"
            )
        if self._in_frame and self.stride not in (1, 3):
            raise ConfigError(
                f"contexts: {self.contexts} needs stride 1 or 3, found {self.stride}; "
                "a codon has 3 bases"
            )
        if self.remove_components >= self.dim:
            raise ConfigError(
                f"remove-components: {self.remove_components} is not below dim {self.dim}"
            )

    @property
    def _in_frame(self) -> bool:
        return self.contexts in ("frame", "frame-apart")

    @property
    def distances(self) -> tuple[int, ...]:
        """Windows from the centre to each of the `window` contexts, nearest first.

        Every window (all, non-overlapping) or every codon (frame, frame-apart). The i-th (from 0)
        has weight (window - i) / window: the chance that word2vec's shrinking window reaches it.
        """
        step = 3 // self.stride if self._in_frame else 1
        overlapping = self.contexts in ("all", "frame")
        first = 1 if overlapping else -(-self.k // self.stride)  # the first that shares no base
        first = -(-first // step) * step
        return tuple(range(first, first + step * self.window, step))

    @property
    def tokenizer(self) -> "KmerTokenizer":
        """The tokenizer these settings describe."""
        from bioskipgram.kmers.tokenizer import KmerTokenizer
        from bioskipgram.sequences.alphabet import ALPHABETS

        return KmerTokenizer(
            self.k, self.stride, self.frame, self.canonical, ALPHABETS[self.alphabet], self.k_min
        )


@dataclass(frozen=True, kw_only=True)
class ProjectionConfig(Config):
    """How to project the vectors to two or three dimensions."""

    method: str = option("tsne", "layout method", choices=("tsne", "umap", "pca"))
    dimensions: int = option(2, "2 = a plane, 3 = a space", choices=(2, 3))
    perplexity: float = option(30.0, "t-SNE: neighbours of a point", low=2.0, high=500.0)
    n_neighbors: int = option(15, "UMAP: neighbours of a point", low=2, high=500)
    min_dist: float = option(0.1, "UMAP: how close points may come", low=0.0, high=0.99)
    seed: int = option(1, "random seed", low=0, high=2**31 - 1)


@dataclass(frozen=True, kw_only=True)
class ClusterConfig(Config):
    """How to cluster the vectors, in the full space."""

    method: str = option(
        "kmeans",
        "kmeans = a number of clusters, hdbscan = dense groups, leiden = communities of a graph",
        choices=("kmeans", "hdbscan", "leiden"),
    )
    clusters: int = option(24, "k-means: how many clusters", low=2, high=500)
    min_cluster_size: int = option(10, "HDBSCAN: size of the smallest group", low=2, high=10_000)
    resolution: float = option(1.0, "Leiden: higher = more, smaller groups", low=0.05, high=20.0)
    seed: int = option(1, "random seed", low=0, high=2**31 - 1)


def default_clusters(V: int) -> ClusterConfig:
    """Return the clustering a model is first shown with: k-means, about sqrt(V / 4), 2 to 40."""
    return ClusterConfig(clusters=max(2, min(40, round((V / 4) ** 0.5))))


POOLINGS = ("mean", "sif", "tfidf", "whitened", "second-order")


@dataclass(frozen=True, kw_only=True)
class PoolConfig(Config):
    """How the vectors of a record's k-mers become one vector of the record."""

    pooling: str = option(
        "auto",
        "auto = second-order, or mean for both strands; mean = of all k-mers; sif = frequent "
        "k-mers count less, and the direction all genes share is taken out (Arora 2017); tfidf = "
        "k-mers that few genes have count more; whitened = the mean, centred and scaled by how "
        "the reference genes differ; second-order = the mean product of each k-mer's vector with "
        "those one to four codons on, whitened: it sees their order, and finds relatives best",
        choices=("auto", *POOLINGS),
        aliases={"pairs": "second-order"},
    )
    both_strands: bool = option(
        default=False, help="average a record with its reverse complement", advanced=True
    )
    smoothing: float = option(
        1e-3, "sif: a in a / (a + share of the k-mer)", low=1e-9, high=1.0, advanced=True
    )
    remove_components: int = option(
        1, "sif: leading directions of all genes that are removed", low=0, high=100, advanced=True
    )
    shrinkage: float = option(
        0.3, "whitened, second-order: share of the mean variance added to each direction's",
        low=0.0, high=100.0, advanced=True,
    )  # fmt: skip

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.pooling == "auto":
            object.__setattr__(self, "pooling", "mean" if self.both_strands else "second-order")
        if self.pooling == "second-order" and self.both_strands:
            raise ConfigError(
                "both-strands: second-order pooling follows the order of one strand; leave it "
                "off, or choose another pooling"
            )

    @property
    def fitted(self) -> bool:
        """Whether the pooling is fitted to other genes."""
        return self.pooling != "mean"


@dataclass(frozen=True, kw_only=True)
class ScanConfig(Config):
    """How sequences are scanned for motifs."""

    by: str = option(
        "p-value",
        "what the threshold is: a p-value of one window under the background, or a relative score",
        choices=("p-value", "relative"),
    )
    p: float = option(1e-4, "highest p-value of a hit", low=1e-12, high=0.5)
    relative: float = option(0.8, "lowest score of a hit, worst word 0, best 1", low=0.0, high=1.0)
    strands: str = option("both", "which strands are scanned", choices=("both", "+"))
    background: str = option(
        "data",
        "base composition to compare with: data = that of the sequences (both strands pooled where "
        "both are scanned), uniform = a quarter each, or four numbers A,C,G,T of the + strand",
    )
    pseudocount: float = option(
        1.0, "background sequences added to each column of a matrix", low=1e-6, high=1000.0
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        _ = self.given_background

    @property
    def given_background(self) -> tuple[float, ...] | None:
        """The shares of A, C, G and T; None = counted in the sequences."""
        if self.background == "data":
            return None
        text = "1,1,1,1" if self.background == "uniform" else self.background
        try:
            numbers = [float(part) for part in text.split(",")]
        except ValueError:
            numbers = []
        shares = tuple(number / sum(numbers) for number in numbers) if sum(numbers) else ()
        # Written so that NaN and infinity fail too.
        if len(shares) != 4 or not all(1e-6 <= share < 1 for share in shares):
            raise ConfigError(
                f"background: {self.background[:40]!r} is not data, uniform or four numbers "
                "above 0 for A,C,G,T"
            )
        return shares


MAX_DOT_WINDOWS = 1500
"""Windows along one side of a dot plot: what a screen can show, and 0.1 s of multiplying."""


@dataclass(frozen=True, kw_only=True)
class DotConfig(Config):
    """How two sequences are cut into windows for a dot plot."""

    window: int = option(60, "bases in a window", low=8, high=1000)
    step: int = option(
        0,
        f"bases from one window to the next; 0 = as few as keep {MAX_DOT_WINDOWS:,} windows a side",
        low=0,
        high=1000,
    )
