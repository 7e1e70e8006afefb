// A distribution as bars, with two handles under it that bound what is shown; or, of categories,
// with bars that are pressed. A filter is { low, high } in notches, or { hidden }, a set.

const NOTCHES = 200; // of the handles
const BARS = 40; // of a distribution of numbers

const barOf = (notch) => Math.min(BARS - 1, Math.floor((notch * BARS) / NOTCHES));
const wholeRange = ({ hidden, low, high }) => (hidden ? !hidden.size : low === 0 && high === NOTCHES);

class Range {
  // `name` is told to screen readers, `sizes` the values in each bar, `lowest` and `highest` what
  // the ends stand for, `stops` the colours of a scale under the bars, if there is one.
  constructor({ name, sizes, colours, stops, lowest, highest, filter, changed }) {
    Object.assign(this, { sizes, colours, lowest, highest, filter, changed });
    this.root = element("div", "kmer-map-bar");
    this.bars = element("div", "kmer-map-bars", "", { "aria-hidden": "true" });
    const most = Math.max(...sizes) || 1;
    this.bars.append(...Array.from(sizes, (size, i) => {
      const bar = element("i", "");
      bar.style.height = `${size ? Math.max(4, (100 * size) / most) : 0}%`;
      bar.style.background = colours[i];
      return bar;
    }));
    const range = element("div", "kmer-map-range");
    const strip = element("div", "kmer-map-ramp");
    strip.style.background = stops ? `linear-gradient(to right, ${(stops.length > 1 ? stops : [stops[0], stops[0]]).join(", ")})` : "";
    this.handles = [0, 1].map((which) => this.handle(`${which ? "Highest" : "Lowest"} value shown${name}`, which));
    range.append(strip, ...this.handles);
    const row = element("div", "kmer-map-ends");
    this.ends = [element("span", ""), element("span", "")];
    row.append(...this.ends);
    this.root.append(this.bars, range, row);
    this.mark();
  }

  handle(name, which) {
    const handle = element("input", "kmer-map-handle", "", { type: "range", min: 0, max: NOTCHES, step: 1, "aria-label": name });
    handle.addEventListener("input", () => {
      const value = Number(handle.value);
      if (which) this.filter.high = Math.max(value, this.filter.low);
      else this.filter.low = Math.min(value, this.filter.high);
      this.mark();
      this.changed();
    });
    return handle;
  }

  mark() {
    const at = [this.filter.low, this.filter.high];
    this.handles.forEach((handle, i) => {
      const text = number.format(this.lowest + ((this.highest - this.lowest) * at[i]) / NOTCHES);
      handle.value = at[i];
      handle.setAttribute("aria-valuetext", text);
      this.ends[i].textContent = text;
    });
    [...this.bars.children].forEach((bar, i) => {
      const middle = ((i + 0.5) * NOTCHES) / BARS;
      bar.classList.toggle("kmer-map-off", middle < at[0] || middle > at[1]);
    });
  }

  // Colours of each bar only the part that other filters let pass.
  fill(passing) {
    [...this.bars.children].forEach((bar, i) => {
      const share = (100 * passing[i]) / (this.sizes[i] || 1);
      bar.style.background = `linear-gradient(to top, ${this.colours[i]} ${share}%, var(--st-border-color) ${share}%)`;
    });
  }
}
