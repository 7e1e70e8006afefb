"""The files a training reads: names and shell patterns, whose file is whose, and what they are."""

import glob
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bioskipgram.config import TrainConfig
from bioskipgram.errors import FastaError, TrainingError
from bioskipgram.sequences.alphabet import ALPHABETS, Alphabet
from bioskipgram.sequences.sequences import Sequences, joined

from .records import file_sha256, read_records

if TYPE_CHECKING:
    from bioskipgram.training.distributed import Group

_LONGEST_TITLE = 200


@dataclass(frozen=True)
class Files:
    """Some files of sequences, read one after another as if they were one."""

    paths: tuple[str, ...]

    @classmethod
    def named(cls, names: list[str]) -> "Files":
        """Return the files that names and shell patterns stand for, each once, in this order."""
        found: list[str] = []
        for name in names:
            plain = Path(name).exists() or not glob.has_magic(name)
            matching = [name] if plain else sorted(glob.glob(name, recursive=True))  # noqa: PTH207
            if not matching:
                raise FastaError(f"{name}: no file has such a name; check the pattern")
            found += matching
        return cls(tuple(dict.fromkeys(found)))

    @property
    def title(self) -> str:
        """What to call them: the name of one file, "3 files: a.fa, b.fa, c.fa" of more."""
        names = [Path(path).name for path in self.paths]
        text = names[0] if len(names) == 1 else f"{len(names)} files: {', '.join(names)}"
        return text if len(text) <= _LONGEST_TITLE else f"{text[: _LONGEST_TITLE - 1]}…"

    @property
    def record(self) -> str:
        """The paths for the record of a run, one a line."""
        return "\n".join(str(Path(path).resolve()) for path in self.paths)

    def sha256(self, known: dict[str, str] | None = None) -> str:
        """Return the SHA-256 of one file, or that over those of several; some are `known`."""
        digests = [(known or {}).get(path) or file_sha256(path) for path in self.paths]
        if len(digests) == 1:
            return digests[0]
        return hashlib.sha256("\n".join(digests).encode()).hexdigest()

    def read(self, alphabet: Alphabet, *, strict: bool = False, told: bool = False) -> Sequences:
        """Return the records of all files; unusable ones are left out and reported, or `told`."""
        blocks = [read_records(path, alphabet, strict=strict, told=told) for path in self.paths]
        return blocks[0] if len(blocks) == 1 else joined(blocks, alphabet)

    def to_train(self, config: TrainConfig, *, strict: bool = False) -> Sequences:
        """Return the records of all files; at least one must be long enough for a k-mer."""
        sequences = self.read(ALPHABETS[config.alphabet], strict=strict)
        sequences.check_longest(config.k, self.title)
        return sequences

    def shares(self, group: "Group") -> Iterator[tuple[str, tuple[int, int]]]:
        """Yield the files that this process counts, and which share of each.

        As many files as processes or more: whole files, the largest first to the process with the
        least to do among those that have it. Fewer: every process takes its share of each.
        """
        if len(self.paths) < group.size or group.size == 1:
            yield from ((path, group.share) for path in self.paths)
            return
        sizes = _sizes(self.paths, group)  # [processes][files]
        load = [0] * group.size
        for file in sorted(range(len(self.paths)), key=lambda i: -max(s[i] for s in sizes)):
            having = [rank for rank in range(group.size) if sizes[rank][file] >= 0]
            taker = min(having or range(group.size), key=lambda rank: load[rank])
            load[taker] += max(size[file] for size in sizes)
            if taker == group.rank:
                yield self.paths[file], (0, 1)


def _sizes(paths: tuple[str, ...], group: "Group") -> list[list[int]]:
    """Return the bytes of each file as each process sees it; -1 = it has no such file."""
    own = [Path(path).stat().st_size if Path(path).is_file() else -1 for path in paths]
    return group.told(own)


def known_digests(own: dict[str, str], group: "Group") -> dict[str, str]:
    """Return the digests of all files that some process knows; a TrainingError if two differ."""
    found: dict[str, str] = {}
    differing: list[str] = []
    for part in group.told(own):
        differing += [path for path in part if found.get(path, part[path]) != part[path]]
        found |= part
    with group.together():
        if differing:
            name = Path(differing[0]).name
            raise TrainingError(f"{name} differs between processes; give all of them the same")
    return found
