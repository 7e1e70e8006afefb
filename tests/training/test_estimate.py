"""What a training will need: files judged by their first part, memory by formula, what fits."""

import gzip
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bioskipgram.config import TrainConfig
from bioskipgram.errors import ConfigError, FastaError, TrainingError
from bioskipgram.sequences.shipped import SAMPLE
from bioskipgram.training import estimate, memory

ROOT = Path(__file__).parents[2]
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
        estimate.estimate([tmp_path / "none.fa"], CONFIG)
    assert estimate.bases_of(tmp_path / "none.fa") == 0  # left to the reader to say


def histogram(letters: int, k: int) -> int:
    return sum(4**length for length in range(k, letters + 1))


def met(V: int, bases: float, distances: int) -> float:
    """Different pairs of that many distances, in random bases."""
    return sum(V * 4**d * (1 - np.exp(-bases / (V * 4**d))) for d in range(1, distances + 1))


@pytest.mark.parametrize(
    ("settings", "bases", "pairs"),
    [
        # The tally, beside the table and as large a one of its log-ratios.
        ({"k": 6}, 10**6, 8 * histogram(11, 6) + 8 * 4096**2),
        ({"k": 6, "window": 20}, 10**6, 8 * (4096**2 + 4096) + 8 * 4096**2),  # pair by pair
        # Without zeros: column, weight and two log-ratios of each cell.
        ({"k": 7}, 8e6, 8 * histogram(12, 7) + 16 * 2 * met(4**7, 8e6, 5)),
        # The counters of two threads.
        ({"k": 7, "window": 7}, 100, 8 * (cells := 4**14 + 4**7) + 2 * cells),
        # The tally twice while all its words are made, and the table.
        ({"k": 6, "canonical": True}, 10**6, 16 * histogram(11, 6) + 4 * 2080**2),
        ({"k": 8}, 1e6, 16 * histogram(13, 8) + 8 * 2 * met(4**8, 1e6, 5)),  # the final loss
        ({"k": 9}, 1e6, 0),  # no final loss
        ({"k": 8, "k_min": 3}, 1e6, 0),
        # A sorted list of pairs and k-mers, and what scipy makes of it.
        (
            {"k": 9, "trainer": "exact"},
            1e6,
            16 * (met(4**9, 1e6, 5) + 4**9) + 66 * 2 * met(4**9, 1e6, 5),
        ),
        ({"k": 10, "trainer": "exact"}, 10**9, 0),  # refused for other reasons
    ],
)
def test_the_pair_tables_bytes(settings: dict[str, object], bases: float, pairs: float) -> None:
    config = TrainConfig.from_dict({"threads": 2, **settings})
    assert memory.memory(config, bases).pairs == pytest.approx(pairs)


def test_memory_is_the_sum_of_its_parts() -> None:
    need = memory.memory(replace(CONFIG, threads=3), 10**7)
    assert need.vectors == 11 * 4 * 4096 * 100
    assert need.sequences == 3 * memory.BLOCK
    assert need.peak == need.program + need.sequences + need.pairs + need.vectors
    sampled = memory.memory(replace(CONFIG, trainer="sampled"), 10**7)
    assert sampled.sequences == (3 + memory.PER_TOKEN) * 10**7
    both = memory.memory(replace(CONFIG, trainer="sampled", both_strands=True), 10**7)
    assert both.sequences == (3 + 2 * memory.PER_TOKEN) * 10**7


@pytest.mark.parametrize(
    ("settings", "bases", "free", "said"),
    [
        ({"k": 7}, 1e8, 1.3e9, r"0\.9 GB of it for the pair table of 7-mers; 1\.3 .*; choose k 6$"),
        ({"k": 9, "trainer": "exact"}, 1e6, 1.2e9, "choose k 7, or trainer sampled$"),
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
    monkeypatch.setattr(memory, "available", lambda: free)
    with pytest.raises(TrainingError, match=said):
        memory.check_memory(TrainConfig.from_dict({"threads": 2, **settings}), bases)


def test_what_fits_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available", lambda: memory.memory(CONFIG, 10**6).peak)
    memory.check_memory(CONFIG, 10**6)


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
    assert memory._of_group(tmp_path) == left


def test_the_memory_of_this_machine_is_some() -> None:
    assert memory.available() > 1e6


@pytest.mark.parametrize("trainer", ["exact", "sampled"])
def test_a_trial_measures_every_part(trainer: str) -> None:
    config = TrainConfig(k=3, dim=8, trainer=trainer, epochs=1)
    found = estimate.estimate([SAMPLE], config)
    assert found.trainer == trainer
    assert (found.bases, found.vocabulary) == (1_385_112, 64)
    assert found.reading > 0
    assert found.counting > 0
    assert found.training > 0
    rows = found.rows()
    assert rows["bases"] == "about 1,385,112"
    assert rows["trainer"] == trainer


def test_a_file_may_begin_with_nothing_known(tmp_path: Path) -> None:
    path = tmp_path / "x.fa"
    path.write_text(">chromosome\n" + "N" * 300_000 + "\n" + "ACGTTGCA" * 10 + "\n")
    assert estimate.estimate([path], TrainConfig(k=3, dim=8)).bases == 300_080


def test_what_the_exact_trainer_refuses_is_refused_here() -> None:
    with pytest.raises(ConfigError, match="choose the sampled trainer, or k-min 0"):
        estimate.estimate([SAMPLE], TrainConfig(k=8, k_min=7, trainer="exact"))


PEAK = """
import re, sys
from pathlib import Path
from bioskipgram.cli.main import main
assert main(sys.argv[1:]) == 0
# Not getrusage: its peak is that of the process before exec where that was larger.
print("peak", re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="no /proc to read the peak from")
def test_the_peak_is_foretold_within_a_factor_of_one_and_a_half(tmp_path: Path) -> None:
    words = ["--k=6", "--steps=1", f"--out={tmp_path / 'x.safetensors'}"]
    done = subprocess.run(
        [sys.executable, "-c", PEAK, "train", str(SAMPLE), *words],
        cwd=ROOT, env={**os.environ}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    measured = 1024 * int(done.stdout.split()[-1])
    foretold = memory.memory(replace(CONFIG, steps=1), 1_385_112).peak
    assert 1 / 1.5 < foretold / measured < 1.5


@pytest.mark.parametrize("path", ["/" + "x" * 5000, "a\0b", "no/such.fa", "."])
def test_a_path_that_cannot_be_has_no_bases(path: str) -> None:
    assert estimate.bases_of(path) == 0
