"""The session file: model, page, settings and findings as JSON that opens them again."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from bioskipgram.errors import CheckpointError
from dashboard.shared import findings
from dashboard.shared import text as safe
from dashboard.shared.findings import Finding

FORMAT = "bioskipgram session 1"
MAX_BYTES = 50_000_000
MAX_SETTINGS = 200
MAX_SETTING = 20_000


@dataclass(frozen=True)
class Session:
    """What a session file holds: the address (`page`, `settings`), what was kept, what it shows.

    `digest` is that of the model's vectors; `shown` the findings that the settings name by number.
    """

    model: str
    digest: str
    page: str
    settings: dict[str, str | list[str]]
    kept: tuple[Finding, ...] = ()
    shown: tuple[Finding, ...] = ()


def write(session: Session) -> bytes:
    """Return a session as the bytes of a file that `read` reads."""
    return json.dumps({"format": FORMAT, **asdict(session)}, indent=1).encode()


def read(data: bytes, pages: frozenset[str]) -> Session:
    """Return the session of an untrusted file; `pages` are those that there are.

    A CheckpointError says in one sentence what is wrong with the file. No path, no code and no
    address outside the app is taken from it.
    """
    found = _parsed(data)
    for name in ("model", "digest", "page"):
        if not isinstance(found.get(name), str):
            raise _wrong(f"its {name} has to be text, not {_short(found.get(name))}")
    if found["page"] not in pages:
        raise _wrong(f"there is no page {_short(found['page'])}")
    return Session(
        safe.one_line(found["model"]), safe.one_line(found["digest"]), found["page"],
        _settings(found.get("settings")), _findings(found, "kept"), _findings(found, "shown"),
    )  # fmt: skip


def _parsed(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_BYTES:
        raise _wrong(f"{len(data):,} bytes are more than {MAX_BYTES:,}")
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _wrong("it is not JSON") from error
    if not isinstance(found, dict) or "format" not in found:
        raise _wrong("it is not one of this program's session files")
    if found["format"] != FORMAT:
        raise _wrong(f"its format is {_short(found['format'])}, this program reads {FORMAT!r}")
    return found


def _settings(found: object) -> dict[str, str | list[str]]:
    if not isinstance(found, dict) or len(found) > MAX_SETTINGS:
        raise _wrong(f"its settings have to be an object of at most {MAX_SETTINGS} texts")
    for name, value in found.items():
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str) and len(one) <= MAX_SETTING for one in values):
            raise _wrong(f"the setting {_short(name)} has to be text, not {_short(value)}")
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise _wrong("its settings hold half a character") from error
    return found


def _findings(found: dict[str, Any], name: str) -> tuple[Finding, ...]:
    listed = found.get(name, [])
    if not isinstance(listed, list) or len(listed) > findings.MAX_KEPT:
        raise _wrong(f"{name!r} has to be a list of at most {findings.MAX_KEPT} findings")
    try:
        return tuple(map(findings.checked, listed))
    except CheckpointError as error:
        raise _wrong(str(error)) from error


def _short(value: object) -> str:
    return safe.one_line(repr(value), 40)


def _wrong(what: str) -> CheckpointError:
    return CheckpointError(f"This session file cannot be opened: {what}; save the session again.")
