"""Files from the web, in parts: an interrupted download is continued where it ended."""

import http.client
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bioskipgram.errors import BioSkipGramError, FastaError

Tell = Callable[[int, int], None]
"""Takes the bytes done, and how many there are."""
_LARGEST = 4 << 30
_SECONDS = 30.0
_BLOCK = 1 << 18


def fetch(
    where: str,
    part: Path,
    *,
    size: int = 0,
    tell: Tell = lambda done, of: None,
    error: type[BioSkipGramError] = FastaError,
) -> None:
    """Append to `part` what is missing of a file of `size` bytes (0 = as the server says).

    An `error` if it cannot be fetched whole; what has come is kept. A server that does not give
    parts of files is asked for the whole file again.
    """
    done = part.stat().st_size if part.exists() else 0
    if size and done >= size:
        return
    with opened(where, done, error=error) as answer, part.open("ab") as file:
        if answer is None:  # nothing comes after what is there
            return
        if done and answer.status != http.client.PARTIAL_CONTENT:
            file.truncate(0)
            done = 0
        size = size or done + int(answer.headers.get("Content-Length") or 0)
        if size > _LARGEST:
            raise error(f"{where}: {size:,} bytes, of which {_LARGEST:,} are the most to download")
        while block := answer.read(min(_BLOCK, (size or _LARGEST) - done)):
            file.write(block)
            done += len(block)
            tell(done, size)
    if done < size:
        raise error(
            f"{where}: the connection ended after {done:,} of {size:,} bytes; "
            "the same command continues there"
        )


@contextmanager
def opened(
    where: str, start: int = 0, *, error: type[BioSkipGramError] = FastaError
) -> Iterator[Any]:
    """Open an address from a byte on; None if it ends there. Every failure is an `error`."""
    request = urllib.request.Request(where, headers={"User-Agent": "bioskipgram"})
    if start:
        request.add_header("Range", f"bytes={start}-")
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
            yield answer
    except urllib.error.HTTPError as found:
        if not (start and found.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE):
            raise error(
                f"{where}: cannot be fetched ({found.code} {found.reason}); check the name"
            ) from found
        yield None
    except (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError) as e:
        reason = getattr(e, "reason", None) or e
        raise error(f"{where}: cannot be fetched ({reason}); try again later") from e
