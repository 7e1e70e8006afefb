// The legend: what the colours mean, and a filter. Categories are hidden by their eye, a continuous
// colouring by two handles. A filter belongs to a colouring, by its title, and stays until undone.

const EYE = "M2 12s3.5-6 10-6 10 6 10 6-3.5 6-10 6S2 12 2 12zM12 9.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6";
const NOTCHES = 200; // of the handles
const BARS = 40; // of the histogram

class Legend {
  constructor(map) {
    this.map = map;
    this.root = element("section", "kmer-map-legend", "", { "aria-label": "Legend" });
    this.filters = new Map();
  }

  // Steps (see paint) that are hidden, and the part of a continuous scale that is not faded.
  filter() {
    const { title, categories } = this.map.data;
    const name = JSON.stringify([title, categories.length]);
    if (!this.filters.has(name)) this.filters.set(name, { hidden: new Set(), low: 0, high: NOTCHES });
    return this.filters.get(name);
  }

  showAll() {
    const filter = this.filter();
    filter.hidden.clear();
    Object.assign(filter, { low: 0, high: NOTCHES });
  }

  filtering() {
    const { hidden, low, high } = this.filter();
    return hidden.size > 0 || low > 0 || high < NOTCHES;
  }

  // Whether a step may be seen at all, and whether it is within the handles: by step.
  table() {
    const { hidden, low, high } = this.filter();
    const { colours, low: least } = this.map.paint;
    const shown = Uint8Array.from(colours, (_, step) => !hidden.has(step));
    const share = (step) => ((step - 1) * NOTCHES) / (SHADES - 1);
    const whole = low === 0 && high === NOTCHES;
    const within = Uint8Array.from(colours, (_, step) =>
      least === undefined || whole || (step > 0 && share(step) >= low - 0.5 && share(step) <= high + 0.5));
    return { shown, within };
  }

  show() {
    const { title, categories } = this.map.data;
    const head = element("div", "kmer-map-head");
    head.append(element("h3", "kmer-map-title", title));
    this.all = element("button", "kmer-map-all", "Show all", { type: "button" });
    this.all.addEventListener("click", () => this.change(() => this.showAll(), "All k-mers shown"));
    head.append(this.all);
    this.sizes = new Uint32Array(this.map.paint.colours.length);
    for (const step of this.map.paint.steps) this.sizes[step]++;
    [this.handles, this.ends, this.bars] = [null, null, null];
    const parts = categories.length ? [this.list(categories)] : [this.bar(), this.list([])];
    this.root.replaceChildren(head, ...parts);
    this.mark();
  }

  list(categories) {
    const list = element("ul", "kmer-map-list");
    categories.forEach((name, i) => list.append(this.entry(i + 1, name)));
    if (this.sizes[0]) list.append(this.entry(0, "not known"));
    return list;
  }

  entry(step, name) {
    const item = element("li", "");
    item.dataset.step = step;
    const entry = element(step ? "button" : "div", "kmer-map-entry", "", { title: name, ...(step && { type: "button" }) });
    const swatch = element("i", "kmer-map-swatch");
    swatch.style.background = this.map.paint.colours[step];
    entry.append(swatch, element("span", "kmer-map-name", name), element("span", "kmer-map-count", count.format(this.sizes[step])));
    const eye = element("button", "kmer-map-eye", "", { type: "button", "aria-label": `Show ${name} on the map`, title: "Show or hide; with Alt, show only this one" });
    eye.append(icon(EYE));
    const alone = () => this.only(step, name);
    entry.addEventListener("click", (event) => {
      if (event.altKey) alone();
      else if (step) this.map.component.setTriggerValue("category", step - 1);
    });
    eye.addEventListener("click", (event) => (event.altKey ? alone() : this.toggle(step, name)));
    item.append(entry, eye);
    return item;
  }

  toggle(step, name) {
    const { hidden } = this.filter();
    const hide = !hidden.has(step);
    this.change(() => (hide ? hidden.add(step) : hidden.delete(step)), `${name} ${hide ? "hidden" : "shown"}`);
  }

  only(step, name) {
    const { hidden } = this.filter();
    this.change(() => {
      this.map.paint.colours.forEach((_, other) => (other === step ? hidden.delete(other) : hidden.add(other)));
    }, `Only ${name} shown`);
  }

  change(action, said) {
    action();
    this.mark();
    this.map.announce(said);
    this.map.regroup();
  }

  mark() {
    const { hidden, low, high } = this.filter();
    this.all.hidden = !this.filtering();
    for (const item of this.root.querySelectorAll("li")) {
      const off = hidden.has(Number(item.dataset.step));
      item.classList.toggle("kmer-map-off", off);
      item.querySelector(".kmer-map-eye").setAttribute("aria-pressed", String(!off));
    }
    this.handles?.forEach((handle, i) => {
      handle.value = i ? high : low;
      handle.setAttribute("aria-valuetext", number.format(this.valueAt(Number(handle.value))));
    });
    if (this.ends) this.ends.forEach((end, i) => { end.textContent = number.format(this.valueAt([low, high][i])); });
    if (this.bars) [...this.bars.children].forEach((bar, i) => {
      const share = ((i + 0.5) * NOTCHES) / BARS;
      bar.classList.toggle("kmer-map-off", share < low || share > high);
    });
  }

  valueAt(notch) {
    const { low, high } = this.map.paint;
    return low + ((high - low) * notch) / NOTCHES;
  }

  // The scale of a continuous colouring: histogram, colours, two handles and what they stand at.
  bar() {
    const { low, high, stops } = this.map.paint;
    const bar = element("div", "kmer-map-bar");
    if (high < low) return bar; // nothing is known
    this.bars = this.histogram();
    const strip = element("div", "kmer-map-ramp");
    strip.style.background = `linear-gradient(to right, ${(stops.length > 1 ? stops : [stops[0], stops[0]]).join(", ")})`;
    const range = element("div", "kmer-map-range");
    this.handles = ["Lowest value shown", "Highest value shown"].map((name, i) => this.handle(name, i));
    range.append(strip, ...this.handles);
    const row = element("div", "kmer-map-ends");
    this.ends = [element("span", ""), element("span", "")];
    row.append(...this.ends);
    bar.append(this.bars, range, row);
    return bar;
  }

  handle(name, which) {
    const handle = element("input", "kmer-map-handle", "", { type: "range", min: 0, max: NOTCHES, step: 1, "aria-label": name });
    handle.addEventListener("input", () => {
      const filter = this.filter();
      const value = Number(handle.value);
      if (which) filter.high = Math.max(value, filter.low);
      else filter.low = Math.min(value, filter.high);
      this.mark();
      this.map.regroup();
    });
    handle.addEventListener("change", () => {
      this.map.announce(`From ${this.ends[0].textContent} to ${this.ends[1].textContent}`);
    });
    return handle;
  }

  histogram() {
    const bars = element("div", "kmer-map-bars", "", { "aria-hidden": "true" });
    const heights = new Float64Array(BARS);
    for (let step = 1; step <= SHADES; step++) heights[Math.min(BARS - 1, Math.floor(((step - 1) * BARS) / SHADES))] += this.sizes[step];
    const most = Math.max(...heights) || 1;
    heights.forEach((height, i) => {
      const bar = element("i", "");
      bar.style.height = `${height ? Math.max(4, (100 * height) / most) : 0}%`;
      bar.style.background = this.map.paint.colours[1 + Math.round(((i + 0.5) * (SHADES - 1)) / BARS)];
      bars.append(bar);
    });
    return bars;
  }
}
