"""Many at once: what clicks wait for and what a session holds, over Streamlit's own protocol.

    python -m benchmarks.load [--clients 20] [--uploads 5] [--trainings 2] [--clicks 5]
    python -m benchmarks.load --one 2000

Starts the app on this machine and talks to it as browsers do, over its websocket, without drawing.
Each client opens Explore and asks for one k-mer after another, as a click or a link does; others
give lists of variants, while training runs are at work. A click is answered when the script it
started is done: the inspector's text has come. With ``--one`` a single session is asked so many
times.
"""

import argparse
import asyncio
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

from benchmarks.page import wait_for
from bioskipgram.config import TrainConfig
from bioskipgram.sequences.shipped import SAMPLE
from bioskipgram.training import runs

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 600.0


class Client:
    """One session: a websocket, and the identities of the widgets that its page has."""

    def __init__(self, port: int, page: str = "") -> None:
        self.port, self.page, self.texts = port, page, dict[str, str]()
        self.socket: Any = None

    async def open(self) -> float:
        """Connect and run the page; return the seconds until it is complete."""
        address = f"ws://localhost:{self.port}/_stcore/stream"
        self.socket = await connect(
            address, origin=f"http://localhost:{self.port}", max_size=1 << 28,
            subprotocols=["streamlit"], ping_interval=None, open_timeout=PATIENCE,
        )  # fmt: skip
        return await self.rerun()

    async def rerun(self, query: str = "", pasted: str = "") -> float:
        """Ask for a run of the script; return the seconds until it is done."""
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_name = self.page
        for number in self.texts.values() if pasted else ():
            widget = message.rerun_script.widget_states.widgets.add()
            widget.id, widget.string_value = number, pasted
        begin = time.perf_counter()
        await self.socket.send(message.SerializeToString())
        await asyncio.wait_for(self._done(), PATIENCE)
        return time.perf_counter() - begin

    async def _done(self) -> None:
        async for data in self.socket:
            message = ForwardMsg()
            message.ParseFromString(data)
            if message.WhichOneof("type") == "script_finished":
                return
            area = message.delta.new_element.text_area
            if area.id:
                self.texts[area.label] = area.id
        raise RuntimeError("the server closed the connection")


def memory(process: int) -> float:
    """Return the resident memory of a process in megabytes."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _kmer(chance: random.Random) -> str:
    return "".join(chance.choices("ACGT", k=6))


async def _clicking(client: Client, clicks: int, seed: int, waits: list[float]) -> None:
    chance = random.Random(seed)
    for _ in range(clicks):
        waits.append(await client.rerun(f"kmer={_kmer(chance)}"))
        await asyncio.sleep(chance.uniform(0.5, 2.0))


async def _uploading(client: Client, times: int, seed: int) -> None:
    """Give a list of variants again and again, each time others."""
    chance = random.Random(seed)
    for _ in range(times):
        names = [
            f"HBB:c.{chance.randint(4, 400)}{chance.choice(['del', 'dup'])}" for _ in range(99)
        ]
        await client.rerun(pasted="\n".join(names))
        await asyncio.sleep(chance.uniform(0.5, 2.0))


async def many(port: int, server: int, options: argparse.Namespace) -> dict[str, Any]:
    """Run all clients together; return the figures."""
    first = Client(port)
    alone = [await first.open()]
    before = memory(server)
    clients = [Client(port) for _ in range(options.clients)]
    opened = await asyncio.gather(*(client.open() for client in clients))
    waits: list[float] = []
    busy = [Client(port, "variants") for _ in range(options.uploads)]
    await asyncio.gather(*(client.open() for client in busy))
    assert all(client.texts for client in busy)
    await asyncio.gather(
        *(_clicking(each, options.clicks, i, waits) for i, each in enumerate(clients)),
        *(_uploading(each, options.clicks, i) for i, each in enumerate(busy)),
    )
    waits.sort()
    held = (memory(server) - before) / (options.clients + options.uploads)
    return {"first page alone, s": round(alone[0], 2),
            "pages opened together, median s": round(statistics.median(opened), 2),
            "clicks": len(waits), "click, median s": round(statistics.median(waits), 2),
            "click, p95 s": round(waits[int(0.95 * (len(waits) - 1))], 2),
            "MB a session": round(held, 1)}  # fmt: skip


async def one(port: int, server: int, times: int) -> dict[str, Any]:
    """Ask one session so many times; return what its memory grew by after the first tenth."""
    client, chance, sizes = Client(port), random.Random(1), []
    await client.open()
    begin = time.perf_counter()
    for number in range(times):
        await client.rerun(f"kmer={_kmer(chance)}")
        if number % max(1, times // 10) == max(1, times // 10) - 1:
            sizes.append(memory(server))
            print(f"{number + 1:,}: {sizes[-1]:.1f} MB", file=sys.stderr, flush=True)
    seconds = time.perf_counter() - begin
    return {"interactions": times, "seconds each": round(seconds / times, 3),
            "MB after each tenth": [round(size) for size in sizes],
            "growth, MB": round(sizes[-1] - sizes[0], 1)}  # fmt: skip


def main() -> None:
    """Start the server and what is to train, measure, end them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("clients", 20), ("uploads", 5), ("trainings", 2), ("clicks", 5),
                          ("one", 0)):  # fmt: skip
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "dashboard/app.py",
             f"--server.port={port}", "--server.headless=true"],
            cwd=ROOT, env={**os.environ, "BIOSKIPGRAM_RUNS": folder},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        started = []
        try:
            wait_for(f"http://localhost:{port}/_stcore/health")
            if not options.one:
                config = TrainConfig(k=6, dim=50, steps=5000)
                for number in range(options.trainings):
                    started.append(runs.start(SAMPLE, config, root=Path(folder),
                                              name=f"t{number}", title="load"))  # fmt: skip
            found = (one(port, server.pid, options.one) if options.one
                     else many(port, server.pid, options))  # fmt: skip
            print(json.dumps(asyncio.run(found), indent=1))
        finally:
            for run in started:
                run.status().owner.end()
            server.kill()
            server.wait()


if __name__ == "__main__":
    main()
