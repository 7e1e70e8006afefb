"""The map in a real Chromium: what a user does, and what Python learns of it."""

import base64
import json
import re
import time
import zlib
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from tests.browser.kmer_map_app import CLUSTERS, PATH, synthetic

pytestmark = pytest.mark.browser
APP = Path(__file__).with_name("kmer_map_app.py")
DRAWN = "document.querySelector('.kmer-map-plot')?.kmerMap?.group !== undefined"
VIEW = """() => {
  const plot = document.querySelector('.kmer-map-plot'), map = plot.kmerMap;
  const { x, y } = map.view.ranges?.() ?? {};
  const flags = map.selected ?? [];
  const chosen = [...Array(map.data.count).keys()].filter((i) => (flags[i >> 3] >> (i & 7)) & 1);
  return {
    x, y, free: 1 - map.space.sideways / map.space.width,
    zoom: map.view.zoom, axes: map.view.axes, shift: map.view.shift,
    tool: map.tool, mode: map.mode,
    selected: chosen.length, chosen: chosen.slice(0, 5000),
    groups: [0, 1, 2, 3].map((group) => map.dots.size(group)),
    ring: plot.parentElement.querySelector('.kmer-map-ring').style.display !== 'none',
    spokes: plot.parentElement.querySelector('.kmer-map-spokes').getAttribute('d'),
    colour: map.paint.colours[map.paint.steps.at(-1)], mark: self.mark,
  };
}"""
SVG = "{http://www.w3.org/2000/svg}"
SECONDS = 45  # the machine may have other work


class MapPage:
    """The test page and what is needed to drive it."""

    def __init__(self, context, address, query=""):
        self.context = context
        self.page = context.new_page()
        self.page.set_viewport_size({"width": 1280, "height": 800})
        self.page.set_default_timeout(SECONDS * 1000)
        self.sent, self.received, self.errors = [], [], []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("websocket", self.listen)
        self.page.goto(f"{address}/?{query}")

    def listen(self, socket):
        socket.on("framesent", lambda frame: self.sent.append(len(frame)))
        socket.on("framereceived", lambda frame: self.received.append(len(frame)))

    def drawn(self):
        self.page.wait_for_function(DRAWN)
        self.events(lambda seen: True)
        return self

    def events(self, wanted):
        """Return the events Python printed, as soon as they are as wanted."""
        give_up = time.monotonic() + SECONDS
        seen = None
        while time.monotonic() < give_up:
            found = self.page.get_by_text(re.compile("^RUNS")).all_inner_texts()
            if found:
                seen = json.loads(found[0].split(" ", 2)[2])
                if wanted(seen):
                    return seen
            self.page.wait_for_timeout(20)
        raise AssertionError(f"last seen: {seen}")

    def view(self):
        return self.page.evaluate(VIEW)

    def until(self, wanted):
        """Return the view as soon as it is as wanted."""
        give_up = time.monotonic() + SECONDS
        while not wanted(view := self.view()):
            assert time.monotonic() < give_up, f"last seen: {view}"
            self.page.wait_for_timeout(20)
        return view

    def choose(self, name):
        self.page.get_by_text(name, exact=True).click()

    def press(self, key):
        self.page.locator(".kmer-map-stage").focus()
        self.page.keyboard.press(key)

    def area(self):
        return self.page.locator(".kmer-map-plot").bounding_box()

    def drag(self, *corners):
        """Drag from corner to corner, given as shares of the map's width and height."""
        area = self.area()
        for i, (x, y) in enumerate(corners):
            to = (area["x"] + x * area["width"], area["y"] + y * area["height"])
            self.page.mouse.move(*to, steps=4)
            if i == 0:
                self.page.mouse.down()
        self.page.mouse.up()

    def shares(self, points):
        """Return where points are, as shares of the map's width and height."""
        view = self.view()
        (left, right), (bottom, top) = view["x"], view["y"]
        return (points - [left, top]) / [right - left, bottom - top]

    def place(self, point):
        """Return where on the page a point of the map is."""
        (x, y), area = self.shares(np.asarray(point)), self.area()
        return float(area["x"] + x * area["width"]), float(area["y"] + y * area["height"])


@pytest.fixture
def opened(chromium, context, serve):
    """Return a function that opens the test page, in a context of its own if that is special."""
    pages = []

    def open_page(query="", **special):
        within = chromium.new_context(**special) if special else context
        pages.append(MapPage(within, serve(APP), query))
        return pages[-1]

    yield open_page
    for page in pages:
        page.page.close()
        if page.context is not context:
            page.context.close()
        assert page.errors == []


def checksum(tokens):
    return zlib.crc32(json.dumps(np.asarray(tokens).tolist()).encode())


