// Mouse and fingers: hover, click, lasso and box, and how the map is moved, turned and zoomed.

const STILL = 4; // pixels a click may move
const PER_NOTCH = [0.002, 0.05, 1]; // doublings by a wheel that counts pixels, lines, pages (as d3-zoom)

class Pointer {
  constructor(map) {
    this.map = map;
    this.held = new Map(); // where each finger or the mouse is while it is down
    this.press = null;
    this.dragged = false; // since the last press
    this.outline = [];
    this.moved = (event) => this.move(event);
    this.lifted = (event) => this.up(event);
    const { stage } = map;
    stage.addEventListener("pointerdown", (event) => this.down(event));
    stage.addEventListener("pointermove", (event) => this.hover(event));
    stage.addEventListener("pointerleave", () => this.leave());
    stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    stage.addEventListener("dblclick", (event) => this.onMap(event) && map.clear());
    stage.addEventListener("contextmenu", (event) => this.onMap(event) && event.preventDefault()); // the button moves the map
  }

  onMap(event) {
    return !event.target.closest("button");
  }

  at({ clientX, clientY }) {
    const box = this.map.stage.getBoundingClientRect();
    return [clientX - box.left - this.map.stage.clientLeft, clientY - box.top - this.map.stage.clientTop];
  }

  // The left button does what the tool says, with Shift it slides a map in space; so does the right
  // button anywhere, and two fingers, which also zoom.
  down(event) {
    const { map, held } = this;
    this.dragged = false;
    if (!map.drawn || !this.onMap(event) || ![0, 2].includes(event.button)) return;
    map.stage.focus({ preventScroll: true });
    this.aim = null;
    held.set(event.pointerId, this.at(event));
    const slides = event.button === 2 || held.size > 1;
    const draws = map.tool !== "pan" && !slides;
    this.press = { from: this.at(event), far: held.size > 1, draws, slides: slides || event.shiftKey, right: event.button === 2, add: event.shiftKey, subtract: event.altKey };
    this.draw([]);
    event.preventDefault(); // no text is selected on the way
    for (const [name, action] of this.watched()) window.addEventListener(name, action);
  }

  watched() {
    return [["pointermove", this.moved], ["pointerup", this.lifted], ["pointercancel", this.lifted]];
  }

  move(event) {
    if (!this.press || !this.held.has(event.pointerId)) return;
    const [[x, y], { from }] = [this.at(event), this.press];
    if (!this.press.far && Math.hypot(x - from[0], y - from[1]) > STILL) this.press.far = this.dragged = true;
    if (!this.press.far) return;
    this.map.hideCard();
    if (this.press.draws) this.extend(x, y);
    else this.carry(event.pointerId, [x, y]);
  }

  extend(x, y) {
    const [left, top] = this.press.from;
    if (this.map.tool === "select") return this.draw([[left, top], [x, top], [x, y], [left, y]]);
    const last = this.outline.at(-1);
    if (!last) this.draw([[left, top], [x, y]]);
    else if (Math.hypot(x - last[0], y - last[1]) >= 2) this.draw([...this.outline, [x, y]]);
  }

  draw(outline) {
    this.outline = outline;
    this.map.overlay.draw(outline);
  }

  carry(id, place) {
    const { map, held, press } = this;
    const before = this.grip();
    held.set(id, place);
    const now = this.grip();
    map.stage.classList.add("kmer-map-held");
    if (press.slides) map.see((view) => view.drag(before.middle, now.middle, Math.max(1, now.spread) / Math.max(1, before.spread)));
    else map.see((view) => view.turn(before.middle, now.middle));
  }

  // The middle of the fingers, and how far two of them are apart.
  grip() {
    const places = [...this.held.values()];
    const middle = [0, 1].map((axis) => places.reduce((sum, each) => sum + each[axis], 0) / places.length);
    return { middle, spread: places.length > 1 ? Math.hypot(places[0][0] - places[1][0], places[0][1] - places[1][1]) : 1 };
  }

  wheel(event) {
    if (!this.map.drawn) return;
    event.preventDefault();
    const doublings = -event.deltaY * PER_NOTCH[event.deltaMode] * (event.ctrlKey ? 10 : 1); // a pinch on a touch pad
    this.map.see((view) => view.zoomBy(2 ** doublings, this.at(event)));
    this.hover(event);
  }

  up(event) {
    if (!this.press || !this.held.has(event.pointerId)) return;
    const { press, outline } = this;
    const cancelled = event.type === "pointercancel";
    this.held.delete(event.pointerId);
    if (this.held.size) return;
    this.press = null;
    this.draw([]);
    this.map.stage.classList.remove("kmer-map-held");
    for (const [name, action] of this.watched()) window.removeEventListener(name, action);
    if (cancelled) return;
    const mode = press.add ? "add" : press.subtract ? "subtract" : this.map.mode;
    if (press.draws && outline.length > 2) this.map.select(this.map.space.inside(outline, this.map.open), mode);
    else if (!press.far && !press.right) this.click(press, event.pointerType === "touch");
  }

  click({ from, add, subtract }, touch) {
    const { map } = this;
    const { token, label } = this.aimed(...from);
    if (label >= 0) return map.labels.choose(label);
    if (token === null) return;
    if (touch) map.card.show(token, ...from);
    if (!add && !subtract) return map.click(token);
    map.select(bitsOf(map.data.count, (i) => i === token), add ? "add" : "subtract");
  }

  // What is meant at a pixel: the point that lies under it, else the name, else the nearest point.
  aimed(x, y) {
    const { map } = this;
    const token = map.nearest(x, y);
    const label = map.labels.at(x, y);
    if (token === null || label < 0) return { token, label };
    const [pointX, pointY] = map.space.pixels(token);
    const within = Math.hypot(pointX - x, pointY - y) <= map.look[map.group[token]].size / 2 + 1;
    return within ? { token, label: -1 } : { token: null, label };
  }

  // Once a frame, the card of what is under the pointer.
  hover(event) {
    if (event.pointerType === "touch" || this.press || !this.map.drawn) return;
    const waiting = this.aim;
    this.aim = this.onMap(event) ? this.at(event) : null;
    if (!this.aim) return this.map.hideCard();
    if (!waiting) requestAnimationFrame(() => this.look());
  }

  look() {
    const { aim, map } = this;
    this.aim = null;
    if (!aim || !map.drawn || map.removed) return;
    const { token, label } = this.aimed(...aim);
    map.labels.point(label);
    map.stage.classList.toggle("kmer-map-pointing", token !== null || label >= 0);
    if (token === null || label >= 0) return map.hideCard();
    map.card.show(token, ...aim);
    map.strip.draw(token);
  }

  leave() {
    this.aim = null;
    this.map.labels.point(-1);
    if (this.map.cursor === null) this.map.hideCard();
  }
}
