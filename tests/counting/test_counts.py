"""Counting straight from bytes, against reading first and counting pair by pair."""

import gzip
import io
from collections.abc import Iterator
from hashlib import sha256
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.config import TrainConfig
from bioskipgram.counting import counts as raw_counts
from bioskipgram.counting.counts import RawCounts
from bioskipgram.counting.pairs import count, pairs, sparse_pairs
from bioskipgram.counting.stream import Counting, count_file, count_sequences
from bioskipgram.errors import FastaError, TrainingError
from bioskipgram.sequences import fasta
from bioskipgram.sequences.sequences import BadRecord
from tests.conftest import MakeSequences
from tests.counting.test_pairs import random_text
from tests.sequences.test_fasta import BAD, EMBL, GENBANK, NASTY, Dribble, Generated, files, peak

SETTINGS = (
    {"k": 2, "window": 3},
    {"k": 3, "window": 1, "canonical": True},
    {"k": 1, "window": 5, "both_strands": True},
    {"k": 2, "window": 14},
    {"k": 3, "window": 2, "stride": 3, "frame": 1},
    {"k": 3, "window": 3, "stride": 2, "canonical": True},
    {"k": 2, "window": 2, "contexts": "apart", "both_strands": True},
    {"k": 4, "window": 4, "contexts": "frame", "canonical": True},
    {"k": 3, "window": 2, "stride": 3, "contexts": "frame"},
    {"k": 4, "window": 3, "contexts": "frame-apart"},
    {"k": 4, "window": 2, "stride": 3, "contexts": "frame-apart", "frame": 1},
    {"k": 3, "window": 2, "stride": 2, "both_strands": True, "frame": 1},
    {"k": 4, "window": 2, "stride": 3, "both_strands": True, "canonical": True},
)
"""Words and pairs, with and without strides, both strands and the strands merged."""


def counted_of(source: object, config: TrainConfig, **options: object) -> RawCounts:
    counting = Counting(source, config, **options)  # type: ignore[arg-type]
    list(counting)
    return counting.result()


def same(one: RawCounts, other: RawCounts) -> bool:
    cells = (one.cells is None and other.cells is None) or np.array_equal(one.cells, other.cells)
    sizes = (one.records, one.bases) == (other.records, other.bases)
    return bool(cells and sizes and (one.counts == other.counts).all())


# The oracle ----------------------------------------------------------------------------------


def plainly(text: str, config: TrainConfig) -> dict[int, int]:
    """The cells of one record, by two loops over its windows; pairs one by one."""
    layout, cells = raw_counts.Layout.of(config), dict[int, int]()
    cut, step = config.tokenizer, config.stride
    codes = cut.all_codes().tolist()

    def add(cell: int, gain: int) -> None:
        cells[cell] = cells.get(cell, 0) + gain

    for start in range(config.frame, len(text) - config.k + 1, step):
        here = text[start : start + config.k]
        if set(here) <= set("ACGT"):
            later = codes.index(cut.encode(here))
            add(layout.size**2 + later, 1)
            for i, distance in enumerate(config.distances):
                before = start - distance * step
                if before >= config.frame and set(text[before:start]) <= set("ACGT"):
                    earlier = codes.index(cut.encode(text[before : before + config.k]))
                    add(earlier * layout.size + later, config.window - i)
    return cells


@settings(deadline=None, max_examples=40)
@given(
    texts=st.lists(st.text("ACGTACGTACGTN", max_size=40), min_size=1, max_size=4),
    kwargs=st.sampled_from(SETTINGS),
    dense=st.booleans(),
)
def test_pairs_are_those_of_two_loops(
    sequences: MakeSequences, texts: list[str], kwargs: dict[str, object], dense: bool
) -> None:
    config = TrainConfig.from_dict(kwargs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raw_counts, "MAX_WORD", 0)
        if not dense:
            patch.setattr(raw_counts, "MAX_DENSE", 0)
        expected: dict[int, int] = {}
        strands = texts
        if config.both_strands and config.stride > 1:
            strands = texts + [
                text[::-1].translate(str.maketrans("ACGT", "TGCA")) for text in texts
            ]
        for text in strands:
            for cell, gain in plainly(text, config).items():
                expected[cell] = expected.get(cell, 0) + gain
        found = count_sequences(sequences(*texts), config)
        cells = np.flatnonzero(found.counts) if found.cells is None else found.cells
        counts = found.counts[cells] if found.cells is None else found.counts
        assert dict(zip(cells.tolist(), counts.tolist(), strict=True)) == expected