def assert_selected(page, seen, inside):
    """Check what Python was told against how far inside (in shares) each point is.

    The outline is drawn in pixels, so points within two pixels of it may be either.
    """
    chosen = page.view()["chosen"]
    pixels = 2.5 / 600
    assert seen["selected"] == len(chosen) > 200
    assert seen["crc"] == checksum(sorted(chosen))
    assert set(np.flatnonzero(inside > pixels)) <= set(chosen)
    assert set(chosen) <= set(np.flatnonzero(inside > -pixels))


def extreme(points):
    """Return the token of a point with nothing near it."""
    middle = np.median(points, axis=0)
    return int(np.argmax(np.linalg.norm(points - middle, axis=1)))


def test_recolouring_keeps_zoom_tool_selection_and_node(opened):
    page = opened("n=4096").drawn()
    page.page.evaluate("() => { self.mark = document.querySelector('.kmer-map-points'); }")
    whole = page.view()
    page.page.mouse.move(*page.place((0, 0)))
    page.page.mouse.wheel(0, -300)
    page.until(lambda view: view["x"][1] < whole["x"][1])
    page.press("b")
    page.drag((0.3, 0.3), (0.7, 0.7))
    selected = page.events(lambda seen: seen["selected"] > 0)
    before = page.until(lambda view: view["selected"] == selected["selected"])
    page.choose("gc")
    after = page.until(lambda view: view["colour"] != before["colour"])
    assert {**after, "colour": None} == {**before, "colour": None}
    assert before["tool"] == "select"
    page.choose("highlight")
    page.choose("focus")
    lit = page.until(lambda view: view["groups"][3] > selected["selected"] and view["ring"])
    assert (lit["x"], lit["y"], lit["selected"]) == (before["x"], before["y"], before["selected"])
    same = "() => self.mark === document.querySelector('.kmer-map-points')"
    assert page.page.evaluate(same)
    assert page.events(lambda seen: True)["crc"] == selected["crc"]


def test_another_layout_resets_the_zoom_and_keeps_the_selection(opened):
    page = opened("n=4096").drawn()
    page.press("+")
    page.press("b")
    page.drag((0.3, 0.3), (0.7, 0.7))
    selected = page.events(lambda seen: seen["selected"] > 0)
    before = page.view()
    page.choose("second")
    after = page.until(lambda view: view["x"] != before["x"])
    width = before["x"][1] - before["x"][0]
    assert after["x"][1] - after["x"][0] > 1.2 * width
    assert after["selected"] == selected["selected"]
    assert page.events(lambda seen: True)["crc"] == selected["crc"]


def test_a_box_selects_the_kmers_inside_and_escape_clears(opened):
    points, _ = synthetic(4096, 2)
    page = opened("n=4096&labels=0").drawn()
    page.press("b")
    page.drag((0.25, 0.3), (0.4, 0.5), (0.6, 0.75))
    seen = page.events(lambda seen: seen["selected"] > 0)
    x, y = page.shares(points).T
    inside = np.min([x - 0.25, 0.6 - x, y - 0.3, 0.75 - y], axis=0)
    assert_selected(page, seen, inside)
    page.press("Escape")
    assert page.events(lambda seen: seen["cleared"])["selected"] == 0
    page.until(lambda view: view["selected"] == 0)


def test_a_lasso_selects_the_kmers_inside_and_a_double_click_clears(opened):
    points, _ = synthetic(4096, 2)
    page = opened("n=4096&labels=0").drawn()
    page.drag((0.2, 0.2), (0.8, 0.2), (0.2, 0.9))  # the tool that is chosen at the start
    seen = page.events(lambda seen: seen["selected"] > 0)
    x, y = page.shares(points).T
    inside = np.min([x - 0.2, y - 0.2, 1 - (x - 0.2) / 0.6 - (y - 0.2) / 0.7], axis=0)
    assert_selected(page, seen, inside)
    area = page.area()
    page.page.mouse.dblclick(area["x"] + 12, area["y"] + area["height"] - 12)
    assert page.events(lambda seen: seen["cleared"])["selected"] == 0


