// The map of k-mers. Python says what to show (see __init__.py), plotly.js draws the points, and
// this file does the rest: tools, keyboard, labels, legend and hover card are ordinary HTML,
// filled through textContent only, so no name can smuggle in markup.
//
// Whatever leaves the points alone (colours, highlight, focus, labels, theme) goes through
// Plotly.update on the same node: zoom, tool and selection stay untouched by construction.

const LONGEST_INT32 = 15; // as in __init__.py: longer k-mers come as int64
const CATEGORIES = [
  "#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#b07aa1", "#499894", "#d37295", "#b6992d",
  "#9d7660", "#86bcb6", "#ffbe7d", "#8cd17d", "#a0cbe8", "#ff9d9a", "#d4a6c8", "#e5c13f",
];
const SCALE = ["#453781", "#33638d", "#238a8d", "#29af7f", "#74c654", "#c8d42a"];
const CONFIG = {
  scrollZoom: true, doubleClick: false, displayModeBar: false, responsive: false, editSelection: false,
  plotGlPixelRatio: Math.min(window.devicePixelRatio || 1, 2),
};
const TRACE_ATTRIBUTES = ["x", "y", "z", "marker.color", "marker.size", "marker.opacity", "marker.line"];
const ICONS = {
  lasso: "M7 21a2.5 2.5 0 1 1 2-4c6 1 12-2 12-7 0-4-4-6-9-6S3 6 3 10c0 3 2 5 4 6",
  box: "M4 7V4h3M17 4h3v3M20 17v3h-3M7 20H4v-3M10.5 4h3M10.5 20h3M4 10.5v3M20 10.5v3",
  pan: "M12 3v18M3 12h18M12 3l-2.5 2.5M12 3l2.5 2.5M12 21l-2.5-2.5M12 21l2.5-2.5M3 12l2.5-2.5M3 12l2.5 2.5M21 12l-2.5-2.5M21 12l-2.5 2.5",
  zoomIn: "M12 5v14M5 12h14",
  zoomOut: "M5 12h14",
  reset: "M9 4H4v5M15 4h5v5M9 20H4v-5M15 20h5v-5",
  png: "M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 20h14",
};
const TOOLS = [
  // action, icon, what it says, and whether it makes sense in three dimensions
  ["lasso", "lasso", "Lasso: draw around k-mers (L)", false],
  ["select", "box", "Box: drag over k-mers (B)", false],
  ["pan", "pan", "Move the map (P)", false],
  ["zoomIn", "zoomIn", "Zoom in (+)", true],
  ["zoomOut", "zoomOut", "Zoom out (−)", true],
  ["reset", "reset", "Show the whole map (0)", true],
  ["png", "png", "Save as PNG", true],
  ["svg", "png", "Save as SVG", true],
];
const KEYS = {
  Escape: "clear", l: "lasso", b: "select", p: "pan", "+": "zoomIn", "=": "zoomIn", "-": "zoomOut",
  0: "reset", ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down",
};

// ---- decoding and small helpers -----------------------------------------------------------

const flagAt = (bits, index) => (bits[index >> 3] >> (index & 7)) & 1;
const number = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const count = new Intl.NumberFormat("en");

function base64Of(bytes) {
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) {
    text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  }
  return btoa(text);
}

// Codes of words of several lengths begin with the shortest words.
function kmerText(code, { letters, shortest }) {
  let [rest, text, length] = [Number(code), "", shortest]; // exact up to 26 bases
  while (rest >= letters.length ** length) rest -= letters.length ** length++;
  for (let i = 0; i < length; i++) {
    text = letters[rest % letters.length] + text;
    rest = Math.floor(rest / letters.length);
  }
  return text;
}

function element(tag, className, text = "", attributes = {}) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function icon(path) {
  const template = document.createElement("template");
  template.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${path}"/></svg>`;
  return template.content.firstChild;
}

// plotly renders a few HTML tags in its texts; this shows them as typed.
const plotlyText = (text) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const attribute = (trace, path) => path.split(".").reduce((value, name) => value?.[name], trace);

function hasWebGL() {
  const gl = document.createElement("canvas").getContext("webgl");
  gl?.getExtension("WEBGL_lose_context")?.loseContext();
  return gl !== null;
}

