"""Two sequences compared window by window: by vectors, and by bases."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bioskipgram.config import MAX_DOT_WINDOWS, DotConfig
from bioskipgram.errors import QueryError
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.numerics.arrays import BaseCodes, Doubles, Floats, Offsets, check_fields, read_only

from .dotplot_kernel import most_matches

LONGEST = 30_000
"""The most bases of a sequence, because all pairs of positions are compared."""
_CHANCE = 0.999
_SHUFFLE_SEED = 1
Signed = np.ndarray[tuple[int, int], np.dtype[np.int8]]


@dataclass(frozen=True)
class DotPlot:
    """Every window of one sequence compared with every window of another.

    A window's vector is the sum of its k-mers' unit vectors less the mean over the training corpus.
    Identity is that of the best two windows without gaps that begin within `step` bases. The
    matrices of the reverse strand are 0 for an alphabet without one.
    """

    config: DotConfig
    step: int  # bases from one window to the next
    starts_first: Offsets  # int64[n], 0-based start of each window
    starts_second: Offsets  # int64[m], the same on the forward strand
    cosine: Floats  # float32[n, m], -1 to 1
    cosine_reverse: Floats  # float32[n, m], with the second's reverse complement
    identity: Floats  # float32[n, m], share of positions with the same base, 0 to 1
    identity_reverse: Floats
    chance_cosine: float  # exceeded by 1 in 1,000 cells if the second's bases are shuffled
    chance_identity: float

    def __post_init__(self) -> None:
        kind = np.float32, len(self.starts_first), len(self.starts_second)
        check_fields(self, cosine=kind, cosine_reverse=kind, identity=kind, identity_reverse=kind)

    @cached_property
    def signed_cosine(self) -> Signed:
        """The cosines for drawing; see `signed`."""
        return signed(self.cosine, self.cosine_reverse)

    @cached_property
    def signed_identity(self) -> Signed:
        """The identities for drawing; see `signed`."""
        return signed(self.identity, self.identity_reverse)


def signed(forward: Floats, reverse: Floats) -> Signed:
    """Return one matrix of both strands, int8[n, m], hundredths.

    It is positive where the forward strands are more alike, negative where the reverse strand is,
    and 0 where both are below 0.
    """
    both = np.where(forward >= reverse, np.maximum(forward, 0), -np.maximum(reverse, 0))
    hundredths: Signed = np.rint(100 * both).astype(np.int8)
    return hundredths


def dot_plot(
    embedding: KmerEmbedding,
    first: BaseCodes,
    second: BaseCodes,
    config: DotConfig = DotConfig(),  # noqa: B008 - frozen
) -> DotPlot:
    """Compare every window of `first` with every window of `second` and its other strand.

    A window's k-mers lie whole inside it, where the model's tokenizer cuts the record: a model that
    reads codon by codon sees frame 0 alone.

    Raises
    ------
    QueryError
        If a sequence is shorter than a window or longer than `LONGEST`, a window shorter than
        k, or the step so small that a side has more than `MAX_DOT_WINDOWS` windows.
    """
    alphabet, w = embedding.vocabulary.tokenizer.alphabet, config.window
    step = _step(config, len(first), len(second), embedding.vocabulary.tokenizer.k)
    rows, columns = (np.arange(0, len(bases) - w + 1, step) for bases in (first, second))
    table = _centred(embedding)
    vectors = _vectors(embedding, table, first, rows, w)

    def cosines(bases: BaseCodes, places: Offsets) -> Floats:
        found: Floats = vectors @ _vectors(embedding, table, bases, places, w).T
        return np.clip(found, -1, 1, out=found)

    def identities(bases: BaseCodes) -> Floats:
        found = most_matches(read_only(first), read_only(bases), alphabet.unknown, w, step)
        return found.astype(np.float32) / np.float32(w)

    cosine, identity = cosines(second, columns), identities(second)
    cosine_reverse, identity_reverse = np.zeros_like(cosine), np.zeros_like(identity)
    if alphabet.complement:
        other = alphabet.reverse_complement(second)
        # The reverse complement, padded so that its cells begin and end where those of the
        # forward strand do.
        cosine_reverse = cosines(other, len(second) - w - columns)
        filling = np.full(-(len(second) - w + 1) % step, alphabet.unknown, np.uint8)
        identity_reverse = identities(np.concatenate([filling, other]))[:, ::-1]
    shuffled = np.random.default_rng(_SHUFFLE_SEED).permutation(second)
    return DotPlot(
        config, step, rows, columns, cosine, cosine_reverse, identity, identity_reverse,
        chance_cosine=_quantile(cosines(shuffled, columns)),
        chance_identity=_quantile(identities(shuffled)),
    )  # fmt: skip


def _step(config: DotConfig, first: int, second: int, k: int) -> int:
    """Return the step between windows, or raise a QueryError."""
    w, longest = config.window, max(first, second)
    if w < k:
        raise QueryError(f"window: {w} is shorter than k = {k}; give at least that")
    if min(first, second) < w:
        raise QueryError(
            f"window: {w} is longer than the shorter sequence, {min(first, second):,} letters; "
            "give a shorter window"
        )
    if longest > LONGEST:
        raise QueryError(
            f"dot plot: {longest:,} letters, of which {LONGEST:,} are allowed; take a part"
        )
    least = -(-(longest - w + 1) // MAX_DOT_WINDOWS)
    if 0 < config.step < least:
        raise QueryError(
            f"step: {config.step} makes more than {MAX_DOT_WINDOWS:,} windows of {longest:,} "
            f"letters; give at least {least}, or 0"
        )
    return config.step or least


def _centred(embedding: KmerEmbedding) -> Floats:
    """Return the unit vectors less their mean over the corpus, with a last row of zeros."""
    counts = embedding.vocabulary.counts
    mean = counts @ embedding.unit / max(1, counts.sum())
    table = np.zeros((len(embedding) + 1, embedding.unit.shape[1]), np.float32)
    table[:-1] = embedding.unit - mean
    return table


def _vectors(
    embedding: KmerEmbedding, table: Floats, bases: BaseCodes, starts: Offsets, w: int
) -> Floats:
    """Return the direction of each window's k-mers, float32[n, D]; zero where none is known."""
    tokenizer = embedding.vocabulary.tokenizer
    tokens = embedding.vocabulary.tokens(tokenizer.codes(bases))  # -1 = the last row, zeros
    sums: Doubles = np.zeros((len(tokens) + 1, table.shape[1]))
    np.cumsum(table[tokens], axis=0, out=sums[1:])
    places = tokenizer.frame + tokenizer.stride * np.arange(len(tokens))
    begin, end = places.searchsorted(starts), places.searchsorted(starts + w - tokenizer.k + 1)
    vectors = sums[np.maximum(begin, end)] - sums[begin]  # [n, D]
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    # A difference of rounding errors alone has no direction.
    unit: Floats = (vectors / np.where(lengths > 1e-6, lengths, np.inf)).astype(np.float32)
    return unit


def _quantile(matrix: Floats) -> float:
    """Return the value that 1 in 1,000 cells exceed; every seventh cell of a large matrix."""
    cells = matrix.ravel()
    return float(np.quantile(cells[::7] if cells.size > 100_000 else cells, _CHANCE))