def test_a_click_tells_the_token_and_the_card_spells_it(opened):
    points, _ = synthetic(4096, 2)
    token = extreme(points)
    page = opened("n=4096&labels=0").drawn()
    page.page.mouse.move(*page.place(points[token]), steps=3)
    word = page.page.locator(".kmer-map-word")
    word.wait_for()
    assert word.inner_text() == "".join("ACGT"[token // 4**i % 4] for i in reversed(range(6)))
    page.page.mouse.click(*page.place(points[token]))
    assert page.events(lambda seen: seen["clicked"] is not None)["clicked"] == token
    page.choose("rerun")
    page.events(lambda seen: seen["clicked"] is None)


def test_a_click_inside_a_selection_still_tells_the_token(opened):
    points, _ = synthetic(4096, 2)
    token = extreme(points)
    page = opened("n=4096&labels=0").drawn()
    page.press("b")
    page.drag((0.01, 0.08), (0.99, 0.99))
    page.events(lambda seen: seen["selected"] > 4000)
    page.page.wait_for_timeout(400)  # else the click is the second of a double-click
    page.page.mouse.click(*page.place(points[token]))
    seen = page.events(lambda seen: seen["clicked"] is not None)
    assert seen["clicked"] == token
    assert seen["selected"] > 4000


def test_labels_and_legend_can_be_clicked_and_names_are_only_text(opened):
    page = opened("n=4096").drawn()
    labels = page.page.locator(".kmer-map-label")
    assert labels.all_inner_texts()[:2] == ["CpG <0>", "CpG <1>"]
    page.page.get_by_role("button", name="CpG <20>").click()  # in the list of clusters
    assert page.events(lambda seen: seen["cluster"] is not None)["cluster"] == 20
    assert not page.page.locator(".kmer-map-entry[title*='cluster 4'] img").count()
    page.page.get_by_role("button", name="cluster 4", exact=False).first.click()
    assert page.events(lambda seen: seen["category"] is not None)["category"] == 4
    page.choose("evil")
    page.page.locator(".kmer-map-entry", has_text="<img src=x onerror=alert(1)>").wait_for()
    assert page.page.locator(".kmer-map img, .kmer-map b b, .kmer-map a").count() == 0


def test_labels_never_collide_and_more_appear_on_zooming_in(opened):
    boxes = """() => [...document.querySelectorAll('.kmer-map-label')]
      .map(label => [label.style.visibility, label.getBoundingClientRect()])
      .filter(([visibility]) => visibility === 'visible')
      .map(([, box]) => [box.left, box.right, box.top, box.bottom])"""
    page = opened("n=4096").drawn()
    shown = page.page.evaluate(boxes)
    for i, (left, right, top, bottom) in enumerate(shown):
        for other in shown[i + 1 :]:
            apart = left >= other[1] or right <= other[0] or top >= other[3] or bottom <= other[2]
            assert apart
    assert 5 < len(shown) < CLUSTERS
    hidden = "[...document.querySelectorAll('.kmer-map-label')].map(l => l.style.visibility)"
    before = page.page.evaluate(hidden)
    for _ in range(3):
        page.press("+")
        page.page.wait_for_timeout(150)
    after = page.page.evaluate(hidden)
    assert any((old, new) == ("hidden", "visible") for old, new in zip(before, after, strict=True))


def test_selecting_everything_sends_little(opened):
    page = opened("n=65536&labels=0").drawn()
    page.press("b")
    page.page.wait_for_timeout(100)
    page.sent.clear()
    page.drag((0.005, 0.075), (0.995, 0.995))
    seen = page.events(lambda seen: seen["selected"] > 0)
    assert seen["selected"] == 65536
    assert seen["crc"] == checksum(np.arange(65536))
    assert 8192 < sum(page.sent) < 50_000
    live = page.page.locator(".kmer-map-live")
    assert live.inner_text() == "65,536 k-mers selected"


def test_add_take_away_invert_and_all(opened):
    points, _ = synthetic(4096, 2)
    page = opened("n=4096&labels=0").drawn()
    keyboard = page.page.keyboard
    page.press("b")
    page.drag((0.1, 0.2), (0.6, 0.9))
    left = page.events(lambda seen: seen["selected"] > 0)["selected"]
    keyboard.down("Shift")
    page.drag((0.5, 0.2), (0.9, 0.9))
    keyboard.up("Shift")
    both = page.events(lambda seen: seen["selected"] > left)["selected"]
    x, y = page.shares(points).T
    between = np.min([x - 0.1, 0.9 - x, y - 0.2, 0.9 - y], axis=0)
    assert_selected(page, page.events(lambda seen: True), between)
    keyboard.down("Alt")
    page.drag((0.5, 0.2), (0.9, 0.9))
    keyboard.up("Alt")
    few = page.events(lambda seen: seen["selected"] < both)["selected"]
    assert few < left
    page.press("i")
    page.events(lambda seen: seen["selected"] == 4096 - few)
    page.page.get_by_role("button", name="take away").click()
    assert page.view()["mode"] == "subtract"
    page.drag((0.5, 0.2), (0.9, 0.9))
    page.events(lambda seen: seen["selected"] < 4096 - few)
    page.press("Control+a")
    seen = page.events(lambda seen: seen["selected"] == 4096)
    assert seen["crc"] == checksum(np.arange(4096))
    assert page.page.locator(".kmer-map-live").inner_text() == "4,096 k-mers selected"
    page.press("i")
    page.events(lambda seen: seen["selected"] == 0)


def test_the_legend_filters(opened):
    _, cluster = synthetic(4096, 2)
    cluster[: 4096 // 50] = -1
    page = opened("n=4096").drawn()
    eye = page.page.get_by_label("Show cluster 4 on the map", exact=True)
    eye.click()
    hidden = int((cluster == 4).sum())
    assert page.until(lambda view: view["groups"][0] > 0)["groups"] == [hidden, 0, 4096 - hidden, 0]
    assert eye.get_attribute("aria-pressed") == "false"
    page.page.get_by_text(f"showing {4096 - hidden:,} of 4,096").wait_for()
    page.press("Control+a")
    seen = page.events(lambda seen: seen["selected"] > 0)
    assert seen["crc"] == checksum(np.flatnonzero(cluster != 4))
    page.choose("gc")  # the filter belongs to the other colouring
    page.until(lambda view: view["groups"][0] == 0)
    page.choose("cluster")
    page.until(lambda view: view["groups"][0] == hidden)
    page.page.get_by_label("Show cluster 5 on the map", exact=True).click(modifiers=["Alt"])
    only = int((cluster == 5).sum())
    page.until(lambda view: view["groups"][0] == 4096 - only)
    assert page.events(lambda seen: True)["category"] is None
    page.page.get_by_role("button", name="Show all").click()
    page.until(lambda view: view["groups"][0] == 0)


def test_handles_fade_what_is_outside(opened):
    page = opened("n=4096").drawn()
    page.choose("gc")
    handle = page.page.get_by_label("Lowest value shown")
    handle.focus()
    for _ in range(100):
        handle.press("ArrowRight")
    gc = np.arange(4096) % 97 / 97
    known = np.arange(4096) >= 4096 // 50
    middle = gc.max() / 2
    faded = page.until(lambda view: view["groups"][1] > 1500)["groups"][1]
    assert abs(faded - int((~known | (gc < middle)).sum())) < 60  # a step more or less
    page.press("Control+a")
    seen = page.events(lambda seen: seen["selected"] > 0)
    assert seen["selected"] == 4096 - faded
    assert handle.get_attribute("aria-valuetext") == "0.495"


def test_python_can_select(opened):
    page = opened("n=4096").drawn()
    page.choose("choose 100")
    page.until(lambda view: view["chosen"] == list(range(100)))
    page.events(lambda seen: seen["selected"] == 100)
    page.page.wait_for_timeout(500)
    runs = page.page.get_by_text(re.compile("^RUNS")).inner_text().split()[1]
    assert runs == "2"  # the page's first and the button's: the browser did not answer
    page.press("i")
    seen = page.events(lambda seen: seen["selected"] == 3996)
    assert seen["crc"] == checksum(np.arange(100, 4096))
    page.choose("rerun")
    page.page.wait_for_timeout(500)
    assert page.view()["selected"] == 3996  # the same serial number: nothing to take over
    page.choose("choose 200")
    page.until(lambda view: view["chosen"] == list(range(200)))
    page.choose("choose none")
    page.until(lambda view: view["selected"] == 0)
    page.events(lambda seen: seen["selected"] == 0)


def test_python_can_bring_a_kmer_into_view(opened):
    points, _ = synthetic(4096, 2)
    page = opened("n=4096").drawn()
    before = page.view()
    page.page.evaluate(
        """() => {
          const { overlay } = document.querySelector('.kmer-map-plot').kmerMap;
          overlay.beat = (token) => { self.beat = token; };
        }"""
    )
    page.choose("locate")  # in view already: nothing moves
    page.page.wait_for_function("self.beat === 5")
    assert (page.view()["x"], page.view()["y"]) == (before["x"], before["y"])
    for _ in range(4):
        page.press("+")
    for _ in range(9):
        page.press("ArrowRight" if page.shares(points[5])[0] < 0.5 else "ArrowLeft")
    away = page.until(lambda view: abs(page.shares(points[5])[0] - 0.5) > 0.5)
    page.choose("locate")
    there = page.until(lambda view: view["x"] != away["x"])
    assert page.shares(points[5]) == pytest.approx([0.5, 0.5], abs=0.01)
    width = away["x"][1] - away["x"][0]
    assert there["x"][1] - there["x"][0] == pytest.approx(width)


def test_a_point_takes_the_click_before_a_name_and_a_name_where_no_point_is(opened):
    aimed = """() => {
      const map = document.querySelector('.kmer-map-plot').kmerMap, found = {};
      const box = map.plot.getBoundingClientRect();
      for (let y = 60; y < map.space.height; y++) for (let x = 0; x < map.space.width - 200; x++) {
        const label = map.labels.at(x, y);
        if (label < 0) continue;
        const token = map.nearest(x, y);
        const [px, py] = token === null ? [1e9, 1e9] : map.space.pixels(token);
        const far = Math.hypot(px - x, py - y);
        if (far < 1) found.point ??= [box.left + x, box.top + y, token];
        if (far > 7) found.name ??= [box.left + x, box.top + y, map.labels.shown[label].cluster];
      }
      return found;
    }"""
    page = opened("n=4096").drawn()
    found = page.page.evaluate(aimed)
    x, y, token = found["point"]
    page.page.mouse.click(x, y)
    seen = page.events(lambda seen: seen["clicked"] is not None)
    assert (seen["clicked"], seen["cluster"]) == (token, None)
    x, y, cluster = found["name"]
    page.page.wait_for_timeout(400)  # else it is a double click
    page.page.mouse.move(x, y)
    page.page.locator(".kmer-map-label-pointed").wait_for()
    page.page.mouse.click(x, y)
    seen = page.events(lambda seen: seen["cluster"] is not None)
    assert (seen["clicked"], seen["cluster"]) == (None, cluster)


def test_names_and_legend_are_turned_off_by_key_and_contours_on(opened):
    page = opened("n=4096").drawn()
    whole = page.view()["x"]
    for key, gone in (("t", ".kmer-map-labels"), ("g", ".kmer-map-side")):
        page.press(key)
        page.page.locator(gone).wait_for(state="hidden")
    wider = page.until(lambda view: view["x"] != whole)["x"]
    assert wider[1] - wider[0] <= whole[1] - whole[0]  # the legend's room is the map's now
    page.press("d")
    lines = "() => document.querySelector('.kmer-map-contours').getAttribute('d')"
    page.page.wait_for_function(f"({lines})().length > 1000")
    page.press("d")
    page.page.wait_for_function(f"({lines})() === ''")


@pytest.mark.parametrize("dimensions", [2, 3])
def test_near_kmers_are_lit_named_and_joined_to_the_focus_and_can_be_isolated(opened, dimensions):
    page = opened(f"n=4096&dimensions={dimensions}").drawn()
    page.choose("focus")
    page.choose("near")
    view = page.until(lambda view: view["groups"][3] == 4 and view["spokes"])
    assert view["groups"] == [0, 4092, 0, 4]
    assert view["spokes"].count("M") == 3
    names = page.page.locator(".kmer-map-label-near").all_inner_texts()
    assert names == ["ACTTCA 0.90", "ATGACA 0.70", "CCTCTA 0.50"]
    page.press("o")
    page.until(lambda view: view["groups"] == [4092, 0, 0, 4])
    near = page.page.evaluate(
        """() => { const map = document.querySelector('.kmer-map-plot').kmerMap;
          return [7, 500, 900, 1500].map((token) => { const [x, y] = map.space.pixels(token);
            return x > 0 && y > 0 && x < map.space.width && y < map.space.height; }); }"""
    )
    assert all(near)
    page.page.get_by_role("button", name="Show all").click()
    page.until(lambda view: view["groups"][0] == 0)


def test_a_colouring_that_shows_the_focus_is_not_faded(opened):
    page = opened("n=4096&fade=0").drawn()
    page.choose("near")
    assert page.until(lambda view: view["groups"][3] > 0)["groups"] == [0, 0, 4093, 3]


def test_histograms_filter_each_other_and_the_map(opened):
    page = opened("n=4096").drawn()
    page.choose("histograms")
    handle = page.page.get_by_label("Lowest value shown of GC content")
    handle.focus()
    for _ in range(100):
        handle.press("ArrowRight")
    gc = np.where(np.arange(4096) < 4096 // 50, np.nan, np.arange(4096) % 97 / 97)
    faded = page.until(lambda view: view["groups"][1] > 1500)["groups"][1]
    assert abs(faded - int((~(gc >= np.nanmax(gc) / 2)).sum())) < 60  # a notch more or less
    _, cluster = synthetic(4096, 2)
    page.page.get_by_label("cluster 4", exact=True).click()
    both = ~(gc >= np.nanmax(gc) / 2) | (cluster == 4)
    more = page.until(lambda view: view["groups"][1] > faded)["groups"][1]
    assert abs(more - int(both.sum())) < 60
    bar = page.page.locator(".kmer-map-choice i").first.get_attribute("style")
    share = float(re.search(r"([\d.]+)%, var", bar)[1])  # of cluster 0, what the other lets pass
    inside = cluster[4096 // 50 :] == 0
    assert share == pytest.approx(100 * (gc[4096 // 50 :] >= 0.5)[inside].mean(), abs=3)
    page.page.get_by_role("button", name=f"Select these {4096 - more:,} k-mers").click()
    assert page.events(lambda seen: seen["selected"] > 0)["selected"] == 4096 - more
    page.page.get_by_role("button", name="Show all").click()
    page.until(lambda view: view["groups"][1] == more)  # what is not selected
    assert page.page.get_by_role("button", name="Select these").count() == 0


def test_a_sequence_is_a_strip_linked_to_the_map(opened):
    page = opened("n=4096").drawn()
    page.choose("path")
    page.until(lambda view: view["groups"][3] == PATH)
    strip = page.page.get_by_role("slider", name="Position in the sequence")
    strip.focus()
    strip.press("ArrowRight")
    strip.press("ArrowRight")
    assert strip.get_attribute("aria-valuetext").startswith("position 2: AACGCC")
    assert page.page.locator(".kmer-map-word").inner_text() == "AACGCC"
    strip.press("Enter")
    assert page.events(lambda seen: seen["clicked"] is not None)["clicked"] == 101
    colour = """() => { const map = document.querySelector('.kmer-map-plot').kmerMap;
      const { canvas } = map.strip, x = Math.floor((1.2 * canvas.width) / 12);
      const [r, g, b] = canvas.getContext('2d').getImageData(x, canvas.height / 4, 1, 1).data;
      return ['#' + [r, g, b].map((v) => v.toString(16).padStart(2, '0')).join(''),
        map.paint.colours[map.paint.steps[101]]]; }"""
    drawn, wanted = page.page.evaluate(colour)
    assert drawn == wanted
    page.choose("path")
    strip.wait_for(state="hidden")


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_points_move_to_another_layout(opened, motion):
    page = opened("n=4096", reduced_motion=motion).drawn()
    page.press("Control+a")
    page.page.evaluate(
        """() => {
          const map = document.querySelector('.kmer-map-plot').kmerMap, draw = map.dots.draw;
          self.progress = [];
          map.dots.draw = (matrix, how) => {
            self.progress.push(how.progress);
            draw.call(map.dots, matrix, how);
          };
        }"""
    )
    before = page.view()
    page.choose("second")
    page.until(lambda view: view["x"] != before["x"])
    page.page.wait_for_function("self.progress.at(-1) === 1")
    page.page.wait_for_timeout(800)
    seen = page.page.evaluate("self.progress")
    assert seen[-1] == 1
    assert (min(seen) < 1) == (motion == "no-preference")
    assert page.view()["groups"] == [0, 0, 0, 4096]
    points, _ = synthetic(4096, 2, seed=1)
    token = extreme(points)
    page.page.wait_for_timeout(400)
    page.page.mouse.click(*page.place(points[token]))
    assert page.events(lambda seen: seen["clicked"] is not None)["clicked"] == token


def test_a_quarter_of_a_million_kmers(opened):
    page = opened("n=262144&labels=0").drawn()
    page.sent.clear()
    page.press("Control+a")
    seen = page.events(lambda seen: seen["selected"] > 0)
    assert seen["selected"] == 262144
    assert 32768 < sum(page.sent) < 50_000
    before = page.view()
    assert before["groups"] == [0, 0, 0, 262144]
    page.choose("gc")
    after = page.until(lambda view: view["colour"] != before["colour"])
    assert after["groups"] == before["groups"]


def test_more_than_can_be_drawn_are_sampled_fairly(opened):
    points, cluster = synthetic(300_000, 2)
    page = opened("n=300000&labels=0").drawn()
    page.page.get_by_text(re.compile(r"^showing 2\d\d,\d{3} of 300,000$")).wait_for()
    groups = page.view()["groups"]
    assert 200_000 < groups[2] <= 262_144
    drawn = page.page.evaluate(
        "[...document.querySelector('.kmer-map-plot').kmerMap.group].map((g, i) => g ? i : -1)"
    )
    lonely = np.linalg.norm(points - np.median(points, axis=0), axis=1).argsort()[-50:]
    assert set(lonely) <= set(drawn)  # sparse regions stay whole
    page.choose("highlight")
    cluster[: 300_000 // 50] = -1
    page.until(lambda view: view["groups"][3] == (cluster == 3).sum())
    page.press("Control+a")
    assert page.events(lambda seen: seen["selected"] > 0)["selected"] == 300_000


def test_keys_step_through_what_is_lit_and_search(opened):
    _, cluster = synthetic(4096, 2)
    cluster[: 4096 // 50] = -1
    first, second = np.flatnonzero(cluster == 3)[:2].tolist()
    page = opened("n=4096").drawn()
    page.choose("highlight")
    page.until(lambda view: view["groups"][3] > 0)
    for key in ("n", "n", "n", "Shift+N"):
        page.press(key)
    card = page.page.locator(".kmer-map-card")
    assert card.locator(".kmer-map-value").all_inner_texts() == [
        "Cluster cluster 3", f"Number {second:,}", "<i>evil</i> &amp; <a href='x'>y</a>"
    ]  # fmt: skip
    assert f"Number {second}" in page.page.locator(".kmer-map-live").inner_text()
    page.press("Shift+N")
    page.press("Enter")
    assert page.events(lambda seen: seen["clicked"] is not None)["clicked"] == first
    page.press("/")
    page.events(lambda seen: seen["searched"])


def test_fingers_pan_pinch_and_tap(opened):
    points, _ = synthetic(4096, 2)
    page = opened("n=4096&labels=0", has_touch=True).drawn()
    page.press("p")
    before = page.view()
    area, client = page.area(), page.context.new_cdp_session(page.page)

    def touch(kind, *places):
        at = [
            {"x": area["x"] + x * area["width"], "y": area["y"] + y * area["height"], "id": i}
            for i, (x, y) in enumerate(places)
        ]
        client.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": at})

    touch("Start", (0.5, 0.5))
    for x in (0.45, 0.4, 0.3):
        touch("Move", (x, 0.5))
    touch("End")
    moved = page.until(lambda view: view["x"][0] > before["x"][0])
    width = before["x"][1] - before["x"][0]
    assert moved["x"][0] - before["x"][0] == pytest.approx(0.2 * width, rel=0.05)
    touch("Start", (0.4, 0.5), (0.6, 0.5))
    touch("Move", (0.35, 0.5), (0.65, 0.5))
    touch("Move", (0.3, 0.5), (0.7, 0.5))
    touch("End")
    near = page.until(lambda view: view["x"][1] - view["x"][0] < 0.8 * width)
    assert near["x"][1] - near["x"][0] == pytest.approx(width / 2, rel=0.05)
    page.press("0")
    page.until(lambda view: view["x"] == pytest.approx(before["x"]))
    token = extreme(points)
    x, y = page.place(points[token])
    touch("Start", ((x - area["x"]) / area["width"], (y - area["y"]) / area["height"]))
    touch("End")
    assert page.events(lambda seen: seen["clicked"] is not None)["clicked"] == token


def test_keys_move_zoom_and_choose_tools(opened):
    page = opened("n=4096").drawn()
    start = page.view()
    page.press("p")
    page.until(lambda view: view["tool"] == "pan")
    page.press("ArrowRight")
    moved = page.until(lambda view: view["x"][0] > start["x"][0])
    assert moved["y"] == pytest.approx(start["y"])
    page.press("-")
    page.until(lambda view: view["x"][1] - view["x"][0] > 1.3 * (start["x"][1] - start["x"][0]))
    page.press("0")
    page.until(lambda view: view["x"] == pytest.approx(start["x"]))
    label = page.page.locator(".kmer-map-stage").get_attribute("aria-label")
    assert "4,096 k-mers in 2 dimensions, coloured by Cluster" in label


def length(axis):
    return float(np.linalg.norm(axis))


def test_a_camera_turns_slides_zooms_and_goes_home(opened):
    page = opened("n=256&dimensions=3&labels=0").drawn()
    start = page.view()
    assert start["tool"] == "pan"
    for _ in range(8):  # over the pole and on: there is no end stop
        page.drag((0.5, 0.2), (0.5, 0.8))
    turned = page.until(lambda view: view["axes"] != start["axes"])
    axes = np.array(turned["axes"])
    assert axes @ axes.T == pytest.approx(np.eye(3), abs=1e-9)
    assert np.linalg.det(axes) == pytest.approx(1)
    angle = 8 * 0.6 * page.area()["height"] / min(page.area()["height"], page.area()["width"])
    up = np.array(start["axes"][1])
    assert axes[1] @ up == pytest.approx(np.cos(np.pi * angle), abs=0.1)
    assert turned["shift"] == [0, 0, 0]
    page.page.keyboard.down("Shift")
    page.drag((0.5, 0.5), (0.6, 0.5))
    page.page.keyboard.up("Shift")
    slid = page.until(lambda view: view["shift"] != [0, 0, 0])
    assert slid["axes"] == turned["axes"]
    assert np.array(slid["shift"]) @ axes[0] == pytest.approx(-length(slid["shift"]))
    page.page.mouse.wheel(0, -300)
    near = page.until(lambda view: view["zoom"] > 1)
    assert near["shift"] == slid["shift"]
    page.press("0")
    home = page.until(lambda view: view["zoom"] == 1)
    assert (home["axes"], home["shift"]) == (start["axes"], [0, 0, 0])


def test_the_right_button_moves_the_map_whatever_the_tool(opened):
    page = opened("n=4096&labels=0").drawn()
    before, area = page.view(), page.area()
    assert before["tool"] == "lasso"
    page.page.mouse.move(area["x"] + 300, area["y"] + 300)
    page.page.mouse.down(button="right")
    page.page.mouse.move(area["x"] + 200, area["y"] + 300, steps=4)
    page.page.mouse.up(button="right")
    moved = page.until(lambda view: view["x"] != before["x"])
    scale = (before["x"][1] - before["x"][0]) / area["width"]
    assert moved["x"][0] - before["x"][0] == pytest.approx(100 * scale, rel=0.05)
    assert (moved["y"], moved["selected"]) == (pytest.approx(before["y"]), 0)


def test_the_wheel_zooms_about_the_pointer(opened):
    points, _ = synthetic(4096, 2)
    token = extreme(points)
    page = opened("n=4096&labels=0").drawn()
    there = page.place(points[token])
    page.page.mouse.move(*there)
    page.page.mouse.wheel(0, -500)
    page.until(lambda view: view["zoom"] == pytest.approx(2))
    assert page.place(points[token]) == pytest.approx(there, abs=1)


def test_another_width_keeps_what_is_seen(opened):
    page = opened("n=4096").drawn()
    page.press("+")
    page.press("ArrowRight")
    before = page.until(lambda view: view["zoom"] > 1)
    page.page.set_viewport_size({"width": 900, "height": 800})
    after = page.until(lambda view: view["y"] != before["y"])
    assert after["zoom"] == before["zoom"]
    assert after["shift"] == before["shift"]
    middle = [
        left + (right - left) * view["free"] / 2
        for view in (before, after)
        for left, right in [view["x"]]
    ]  # of what the legend leaves free
    assert middle[0] == pytest.approx(middle[1], abs=0.05 * (before["x"][1] - before["x"][0]))


def test_a_recolouring_sends_the_values_and_little_more(opened):
    page = opened("n=4096&labels=0").drawn()
    page.page.wait_for_timeout(300)
    page.received.clear()
    page.choose("gc")
    page.page.locator(".kmer-map-title", has_text="GC content").wait_for()
    page.page.wait_for_timeout(300)
    assert 4 * 4096 < sum(page.received) < 4 * 4096 + 12_000


def test_three_dimensions_show_labels_cards_and_clicks(opened):
    page = opened("n=256&dimensions=3&labels=1")
    page.page.wait_for_function(DRAWN)
    page.page.locator(".kmer-map-label[style*=visible]").first.wait_for()
    area = page.area()
    give_up = time.monotonic() + SECONDS
    card = page.page.locator(".kmer-map-card:visible")
    spots = iter(np.random.default_rng(0).uniform(0.3, 0.7, (400, 2)))
    while not card.count():
        assert time.monotonic() < give_up, "no point found under the pointer"
        x, y = next(spots)
        at = (area["x"] + x * area["width"], area["y"] + y * area["height"])
        page.page.mouse.move(*at)
        page.page.wait_for_timeout(60)
    page.page.mouse.click(*at)
    clicked = page.events(lambda seen: seen["clicked"] is not None)["clicked"]
    assert 0 <= clicked < 256


def test_the_theme_is_followed_live(opened):
    page = opened("n=4096", color_scheme="light").drawn()
    unknown = "document.querySelector('.kmer-map-plot').kmerMap.paint.colours[0]"
    light = page.page.evaluate(unknown)
    page.page.emulate_media(color_scheme="dark")
    page.page.wait_for_function(f"{unknown} !== '{light}'")
    assert page.page.locator(".kmer-map-dark").count() == 1


def saved(page, kind):
    with page.page.expect_download() as download:
        page.page.locator(f"[data-action={kind}]").click()
    assert download.value.suggested_filename == f"kmer-map.{kind}"
    return Path(download.value.path()).read_bytes()


@pytest.mark.parametrize("dimensions", [2, 3])
def test_the_map_is_saved_as_svg_of_circles_and_texts(opened, dimensions):
    page = opened(f"n=4096&dimensions={dimensions}").drawn()
    page.choose("near")
    page.choose("focus")
    page.until(lambda view: view["spokes"])
    root = ElementTree.fromstring(saved(page, "svg"))
    texts = [each.text for each in root.iter(f"{SVG}text")]
    assert "CpG <0>" in texts
    assert {"Cluster", "cluster 23", "not known"} <= set(texts)
    circles = list(root.find(f"{SVG}svg").iter(f"{SVG}circle"))
    assert len(circles) == 4096
    x, y = page.page.evaluate(
        "() => document.querySelector('.kmer-map-plot').kmerMap.space.pixels(4000).slice(0, 2)"
    )
    near = [(float(c.get("cx")) - x) ** 2 + (float(c.get("cy")) - y) ** 2 for c in circles]
    assert min(near) < 0.1
    assert not list(root.iter(f"{SVG}script"))


def test_the_map_is_saved_as_png_at_twice_the_size(opened):
    page = opened("n=4096").drawn()
    picture = saved(page, "png")
    assert picture.startswith(b"\x89PNG")
    width, height = (int.from_bytes(picture[at : at + 4], "big") for at in (16, 20))
    assert height == 2 * round(page.area()["height"])
    assert width > 2 * page.area()["width"] + 200  # the legend beside it
    colours = """async (text) => {
      const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes]));
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const context = canvas.getContext("2d");
      context.drawImage(bitmap, 0, 0);
      const pixels = context.getImageData(0, 0, bitmap.width, bitmap.height).data;
      return new Set(new Uint32Array(pixels.buffer)).size;
    }"""
    assert page.page.evaluate(colours, base64.b64encode(picture).decode()) > 500


def test_an_empty_map_says_so(opened):
    page = opened("n=0")
    page.page.get_by_text("No k-mers to show.").wait_for()
    assert not page.page.locator(".kmer-map-tools").first.is_visible()


def test_a_browser_without_webgl_gets_a_message(launch, serve):
    browser = launch("--disable-gpu", "--disable-3d-apis")
    page = MapPage(browser.new_context(), serve(APP), "n=4096")
    page.page.get_by_text("This browser offers no WebGL").wait_for()
    assert not page.page.locator(".kmer-map-points").is_visible()
    assert page.errors == []
    browser.close()