function plotlyLoaded() {
  if (self.bioskipgramPlotly) return Promise.resolve(self.bioskipgramPlotly);
  return new Promise((resolve) => {
    self.addEventListener("bioskipgram:plotly", () => resolve(self.bioskipgramPlotly), { once: true });
  });
}

// The message that pack() in __init__.py made; arrays with the checksum they had stay as they are.
function decode(message, previous) {
  const size = new DataView(message.buffer, message.byteOffset).getUint32(0, true);
  const header = new TextDecoder().decode(message.subarray(4, 4 + size));
  if (header === previous?.header) return previous;
  const data = { ...JSON.parse(header), header };
  const changed = (name, ...also) =>
    [name, ...also].some((each) => String(data.arrays[each] ?? data[each]) !== String(previous?.arrays[each] ?? previous?.[each]));
  const read = (name, Type) => {
    const [start, length] = data.arrays[name];
    return new Type(message.slice(4 + size + start, 4 + size + start + length).buffer);
  };
  const Codes = data.k <= LONGEST_INT32 ? Int32Array : BigInt64Array;
  data.axes = changed("points", "dimensions") ? columns(read("points", Float32Array), data.dimensions) : previous.axes;
  data.codes = changed("kmers", "k") ? read("kmers", Codes) : previous.codes;
  data.values = changed("values") ? read("values", Float32Array) : previous.values;
  data.highlighted = data.arrays.highlighted ? read("highlighted", Uint8Array) : null;
  return data;
}

function columns(flat, width) {
  return Array.from({ length: width }, (_, axis) => {
    const column = new Float32Array(flat.length / width);
    for (let i = 0; i < column.length; i++) column[i] = flat[i * width + axis];
    return column;
  });
}

function themeOf(host) {
  const style = getComputedStyle(host);
  const read = (name) => style.getPropertyValue(`--st-${name}`).trim();
  const background = read("background-color") || "#ffffff";
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  probe.fillStyle = background;
  probe.fillRect(0, 0, 1, 1);
  const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
  const dark = 0.299 * r + 0.587 * g + 0.114 * b < 128;
  return {
    background, dark, text: read("text-color") || "#31333f", primary: read("primary-color") || "#c33",
    font: read("font") || "sans-serif", unknown: dark ? "#4a4f5a" : "#c9ccd3",
  };
}

// A step per point and a colour per step; step 0 means "not known". plotly gets each point's colour
// as text: with numbers and a colour scale it takes twice the time.
function paint({ values, categories, palette }, theme) {
  const steps = new Uint16Array(values.length);
  let [low, high] = [Infinity, -Infinity];
  let stops = palette.length ? palette : categories.length ? CATEGORIES : SCALE;
  if (categories.length) {
    values.forEach((value, i) => { steps[i] = value >= 0 && value < categories.length ? value + 1 : 0; });
    stops = categories.map((_, i) => stops[i % stops.length]);
    return { steps, stops, colours: [theme.unknown, ...stops] };
  }
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const span = high > low ? high - low : 1;
  values.forEach((value, i) => { steps[i] = Number.isFinite(value) ? 1 + Math.round((254 * (value - low)) / span) : 0; });
  return { steps, stops, low, high, colours: [theme.unknown, ...ramp(stops, 255)] };
}

function ramp(stops, size) {
  const canvas = Object.assign(document.createElement("canvas"), { width: size, height: 1 });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const gradient = context.createLinearGradient(0.5, 0, size - 0.5, 0);
  stops.forEach((stop, i) => gradient.addColorStop(i / Math.max(stops.length - 1, 1), stop));
  context.fillStyle = gradient;
  context.fillRect(0, 0, size, 1);
  const { data } = context.getImageData(0, 0, size, 1);
  const hex = (value) => value.toString(16).padStart(2, "0");
  return Array.from({ length: size }, (_, i) => `#${hex(data[4 * i])}${hex(data[4 * i + 1])}${hex(data[4 * i + 2])}`);
}

// ---- the map --------------------------------------------------------------------------------

const maps = new WeakMap();

export default function (component) {
  const host = component.parentElement;
  if (!maps.has(host)) maps.set(host, new KmerMap(host));
  maps.get(host).show(component);
  return () => {
    maps.get(host)?.remove();
    maps.delete(host);
  };
}

