// The legend: what the colours mean, and a filter; and, whatever the colours, the list of clusters.
// Categories are hidden by their eye, a continuous colouring by two handles. A filter belongs to a
// colouring, by its title, and stays until undone.

const EYE = "M2 12s3.5-6 10-6 10 6 10 6-3.5 6-10 6S2 12 2 12zM12 9.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6";

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
    if (!this.filters.has(name)) this.filters.set(name, { steps: new Set(), low: 0, high: NOTCHES });
    return this.filters.get(name);
  }

  hidden() { return this.filter().steps; }

  showAll() {
    const filter = this.filter();
    filter.steps.clear();
    Object.assign(filter, { low: 0, high: NOTCHES });
    this.map.histograms.clear();
    if (this.map.isolated) this.map.isolate();
  }

  filtering() {
    const filter = this.filter();
    return filter.steps.size > 0 || !wholeRange(filter) || this.map.histograms.filtering || this.map.isolated !== null;
  }

  // Whether a step may be seen at all, and whether it is within the handles: by step.
  table() {
    const { steps, low, high } = this.filter();
    const { colours, low: least } = this.map.paint;
    const shown = Uint8Array.from(colours, (_, step) => !steps.has(step));
    const share = (step) => ((step - 1) * NOTCHES) / (SHADES - 1);
    const whole = wholeRange(this.filter());
    const within = Uint8Array.from(colours, (_, step) =>
      least === undefined || whole || (step > 0 && share(step) >= low - 0.5 && share(step) <= high + 0.5));
    this.all.hidden = !this.filtering();
    return { shown, within };
  }

  show() {
    const { data: { title, categories, labels }, paint } = this.map;
    const head = element("div", "kmer-map-head");
    head.append(element("h3", "kmer-map-title", title));
    this.all = element("button", "kmer-map-all", "Show all", { type: "button" });
    this.all.addEventListener("click", () => this.change(() => this.showAll(), "All k-mers shown"));
    head.append(this.all);
    this.sizes = new Uint32Array(paint.colours.length);
    for (const step of paint.steps) this.sizes[step]++;
    this.range = categories.length || paint.high < paint.low ? null : this.scale();
    const list = element("ul", "kmer-map-list");
    categories.forEach((name, i) => list.append(this.entry(i + 1, name)));
    if (this.sizes[0]) list.append(this.entry(0, "not known"));
    const clusters = labels.filter(({ cluster, text }) => cluster >= 0 && categories[cluster] !== text);
    this.root.replaceChildren(head, ...(this.range ? [this.range.root] : []), list, ...(clusters.length ? this.clusters(clusters) : []));
    this.mark();
  }

  // The clusters, where the colours are of something else.
  clusters(labels) {
    const list = element("ul", "kmer-map-list kmer-map-clusters");
    list.append(...labels.map(({ cluster, text, size }) => {
      const item = element("li", "");
      const entry = element("button", "kmer-map-entry", "", { type: "button", title: text });
      entry.append(element("span", "kmer-map-name", text), element("span", "kmer-map-count", count.format(size)));
      entry.addEventListener("click", () => this.map.component.setTriggerValue("cluster", cluster));
      item.append(entry);
      return item;
    }));
    return [element("h3", "kmer-map-title", "Clusters"), list];
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
    const steps = this.hidden();
    const hide = !steps.has(step);
    this.change(() => (hide ? steps.add(step) : steps.delete(step)), `${name} ${hide ? "hidden" : "shown"}`);
  }

  only(step, name) {
    const steps = this.hidden();
    this.change(() => {
      this.map.paint.colours.forEach((_, other) => (other === step ? steps.delete(other) : steps.add(other)));
    }, `Only ${name} shown`);
  }

  change(action, said) {
    action();
    this.mark();
    this.map.announce(said);
    this.map.regroup();
  }

  mark() {
    const steps = this.hidden();
    this.all.hidden = !this.filtering();
    for (const item of this.root.querySelectorAll("li[data-step]")) {
      const off = steps.has(Number(item.dataset.step));
      item.classList.toggle("kmer-map-off", off);
      item.querySelector(".kmer-map-eye").setAttribute("aria-pressed", String(!off));
    }
    this.range?.mark();
  }

  // The scale of a continuous colouring: its distribution, colours, and two handles.
  scale() {
    const { low: lowest, high: highest, stops, colours } = this.map.paint;
    const sizes = new Uint32Array(BARS);
    for (let step = 1; step <= SHADES; step++) sizes[Math.min(BARS - 1, Math.floor(((step - 1) * BARS) / SHADES))] += this.sizes[step];
    const ofBars = Array.from(sizes, (_, i) => colours[1 + Math.round(((i + 0.5) * (SHADES - 1)) / BARS)]);
    return new Range({ name: "", sizes, colours: ofBars, stops, lowest, highest, filter: this.filter(), changed: () => this.map.regroup() });
  }
}