# Text, cut anywhere --------------------------------------------------------------------------


@settings(deadline=None, max_examples=150)
@given(
    file=files(),
    kwargs=st.sampled_from(SETTINGS),
    block=st.integers(1, 200),
    threads=st.integers(1, 2),
    dense=st.booleans(),
)
def test_bytes_are_counted_as_what_is_read(
    file: tuple[object, bytes], kwargs: dict[str, object], block: int, threads: int, dense: bool
) -> None:
    config = TrainConfig.from_dict({**kwargs, "threads": threads})
    with pytest.MonkeyPatch.context() as patch:
        if not dense:
            patch.setattr(raw_counts, "MAX_DENSE", 0)
        whole = count_sequences(fasta.read(file[1]), config)
        assert same(counted_of(file[1], config, block=block), whole)


@pytest.mark.parametrize("kwargs", SETTINGS)
def test_every_piece_size_and_every_reader_gives_the_same(kwargs: dict[str, object]) -> None:
    config = TrainConfig.from_dict(kwargs)
    text = NASTY + b"\r;>\r>d\n" + random_text(70, 1, "ACGTN").encode() + b"\r\n>e\n" + b"ACG" * 9
    whole = count_sequences(fasta.read(text), config)
    for block in range(1, len(text) + 2):
        assert same(counted_of(text, config, block=block), whole)
    assert same(counted_of(Dribble(text), config, block=7), whole)
    assert same(counted_of(io.BytesIO(text), config), whole)
    assert same(counted_of(gzip.compress(text), config, block=9), whole)


@pytest.mark.parametrize("raw", [GENBANK * 3, EMBL])
def test_genbank_and_embl_are_counted(raw: str) -> None:
    config = TrainConfig(k=3, window=2)
    whole = count_sequences(fasta.read(raw.encode()), config)
    for block in (1, 10, 1000):
        assert same(counted_of(raw.encode(), config, block=block), whole)


def long_text(records: int = 30) -> bytes:
    texts = [
        random_text(2000 + 37 * seed, seed, "ACGTACGTACGTacgtacgtN-") for seed in range(records)
    ]
    lines = ("\n".join(islice(pieces(text), None)) for text in texts)
    return "".join(f">{i}\n{line}\n" for i, line in enumerate(lines)).encode()


def pieces(text: str) -> Iterator[str]:
    return (text[i : i + 60] for i in range(0, len(text), 60))


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("kwargs", SETTINGS)
def test_threads_change_nothing_and_no_counter_overflows(
    kwargs: dict[str, object], threads: int
) -> None:
    text = long_text() + b">one letter\n" + b"A" * 30_000 + b"\n"
    config = TrainConfig.from_dict({**kwargs, "threads": threads})
    whole = count_sequences(fasta.read(text), config)
    assert whole.counts.max() > 10_000
    assert same(counted_of(text, config, block=5000), whole)


# Adding up -----------------------------------------------------------------------------------


