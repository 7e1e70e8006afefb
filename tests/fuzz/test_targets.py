"""Every reader on its seeds, on what fuzzing found, and on bytes changed at random."""

import base64
import json
import random
from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS, try_input

FOUND: dict[str, list[str]] = json.loads((Path(__file__).parent / "found.json").read_text("ascii"))
"""Inputs that reached code no other did, and those that raised something else: base64."""
CHANGES = 40


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_and_found_inputs_are_read_or_one_sentence(name: str) -> None:
    assert try_input(name, TARGETS[name].seeds[0])
    for data in (*TARGETS[name].seeds[1:], *map(base64.b64decode, FOUND.get(name, []))):
        try_input(name, data)


@pytest.mark.parametrize("name", TARGETS)
def test_changed_seeds_are_read_or_one_sentence(name: str) -> None:
    chance = random.Random(name)
    for _ in range(CHANGES):
        data = bytearray(chance.choice(TARGETS[name].seeds))
        for _ in range(chance.randint(1, 6)):
            at = chance.randint(0, len(data))
            data[at : at + chance.randint(0, 4)] = chance.randbytes(chance.randint(0, 4))
        try_input(name, bytes(data))
