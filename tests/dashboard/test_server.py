"""What the web server adds to Streamlit's pages, without a network."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import streamlit

from dashboard.shared.server import COOKIE, PageServer, is_number

STATIC = Path(streamlit.__file__).parent / "static"
NUMBER = "0123456789abcdef" * 2


async def rest(scope: Any, receive: Any, send: Any) -> None:
    """Stand for Streamlit's own application."""
    await send({"type": "passed on"})


def answer(path: str, *, method: str = "GET", cookie: str = "") -> list[Any]:
    """Return what is sent for a request."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"cookie", f"{COOKIE}={cookie}".encode())] if cookie else []
    scope = {"type": "http", "method": method, "path": path, "headers": headers, "scheme": "http"}
    server = PageServer(rest, frozenset({"", "explore"}))
    # A thread of its own: Playwright leaves a running event loop in the tests' thread.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, server(scope, None, send)).result()  # type: ignore[arg-type]
    return sent


def cookie_of(sent: list[Any]) -> str:
    """Return the header that sets the cookie."""
    return next(value.decode() for name, value in sent[0]["headers"] if name == b"set-cookie")


@pytest.mark.parametrize("path", ["/", "/explore", "/dna/explore"])
def test_a_page_has_its_address_its_style_and_scripts_that_are_there(path: str) -> None:
    html = answer(path)[1]["body"].decode()
    assert html.index("BACKEND_BASE_URL") < html.index(".st-key-top_bar") < html.index("</head>")
    preloads = re.findall(r'modulepreload" href="\./(static/js/[^"]+)"', html)
    assert any("Selectbox" in name for name in preloads)
    assert all((STATIC / name).exists() for name in preloads)


@pytest.mark.parametrize("path", ["/_stcore/health", "/static/x.js", "/explore/x"])
def test_all_else_is_passed_on(path: str) -> None:
    assert answer(path) == [{"type": "passed on"}]
    assert answer("/explore", method="POST") == [{"type": "passed on"}]


def test_a_browser_keeps_its_number_and_gets_one_for_what_is_none() -> None:
    assert f"{COOKIE}={NUMBER};" in cookie_of(answer("/", cookie=NUMBER))
    for wrong in ("", "../../x", NUMBER.upper(), NUMBER + "0"):
        said = cookie_of(answer("/", cookie=wrong))
        given = said.partition("=")[2].partition(";")[0]
        assert is_number(given)
        assert given not in (wrong, NUMBER)
        assert "HttpOnly" in said
        assert "SameSite=strict" in said
