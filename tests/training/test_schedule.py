"""How many steps, how large: warm up, stay, decay."""

import numpy as np
import pytest

from bioskipgram.training.schedule import EVERY, FALL, LONGEST, PATIENCE, Schedule


def run(schedule: Schedule, gap_at: "dict[int, float] | None" = None) -> list[float]:
    """The rates of all steps, the gap told whenever it is wanted."""
    rates = []
    while not schedule.done:
        rates.append(schedule.next_rate())
        if schedule.wants_loss:
            schedule.tell((gap_at or {}).get(schedule.step, 1.0))
    return rates


@pytest.mark.parametrize("steps", [1, 2, 3, 10, 61, 1000])
def test_a_planned_schedule_has_as_many_steps_and_ends_small(steps: int) -> None:
    rates = run(Schedule(steps))
    assert len(rates) == steps
    assert all(0 < rate <= 1 for rate in rates)
    if steps > 9:
        assert rates[3 : steps - steps // 3] == [1.0] * (steps - steps // 3 - 3)
        decay = np.array(rates[steps - steps // 3 - 1 :])
        np.testing.assert_allclose(np.diff(decay), decay[1] - decay[0])
        assert decay[1] < decay[0]


def test_an_open_schedule_ends_when_the_gap_stops_falling() -> None:
    falling = {step: 0.9 ** (step / EVERY) for step in range(1, 101)}
    stale = dict.fromkeys(range(101, 1000), falling[100])
    schedule = Schedule(0)
    rates = run(schedule, falling | stale)
    assert schedule.decay_from == 100 + PATIENCE
    assert len(rates) == schedule.steps == schedule.decay_from * 3 // 2


def test_a_fall_just_below_the_threshold_goes_on_to_the_longest() -> None:
    gaps = {step: (1 - 1.05 * FALL) ** (step / PATIENCE) for step in range(2 * LONGEST)}
    schedule = Schedule(0)
    run(schedule, gaps)
    assert schedule.decay_from == LONGEST


def test_a_spike_is_no_end() -> None:
    gaps = {step: 0.9 ** (step / EVERY) for step in range(1000)} | {50: 10.0, 55: 10.0}
    schedule = Schedule(0)
    for _ in range(80):
        schedule.next_rate()
        if schedule.wants_loss:
            schedule.tell(gaps[schedule.step])
    assert not schedule.decay_from


@pytest.mark.parametrize("steps", [0, 40])
def test_a_restored_schedule_goes_on_as_the_first_would(steps: int) -> None:
    gaps = {step: 0.9 ** (min(step, 60) / EVERY) for step in range(1000)}
    whole, first, second = Schedule(steps), Schedule(steps), Schedule(steps)
    expected = run(whole, gaps)
    rates = []
    for _ in range(23):
        rates.append(first.next_rate())
        if first.wants_loss:
            first.tell(gaps[first.step])
    second.restore(first.state())
    assert rates + run(second, gaps) == expected
