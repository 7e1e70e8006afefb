// Mouse and fingers: hover, click, lasso and box; in two dimensions also one- and two-finger moves.
// plotly turns the map in space, pans with the mouse and zooms with the wheel; it does not see the
// gestures that are handled here.

const STILL = 4; // pixels a click may move

class Pointer {
  constructor(map) {
    this.map = map;
    this.touches = new Map();
    this.press = null;
    this.dragged = false; // since the last press
    this.outline = [];
    this.moved = (event) => this.move(event);
    this.lifted = (event) => this.up(event);
    const { stage } = map;
    stage.addEventListener("pointerdown", (event) => this.down(event), { capture: true });
    stage.addEventListener("pointermove", (event) => this.hover(event), { capture: true });
    stage.addEventListener("pointerleave", () => this.leave());
    stage.addEventListener("dblclick", (event) => this.onMap(event) && map.clear());
    for (const name of ["mousedown", "mousemove", "touchstart", "touchmove"]) {
      stage.addEventListener(name, (event) => this.mine && this.onMap(event) && event.stopPropagation(), { capture: true });
    }
  }

  // Whether what is going on is none of plotly's business.
  get mine() {
    return this.press !== null && (this.press.draws || (this.touches.size > 0 && this.map.data.dimensions === 2));
  }

  onMap(event) {
    return !event.target.closest("button");
  }

  at({ clientX, clientY }) {
    const box = this.map.stage.getBoundingClientRect();
    return [clientX - box.left - this.map.stage.clientLeft, clientY - box.top - this.map.stage.clientTop];
  }

  down(event) {
    const { map } = this;
    const label = event.target.closest(".kmer-map-label"); // a lasso may begin on a name
    this.dragged = false;
    if (!map.drawn || !(label || this.onMap(event)) || event.button) return;
    if (!label) map.stage.focus({ preventScroll: true });
    this.aim = null;
    if (event.pointerType === "touch") this.touches.set(event.pointerId, this.at(event));
    const draws = map.tool !== "pan" && this.touches.size < 2;
    this.press = { from: this.at(event), far: this.touches.size > 1, draws, label, add: event.shiftKey, subtract: event.altKey };
    this.draw([]);
    if (draws) event.preventDefault(); // no text is selected on the way
    for (const [name, action] of [["pointermove", this.moved], ["pointerup", this.lifted], ["pointercancel", this.lifted]]) {
      window.addEventListener(name, action);
    }
  }

  move(event) {
    if (!this.press) return;
    const [[x, y], { from }] = [this.at(event), this.press];
    if (Math.hypot(x - from[0], y - from[1]) > STILL) this.press.far = this.dragged = true;
    if (this.press.far) this.map.hideCard();
    if (this.press.draws && this.press.far) this.extend(x, y);
    else if (this.touches.has(event.pointerId)) this.gesture(event.pointerId, [x, y]);
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

  // One finger moves the map, two also zoom it.
  gesture(id, place) {
    const { map, touches } = this;
    const measure = () => {
      const places = [...touches.values()];
      const middle = [0, 1].map((axis) => places.reduce((sum, each) => sum + each[axis], 0) / places.length);
      return { middle, spread: places.length > 1 ? Math.hypot(places[0][0] - places[1][0], places[0][1] - places[1][1]) : 1 };
    };
    const before = measure();
    touches.set(id, place);
    const after = measure();
    if (map.data.dimensions === 2 && (this.press.far || touches.size > 1)) {
      map.follow(before.middle, after.middle, before.spread / Math.max(1, after.spread));
    }
  }

  up(event) {
    if (!this.press) return;
    const { press, outline } = this;
    const cancelled = event.type === "pointercancel";
    this.touches.delete(event.pointerId);
    if (this.touches.size) return;
    this.press = null;
    this.draw([]);
    for (const [name, action] of [["pointermove", this.moved], ["pointerup", this.lifted], ["pointercancel", this.lifted]]) {
      window.removeEventListener(name, action);
    }
    if (cancelled) return;
    const mode = press.add ? "add" : press.subtract ? "subtract" : this.map.mode;
    if (press.draws && outline.length > 2) this.map.select(this.map.space.inside(outline, this.map.open), mode);
    else if (!press.far && !press.label) this.click(press, event.pointerType === "touch");
  }

  click({ from, add, subtract }, touch) {
    const { map } = this;
    const token = map.nearest(...from);
    if (token === null) return;
    if (touch) map.card.show(token, ...from);
    if (!add && !subtract) return map.click(token);
    map.select(bitsOf(map.data.count, (i) => i === token), add ? "add" : "subtract");
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
    const token = map.nearest(...aim);
    if (token === null) return map.hideCard();
    map.stage.classList.add("kmer-map-pointing");
    map.card.show(token, ...aim);
  }

  leave() {
    this.aim = null;
    if (this.map.cursor === null) this.map.hideCard();
  }
}
