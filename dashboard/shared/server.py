"""What the web server adds to Streamlit: pages that know their base address, a number a browser."""

import re
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
_BASE = "<script>window.__streamlit={BACKEND_BASE_URL:new URL('.',location.href).href}</script>"
"""Without it, Streamlit seeks its server below the address of the page first: two errors 404."""
_FIRST = ("BidiComponent", "PageLink", "Selectbox", "ButtonGroup", "TextInput")
"""The elements that a page draws first: the map and the top bar."""


class PageServer:
    """ASGI middleware that answers requests for pages; all others go to Streamlit."""

    def __init__(self, app: "ASGIApp", pages: frozenset[str]) -> None:
        """Answer the addresses that end in one of these pages, "" among them."""
        self._app, self._pages = app, pages
        style = f"<style>{Path(__file__).with_name('frame.css').read_text('utf-8')}</style>"
        index = Path(streamlit.__file__).parent / "static" / "index.html"
        html = index.read_text("utf-8")
        added = f"{_BASE}{style}{_preloads(index.parent, html)}</head>"
        self._html = html.replace("</head>", added, 1)

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


def _preloads(static: Path, html: str) -> str:
    """Return links to the scripts of `_FIRST`, which Streamlit would fetch only when it draws one.

    The browser reads them while it waits for Python. "" where Streamlit's scripts look otherwise.
    """
    main = re.search(r'src="\./(static/js/index\.[^"]+)"', html)
    script = (static / main[1]).read_text("utf-8") if main else ""
    files = re.search(r"m\.f=\[([^\]]*)\]", script)
    names = re.findall(r'"\.\.?/([^"]+)"', files[1]) if files else []
    found: dict[str, None] = {}
    for element in _FIRST:
        needs = re.search(
            rf"import\(`\./{element}\.[^)]*\),__vite__mapDeps\(\[([\d,]+)\]\)", script
        )
        for place in map(int, needs[1].split(",") if needs else ()):
            if place < len(names):
                found[names[place]] = None
    return "".join(
        f'<link rel="modulepreload" href="./static/js/{name}">'
        for name in found
        if name not in html
    )


def is_number(text: str) -> bool:
    """Return whether a cookie's text is a number that this server gave."""
    return len(text) == 32 and set(text) <= set("0123456789abcdef")
