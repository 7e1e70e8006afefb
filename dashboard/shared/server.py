"""What the web server adds to Streamlit: pages that know their base address, a number a browser."""

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

COOKIE = "bioskipgram_session"
"""The cookie that holds the number of a browser's basket; no script of a page can read it."""
MAX_AGE = 90 * 24 * 3600
"""Seconds for which a browser keeps its number."""
_BASE = (
    "<head><script>window.__streamlit={BACKEND_BASE_URL:new URL('.',location.href).href}</script>"
)
"""Without it, Streamlit seeks its server below the address of the page first: two errors 404."""


class PageServer:
    """ASGI middleware that answers requests for pages; all others go to Streamlit."""

    def __init__(self, app: "ASGIApp", pages: frozenset[str]) -> None:
        """Answer the addresses that end in one of these pages, "" among them."""
        self._app, self._pages = app, pages
        style = f"<style>{Path(__file__).with_name('frame.css').read_text('utf-8')}</style>"
        index = Path(streamlit.__file__).parent / "static" / "index.html"
        self._html = index.read_text("utf-8").replace("</head>", f"{_BASE}{style}</head>", 1)

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer one request."""
        is_page = scope["type"] == "http" and scope["method"] == "GET"
        if not is_page or scope["path"].rpartition("/")[2] not in self._pages:
            await self._app(scope, receive, send)
            return
        from starlette.requests import Request
        from starlette.responses import HTMLResponse

        answer = HTMLResponse(self._html, headers={"Cache-Control": "no-cache"})
        found = Request(scope).cookies.get(COOKIE, "")
        answer.set_cookie(
            COOKIE, found if is_number(found) else secrets.token_hex(16), max_age=MAX_AGE,
            httponly=True, samesite="strict", secure=scope["scheme"] == "https",
        )  # fmt: skip
        await answer(scope, receive, send)


def is_number(text: str) -> bool:
    """Return whether a cookie's text is a number that this server gave."""
    return len(text) == 32 and set(text) <= set("0123456789abcdef")