class KmerMap {
  constructor(host) {
    this.root = element("div", "kmer-map");
    this.stage = element("div", "kmer-map-stage", "", { tabindex: 0, role: "application" });
    this.plot = element("div", "kmer-map-plot");
    this.labels = element("div", "kmer-map-labels");
    this.tools = element("div", "kmer-map-tools", "", { role: "toolbar", "aria-label": "Map tools" });
    this.card = element("div", "kmer-map-card", "", { "aria-hidden": "true" });
    this.message = element("p", "kmer-map-message");
    this.legend = element("section", "kmer-map-legend", "", { "aria-label": "Legend" });
    this.live = element("div", "kmer-map-live", "", { "aria-live": "polite" });
    this.stage.append(this.plot, this.labels, this.tools, this.card, this.message);
    const body = element("div", "kmer-map-body"); // the root only measures the width, see style.css
    body.append(this.stage, this.legend);
    this.root.append(body, this.live);
    host.append(this.root);
    this.card.hidden = true;
    this.webgl = hasWebGL();
    this.tool = matchMedia("(pointer: coarse)").matches ? "pan" : "lasso";
    this.selected = null; // bit set of the selected points
    this.drawn = null; // what plotly shows now
    this.pointer = { clientX: 0, clientY: 0 };
    this.queue = Promise.resolve();
    this.makeTools();
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.stage.addEventListener("pointerdown", () => this.stage.focus({ preventScroll: true }));
    this.stage.addEventListener("pointermove", (event) => { this.pointer = event; }, { capture: true });
    this.stage.addEventListener("pointerleave", () => this.hideCard());
    this.resizing = new ResizeObserver(() => this.resize());
    this.resizing.observe(this.plot);
  }

  remove() {
    this.removed = true;
    this.resizing.disconnect();
    if (this.drawn) this.plotly.purge(this.plot);
    this.root.remove();
  }

  show(component) {
    this.component = component;
    const [data, theme] = [decode(component.data, this.data), themeOf(this.root)];
    if (data === this.data && JSON.stringify(theme) === JSON.stringify(this.theme)) return;
    if (this.data && this.data.stamp !== data.stamp) this.forgetSelection();
    Object.assign(this, { data, theme, paint: paint(data, theme) });
    this.root.style.height = `${this.data.height}px`;
    this.root.classList.toggle("kmer-map-dark", this.theme.dark);
    this.describe();
    this.showLegend();
    this.showLabels();
    // One drawing at a time, always of the newest state.
    this.queue = this.queue.then(() => this.draw()).catch((error) => this.say(`The map could not be drawn: ${error.message}`));
  }

  describe() {
    const { count: size, dimensions } = this.data;
    const keys = dimensions === 3 ? "" : " Lasso: L, box: B, move: P, clear the selection: Escape.";
    this.stage.setAttribute("aria-label",
      `Map of ${count.format(size)} k-mers in ${dimensions} dimensions, coloured by ${this.data.title}.`
      + ` Arrow keys move it, plus and minus zoom.${keys}`);
    for (const button of this.tools.children) button.hidden = dimensions === 3 && !button.dataset.space;
    this.markTool();
    let problem = "";
    if (!size) problem = "No k-mers to show.";
    else if (!this.webgl) {
      problem = "This browser offers no WebGL, which the map needs to draw its points. Turn on hardware "
        + "acceleration in the browser's settings, or open the page in another browser.";
    }
    this.say(problem);
  }

  say(problem) {
    this.message.textContent = problem;
    this.root.classList.toggle("kmer-map-silent", Boolean(problem));
  }

  // ---- drawing ----

  async draw() {
    const data = this.data;
    if (this.removed || !data.count || !this.webgl || this.drawn?.data === data && this.drawn.theme === this.theme) return;
    this.plotly = await plotlyLoaded();
    if (this.removed) return;
    const traces = this.traces();
    if (this.drawn?.data.axes === data.axes) {
      const changes = Object.fromEntries(
        TRACE_ATTRIBUTES.map((path) => [path, traces.map((trace) => attribute(trace, path))]));
      await this.plotly.update(this.plot, changes, this.ink(), [0, 1, 2]);
    } else {
      await this.plotly.newPlot(this.plot, traces, this.layout(), CONFIG);
      this.listen();
    }
    this.drawn = { data, theme: this.theme };
    this.placeLabels();
  }

