// Two dot plots of one pair of sequences. Python sends a matrix of signed hundredths for each (see
// dot_map.py): above 0 the strands as they stand, below 0 the other strand of the second. Every
// matrix is painted once per threshold on a canvas of one pixel a cell; zooming only draws a part.

const FORWARD = { light: [0, 90, 170], dark: [110, 180, 250] };
const REVERSE = { light: [190, 80, 0], dark: [255, 165, 80] };
const TITLES = { cosine: "cosine of k-mer vectors", identity: "identity of bases" };
const MARGIN = { left: 46, top: 6, right: 10, bottom: 34 };
const count = new Intl.NumberFormat("en");
const plots = new WeakMap();

// What a message says; the same message again changes nothing.
function decode(message, previous) {
  const { header, text, bytes } = unpack(message);
  if (text === previous?.text) return previous;
  const matrices = Object.keys(header.arrays).map((name) => [name, new Int8Array(bytes(name))]);
  return { ...header, text, matrices: Object.fromEntries(matrices) };
}

function isDark(host) {
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  probe.fillStyle = getComputedStyle(host).getPropertyValue("--st-background-color").trim() || "#fff";
  probe.fillRect(0, 0, 1, 1);
  const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
  return 0.299 * r + 0.587 * g + 0.114 * b < 128;
}

// Round steps for an axis: 1, 2 or 5 times a power of ten, about `most` of them.
function ticks(from, to, most) {
  const raw = Math.max((to - from) / most, 1);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((f) => f * power).find((s) => s >= raw);
  const found = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) found.push(at);
  return found;
}

export default function (component) {
  const host = component.parentElement;
  if (!plots.has(host)) plots.set(host, new DotMap(host));
  plots.get(host).show(component);
  return () => {
    plots.get(host)?.remove();
    plots.delete(host);
  };
}

class DotMap {
  constructor(host) {
    this.root = element("div", "dot-map");
    this.live = element("div", "dot-map-live", "", { "aria-live": "polite" });
    this.panels = Object.keys(TITLES).map((name) => new Panel(this, name));
    const body = element("div", "dot-map-body");
    body.append(...this.panels.map((panel) => panel.root));
    this.root.append(body, this.live);
    host.append(this.root);
    this.resizing = new ResizeObserver(() => this.draw());
    this.resizing.observe(this.root);
  }

  remove() {
    this.resizing.disconnect();
    this.root.remove();
  }

  show(component) {
    this.component = component;
    const [data, dark] = [decode(component.data, this.data), isDark(this.root)];
    if (data === this.data && dark === this.dark) return;
    if (data !== this.data) {
      this.view = { x: 0, y: 0, size: Math.max(data.rows, data.columns) };
      this.cell = null;
      this.picked = null;
    }
    const fresh = data !== this.data;
    Object.assign(this, { data, dark });
    this.panels.forEach((panel, i) => panel.receive(i, fresh));
    this.draw();
  }

  draw() {
    if (this.data) this.panels.forEach((panel) => panel.draw());
  }

  // The cell under the pointer, shown in both.
  point(cell) {
    this.cell = cell;
    this.panels.forEach((panel) => panel.drawCross());
  }

  pick(cell) {
    if (!cell) return;
    this.picked = cell;
    this.component.setStateValue("cell", [cell.row, cell.column]);
    this.live.textContent = this.panels[0].describe(cell);
    this.draw();
  }

  zoom(factor, x, y) {
    const whole = Math.max(this.data.rows, this.data.columns);
    const size = Math.min(Math.max(this.view.size * factor, 12), whole);
    this.view.x += (this.view.size - size) * x;
    this.view.y += (this.view.size - size) * y;
    this.view.size = size;
    this.keepInside();
  }

  keepInside() {
    const { view, data } = this;
    view.x = Math.min(Math.max(view.x, 0), Math.max(0, data.columns - view.size));
    view.y = Math.min(Math.max(view.y, 0), Math.max(0, data.rows - view.size));
    this.draw();
  }

