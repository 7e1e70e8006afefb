"""What is counted in a sequence: blocks of patterns, and the columns of their words."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from bioskipgram.errors import ConfigError, QueryError
from bioskipgram.kmers.tokenizer import reverse_complement
from bioskipgram.numerics.arrays import Counts, Doubles, Flags, Floats, Offsets, Tokens, read_only
from bioskipgram.numerics.threads import in_parts
from bioskipgram.sequences.alphabet import ALPHABETS, Alphabet
from bioskipgram.sequences.sequences import Sequences

from .patterns import by_bits, gapped, shifts_of

Csr = Any
"""scipy.sparse.csr_matrix of float32, a row for each record."""
KINDS = ("kmers", "pairs3", "pairs4", "gapped", "aligned")
"""What can be counted, in the order of the columns.

* kmers: k-mers of 1 to `LONGEST` letters, anywhere.
* pairs3: two words of 3 letters with 1 to 12 letters between them (protein: 1 letter, 0 to 7).
* pairs4: two words of 4 letters with 1 to 6 letters between them (protein: of 1 and 2 letters).
* gapped: 6 of 8 letters in a row (protein: 3 of 5).
* aligned: k-mers of 1 to 5 letters (protein: 2) at their position.
"""
LONGEST = {"DNA": 8, "RNA": 8, "protein": 4}
"""The longest k-mers of the kind "kmers"."""
ALIGNED_K = {"DNA": 5, "RNA": 5, "protein": 2}
MAX_ALIGNED = 2000
"""The longest sequences whose positions get columns of their own."""


class Feature(NamedTuple):
    """What one column counts."""

    word: str  # its letters, N where the pattern has a gap
    position: int  # of its first letter in aligned sequences, from 0; -1 = anywhere


class Tables(NamedTuple):
    """The patterns of a block as the kernels take them; see `count_kernel`."""

    bits: int
    letters: int
    most: int
    span: Counts
    shifts: Counts
    masks: Counts
    parts: Counts
    merged: Flags
    columns: Tokens
    first: Counts
    stride: Counts


@dataclass(frozen=True)
class Block:
    """Patterns that share a table of columns.

    Attributes
    ----------
    kinds
        What is counted, of `KINDS`.
    merged
        Whether a word and its reverse complement share a column; not where positions count.
    length
        Of the sequences if "aligned" is among the kinds, else 0.
    shortest, longest
        The shortest and the longest k-mers; 0 = 1 and `LONGEST`.
    """

    kinds: tuple[str, ...]
    alphabet: str = "DNA"
    merged: bool = False
    length: int = 0
    longest: int = 0
    shortest: int = 0

    def __post_init__(self) -> None:
        if not self.kinds or not set(self.kinds) <= set(KINDS) or self.alphabet not in ALPHABETS:
            raise ConfigError(f"block: {self.kinds} of {self.alphabet!r} is not known")
        if self.merged:
            self.letters.check_strands("strands")
        if ("aligned" in self.kinds) != (0 < self.length <= MAX_ALIGNED):
            raise ConfigError(
                f"aligned: found a length of {self.length:,} {self.letters.unit}s; positions can "
                f"be learnt in sequences of one length, 1 to {MAX_ALIGNED:,}"
            )
        if not 0 <= self.shortest <= (self.longest or LONGEST[self.alphabet]):
            raise ConfigError(f"shortest: {self.shortest} is above the longest, {self.longest}")
        if not 0 <= self.longest <= LONGEST[self.alphabet]:
            raise ConfigError(f"longest: {self.longest} is outside 1 to {LONGEST[self.alphabet]}")

    @property
    def letters(self) -> Alphabet:
        """The alphabet."""
        return ALPHABETS[self.alphabet]

    @cached_property
    def patterns(self) -> tuple[tuple[str, str], ...]:
        """The kind and the pattern of each: 1 = this letter counts, 0 = it does not."""
        found = list[tuple[str, str]]()
        for kind in (kind for kind in KINDS if kind in self.kinds):
            found += [(kind, pattern) for pattern in self._patterns(kind)]
        return tuple(found)

    def _patterns(self, kind: str) -> list[str]:
        protein = self.alphabet == "protein"
        if kind == "gapped":
            return gapped(5, 3) if protein else gapped(8, 6)
        if kind == "pairs3":
            word, gaps = ("1", range(1, 8)) if protein else ("111", range(1, 13))
            return [word + "0" * gap + word for gap in gaps]
        if kind == "pairs4":
            if protein:
                gaps = range(1, 4)
                return [f"1{'0' * g}11" for g in gaps] + [f"11{'0' * g}1" for g in gaps]
            return ["1111" + "0" * gap + "1111" for gap in range(1, 7)]
        if kind == "aligned":
            return ["1" * k for k in range(1, min(ALIGNED_K[self.alphabet], self.length) + 1)]
        most = self.longest or LONGEST[self.alphabet]
        return ["1" * k for k in range(self.shortest or 1, most + 1)]

    @cached_property
    def tables(self) -> Tables:
        """The patterns as arrays."""
        A, texts = len(self.letters.letters), [text for _, text in self.patterns]
        bits = (A - 1).bit_length()
        made = [shifts_of(text, bits) for text in texts]
        widest = max(len(pairs) for pairs in made)
        shifts, masks = np.zeros((2, len(texts), widest), np.int64)
        for p, pairs in enumerate(made):
            shifts[p, : len(pairs)], masks[p, : len(pairs)] = zip(*pairs, strict=True)
        span, width = (
            np.array([count(text) for text in texts], np.int64)
            for count in (len, lambda text: text.count("1"))
        )
        aligned = np.array([kind == "aligned" for kind, _ in self.patterns])
        turned = np.array([text == text[::-1] for text in texts])
        return Tables(
            bits, A, int(span.max()), span, shifts, masks,
            np.array([len(pairs) for pairs in made], np.int64),
            turned & ~aligned & self.merged, self._numbered[0],
            np.concatenate([[0], (1 << (bits * width)).cumsum()])[:-1],
            np.where(aligned, A**width, 0),
        )  # fmt: skip

    @cached_property
    def _numbered(self) -> tuple[Tokens, int, dict[str, int]]:
        """The column of every word, one pattern after another, int32; their number; each start."""
        A, found, made = len(self.letters.letters), list[Counts](), 0
        own, starts = dict[str, Counts](), dict[str, int]()
        for kind, pattern in self.patterns:
            starts.setdefault(kind, made)
            k, aligned = pattern.count("1"), kind == "aligned"
            words = np.arange(A**k)
            if self.merged and not aligned and pattern[::-1] in own:
                found.append(own[pattern[::-1]][reverse_complement(words, k)])
                continue
            if self.merged and not aligned and pattern == pattern[::-1]:
                least = np.minimum(words, reverse_complement(words, k))
                words = np.unique(least, return_inverse=True)[1]
            found.append(words + made)
            windows = max(1, self.length - k + 1) if aligned else 1
            made += (int(words.max()) + 1) * windows
            if not aligned:
                own[pattern] = found[-1]
        return np.concatenate([by_bits(each, A) for each in found]).astype(np.int32), made, starts

    @property
    def size(self) -> int:
        """How many columns there are."""
        return self._numbered[1]

    @property
    def slices(self) -> dict[str, slice]:
        """The columns of each kind."""
        _, made, starts = self._numbered
        ends = [*list(starts.values())[1:], made]
        return {kind: slice(a, b) for (kind, a), b in zip(starts.items(), ends, strict=True)}

    def rooms(self, lengths: Counts) -> Counts:
        """Return the most entries that the features of records can have, int64[R]."""
        total = np.zeros(len(lengths), np.int64)
        for kind, pattern in self.patterns:
            windows = np.maximum(lengths - len(pattern) + 1, 0)
            most = len(self.letters.letters) ** pattern.count("1")
            total += windows if kind == "aligned" else np.minimum(windows, most)
        return total

    def features(self, sequences: Sequences, threads: int = 0) -> Csr:
        """Return the square roots of the counts, L2 norm 1 for each pattern, float32[R, size].

        Indices are not in order. Records of another length raise a QueryError if aligned.
        """
        from scipy.sparse import csr_matrix

        from . import count_kernel

        self._check(sequences)
        starts = np.concatenate([[0], self.rooms(sequences.lengths).cumsum()])
        indices = np.empty(starts[-1], np.int32)
        data = np.empty(starts[-1], np.float32)

        def part(first: int, last: int) -> Offsets:
            inside = slice(starts[first], starts[last])
            return count_kernel.features(
                sequences.codes, sequences.offsets[first : last + 1], *self.tables, self.size,
                indices[inside], data[inside],
            )  # fmt: skip

        counts = in_parts(part, len(sequences), threads)
        indptr = np.concatenate([[0], *map(np.diff, counts)]).cumsum()
        # The parts are as far apart as if every window had a word of its own: close the gaps.
        first = 0
        for made in counts:
            source, target = starts[first], indptr[first]
            for array in (indices, data) if source > target else ():
                array[target : target + made[-1]] = array[source : source + made[-1]]
            first += len(made) - 1
        total = int(indptr[-1])
        return csr_matrix(
            (data[:total], indices[:total], indptr), shape=(len(sequences), self.size), copy=False
        )

    def scores(self, sequences: Sequences, weights: Floats, threads: int = 0) -> Doubles:
        """Return the products of the features with float32[size, K], float64[R, K]."""
        self._check(sequences)
        return self.window_scores(
            sequences, sequences.offsets[:-1], sequences.offsets[1:], weights, threads
        )

    def window_scores(
        self, sequences: Sequences, starts: Offsets, stops: Offsets, weights: Floats,
        threads: int = 0,
    ) -> Doubles:  # fmt: skip
        """Return the same for windows of the flat codes, which must have the right length."""
        from . import count_kernel

        spread, first, stride = self._spread(weights)
        tables, starts, stops = self.tables[:8], read_only(starts), read_only(stops)

        def part(begin: int, end: int) -> Doubles:
            return count_kernel.scores(
                sequences.codes, starts[begin:end], stops[begin:end], *tables, first, stride, spread
            )

        made = in_parts(part, len(starts), threads)
        return np.concatenate(made or [np.zeros((0, weights.shape[1]))])

    def _spread(self, weights: Floats) -> tuple[Floats, Counts, Counts]:
        """Return the weight of every word of every pattern, where they begin, and the strides."""
        tables, found = self.tables, list[Floats]()
        own = np.split(tables.columns, tables.first[1:])
        zeros = np.zeros((1, weights.shape[1]), np.float32)
        padded = np.concatenate([weights, zeros])  # column -1: a word of letters there are not
        for columns, step, span in zip(own, tables.stride.tolist(), tables.span, strict=True):
            found.append(padded[columns])
            for i in range(1, self.length - span + 1 if step else 0):
                found.append(padded[np.where(columns < 0, -1, columns + i * step)])
        sizes = [len(columns) * (1 + (self.length - span) * (step > 0)) for columns, step, span
                 in zip(own, tables.stride, tables.span, strict=True)]  # fmt: skip
        first = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
        return np.concatenate(found), first, np.where(tables.stride > 0, list(map(len, own)), 0)

    def contributions(self, sequences: Sequences, record: int, weights: Floats) -> Doubles:
        """Return each base's share of a record's product with float32[size], float64[L]."""
        from . import count_kernel

        self._check(sequences)
        tables = self.tables
        taps = np.zeros((len(self.patterns), tables.most), np.bool_)
        for p, (_, pattern) in enumerate(self.patterns):
            taps[p, : len(pattern)] = [letter == "1" for letter in pattern]
        return count_kernel.contributions(sequences[record], *tables, taps, read_only(weights))

    def _check(self, sequences: Sequences) -> None:
        lengths = sequences.lengths
        if self.length and (lengths != self.length).any():
            other = int(lengths[lengths != self.length][0])
            raise QueryError(
                f"this classifier was trained on aligned sequences of {self.length:,} "
                f"{self.letters.unit}s, found one of {other:,}; give sequences of that length, or "
                "train without aligned features"
            )

    def feature(self, column: int) -> Feature:
        """Return what a column counts."""
        A, tables = len(self.letters.letters), self.tables
        own = np.split(tables.columns, tables.first[1:])
        for columns, (kind, pattern) in zip(own, self.patterns, strict=True):
            k, position = pattern.count("1"), -1
            if kind == "aligned":
                position, rest = divmod(column - int(columns[0]), A**k)
                if not 0 <= position <= self.length - k:
                    continue
                column = int(columns[0]) + rest
            if (columns == column).any():
                word = int((columns == column).argmax())
                places = tables.bits * np.arange(k - 1, -1, -1)
                codes = (word >> places) & ((1 << tables.bits) - 1)
                letters = iter(self.letters.decode(codes.astype(np.uint8)))
                text = "".join(next(letters) if c == "1" else self.letters.any for c in pattern)
                return Feature(text, position)
        raise QueryError(f"column {column}: there are {self.size:,}")