  traces() {
    const { axes, dimensions, focus } = this.data;
    const lit = this.emphasised();
    const [points, opacity] = this.pointStyle();
    const { steps, colours } = this.paint;
    const colour = (token) => colours[steps[token]];
    const type = dimensions === 3 ? "scatter3d" : "scattergl";
    const at = (tokens) => Object.fromEntries(axes.map((axis, i) => ["xyz"[i], tokens ? Float32Array.from(tokens, (t) => axis[t]) : axis]));
    const base = { type, mode: "markers", showlegend: false };
    return [
      { ...base, ...at(null), hoverinfo: "none",
        marker: { color: Array.from(steps, (step) => colours[step]), size: points, opacity: lit.length ? opacity * 0.22 : opacity, line: { width: 0 } },
        ...(dimensions === 2 && {
          selectedpoints: this.selected ? this.tokens(this.selected) : undefined,
          selected: { marker: { opacity: Math.min(1, opacity + 0.2) } },
          unselected: { marker: { opacity: opacity * 0.15 } } }) },
      { ...base, ...at(lit), hoverinfo: "skip",
        marker: { color: lit.map(colour), size: points + 1.5, opacity: 1,
          line: { width: 0 } } },
      { ...base, ...at(focus === null ? [] : [focus]), hoverinfo: "skip",
        marker: { color: this.theme.text, symbol: "circle-open", size: Math.max(16, points + 10), opacity: 1,
          line: { width: 2.5, color: this.theme.text } } },
    ];
  }

  emphasised() {
    const { highlighted, dimensions, count: size } = this.data;
    const sets = [highlighted, dimensions === 3 && this.selected].filter(Boolean);
    const lit = [];
    for (let i = 0; i < size && sets.length; i++) if (sets.some((bits) => flagAt(bits, i))) lit.push(i);
    return lit;
  }

  tokens(bits) {
    return Array.from({ length: this.data.count }, (_, i) => i).filter((i) => flagAt(bits, i));
  }

  // Fewer points are larger and more opaque: about a third of the space each has.
  pointStyle() {
    const room = Math.sqrt((this.plot.clientWidth * this.plot.clientHeight) / this.data.count) || 1;
    const size = Math.min(9, Math.max(2.4, room * 0.55));
    return [this.data.dimensions === 3 ? size * 0.6 : size, Math.min(0.9, Math.max(0.55, 0.45 + size * 0.06))];
  }

  ink() {
    return { "newselection.line.color": this.theme.text, "newselection.line.width": 1.5, "newselection.line.dash": "dot" };
  }