  reset() {
    this.view = { x: 0, y: 0, size: Math.max(this.data.rows, this.data.columns) };
    this.draw();
  }
}

class Panel {
  constructor(map, name) {
    Object.assign(this, { map, name });
    this.root = element("figure", "dot-map-panel");
    this.title = element("figcaption", "dot-map-title");
    this.stage = element("div", "dot-map-stage", "", { tabindex: 0, role: "application" });
    this.canvas = element("canvas", "dot-map-canvas");
    this.cross = element("canvas", "dot-map-canvas dot-map-cross");
    this.stage.append(this.canvas, this.cross);
    this.says = element("div", "dot-map-says");
    this.slider = element("input", "dot-map-slider", "", { type: "range", min: 0, max: 100, step: 1 });
    this.value = element("output", "dot-map-value");
    this.save = element("button", "dot-map-button", "PNG", { type: "button", title: `Save the ${TITLES[name]} as PNG` });
    this.whole = element("button", "dot-map-button", "Whole", { type: "button", title: "Show all of both sequences (0)" });
    const controls = element("label", "dot-map-controls", "threshold");
    controls.append(this.slider, this.value);
    const row = element("div", "dot-map-row");
    row.append(controls, this.whole, this.save);
    this.root.append(this.title, this.stage, this.says, row);
    this.listen();
  }

  listen() {
    this.slider.addEventListener("input", () => { this.paint(); this.draw(); });
    this.save.addEventListener("click", () => this.download());
    this.whole.addEventListener("click", () => this.map.reset());
    this.stage.addEventListener("wheel", (event) => {
      event.preventDefault();
      const { x, y } = this.share(event);
      this.map.zoom(event.deltaY > 0 ? 1.25 : 0.8, x, y);
    }, { passive: false });
    this.stage.addEventListener("dblclick", () => this.map.reset());
    this.stage.addEventListener("pointerdown", (event) => { this.grip = { event, ...this.map.view, moved: false }; });
    this.stage.addEventListener("pointermove", (event) => this.move(event));
    this.stage.addEventListener("pointerup", (event) => {
      if (this.grip && !this.grip.moved) this.map.pick(this.cellAt(event));
      this.grip = null;
    });
    this.stage.addEventListener("pointerleave", () => { this.grip = null; this.map.point(null); });
    this.stage.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    const { map } = this;
    const at = map.cell ?? map.picked ?? { row: 0, column: 0 };
    const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    if (event.key in moves) {
      const [down, right] = moves[event.key].map((d) => d * (event.shiftKey ? 10 : 1));
      map.point({
        row: Math.min(Math.max(at.row + down, 0), map.data.rows - 1),
        column: Math.min(Math.max(at.column + right, 0), map.data.columns - 1),
      });
      map.live.textContent = this.describe(map.cell);
    } else if (event.key === "Enter" || event.key === " ") map.pick(at);
    else if (event.key === "+" || event.key === "=") map.zoom(0.8, 0.5, 0.5);
    else if (event.key === "-") map.zoom(1.25, 0.5, 0.5);
    else if (event.key === "0") map.reset();
    else return;
    event.preventDefault();
  }

  move(event) {
    if (this.grip) {
      const dx = event.offsetX - this.grip.event.offsetX, dy = event.offsetY - this.grip.event.offsetY;
      if (Math.hypot(dx, dy) > 4) this.grip.moved = true;
      if (this.grip.moved) {
        this.map.view.x = this.grip.x - (dx / this.side) * this.map.view.size;
        this.map.view.y = this.grip.y - (dy / this.side) * this.map.view.size;
        this.map.keepInside();
        return;
      }
    }
    this.map.point(this.cellAt(event));
  }

  // Where the pointer is, as a share of the plot's side.
  share(event) {
    const box = this.stage.getBoundingClientRect();
    return {
      x: (event.clientX - box.left - MARGIN.left) / this.side,
      y: (event.clientY - box.top - MARGIN.top) / this.side,
    };
  }

