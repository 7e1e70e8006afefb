"""Groups of k-mers: found in the full space, named by their consensus, drawn as logos."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import safetensors.numpy

from .alphabet import DNA, Alphabet
from .arrays import BaseCodes, Counts, Doubles, Floats, KmerCodes, Tokens, checked
from .checkpoint import made_anew, write_whole
from .config import ClusterConfig
from .embedding import KmerEmbedding
from .errors import ConfigError
from .kmers import KmerTokenizer

NOISE = -1
SMALL = 16_384
"""Up to here clusters are found in a second or two."""


@dataclass(frozen=True)
class Clusters:
    """A cluster number for each k-mer, largest cluster first.

    Attributes
    ----------
    config
        How they were found.
    labels
        int32[V], 0 … C - 1; -1 = noise, in no cluster.
    """

    config: ClusterConfig
    labels: Tokens

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", checked(self.labels, "labels", np.int32, (None,)))

    def __len__(self) -> int:
        return int(self.labels.max(initial=NOISE)) + 1

    def members(self, cluster: int) -> Tokens:
        """Return the tokens in one cluster, int32[n]."""
        return np.flatnonzero(self.labels == cluster).astype(np.int32)


def find(embedding: KmerEmbedding, config: ClusterConfig) -> Clusters:
    """Return the clusters of an embedding's unit vectors.

    Raises
    ------
    ConfigError
        If there are fewer k-mers than clusters.
    """
    if len(embedding) <= config.clusters and config.method == "kmeans":
        raise ConfigError(f"clusters: {config.clusters} of {len(embedding)} k-mers; give fewer")
    labels = (
        _kmeans(embedding, config) if config.method == "kmeans" else _hdbscan(embedding, config)
    )
    sizes = np.bincount(labels[labels >= 0])
    rank = np.empty(len(sizes) + 1, np.int32)
    rank[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
    rank[NOISE] = NOISE
    return Clusters(config, rank[labels])


def _kmeans(embedding: KmerEmbedding, config: ClusterConfig) -> Tokens:
    from sklearn.cluster import KMeans

    # The best of four starts; of many vectors the first, which takes 11 s for 65,523 on two cores.
    starts = 4 if len(embedding) <= SMALL else 1
    model = KMeans(config.clusters, n_init=starts, random_state=config.seed)
    labels: Tokens = model.fit_predict(embedding.unit)
    return labels


def _hdbscan(embedding: KmerEmbedding, config: ClusterConfig) -> Tokens:
    from sklearn.cluster import HDBSCAN

    size = min(config.min_cluster_size, len(embedding))
    labels: Tokens = HDBSCAN(min_cluster_size=size, copy=True).fit_predict(embedding.unit)
    return labels


def medoid(embedding: KmerEmbedding, tokens: Tokens) -> int:
    """Return the token nearest to the mean direction of `tokens`."""
    vectors = embedding.unit[tokens]
    return int(tokens[np.argmax(vectors @ vectors.mean(axis=0))])


def aligned_counts(kmers: KmerCodes, reference: int, tokenizer: KmerTokenizer) -> Counts:
    """Return letter counts by position after sliding each k-mer to fit the reference best.

    Parameters
    ----------
    kmers
        int64[n] k-mer codes.
    reference
        The code of the k-mer that stays in place, for example the medoid.
    tokenizer
        What the codes mean. Slides of up to k // 2 letters are tried, as long as at least half
        of the shorter word lies over the other; the one with the most matching letters less
        mismatches wins, the shortest among equals.

    Returns
    -------
    int64[length, A]
        One column per letter, A C G T for DNA. The length is that of the longest word plus the
        slides used.
    """
    k, unknown = tokenizer.k, tokenizer.alphabet.unknown
    bases, anchor = tokenizer.bases(kmers), tokenizer.bases(np.array([reference]))[0]
    slides = sorted(range(-(k // 2), k // 2 + 1), key=abs)
    scores = np.stack([_matches(bases, anchor, slide, unknown) for slide in slides])  # [slides, n]
    best = np.array(slides)[scores.argmax(axis=0)]  # [n]
    start = best - best.min()
    counts = np.zeros((k + int(start.max()), unknown + 1), np.int64)
    columns = start[:, None] + np.arange(k)  # [n, k]
    np.add.at(counts, (columns, bases), 1)
    used = counts[:, :unknown].any(axis=1)
    return counts[used, :unknown]


def _matches(bases: BaseCodes, anchor: BaseCodes, slide: int, unknown: int) -> Counts:
    """Return matches less mismatches where k-mers slid right by `slide` lie over the anchor.

    Very few where less than half of the shorter word does.
    """
    k = bases.shape[1]
    inside, over = bases[:, max(0, -slide) : k - max(0, slide)], anchor[max(0, slide) :]
    over = over[: inside.shape[1]]
    both = (inside != unknown) & (over != unknown)
    shorter = np.minimum((bases != unknown).sum(axis=1), (anchor != unknown).sum())
    result = 2 * (both & (inside == over)).sum(axis=1) - both.sum(axis=1)
    found: Counts = np.where(2 * both.sum(axis=1) >= shorter, result, -k - 1)
    return found


def logo(counts: Counts) -> Doubles:
    """Return letter heights in bits, float64[length, A] (Schneider & Stephens 1990).

    A column that few of the sequences reach is scaled down by the share that does.
    """
    depth = counts.sum(axis=1, keepdims=True)
    share = counts / np.maximum(depth, 1)
    entropy = -(share * np.log2(np.where(share > 0, share, 1))).sum(axis=1, keepdims=True)
    heights: Doubles = share * (np.log2(counts.shape[1]) - entropy) * depth / max(1, depth.max())
    return heights


def consensus(counts: Counts, alphabet: Alphabet = DNA) -> str:
    """Return the letters that hold at least half of their column, ends trimmed.

    Elsewhere ``n`` (protein: ``x``).

    Examples
    --------
    >>> consensus(np.array([[1, 1, 1, 1], [9, 0, 0, 1], [0, 0, 9, 1]]))
    'AG'
    """
    depth, unclear = counts.sum(axis=1), alphabet.any.lower()
    clear = (2 * counts.max(axis=1) >= depth) & (2 * depth >= depth.max())
    letters = [
        alphabet.letters[i] if ok else unclear
        for i, ok in zip(counts.argmax(axis=1), clear, strict=True)
    ]
    return "".join(letters).strip(unclear)


def names(embedding: KmerEmbedding, clusters: Clusters) -> tuple[str, ...]:
    """Return a short name for each cluster: its consensus, or its medoid where there is none."""
    return tuple(_name(embedding, clusters.members(c)) for c in range(len(clusters)))


def _name(embedding: KmerEmbedding, tokens: Tokens) -> str:
    tokenizer, kmers = embedding.vocabulary.tokenizer, embedding.vocabulary.kmers
    center = medoid(embedding, tokens)
    counts = aligned_counts(kmers[tokens], int(kmers[center]), tokenizer)
    text = consensus(counts, tokenizer.alphabet)
    known = sum(letter in tokenizer.alphabet.letters for letter in text)
    return text if known >= 2 else f"~{embedding.vocabulary.texts[center]}"


def label_points(points: Floats, clusters: Clusters) -> Floats:
    """Return where each cluster's label belongs on a map, float32[C, 2 or 3].

    The member nearest to the cluster's median: always a place where the cluster is.
    """
    places = [np.zeros((0, points.shape[1]), np.float32)]
    for cluster in range(len(clusters)):
        own = points[clusters.members(cluster)]
        middle = np.median(own, axis=0)
        places.append(own[((own - middle) ** 2).sum(axis=1).argmin()][None])
    return np.concatenate(places)


def save(clusters: Clusters, path: Path) -> None:
    """Write a clustering; see `projection.cache_path` for where.

    Raises
    ------
    CheckpointError
        If it cannot be written.
    """
    facts = {"clusters": json.dumps(asdict(clusters.config))}
    write_whole(path, safetensors.numpy.save({"labels": np.asarray(clusters.labels)}, facts))


def load(path: Path) -> Clusters:
    """Return a clustering that `save` wrote.

    Raises
    ------
    CheckpointError
        If it is missing or damaged.
    """
    with made_anew(path, "clusters") as (tensors, metadata):
        config = ClusterConfig.from_dict(json.loads(metadata["clusters"]))
        return Clusters(config, tensors["labels"])
