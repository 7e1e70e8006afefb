// The map itself: what it shows, what is selected, how it is drawn and moved.

const MOST_MOVING = 65536; // more points jump to another layout
const MOVING = 600; // milliseconds
const NARROW = 1000; // pixels of a window, as in the pages' styles
const LEAST_TRACED = 50; // points that have a density
const MOST_NAMED = 20; // of the nearest k-mers

class KmerMap {
  constructor(host) {
    this.tools = { 2: matchMedia("(pointer: coarse)").matches ? "pan" : "lasso", 3: "pan" };
    this.mode = "new";
    this.selected = null; // bit set
    this.serial = null; // of the last selection that Python made
    this.located = null; // serial of the last k-mer that was gone to
    this.cursor = null; // the token the keyboard stands at
    this.pointed = null; // the token the strip points at
    this.isolated = null; // bit set: only these are drawn
    this.shows = { labels: true, contours: false, legend: true };
    this.clicked = null; // the token that was clicked last
    this.drawn = null; // the data that is on the screen
    this.progress = 1; // of the points' way to another layout
    this.build(host);
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.pointer = new Pointer(this);
    this.arrived = () => this.component && this.show(this.component);
    self.addEventListener("bioskipgram:arrays", this.arrived);
    this.resizing = new ResizeObserver(() => this.resize());
    this.fitting = new ResizeObserver(() => this.fit()); // what stands above may get another height
    this.fitting.observe(host.closest("[data-testid=stMainBlockContainer]") ?? host);
    for (const each of [this.plot, this.toolbar.root, this.side]) this.resizing.observe(each);
  }

  build(host) {
    this.root = element("div", "kmer-map");
    this.stage = element("div", "kmer-map-stage", "", { tabindex: 0, role: "application" });
    this.ground = element("canvas", "kmer-map-ground");
    this.canvas = element("canvas", "kmer-map-points");
    this.plot = element("div", "kmer-map-plot");
    this.note = element("div", "kmer-map-note");
    this.message = element("p", "kmer-map-message");
    this.live = element("div", "kmer-map-live", "", { "aria-live": "polite" });
    [this.toolbar, this.legend, this.card] = [new Toolbar(this), new Legend(this), new Card(this)];
    [this.histograms, this.strip] = [new Histograms(this), new Strip(this)];
    this.side = element("div", "kmer-map-side");
    this.side.append(this.legend.root, this.histograms.root);
    [this.space, this.overlay, this.labels] = [new Space(this.plot, this.toolbar.root, this.side), new Overlay(this), new Labels(this)];
    this.plot.append(this.ground, this.canvas);
    this.stage.append(this.plot, this.overlay.root, this.labels.root, this.note, this.toolbar.root, this.card.root, this.message);
    const body = element("div", "kmer-map-body"); // the root only measures the width, see style.css
    body.append(this.stage, this.side, this.strip.root);
    this.root.append(body, this.live);
    host.append(this.root);
    this.plot.kmerMap = this; // for whoever looks at the page from outside
    this.webgl = glOf(this.canvas) !== null;
    if (!this.webgl) return;
    this.dots = new Dots(this.canvas);
    this.dots.onrestored = () => this.render();
  }

  remove() {
    this.removed = true;
    for (const each of [this.resizing, this.fitting]) each.disconnect();
    self.removeEventListener("bioskipgram:arrays", this.arrived);
    this.dots?.remove();
    this.root.remove();
  }

  get tool() { return this.tools[this.data?.dimensions ?? 2]; }

  get view() { return this.space.view; }

  show(component) {
    this.component = component;
    const data = decode(component.data, this.data);
    if (!data) return; // some arrays are on their way
    const theme = themeOf(this.root);
    if (data === this.data && JSON.stringify(theme) === JSON.stringify(this.theme)) return;
    if (this.data && this.data.stamp !== data.stamp) this.forget();
    Object.assign(this, { data, theme });
    this.takeSelection();
    this.fit();
    this.root.classList.toggle("kmer-map-dark", theme.dark);
    this.describe();
    this.colour();
    const named = data.labels.filter(({ token }) => token !== null); // else clusters are
    this.labels.show([...nearLabels(data), ...(named.length ? named : data.labels)]);
    this.histograms.show(data.histograms);
    if (data.count && this.webgl) this.draw();
    this.strip.show();
  }