  cellAt(event) {
    const { view, data } = this.map, { x, y } = this.share(event);
    const row = Math.floor(view.y + y * view.size), column = Math.floor(view.x + x * view.size);
    const inside = row >= 0 && row < data.rows && column >= 0 && column < data.columns && x >= 0 && y >= 0 && x < 1 && y < 1;
    return inside ? { row, column } : null;
  }

  receive(index, fresh) {
    const { data } = this.map;
    this.chance = data.chance[index];
    this.title.textContent = TITLES[this.name].replace("bases", `${data.unit}s`);
    this.stage.setAttribute("aria-label", `Dot plot, ${TITLES[this.name]}: arrows move, Enter shows the two windows`);
    this.slider.setAttribute("aria-label", `Threshold of the ${TITLES[this.name]}, in hundredths`);
    if (fresh) this.slider.value = Math.min(this.chance, 99);
    this.paint();
  }

  // One pixel a cell: nothing below the threshold, then from pale to full colour at 1.
  paint() {
    const { data, dark } = this.map, matrix = data.matrices[this.name], threshold = Number(this.slider.value);
    const at = threshold === this.chance ? " = 1 in 1,000 by chance" : "";
    this.value.textContent = `${(threshold / 100).toFixed(2)}${at}`;
    const table = new Uint32Array(256); // little-endian ABGR
    for (let value = -100; value <= 100; value++) {
      const strength = Math.abs(value);
      if (strength < threshold || value === 0) continue;
      const [r, g, b] = (value > 0 ? FORWARD : REVERSE)[dark ? "dark" : "light"];
      const share = (strength - threshold) / Math.max(100 - threshold, 1);
      table[value & 255] = ((Math.round(70 + 185 * share) << 24) | (b << 16) | (g << 8) | r) >>> 0;
    }
    this.bitmap = Object.assign(document.createElement("canvas"), { width: data.columns, height: data.rows });
    const image = new ImageData(data.columns, data.rows), pixels = new Uint32Array(image.data.buffer);
    for (let i = 0; i < matrix.length; i++) pixels[i] = table[matrix[i] & 255];
    this.bitmap.getContext("2d").putImageData(image, 0, 0);
    this.root.dataset.threshold = threshold;
  }

  draw() {
    if (!this.bitmap) return;
    const width = this.root.clientWidth;
    this.side = Math.max(120, Math.min(width - MARGIN.left - MARGIN.right, this.map.data.height - 130));
    const height = this.side + MARGIN.top + MARGIN.bottom;
    this.stage.style.height = `${height}px`;
    this.stage.style.width = `${this.side + MARGIN.left + MARGIN.right}px`;
    const scale = Math.min(window.devicePixelRatio || 1, 2);
    for (const canvas of [this.canvas, this.cross]) {
      canvas.width = (this.side + MARGIN.left + MARGIN.right) * scale;
      canvas.height = height * scale;
    }
    this.drawOn(this.canvas.getContext("2d"), scale);
    this.drawCross();
  }

