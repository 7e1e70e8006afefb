"""Several processes that train one model (torch.distributed).

Started by ``torchrun``, or by anything else that sets RANK, WORLD_SIZE, MASTER_ADDR and
MASTER_PORT. All processes take the same steps in the same order; only the first one writes and
prints. Tensors travel by gloo between processors and by nccl between CUDA devices. An error in one
process ends all.
"""

import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import reduce
from operator import add
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor

from bioskipgram.counting.counts import RawCounts
from bioskipgram.counting.pairs import rows_of
from bioskipgram.errors import BioSkipGramError, ConfigError, TrainingError
from bioskipgram.numerics.arrays import State

from .skipgram import pick_device

TIMEOUT = timedelta(minutes=30)
"""The longest wait for another process; the first makes the start and writes the files."""
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class ToldElsewhereError(TrainingError):
    """An error that another process of the group reports."""


@dataclass(frozen=True)
class Group:
    """The processes that train together, as one of them sees them; by default it is alone.

    Alone, every method returns its argument. In a group all processes must call the same methods in
    the same order. `rank` counts from 0, `local` are the processes on this machine.
    """

    rank: int = 0
    size: int = 1
    local: int = 1

    @classmethod
    @contextmanager
    def here(cls, device: str) -> "Iterator[Group]":
        """Join the group that the environment names, for as long as the context lasts.

        Where the first process reports an error for all, the others exit silently with code 2. A
        TrainingError if the others do not connect.
        """
        group = cls._named()
        if group.size == 1:
            yield group
            return
        with _heard():
            group._join(device)
        try:
            yield group
        except ToldElsewhereError:
            sys.exit(2)
        finally:
            dist.destroy_process_group()

    @classmethod
    def _named(cls) -> "Group":
        """Return the group that the environment names."""
        size = _number("WORLD_SIZE", 1)
        if size == 1:
            return cls()
        address = os.environ.get("MASTER_ADDR")
        if "RANK" not in os.environ or not address or "MASTER_PORT" not in os.environ:
            raise ConfigError(
                f"WORLD_SIZE is {size}, but RANK, MASTER_ADDR or MASTER_PORT is not set; "
                "start the processes by torchrun, or set all four for each"
            )
        together = size if address in LOOPBACK else 1
        return cls(_number("RANK", 0), size, _number("LOCAL_WORLD_SIZE", together))

    def _join(self, device: str) -> None:
        """Connect to the other processes; a TrainingError if they do not connect."""
        cuda = pick_device(device).type == "cuda"
        if cuda:
            torch.cuda.set_device(_number("LOCAL_RANK", self.rank % torch.cuda.device_count()))
        address, port = os.environ["MASTER_ADDR"], _number("MASTER_PORT", 0)
        if address in LOOPBACK:  # by default gloo listens where the machine's name points to
            os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo0" if sys.platform == "darwin" else "lo")
        try:
            store = None
            if address in LOOPBACK and "TORCHELASTIC_RUN_ID" not in os.environ:
                store = self._store(address, port)
            dist.init_process_group(
                "cpu:gloo,cuda:nccl" if cuda else "gloo",
                store=store, rank=self.rank, world_size=self.size, timeout=TIMEOUT,
            )  # fmt: skip
        except (RuntimeError, ValueError, OSError) as error:
            raise TrainingError(
                f"process {self.rank + 1} of {self.size} did not meet the others at "
                f"{address}:{port} ({_first_line(error)}); start all of them, with the same "
                "WORLD_SIZE, MASTER_ADDR and MASTER_PORT"
            ) from error

    def _store(self, address: str, port: int) -> Any:
        """Return the store of processes of one machine; torch's own listens on all interfaces."""
        first = self.rank == 0
        listener = socket.create_server(("127.0.0.1", port)).detach() if first else None
        return dist.TCPStore(  # type: ignore[attr-defined]
            "127.0.0.1" if address == "localhost" else address, port, self.size, is_master=first,
            timeout=TIMEOUT, master_listen_fd=listener,
        )  # fmt: skip

    @property
    def share(self) -> tuple[int, int]:
        """The rank and the number of processes: which part of the work this one does."""
        return self.rank, self.size

    @property
    def first(self) -> bool:
        """Whether this is the process that writes and prints."""
        return self.rank == 0

    def rows(self, V: int) -> slice:
        """Return this process's rows of a table of `V`: even shares, in order.

        Examples
        --------
        >>> [Group(rank, 3).rows(64) for rank in range(3)]
        [slice(0, 21, None), slice(21, 42, None), slice(42, 64, None)]
        """
        return rows_of(V, self.share)

    def all_sum(self, tensor: Tensor) -> Tensor:
        """Return the sum over all processes of equal tensors, which may be written to."""
        if self.size > 1:
            with self._connected():
                dist.all_reduce(tensor)
        return tensor

    def sum(self, value: float) -> float:
        """Return the sum of a number over all processes, the same to the bit for all."""
        if self.size == 1:
            return value
        return float(self.all_sum(torch.tensor(value, dtype=torch.float64)))

    def any(self, flag: bool) -> bool:  # noqa: FBT001 - as the builtin
        """Return whether the flag is set in any process."""
        return flag if self.size == 1 else self.sum(flag) > 0

    def gather(self, rows: Tensor) -> Tensor:
        """Return the rows of all processes, one after the other; they may differ in number."""
        if self.size == 1:
            return rows
        sizes = torch.zeros(self.size, dtype=torch.int64)
        sizes[self.rank] = len(rows)
        most = int(self.all_sum(sizes).max())
        padded = rows.new_zeros(most, *rows.shape[1:])
        padded[: len(rows)] = rows
        parts = [torch.empty_like(padded) for _ in range(self.size)]
        with self._connected():
            dist.all_gather(parts, padded)
        return torch.cat([part[:n] for part, n in zip(parts, sizes.tolist(), strict=True)])

    def broadcast(self, tensor: Tensor, *, source: int = 0) -> Tensor:
        """Return the tensor of one process; those of the others are overwritten."""
        if self.size > 1:
            with self._connected():
                dist.broadcast(tensor, source)
        return tensor

    def text(self, text: str, *, source: int = 0) -> str:
        """Return the text of one process."""
        if self.size == 1:
            return text
        data = torch.frombuffer(bytearray(text.encode() or b" "), dtype=torch.uint8)
        size = self.broadcast(torch.tensor(len(data)), source=source)
        data = data if self.rank == source else torch.empty(int(size), dtype=torch.uint8)
        return self.broadcast(data, source=source).numpy().tobytes().decode().strip()

    def told(self, value: Any) -> list[Any]:
        """Return a value of each process, all that JSON can hold, in the order of their ranks."""
        if self.size == 1:
            return [value]
        return [json.loads(self.text(json.dumps(value), source=rank)) for rank in range(self.size)]

    def state(self, state: State) -> State:
        """Return the arrays of the first process."""
        if self.size == 1:
            return state
        kinds = [(name, a.dtype.str, a.shape) for name, a in state.items()]
        arrays = {}
        for name, kind, shape in json.loads(self.text(json.dumps(kinds))):
            array = np.array(state[name]) if self.first else np.empty(shape, kind)
            arrays[name] = self.broadcast(torch.from_numpy(array)).numpy()
        return arrays

    def tally(self, tally: RawCounts) -> RawCounts:
        """Return the sum of the processes' tallies; its digest is this one's."""
        if self.size == 1:
            return tally
        sizes = self.all_sum(torch.tensor([tally.records, tally.bases])).tolist()
        if tally.cells is None:
            counts = self.all_sum(torch.tensor(tally.counts)).numpy()
            return replace(tally, counts=counts, records=sizes[0], bases=sizes[1])
        met = torch.tensor(np.stack([tally.cells, tally.counts], axis=1))
        ends = self.gather(torch.tensor([len(met)])).cumsum(0).tolist()
        parts = np.split(self.gather(met).numpy(), ends[:-1])
        whole = reduce(
            add, (RawCounts(tally.layout, part[:, 1].copy(), part[:, 0].copy()) for part in parts)
        )
        return replace(whole, records=sizes[0], bases=sizes[1], digest=tally.digest)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Run what may fail in some processes; if it does, it fails in all.

        Inside, no process may wait for another. The first process raises a TrainingError with the
        cause, the others `ToldElsewhereError`.
        """
        error: BioSkipGramError | None = None
        try:
            yield
        except BioSkipGramError as found:
            if self.size == 1:
                raise
            error = found
        if self.size == 1 or not self.any(error is not None):
            return
        failed = self.gather(torch.tensor([error is not None]))
        source = int(failed.int().argmax())
        text = self.text(str(error), source=source)
        if not self.first:
            raise ToldElsewhereError(text)
        raise error or TrainingError(f"process {source + 1} of {self.size}: {text}")

    def same(self, text: str, what: str) -> None:
        """Raise a TrainingError unless all processes have the same text."""
        first = self.text(text)
        with self.together():
            if text != first:
                raise TrainingError(
                    f"{what} differs from that of the first process; give all of them the same"
                )

    @contextmanager
    def _connected(self) -> Iterator[None]:
        try:
            yield
        except RuntimeError as error:
            raise TrainingError(
                f"process {self.rank + 1} of {self.size} lost the others: one of them ended (see "
                "its own message) or the network failed; go on from the last saved state with "
                "resume"
            ) from error


ALONE = Group()


def _number(name: str, default: int) -> int:
    text = os.environ.get(name, str(default))
    if not text.isdecimal():
        raise ConfigError(f"{name}: expected a whole number, found {text!r}; start by torchrun")
    return int(text)


def _first_line(error: Exception) -> str:
    return str(error).split("\n")[0][:200]


@contextmanager
def _heard() -> Iterator[None]:
    """Let signals end the program by default: no Python handler runs during a wait."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, signal.SIG_DFL) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