  // The height that Python gave, or what is left of the window below the map's top, less a line
  // under it; on a narrow page, where the card comes below, not all of that.
  fit() {
    if (this.removed || !this.data) return;
    const { height } = this.data;
    const scrolled = this.root.closest("[data-testid=stMain]")?.scrollTop ?? 0;
    const above = Math.round(this.root.getBoundingClientRect().top + scrolled + 44);
    const left = innerWidth > NARROW ? `max(26rem, calc(100vh - ${above}px))` : "max(24rem, 62vh)";
    const wanted = height ? `${height}px` : left;
    if (this.root.style.height !== wanted) this.root.style.height = wanted;
  }

  // Other k-mers: nothing said of the old ones holds.
  forget() {
    [this.selected, this.cursor, this.isolated] = [null, null, null];
    this.legend.filters.clear();
    this.histograms.filters.clear();
  }

  // Only what changes the colours makes the legend anew: else it would lose focus and scroll.
  colour() {
    const { title, categories, palette, needs, labels } = this.data;
    const painted = JSON.stringify([title, categories, palette, needs.values, this.theme, labels.map(({ cluster, text }) => [cluster, text])]);
    if (painted === this.painted) return;
    this.painted = painted;
    this.paint = paint(this.data, this.theme);
    this.legend.show();
    this.hideCard();
  }