@pytest.mark.parametrize("dense", [True, False])
@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize("kwargs", SETTINGS)
def test_shards_add_up(
    kwargs: dict[str, object], size: int, dense: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not dense:
        monkeypatch.setattr(raw_counts, "MAX_DENSE", 0)
    text, config = long_text(5), TrainConfig.from_dict(kwargs)
    parts = [counted_of(text, config, block=700, shard=(rank, size)) for rank in range(size)]
    assert all(part.counts.sum() for part in parts)
    total = parts[0]
    for part in parts[1:]:
        total += part
    assert same(total, counted_of(text, config))


def test_tallies_of_two_files_add_up(tmp_path: Path) -> None:
    config = TrainConfig(k=2, window=2)
    both = count_file(b">a\nACGT\n", config) + count_file(b">b\nGGN\n", config)
    assert same(both, count_file(b">a\nACGT\n>b\nGGN\n", config))
    with pytest.raises(ValueError, match="counts of different settings do not add up"):
        _ = both + count_file(b">a\nACGT\n", TrainConfig(k=2, window=3))


def test_the_digest_is_that_of_the_file_as_it_lies_on_the_disk(tmp_path: Path) -> None:
    path, config = tmp_path / "a.fa.gz", TrainConfig(k=2, window=2)
    path.write_bytes(gzip.compress(long_text(2)))
    assert count_file(path, config).digest == sha256(path.read_bytes()).hexdigest()
    assert count_file(str(path), config).digest == count_file(path, config).digest
    assert count_file(path, config, shard=(0, 2)).digest == ""
    assert count_file(path.read_bytes(), config).digest == ""


def test_it_tells_how_many_bytes_are_done() -> None:
    text, config = long_text(3), TrainConfig(k=2, window=2)
    steps = list(Counting(text, config, block=1000))
    assert sum(steps) == len(text)
    assert len(steps) == -(-len(text) // 1000) + 1


def test_the_memory_does_not_grow_with_the_file() -> None:
    config = TrainConfig(k=3, window=2, threads=2)

    def run(records: int) -> None:
        assert counted_of(Generated(records), config, block=1 << 18).bases == 20_000 * records

    run(20)
    small, large = peak(lambda: run(250)), peak(lambda: run(2_500))
    # How many blocks wait at once depends on the threads; ten times the bases are 45 MB more.
    assert large < small + (4 << 20)
    assert large < 12 << 20


def test_only_as_many_threads_as_their_counters_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    config = TrainConfig(k=5, window=3, threads=8)
    cells = raw_counts.Layout.of(config).cells
    assert Counting(b">a\nA", config).totals.threads == 8
    for budget, threads in ((8 * cells, 1), (10 * cells, 2), (12 * cells, 4)):
        monkeypatch.setattr(raw_counts, "BUDGET", budget)
        assert Counting(b">a\nA", config).totals.threads == threads


# Errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("raw", "message"), BAD)
def test_a_bad_file_is_told_as_the_reader_tells_it(raw: bytes, message: str) -> None:
    config = TrainConfig(k=2, window=2)
    with pytest.raises(FastaError) as caught:
        fasta.read(raw)
    for source in (raw, io.BytesIO(raw)):
        with pytest.raises(FastaError, match=message) as found:
            count_file(source, config)
        assert str(found.value) == str(caught.value)
    file = io.BytesIO(b"before" + raw)
    file.seek(6)
    with pytest.raises(FastaError, match=message):
        count_file(file, config)


def test_a_bad_stream_that_cannot_be_read_again_is_told_all_the_same() -> None:
    with pytest.raises(FastaError, match="byte 0x5A is not a DNA letter"):
        count_file(Dribble(b">a\nACZ"), TrainConfig())
    with pytest.raises(FastaError, match="there is no base in it"):
        count_file(Dribble(b">a\n"), TrainConfig())


def test_every_shard_finds_the_fault() -> None:
    text = long_text(3) + b">a\nACGTZ\n" + long_text(3)
    for rank in range(3):
        with pytest.raises(FastaError, match=r"line \d+: 'Z' is not a DNA letter"):
            counted_of(text, TrainConfig(k=2), block=1000, shard=(rank, 3))


# Records that cannot be used ------------------------------------------------------------------

PARTS = st.lists(
    st.sampled_from(
        [">a\n", ">b c\r\n", ">\n", "ACGTTGCA\n", "ACGNNACG\n", ";x\n", "RRYK\nKKMM\n" * 3,
         "AC!G\n", "MKLVE\n", "\n"]
    ),
    max_size=14,
)  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(
    parts=PARTS,
    kwargs=st.sampled_from([*SETTINGS, {"k": 2, "window": 2, "alphabet": "protein"}]),
    block=st.integers(1, 60),
)
def test_bad_records_are_left_out_as_the_reader_leaves_them(
    parts: list[str], kwargs: dict[str, object], block: int
) -> None:
    config = TrainConfig.from_dict(kwargs)
    raw = ("; first\n>good\n" + "ACGTTGCATGGACCAT" * 2 + "\n>next\n" + "".join(parts)).encode()
    bad, listed = list[BadRecord](), list[BadRecord]()
    if config.alphabet == "protein":
        raw = raw.replace(b"ACGTTGCATG", b"MKWLVEEFYR")
    whole = count_sequences(fasta.read(raw, alphabet=config.tokenizer.alphabet, bad=bad), config)
    assert same(counted_of(raw, config, block=block, bad=listed), whole)
    assert listed == bad


@pytest.mark.parametrize("bad", [b">b\nACZ\n", b">b\n" + b"KM" * 15, b">empty\n"])
def test_a_pipe_with_a_bad_record_is_refused_in_one_sentence(bad: bytes) -> None:
    with pytest.raises(
        FastaError,
        match=r"^the upload: .*; save it as a file, which can be read twice, to learn the line",
    ):
        counted_of(Dribble(b">a\nACGT\n" + bad), TrainConfig(k=2, window=2), bad=[])


@pytest.mark.parametrize("path", ["a" * 5000, "a\0b", "no such file"])
def test_a_path_that_cannot_be_is_one_sentence(path: str) -> None:
    with pytest.raises(FastaError) as caught:
        count_file(path, TrainConfig(k=2))
    assert len(str(caught.value)) <= 300


def test_the_digest_is_that_of_a_file_with_a_bad_record_too(tmp_path: Path) -> None:
    path = tmp_path / "a.fa.gz"
    path.write_bytes(gzip.compress(long_text(2) + b">bad\n!\n" + long_text(2)))
    found = counted_of(path, TrainConfig(k=2, window=2), bad=[], block=1000)
    assert found.digest == sha256(path.read_bytes()).hexdigest()
    assert found.records == 4


# Sparse --------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["words", "pairs", "sorted"])
@pytest.mark.parametrize("kwargs", [*SETTINGS, {"k": 4}, {"k": 5, "min_count": 4}])
@pytest.mark.parametrize("subsample", [0.0, 0.01])
def test_sparse_counts_are_the_dense_ones(
    kwargs: dict[str, object], way: str, subsample: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = long_text(2)
    config = TrainConfig.from_dict({**kwargs, "subsample": subsample})
    dense = count(fasta.read(text), config)
    if way != "words":
        monkeypatch.setattr(raw_counts, "MAX_WORD", 0)
    if way == "sorted":
        monkeypatch.setattr(raw_counts, "MAX_DENSE", 0)
    counted = counted_of(text, config)
    sparse = sparse_pairs(counted, config)
    V = len(sparse.vocabulary)
    table = np.zeros((V, V), np.float32)
    for row in range(V):
        columns = sparse.indices[sparse.indptr[row] : sparse.indptr[row + 1]]
        assert (np.diff(columns) > 0).all()
        table[row, columns] = sparse.weights[sparse.indptr[row] : sparse.indptr[row + 1]]
    assert (sparse.weights > 0).all()
    assert sparse.vocabulary.texts == dense.vocabulary.texts
    assert (sparse.vocabulary.counts == dense.vocabulary.counts).all()
    np.testing.assert_allclose(table, dense.counts, rtol=1e-6)
    assert sparse.total == pytest.approx(dense.total, rel=1e-5)
    assert (pairs(counted, config).counts == pairs(counted, config).counts.T).all()
    np.testing.assert_allclose(pairs(counted, config).counts, dense.counts, rtol=1e-6)


def test_nothing_frequent_enough_is_told() -> None:
    config = TrainConfig(k=3, min_count=9)
    with pytest.raises(TrainingError, match="no 3-mer occurs 9 times or more"):
        sparse_pairs(count_file(b">a\nACGTACGT", config), config)


# Both strands --------------------------------------------------------------------------------


@pytest.mark.parametrize("kwargs", [{"k": 2, "window": 3}, {"k": 3, "contexts": "apart"}, {"k": 3}])
@pytest.mark.parametrize("canonical", [False, True])
def test_both_strands_are_the_records_and_their_reverse_complements(
    sequences: MakeSequences, kwargs: dict[str, object], canonical: bool
) -> None:
    texts = [random_text(300, 1, "ACGTACGTACGTN"), random_text(40, 2), "ACG"]
    twins = [text[::-1].translate(str.maketrans("ACGT", "TGCA")) for text in texts]
    one = TrainConfig.from_dict({**kwargs, "canonical": canonical})
    both = TrainConfig.from_dict({**kwargs, "canonical": canonical, "both_strands": True})
    found, expected = count(sequences(*texts), both), count(sequences(*texts, *twins), one)
    assert found.vocabulary.texts == expected.vocabulary.texts
    assert (found.vocabulary.counts == expected.vocabulary.counts).all()
    np.testing.assert_allclose(found.counts, expected.counts, rtol=1e-6)