  layout() {
    const bare = { visible: false, showgrid: false, zeroline: false };
    const box = { width: this.plot.clientWidth, height: this.plot.clientHeight, margin: { l: 0, r: 0, t: 0, b: 0 } };
    const common = { ...box, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", showlegend: false };
    if (this.data.dimensions === 3) {
      const shy = { ...bare, showspikes: false, showbackground: false };
      return { ...common, scene: { xaxis: { ...shy }, yaxis: { ...shy }, zaxis: { ...shy }, aspectmode: "data", dragmode: "orbit" } };
    }
    return {
      ...common, dragmode: this.tool, hovermode: "closest", hoverdistance: 12,
      xaxis: bare, yaxis: { ...bare, scaleanchor: "x" },
      newselection: { line: { color: this.theme.text, width: 1.5, dash: "dot" } },
    };
  }

  resize() {
    if (!this.drawn) return;
    this.plotly.relayout(this.plot, { width: this.plot.clientWidth, height: this.plot.clientHeight });
  }

  // ---- what the user does ----

  listen() {
    this.plot.removeAllListeners?.();
    const on = (name, action) => this.plot.on(`plotly_${name}`, action);
    const token = (event) => event.points.find((point) => point.curveNumber === 0)?.pointNumber;
    on("hover", (event) => this.showCard(token(event)));
    on("unhover", () => this.hideCard());
    on("click", (event) => token(event) !== undefined && this.component.setTriggerValue("clicked", token(event)));
    on("selected", (event) => event && this.select(event.points));
    on("deselect", () => this.clear());
    on("doubleclick", () => this.clear());
    on("relayouting", () => { this.hideCard(); this.placeLabels(); });
    on("relayout", () => this.placeLabels());
  }

  select(points) {
    const bits = new Uint8Array(Math.ceil(this.data.count / 8));
    let size = 0;
    for (const { curveNumber, pointNumber } of points) {
      if (curveNumber) continue;
      bits[pointNumber >> 3] |= 1 << (pointNumber & 7);
      size++;
    }
    this.selected = size ? bits : null;
    this.component.setStateValue("selection", size ? { stamp: this.data.stamp, flags: base64Of(bits) } : null);
    this.live.textContent = `${count.format(size)} k-mers selected`;
  }

  forgetSelection() {
    if (!this.selected) return;
    this.selected = null;
    this.component.setStateValue("selection", null);
    this.live.textContent = "Selection cleared";
  }

  clear() {
    this.forgetSelection();
    this.component.setTriggerValue("cleared", true);
    if (this.drawn && this.data.dimensions === 2) {
      this.plotly.update(this.plot, { selectedpoints: [null] }, { selections: [] }, [0]);
    }
  }

  key(event) {
    const action = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    if (action !== "clear" && !this.stage.contains(event.target)) return; // the legend scrolls
    event.preventDefault();
    event.stopPropagation(); // Streamlit has shortcuts of its own
    this.act(action);
  }

  act(action) {
    if (!this.drawn) return;
    const moves = { left: [-1, 0], right: [1, 0], up: [0, 1], down: [0, -1] };
    if (action === "clear") this.clear();
    else if (action === "png" || action === "svg") this.save(action);
    else if (action === "zoomIn") this.zoom(1 / 1.4);
    else if (action === "zoomOut") this.zoom(1.4);
    else if (action === "reset") this.reset();
    else if (action in moves) this.move(...moves[action]);
    else if (this.data.dimensions === 2) this.useTool(action);
  }

  useTool(tool) {
    this.tool = tool;
    this.markTool();
    this.plotly.relayout(this.plot, { dragmode: tool });
  }

  zoom(factor) {
    if (this.data.dimensions === 3) return this.turn((x, y, z) => [x * factor, y * factor, z * factor]);
    this.setRanges((low, high) => {
      const [middle, half] = [(low + high) / 2, ((high - low) / 2) * factor];
      return [middle - half, middle + half];
    });
  }

  move(right, up) {
    if (this.data.dimensions === 3) {
      const angle = 0.15 * right;
      return this.turn((x, y, z) => [x * Math.cos(angle) - y * Math.sin(angle), x * Math.sin(angle) + y * Math.cos(angle), z + 0.15 * up]);
    }
    this.setRanges((low, high, axis) => {
      const step = 0.15 * (high - low) * (axis === "xaxis" ? right : up);
      return [low + step, high + step];
    });
  }

  reset() {
    const whole = { "xaxis.autorange": true, "yaxis.autorange": true };
    this.plotly.relayout(this.plot, this.data.dimensions === 3 ? { "scene.camera": null } : whole);
  }

  setRanges(change) {
    const ranges = ["xaxis", "yaxis"].map((axis) => [`${axis}.range`, change(...this.plot._fullLayout[axis].range, axis)]);
    this.plotly.relayout(this.plot, Object.fromEntries(ranges));
  }

  turn(change) {
    const { x, y, z } = this.plot._fullLayout.scene.camera.eye;
    const [nx, ny, nz] = change(x, y, z);
    this.plotly.relayout(this.plot, { "scene.camera.eye": { x: nx, y: ny, z: nz } });
  }

  // ---- tools ----

  makeTools() {
    for (const [action, path, title, space] of TOOLS) {
      const button = element("button", "kmer-map-tool", "", { type: "button", title, "aria-label": title });
      button.dataset.action = action;
      if (space) button.dataset.space = "yes";
      button.append(icon(ICONS[path]));
      if (action === "png" || action === "svg") button.append(element("span", "", action.toUpperCase()));
      button.addEventListener("click", () => this.act(action));
      this.tools.append(button);
    }
  }

  markTool() {
    for (const button of this.tools.children) {
      if (["lasso", "select", "pan"].includes(button.dataset.action)) {
        button.setAttribute("aria-pressed", String(button.dataset.action === this.tool));
      }
    }
  }

  async save(format) {
    const figure = this.figureToSave();
    const { width, height } = figure.layout;
    const url = await this.plotly.toImage(figure, { format, width, height, scale: 2 });
    element("a", "", "", { href: url, download: `kmer-map.${format}` }).click();
  }

  // The legend and the labels are HTML, so the saved picture gets them as plotly's own.
  figureToSave() {
    const { layout, data, clientWidth, clientHeight, _fullLayout: full } = this.plot;
    const { background, text: color, font: family } = this.theme;
    const annotations = this.data.labels.filter((_, i) => this.labels.children[i].style.visibility === "visible")
      .map(({ x, y, z, text }) => ({ x, y, z, text: `<b>${plotlyText(text)}</b>`, showarrow: false, font: { size: 13 } }));
    const view = this.data.dimensions === 3
      ? { scene: { ...layout.scene, camera: full.scene.camera, annotations } }
      : { xaxis: { ...layout.xaxis, range: full.xaxis.range, autorange: false },
          yaxis: { ...layout.yaxis, range: full.yaxis.range, autorange: false },
          annotations: annotations.map(({ z, ...flat }) => flat) };
    const room = 200;
    return {
      data: [...data, ...this.legendToSave()],
      layout: {
        ...layout, ...view, width: clientWidth + room, height: clientHeight, margin: { l: 0, r: room, t: 0, b: 0 },
        paper_bgcolor: background, font: { color, family }, selections: [],
        showlegend: true, legend: { title: { text: plotlyText(this.data.title) }, itemsizing: "constant" },
      },
    };
  }

  legendToSave() {
    const { stops, low, high } = this.paint;
    const nowhere = { type: this.data.dimensions === 3 ? "scatter3d" : "scattergl", mode: "markers", x: [null], y: [null], z: [null] };
    if (low === undefined) {
      return this.data.categories.map((name, i) => ({ ...nowhere, name: plotlyText(name), marker: { color: stops[i], size: 9 } }));
    }
    if (low > high) return [];
    const colorscale = stops.map((stop, i) => [stops.length > 1 ? i / (stops.length - 1) : i, stop]);
    if (stops.length === 1) colorscale.push([1, stops[0]]);
    const colorbar = { title: { text: plotlyText(this.data.title) }, thickness: 12, len: 0.5, y: 1, yanchor: "top", outlinewidth: 0 };
    return [{ ...nowhere, showlegend: false, marker: { color: [low], cmin: low, cmax: high, colorscale, showscale: true, colorbar } }];
  }

  // ---- hover card ----

  showCard(token) {
    if (token === undefined) return this.hideCard();
    const { codes, bases, title } = this.data;
    const word = element("div", "kmer-map-word");
    for (const letter of kmerText(codes[token], this.data)) {
      const base = element("span", "", letter);
      base.style.color = bases[letter] ?? "";
      word.append(base);
    }
    const value = element("div", "kmer-map-value", `${title} `);
    value.append(element("b", "", this.valueText(token)));
    this.card.replaceChildren(word, value);
    this.card.hidden = false;
    this.plot.classList.add("kmer-map-pointing");
    const box = this.stage.getBoundingClientRect();
    const [x, y] = [this.pointer.clientX - box.left, this.pointer.clientY - box.top];
    const { offsetWidth: width, offsetHeight: height } = this.card;
    this.card.style.left = `${x + 16 + width > box.width ? x - 16 - width : x + 16}px`;
    this.card.style.top = `${Math.max(4, Math.min(y + 12, box.height - height - 4))}px`;
  }

  valueText(token) {
    const value = this.data.values[token];
    const { categories } = this.data;
    if (categories.length) return categories[value] ?? "not known";
    return Number.isFinite(value) ? number.format(value) : "not known";
  }

  hideCard() {
    this.card.hidden = true;
    this.plot.classList.remove("kmer-map-pointing");
  }

  // ---- labels ----

  showLabels() {
    if (JSON.stringify(this.data.labels) === this.labels.dataset.shown) return;
    this.labels.dataset.shown = JSON.stringify(this.data.labels);
    this.labels.replaceChildren(...this.data.labels.map(({ cluster, text }) => {
      const label = element("button", "kmer-map-label", text, { type: "button", title: `Select cluster ${text}` });
      label.addEventListener("click", () => this.component.setTriggerValue("cluster", cluster));
      label.addEventListener("wheel", (event) => {
        event.preventDefault(); // the map below zooms, as if the label were not there
        this.plot.querySelector(".nsewdrag, .gl-container canvas")?.dispatchEvent(new WheelEvent("wheel", event));
      });
      return label;
    }));
    this.placeLabels();
  }

  // Earlier labels win: one that would touch a label already placed waits for more zoom.
  placeLabels() {
    if (!this.drawn || this.drawn.data.axes !== this.data.axes) return; // another layout is on its way
    const [width, height] = [this.plot.clientWidth, this.plot.clientHeight];
    const taken = [];
    [...this.labels.children].forEach((label, i) => {
      const [x, y] = this.toPixels(this.data.labels[i]);
      const [w, h] = [label.offsetWidth / 2 + 3, label.offsetHeight / 2 + 1];
      const outside = !(x > 0 && x < width && y > 0 && y < height);
      const free = !outside && taken.every(([tx, ty, tw, th]) => Math.abs(x - tx) > w + tw || Math.abs(y - ty) > h + th);
      if (free) taken.push([x, y, w, h]);
      label.style.visibility = free ? "visible" : "hidden";
      label.style.transform = `translate(${x}px, ${y}px) translate(-50%, -50%)`;
    });
  }

  toPixels(point) {
    const { clientWidth: width, clientHeight: height, _fullLayout: full } = this.plot;
    if (this.data.dimensions === 2) {
      const [[left, right], [bottom, top]] = [full.xaxis.range, full.yaxis.range];
      return [((point.x - left) / (right - left)) * width, ((top - point.y) / (top - bottom)) * height];
    }
    const scene = full.scene._scene;
    const camera = scene.glplot.cameraParams;
    let v = [point.x * scene.dataScale[0], point.y * scene.dataScale[1], point.z * scene.dataScale[2], 1];
    for (const m of [camera.model, camera.view, camera.projection]) {
      v = [0, 1, 2, 3].map((row) => m[row] * v[0] + m[row + 4] * v[1] + m[row + 8] * v[2] + m[row + 12] * v[3]);
    }
    return [(0.5 + (0.5 * v[0]) / v[3]) * width, (0.5 - (0.5 * v[1]) / v[3]) * height];
  }

  // ---- legend ----

  showLegend() {
    const { title, categories } = this.data;
    const parts = [element("h3", "kmer-map-title", title)];
    const unknown = this.paint.steps.reduce((sum, step) => sum + (step === 0), 0);
    parts.push(categories.length ? this.categoryList() : this.colourBar());
    if (unknown) {
      const entry = this.legendEntry(this.theme.unknown, "not known", count.format(unknown));
      if (categories.length) parts[1].append(element("li", ""));
      (parts[1].lastElementChild?.matches("li") ? parts[1].lastElementChild : parts[1]).append(entry);
    }
    this.legend.replaceChildren(...parts);
  }

  legendEntry(colour, name, size, tag = "div") {
    const entry = element(tag, "kmer-map-entry", "", { title: name });
    const swatch = element("i", "kmer-map-swatch");
    swatch.style.background = colour;
    entry.append(swatch, element("span", "kmer-map-name", name), element("span", "kmer-map-count", size));
    return entry;
  }

  categoryList() {
    const { categories } = this.data;
    const sizes = new Uint32Array(categories.length + 1);
    for (const step of this.paint.steps) sizes[step]++;
    const list = element("ul", "kmer-map-list");
    categories.forEach((name, i) => {
      const entry = this.legendEntry(this.paint.stops[i], name, count.format(sizes[i + 1]), "button");
      entry.addEventListener("click", () => this.component.setTriggerValue("category", i));
      const item = element("li", "");
      item.append(entry);
      list.append(item);
    });
    return list;
  }

  colourBar() {
    const { low, high, stops } = this.paint;
    const bar = element("div", "kmer-map-bar");
    if (high < low) return bar; // nothing is known
    const strip = element("div", "kmer-map-ramp");
    strip.style.background = `linear-gradient(to right, ${(stops.length > 1 ? stops : [stops[0], stops[0]]).join(", ")})`;
    const ends = element("div", "kmer-map-ends");
    ends.append(...[low, (low + high) / 2, high].map((value) => element("span", "", number.format(value))));
    bar.append(strip, ends);
    return bar;
  }
}
