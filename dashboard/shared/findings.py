"""Findings: kept sets of k-mers, genes, motifs, variants; on disk, in baskets and in addresses.

A finding is plain text in the format that its page reads: k-mers between spaces, FASTA, a pattern
or MEME matrices, a variant a line. Its number, a digest of that text, is its name on disk and in
an address. Files are readable by the user who runs the server alone, and are deleted when nobody
has opened them for `DAYS`.
"""

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from bioskipgram.errors import BioSkipGramError, CheckpointError
from bioskipgram.files import write_whole
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.numerics.arrays import Tokens
from dashboard.shared import text as safe

KINDS = {"k-mers": "explore", "genes": "genes", "motifs": "motifs", "variants": "variants"}
"""What can be kept, and the page that opens it."""
SELECTION = "selection"
"""The query parameter that holds the number of a finding."""
DAYS = 90
MAX_TEXT = 5_000_000
MAX_KEPT = 200
"""The most characters of a finding, and findings in a basket."""
MAX_FILES = 5_000
_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True)
class Finding:
    """One of `KINDS` as text, under a name, with the model it was found with ("" = any)."""

    kind: str
    name: str
    text: str
    model: str = ""

    @cached_property
    def number(self) -> str:
        """What tells it from others on disk and in an address; the name does not count."""
        return hashlib.sha256(f"{self.kind}\0{self.text}".encode()).hexdigest()[:16]

    @property
    def size(self) -> str:
        """How much it is, in words: "124 k-mers"."""
        if self.kind == "k-mers":
            n = len(self.text.split())
        elif self.kind == "variants":
            n = len(self.text.strip().splitlines())
        else:
            n = max(1, self.text.count(">" if self.kind == "genes" else "\nMOTIF "))
        return f"{n:,} {self.kind if n != 1 else self.kind.removesuffix('s')}"


Change = Callable[[tuple[Finding, ...]], tuple[Finding, ...]]
"""What is done to the contents of a basket."""


def of_kmers(vocabulary: Vocabulary, tokens: Tokens, name: str, model: str) -> Finding:
    """Return some k-mers of a model, int32[n], as a finding."""
    return Finding("k-mers", name, " ".join(vocabulary.spell(np.sort(tokens))), model)


def tokens_of(found: Finding, vocabulary: Vocabulary) -> Tokens:
    """Return the k-mers of a finding that a vocabulary has, int32[n] ascending."""
    wanted = frozenset(found.text.split())
    there = [token for token, text in enumerate(vocabulary.texts) if text in wanted]
    return np.array(there, np.int32)


def checked(found: object) -> Finding:
    """Return what a file holds as a finding; a CheckpointError says what is wrong with it."""
    if not isinstance(found, dict):
        raise CheckpointError(f"a finding is an object with kind, name and text, not {found!r}")
    values = {name: found.get(name, "") for name in ("kind", "name", "text", "model")}
    wrong = next((name for name, value in values.items() if not isinstance(value, str)), None)
    if wrong:
        raise CheckpointError(f"the {wrong} of a finding has to be text, not {values[wrong]!r}")
    if values["kind"] not in KINDS:
        kinds = ", ".join(KINDS)
        raise CheckpointError(f"a finding of the kind {values['kind']!r}; there are {kinds}")
    text = values["text"]
    if not text.strip() or len(text) > MAX_TEXT:
        raise CheckpointError(f"a finding has 1 to {MAX_TEXT:,} characters, not {len(text):,}")
    if not all(character.isprintable() or character in "\n\t" for character in text):
        raise CheckpointError("the text of a finding holds control characters")
    name = safe.one_line(values["name"]).strip() or "without a name"
    return Finding(values["kind"], name, text, safe.one_line(values["model"]))


# On disk -------------------------------------------------------------------------------------


def folder() -> Path:
    """Return where findings and baskets are: a folder of the user's own."""
    if chosen := os.environ.get("BIOSKIPGRAM_SESSIONS"):
        return Path(chosen)
    data = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")  # noqa: PTH111
    return Path(data) / "bioskipgram" / "sessions"


def put(found: Finding) -> str:
    """Write a finding, unless it is there, and return its number."""
    path = folder() / f"{found.number}.json"
    if not _touched(path):
        _write(path, asdict(found))
    return found.number


def get(number: str) -> Finding | None:
    """Return the finding of a number from an address; None if there is none."""
    if len(number) != 16 or not set(number) <= _HEX:
        return None
    path = folder() / f"{number}.json"
    with contextlib.suppress(BioSkipGramError):
        found = checked(_read(path))
        return found if found.number == number and _touched(path) else None
    return None


def basket(owner: str) -> tuple[Finding, ...]:
    """Return what the owner of a basket has kept, in order; what was deleted is left out."""
    with contextlib.suppress(BioSkipGramError):
        listed = _read(folder() / f"basket-{owner}.json")
        kept = [
            replace(found, name=safe.one_line(entry.get("name")))
            for entry in (listed if isinstance(listed, list) else [])
            if isinstance(entry, dict) and (found := get(str(entry.get("number", ""))))
        ]
        return tuple(kept)
    return ()


def change(owner: str, made: Change) -> tuple[Finding, ...]:
    """Write `made` of what is in a basket now and return it; other tabs may have changed it."""
    kept = made(basket(owner))
    if len(kept) > MAX_KEPT:
        raise CheckpointError(f"a basket holds {MAX_KEPT} findings; remove some first")
    listed = [{"number": put(found), "name": found.name} for found in kept]
    _write(folder() / f"basket-{owner}.json", listed)
    _clean()
    return kept


def _write(path: Path, content: object) -> None:
    with contextlib.suppress(OSError):  # said by the next line
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(path, json.dumps(content, indent=1).encode(), mode=0o600)


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{path.name}: cannot be read ({error})") from error


def _touched(path: Path) -> bool:
    """Mark a file as used now; return whether it is there."""
    try:
        os.utime(path)
    except OSError:
        return False
    return True


def _clean() -> None:
    """Delete what nobody has opened for `DAYS`, and the oldest files beyond `MAX_FILES`."""
    ages = []
    for path in folder().glob("*.json"):
        with contextlib.suppress(OSError):
            ages.append((path.stat().st_mtime, path))
    ages.sort(reverse=True)
    too_old = time.time() - DAYS * 24 * 3600
    for number, (used, path) in enumerate(ages):
        if used < too_old or number >= MAX_FILES:
            path.unlink(missing_ok=True)