  describe() {
    const { count: size, dimensions, title } = this.data;
    this.stage.setAttribute("aria-label",
      `Map of ${count.format(size)} k-mers in ${dimensions} dimensions, coloured by ${title}.`
      + " Arrow keys move it, plus and minus zoom. Lasso: L, box: B, move: P, select all: Control A,"
      + " invert: I, clear the selection: Escape, next k-mer: N, choose it: Enter, search: slash,"
      + " names: T, contours: D, legend: G, isolate: O.");
    this.toolbar.mark();
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

  announce(text) {
    this.live.textContent = text;
  }

  // ---- drawing ----

  draw() {
    const { data, drawn } = this;
    if (drawn?.axes !== data.axes) this.place(data, drawn);
    this.drawn = data;
    if (this.dots.held.steps !== this.paint.steps) this.dots.colour(this.paint.steps, this.paint.colours);
    this.regroup();
    if (data.locate && data.locate[0] !== this.located) {
      this.located = data.locate[0];
      if (data.locate[1] !== this.clicked) this.goTo(data.locate[1]);
    }
    this.clicked = null;
  }

  // The points move to where they are now, if one can follow that.
  place(data, before) {
    const follow = before && before.stamp === data.stamp && data.count <= MOST_MOVING && before.dimensions + data.dimensions === 4 && !stillness();
    const old = follow && this.view.ranges();
    this.space.use(data);
    this.dots.move(data.axes, follow ? this.origins(before.axes, old) : data.axes);
    this.progress = 1;
    if (follow) this.animate();
  }

  // Where points were in another layout, in coordinates of this one: so that each starts where it
  // is on the screen.
  origins(axes, old) {
    const now = this.view.ranges();
    const [xs, ys] = ["x", "y"].map((name, i) => {
      const [[from, to], [low, high]] = [old[name], now[name]];
      return axes[i].map((value) => low + ((value - from) * (high - low)) / (to - from));
    });
    return [xs, ys, this.data.axes[2]];
  }

  animate() {
    let start = null; // the first frame's time: a busy browser skips none of the way
    this.progress = 0;
    const step = (now) => {
      if (this.removed) return;
      start ??= now;
      const share = Math.min(1, (now - start) / MOVING);
      this.progress = share < 0.5 ? 4 * share ** 3 : 1 - (2 - 2 * share) ** 3 / 2;
      this.stage.classList.toggle("kmer-map-moving", share < 1);
      this.paintFrame();
      if (share < 1) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  // Which points are drawn how: by filter, highlight, selection and, of very many, the sample.
  regroup() {
    const { data, paint: { steps }, space: { sampled } } = this;
    if (this.drawn !== data) return;
    const { shown, within } = this.legend.table();
    const { isolated, histograms: { within: passing } } = this;
    const sets = [data.highlighted, this.selected, bitsOfNear(data)].filter(Boolean);
    const other = data.fade ? GROUPS.faded : GROUPS.plain;
    const [group, open] = [new Uint8Array(data.count), new Uint8Array(data.count)];
    for (let i = 0; i < data.count; i++) {
      const step = steps[i];
      if (!shown[step] || (isolated && !flagAt(isolated, i))) continue;
      open[i] = within[step] && (!passing || passing[i]);
      if (!open[i]) group[i] = GROUPS.faded;
      else if (!sets.length) group[i] = GROUPS.plain;
      else group[i] = sets.some((bits) => flagAt(bits, i)) ? GROUPS.lit : other;
      if (sampled && group[i] !== GROUPS.lit && !flagAt(sampled, i)) group[i] = GROUPS.hidden;
    }
    Object.assign(this, { group, open });
    this.dots.arrange(group);
    const drawn = data.count - this.dots.size(GROUPS.hidden);
    this.note.textContent = drawn < data.count ? `showing ${count.format(drawn)} of ${count.format(data.count)}` : "";
    this.toolbar.mark();
    this.trace();
    this.render();
  }

  // Contours of what is lit, of all that is drawn where that is little.
  trace() {
    const lit = this.dots.size(GROUPS.lit) >= LEAST_TRACED ? GROUPS.lit : GROUPS.faded;
    this.contours = this.shows.contours && this.space.flat ? contoursOf(this.space, (i) => this.group[i] >= lit) : [];
  }

  // Fewer points are larger and more opaque: about a third of the space each has; nearer, larger.
  style() {
    const { space, dots } = this;
    const room = Math.sqrt((space.width * space.height) / Math.min(this.data.count, MOST_DRAWN));
    const near = Math.min(3, Math.max(1, space.view.zoom ** 0.35));
    const base = Math.min(9, Math.max(2, room * 0.55));
    const size = Math.min(11, base * near) * (space.flat ? 1 : 0.8);
    const opacity = Math.min(0.9, Math.max(0.5, 0.4 + size * 0.07));
    const few = dots.size(GROUPS.lit) < 0.2 * this.data.count;
    return {
      [GROUPS.faded]: { size, opacity: opacity * (space.flat ? 0.2 : 0.12) },
      [GROUPS.plain]: { size, opacity: space.flat ? opacity : 0.95 },
      [GROUPS.lit]: { size: size + (few ? 1.5 : 0), opacity: few ? 1 : opacity },
    };
  }

  render() {
    this.frame ??= requestAnimationFrame(() => this.paintFrame());
  }

  paintFrame() {
    cancelAnimationFrame(this.frame);
    this.frame = null;
    if (this.removed || !this.group) return;
    this.look = this.style();
    this.drawDots(Math.min(window.devicePixelRatio || 1, 2));
    this.space.lay(this.ground);
    this.overlay.place();
    this.labels.place();
  }

  // `ratio`: how many pixels of the screen or of a picture one of the page is.
  drawDots(ratio) {
    const { look, progress, view, space: { width, height } } = this;
    this.dots.draw(view.matrix(), { look, depth: view.depth, progress, width: Math.round(width * ratio), height: Math.round(height * ratio), ratio });
  }
}

// The names of the nearest k-mers with their cosines, where a map shows them.
function nearLabels(data) {
  const { axes: [xs, ys, zs], near, cosines, codes } = data;
  return Array.from(near.subarray(0, MOST_NAMED), (token, i) => ({
    cluster: -1, token, text: `${kmerText(codes[token], data)} ${cosines[i].toFixed(2)}`, x: xs[token], y: ys[token], z: zs[token], near: true,
  }));
}

// The k-mers of the path and those near the focus are lit, and so is the focus itself.
function bitsOfNear({ near, path, focus, count: size }) {
  if (!near.length && !path.length) return null;
  const lit = new Set([...near, ...path, focus]);
  return bitsOf(size, (i) => lit.has(i));
}
