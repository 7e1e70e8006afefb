// Distributions of up to three properties that filter each other and the map (crossfilter): each
// shows what the filters of the others let pass.

const UNKNOWN = 255; // the notch of a value that is not known

class Histograms {
  constructor(map) {
    this.map = map;
    this.root = element("section", "kmer-map-histograms", "", { "aria-label": "Distributions" });
    this.root.hidden = true;
    this.choose = element("button", "kmer-map-all", "", { type: "button" });
    this.choose.addEventListener("click", () => map.select(bitsOf(map.data.count, (i) => this.within[i]), "new"));
    this.parts = [];
    this.filters = new Map(); // by title: they outlast another choice of properties
    this.within = null; // 1 for each point that passes all filters; null = no filter
  }

  show(histograms) {
    const same = histograms.length === this.parts.length && histograms.every(({ values }, i) => values === this.parts[i].values);
    if (same && this.theme === this.map.theme) return;
    this.theme = this.map.theme;
    this.parts = histograms.map((each) => this.part(each));
    this.root.replaceChildren(...this.parts.map(({ root }) => root), this.choose);
    this.root.hidden = !this.parts.length;
    this.update();
  }

  part({ title, categories, values }) {
    const root = element("div", "");
    root.append(element("h3", "kmer-map-title", title));
    const filter = this.filterOf(title, categories.length);
    const changed = () => {
      this.update();
      this.map.regroup();
    };
    const known = values.filter(Number.isFinite);
    const [lowest, highest] = [known.reduce((a, b) => Math.min(a, b), Infinity), known.reduce((a, b) => Math.max(a, b), -Infinity)];
    const scale = highest > lowest ? NOTCHES / (highest - lowest) : 0;
    const notches = Uint8Array.from(values, (value) => (categories.length ? (value >= 0 ? value : UNKNOWN)
      : Number.isFinite(value) ? Math.round((value - lowest) * scale) : UNKNOWN));
    const bars = categories.length || BARS;
    const sizes = tally(notches, bars, categories.length > 0);
    const colours = new Array(bars).fill(this.map.theme.accent);
    const range = categories.length ? new Choices({ categories, sizes, colours, filter, changed })
      : new Range({ name: ` of ${title}`, sizes, colours, lowest, highest, filter, changed });
    root.append(range.root);
    return { root, values, notches, filter, range, bars, named: categories.length > 0 };
  }

  filterOf(title, named) {
    const key = JSON.stringify([title, named]);
    if (!this.filters.has(key)) this.filters.set(key, named ? { hidden: new Set() } : { low: 0, high: NOTCHES });
    return this.filters.get(key);
  }

  clear() {
    for (const { filter, range } of this.parts) {
      if (filter.hidden) filter.hidden.clear();
      else Object.assign(filter, { low: 0, high: NOTCHES });
      range.mark();
    }
    this.update();
  }

  get filtering() { return this.within !== null; }

  update() {
    const { parts, map: { data: { count: size } } } = this;
    const passes = parts.map(({ notches, filter }) => {
      if (wholeRange(filter)) return null;
      const test = filter.hidden ? (notch) => !filter.hidden.has(notch) : (notch) => notch !== UNKNOWN && notch >= filter.low && notch <= filter.high;
      return notches.map(test);
    });
    const all = (but) => {
      const others = passes.filter((each, i) => each && i !== but);
      return others.length ? Uint8Array.from({ length: size }, (_, i) => others.every((each) => each[i])) : null;
    };
    parts.forEach(({ notches, range, bars, named }, i) => range.fill(tally(notches, bars, named, all(i))));
    this.within = all(-1);
    const passing = this.within ? this.within.reduce((a, b) => a + b, 0) : size;
    this.choose.textContent = `Select these ${count.format(passing)} k-mers`;
    this.choose.hidden = !this.filtering;
  }
}

// How many values are in each bar, of those that pass.
function tally(notches, bars, named, passing = null) {
  const sizes = new Uint32Array(bars);
  notches.forEach((notch, i) => {
    if (notch !== UNKNOWN && (!passing || passing[i])) sizes[named ? notch : barOf(notch)]++;
  });
  return sizes;
}

// The same of categories: a button for each, pressed while it is shown.
class Choices {
  constructor({ categories, sizes, colours, filter, changed }) {
    Object.assign(this, { sizes, colours, filter });
    this.root = element("div", "kmer-map-choices");
    const most = Math.max(...sizes) || 1;
    this.buttons = categories.map((name, i) => {
      const button = element("button", "kmer-map-choice", "", { type: "button", title: `${name}: ${count.format(sizes[i])}`, "aria-label": name });
      const bar = element("i", "");
      bar.style.height = `${Math.max(4, (100 * sizes[i]) / most)}%`;
      button.append(bar);
      button.addEventListener("click", () => {
        if (!filter.hidden.delete(i)) filter.hidden.add(i);
        this.mark();
        changed();
      });
      return button;
    });
    this.root.append(...this.buttons);
    this.mark();
  }

  mark() {
    this.buttons.forEach((button, i) => {
      const off = this.filter.hidden.has(i);
      button.setAttribute("aria-pressed", String(!off));
      button.classList.toggle("kmer-map-off", off);
    });
  }

  fill(passing) {
    this.buttons.forEach(({ firstChild: bar }, i) => {
      const share = (100 * passing[i]) / (this.sizes[i] || 1);
      bar.style.background = `linear-gradient(to top, ${this.colours[i]} ${share}%, var(--st-border-color) ${share}%)`;
    });
  }
}