  drawOn(context, scale) {
    const { view, data } = this.map, style = getComputedStyle(this.root), side = this.side;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, 1e5, 1e5);
    context.save();
    context.beginPath();
    context.rect(MARGIN.left, MARGIN.top, side, side);
    context.clip();
    context.imageSmoothingEnabled = view.size > side * scale;
    const zoom = side / view.size;
    context.drawImage(
      this.bitmap, MARGIN.left - view.x * zoom, MARGIN.top - view.y * zoom, data.columns * zoom, data.rows * zoom,
    );
    context.restore();
    context.strokeStyle = style.getPropertyValue("--st-border-color") || "#999";
    context.strokeRect(MARGIN.left, MARGIN.top, Math.min(side, (data.columns - view.x) * zoom), Math.min(side, (data.rows - view.y) * zoom));
    this.drawAxes(context, style, zoom);
    this.drawPicked(context, zoom, style);
  }

  drawAxes(context, style, zoom) {
    const { view, data, map } = { ...this.map, map: this.map }, side = this.side;
    context.fillStyle = style.color;
    context.font = `11px ${style.fontFamily}`;
    const base = (cell) => cell * data.step;
    context.textAlign = "center";
    context.textBaseline = "top";
    for (const at of ticks(base(view.x), base(Math.min(view.x + view.size, data.columns)), side / 80)) {
      const x = MARGIN.left + (at / data.step - view.x) * zoom;
      context.fillRect(x, MARGIN.top + side, 1, 4);
      context.fillText(count.format(at + (at === 0)), x, MARGIN.top + side + 5);
    }
    context.fillText(this.short(map.data.names[1], side), MARGIN.left + side / 2, MARGIN.top + side + 19);
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const at of ticks(base(view.y), base(Math.min(view.y + view.size, data.rows)), side / 50)) {
      const y = MARGIN.top + (at / data.step - view.y) * zoom;
      context.fillRect(MARGIN.left - 4, y, 4, 1);
      context.fillText(count.format(at + (at === 0)), MARGIN.left - 6, Math.max(y, MARGIN.top + 6));
    }
    context.save();
    context.translate(7, MARGIN.top + side / 2);
    context.rotate(-Math.PI / 2);
    context.textAlign = "center";
    context.fillText(this.short(map.data.names[0], side), 0, 0);
    context.restore();
  }

  short(name, side) {
    const most = Math.max(8, Math.floor(side / 8));
    return name.length > most ? `${name.slice(0, most - 1)}…` : name;
  }

  drawPicked(context, zoom, style) {
    const { picked, view } = this.map;
    if (!picked) return;
    const x = MARGIN.left + (picked.column + 0.5 - view.x) * zoom, y = MARGIN.top + (picked.row + 0.5 - view.y) * zoom;
    if (x < MARGIN.left || y < MARGIN.top || x > MARGIN.left + this.side || y > MARGIN.top + this.side) return;
    context.strokeStyle = style.color;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(x, y, 7, 0, 7);
    context.stroke();
    context.lineWidth = 1;
  }

  drawCross() {
    if (!this.side) return;
    const { cell, view } = this.map, scale = Math.min(window.devicePixelRatio || 1, 2);
    const context = this.cross.getContext("2d"), zoom = this.side / view.size;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, 1e5, 1e5);
    this.says.textContent = cell ? this.describe(cell) : "click a cell to see both windows aligned · wheel zooms, drag moves";
    if (!cell) return;
    context.fillStyle = getComputedStyle(this.root).color;
    context.globalAlpha = 0.45;
    context.fillRect(MARGIN.left + (cell.column + 0.5 - view.x) * zoom, MARGIN.top, 1, this.side);
    context.fillRect(MARGIN.left, MARGIN.top + (cell.row + 0.5 - view.y) * zoom, this.side, 1);
    context.globalAlpha = 1;
  }

  describe({ row, column }) {
    const { data } = this.map, value = data.matrices[this.name][row * data.columns + column];
    const [from, to] = [row * data.step + 1, column * data.step + 1];
    const strand = data.strands && value < 0 ? ", other strand" : "";
    return `${count.format(from)} × ${count.format(to)}: ${(Math.abs(value) / 100).toFixed(2)}${strand}`;
  }

  download() {
    const scale = 3, made = Object.assign(document.createElement("canvas"), {
      width: (this.side + MARGIN.left + MARGIN.right) * scale, height: (this.side + MARGIN.top + MARGIN.bottom) * scale,
    });
    const context = made.getContext("2d");
    this.drawOn(context, scale);
    context.globalCompositeOperation = "destination-over";
    context.fillStyle = getComputedStyle(this.root).getPropertyValue("--st-background-color") || "#fff";
    context.fillRect(0, 0, 1e5, 1e5);
    made.toBlob((blob) => {
      const url = URL.createObjectURL(blob);
      element("a", "", "", { href: url, download: `dot-plot-${this.name}.png` }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    });
  }
}
