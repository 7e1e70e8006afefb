"""What a training will need: files judged by their first part, memory by formula, what fits."""

import gzip
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bioskipgram import estimate
from bioskipgram.config import TrainConfig
from bioskipgram.data import SAMPLE
from bioskipgram.errors import FastaError, TrainingError

ROOT = Path(__file__).parents[1]
CONFIG = TrainConfig(k=6)


def fasta(records: int, bases: int = 3000) -> bytes:
    random = np.random.default_rng(1)
    text = random.choice(np.frombuffer(b"ACGT", np.uint8), records * bases).tobytes()
    rows = [text[i : i + bases] for i in range(0, len(text), bases)]
    return b"".join(b">a record of some kind %d\n%b\n" % (i, row) for i, row in enumerate(rows))


@pytest.mark.parametrize(("records", "close"), [(1, 0.0), (100, 0.0), (8000, 0.1)])
@pytest.mark.parametrize("packed", [False, True])
def test_the_bases_of_a_file_are_told_from_its_first_part(
    tmp_path: Path, records: int, close: float, packed: bool
) -> None:
    text = fasta(records)
    path = tmp_path / "x.fa"
    path.write_bytes(gzip.compress(text, 1) if packed else text)
    assert estimate.bases_of(path) == pytest.approx(3000 * records, rel=close)


def test_the_sample_is_counted_whole() -> None:
    assert estimate.bases_of(SAMPLE) == 1_385_112


def test_a_flat_file_is_guessed(tmp_path: Path) -> None:
    path = tmp_path / "x.gb"
    path.write_text("LOCUS       X\nORIGIN\n        1 acgtacgtac\n//\n")
    assert estimate.bases_of(path) == path.stat().st_size / 2


def test_what_is_no_file_of_sequences_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.fa").write_text("ACGT\n")
    with pytest.raises(FastaError, match=r"x\.fa, line 1: sequence before the first '>' header"):
        estimate.bases_of(tmp_path / "x.fa")
    with pytest.raises(FastaError, match=r"none\.fa: there is no such file in"):
        estimate.estimate(tmp_path / "none.fa", CONFIG)
    assert estimate.bases_of(tmp_path / "none.fa") == 0  # left to the reader to say


@pytest.mark.parametrize(
    ("settings", "bases", "pairs"),
    [
        ({"k": 4, "window": 2}, 10**6, 5 * 4 * 256**2 + 32 / 3 * 4**6),
        ({"k": 6}, 10**6, 5 * 4 * 4096**2 + 32 / 3 * 4**11),
        ({"k": 6, "window": 20}, 10**6, 5 * 4 * 4096**2),  # no histogram of 26-mers
        ({"k": 6, "canonical": True}, 10**6, 5 * 4 * 2080**2),
        ({"k": 8}, 10**6, 0),  # sampled
        ({"k": 8, "trainer": "exact"}, 10**9, 16 * 65536 * 2 * (4 + 16 + 64 + 256 + 1024)),
        ({"k": 8, "trainer": "exact"}, 10**6, 16 * 2 * 5 * 10**6),
    ],
)
def test_the_pair_tables_bytes(settings: dict[str, object], bases: int, pairs: float) -> None:
    config = TrainConfig.from_dict(settings)
    assert estimate.memory(config, bases).pairs == pytest.approx(pairs)


def test_memory_is_the_sum_of_its_parts() -> None:
    need = estimate.memory(CONFIG, 10**7)
    assert need.vectors == 6 * 4 * 4096 * 100
    assert need.peak == need.program + need.sequences + need.pairs + need.vectors
    sampled = estimate.memory(replace(CONFIG, trainer="sampled"), 10**7)
    assert sampled.sequences - need.sequences == estimate.PER_TOKEN * 10**7


@pytest.mark.parametrize(
    ("settings", "bases", "free", "said"),
    [
        ({"k": 7}, 1e8, 4e9, r"5\.5 GB of it for the pair table of 7-mers; 4\.0 .*; choose k 6$"),
        ({"k": 8, "trainer": "exact"}, 1e6, 0.65e9, "choose k 5, or trainer sampled$"),
        ({"k": 10, "dim": 2000}, 1e8, 40e9, "50 GB of it for 2000 dimensions of 10-mers; .* k 9$"),
        ({"k": 6}, 1e8, 1e6, "take a part of the sequences$"),
    ],
)
def test_what_cannot_fit_is_refused_with_the_setting_that_would(
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, object],
    bases: float,
    free: float,
    said: str,
) -> None:
    monkeypatch.setattr(estimate, "available", lambda: free)
    with pytest.raises(TrainingError, match=said):
        estimate.check_memory(TrainConfig.from_dict(settings), bases)


def test_what_fits_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimate, "available", lambda: estimate.memory(CONFIG, 10**6).peak)
    estimate.check_memory(CONFIG, 10**6)


@pytest.mark.parametrize(
    ("files", "left"),
    [
        ({"memory.max": "1000\n", "memory.current": "300\n"}, 700.0),
        ({"memory.max": "max\n", "memory.current": "300\n"}, np.inf),
        ({"memory/memory.limit_in_bytes": "50\n", "memory/memory.usage_in_bytes": "20\n"}, 30.0),
        ({}, np.inf),
    ],
)
def test_a_containers_limit_counts(tmp_path: Path, files: dict[str, str], left: float) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert estimate._of_group(tmp_path) == left


def test_the_memory_of_this_machine_is_some() -> None:
    assert estimate.available() > 1e6


@pytest.mark.parametrize("trainer", ["exact", "sampled"])
def test_a_trial_measures_every_part(trainer: str) -> None:
    config = TrainConfig(k=3, dim=8, trainer=trainer, epochs=1)
    found = estimate.estimate(SAMPLE, config)
    assert found.trainer == trainer
    assert (found.bases, found.vocabulary) == (1_385_112, 64)
    assert found.reading > 0
    assert found.counting > 0
    assert found.training > 0
    rows = found.rows()
    assert rows["bases"] == "about 1,385,112"
    assert rows["trainer"] == trainer


PEAK = """
import resource, sys
from bioskipgram.cli import main
assert main(sys.argv[1:]) == 0
print("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ru_maxrss in other units")
def test_the_peak_is_foretold_within_a_factor_of_one_and_a_half(tmp_path: Path) -> None:
    words = ["--k=6", "--steps=1", f"--out={tmp_path / 'x.safetensors'}"]
    done = subprocess.run(
        [sys.executable, "-c", PEAK, "train", str(SAMPLE), *words],
        cwd=ROOT, env={**os.environ}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    measured = 1024 * int(done.stdout.split()[-1])
    foretold = estimate.memory(replace(CONFIG, steps=1), 1_385_112).peak
    assert 1 / 1.5 < foretold / measured < 1.5
