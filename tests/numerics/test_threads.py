"""Work shared between threads: every row once, in order, by as many threads as asked for."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioskipgram.numerics.threads import ahead, by_records, cores, in_parts


@given(st.integers(0, 2000), st.integers(0, 5))
def test_parts_are_all_rows_once_and_in_order(rows: int, threads: int) -> None:
    parts = in_parts(range, rows, threads)
    assert [row for part in parts for row in part] == list(range(rows))
    assert all(len(part) % 16 == 0 for part in parts[:-1])


@given(st.lists(st.integers(0, 3_000_000), max_size=12), st.integers(0, 5))
def test_runs_are_all_records_once_and_in_order(lengths: list[int], threads: int) -> None:
    offsets = np.cumsum([0, *lengths])
    runs = by_records(range, offsets, threads)
    assert [record for run in runs for record in run] == list(range(len(lengths)))
    assert len(runs) <= max(1, min(threads or cores(), sum(lengths) // 2_000_000))


def test_an_error_in_a_part_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        in_parts(lambda start, _: 1 // (start - 32), 100, 2)


def test_results_come_in_order_while_later_jobs_are_at_work() -> None:
    second = Event()
    jobs = [lambda: second.wait(20), lambda: second.set() or 2, lambda: 3]
    with ThreadPoolExecutor(2) as pool:
        assert list(ahead(pool, jobs, 1)) == [True, 2, 3]
