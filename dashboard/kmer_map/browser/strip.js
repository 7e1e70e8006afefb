// The k-mers of a sequence along its positions, in the map's colours; linked to the map both ways.

const CELL = 18; // pixels high
const TICK = 70; // pixels at least between two positions that are named
const ROOMY = 8; // pixels of a cell in which a letter fits

class Strip {
  constructor(map) {
    this.map = map;
    this.root = element("div", "kmer-map-strip", "", { tabindex: 0, role: "slider", "aria-label": "Position in the sequence" });
    this.root.hidden = true;
    this.canvas = element("canvas", "");
    this.root.append(this.canvas);
    this.place = null; // the window that is pointed at
    this.root.addEventListener("pointermove", (event) => this.point(this.at(event)));
    this.root.addEventListener("pointerleave", () => this.point(null));
    this.root.addEventListener("click", (event) => this.choose(this.at(event)));
    this.root.addEventListener("keydown", (event) => this.key(event));
  }

  get tokens() { return this.map.data.path; }

  show() {
    this.root.hidden = !this.tokens.length;
    if (this.place !== null && this.place >= this.tokens.length) this.place = null;
    this.root.setAttribute("aria-valuemax", Math.max(0, this.tokens.length - 1));
    this.draw();
  }

  at({ offsetX }) {
    return Math.max(0, Math.min(this.tokens.length - 1, Math.floor((offsetX * this.tokens.length) / this.root.clientWidth)));
  }

  position(place) {
    const { path_start: start, path_step: step } = this.map.data;
    return start + place * step + 1;
  }

  key(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Enter" && this.place !== null) this.choose(this.place);
    else if (by) this.point(Math.max(0, Math.min(this.tokens.length - 1, (this.place ?? -by) + by)));
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  choose(place) {
    if (this.tokens[place] >= 0) this.map.click(this.tokens[place]);
  }

  point(place) {
    const { map } = this;
    this.place = place;
    const token = place === null ? -1 : this.tokens[place];
    map.pointed = token >= 0 ? token : null;
    map.hideCard();
    if (token >= 0) map.card.show(token, ...map.space.pixels(token));
    if (place !== null) {
      const text = token >= 0 ? map.card.text(token) : "no k-mer of the model";
      this.root.setAttribute("aria-valuenow", place);
      this.root.setAttribute("aria-valuetext", `position ${count.format(this.position(place))}: ${text}`);
    }
    map.overlay.place();
    this.draw();
  }

  // All places of the k-mer under the pointer on the map are marked here.
  draw(marked = null) {
    const { canvas, tokens, map: { data, paint, theme } } = this;
    const [width, ratio] = [this.root.clientWidth, Math.min(window.devicePixelRatio || 1, 2)];
    if (!tokens.length || !width || !paint) return;
    Object.assign(canvas, { width: width * ratio, height: 2.2 * CELL * ratio });
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    const cell = width / tokens.length;
    tokens.forEach((token, i) => {
      context.fillStyle = token < 0 ? theme.unknown : paint.colours[paint.steps[token]];
      context.fillRect(i * cell, 4, Math.max(cell - (cell > 4 ? 1 : 0), 0.5), CELL);
    });
    context.fillStyle = theme.text;
    tokens.forEach((token, i) => {
      if (token >= 0 && (i === this.place || token === marked)) context.fillRect(i * cell - 1, 0, Math.max(cell, 3), 4);
    });
    this.letters(context, cell, data);
    this.ticks(context, cell, theme);
  }

  letters(context, cell, data) {
    if (cell < ROOMY) return;
    Object.assign(context, { font: `600 ${Math.min(13, cell + 2)}px ui-monospace, monospace`, textAlign: "center", textBaseline: "middle", lineWidth: 2.5, strokeStyle: this.map.theme.background });
    this.tokens.forEach((token, i) => {
      const letter = token < 0 ? "·" : kmerText(data.codes[token], data)[0];
      context.strokeText(letter, (i + 0.5) * cell, 4 + CELL / 2);
      context.fillText(letter, (i + 0.5) * cell, 4 + CELL / 2);
    });
  }

  ticks(context, cell, theme) {
    const least = (TICK / cell) * this.map.data.path_step;
    const scale = 10 ** Math.floor(Math.log10(Math.max(1, least)));
    const step = [1, 2, 5, 10].map((each) => each * scale).find((each) => each >= least) ?? 10 * scale;
    Object.assign(context, { font: "11px sans-serif", fillStyle: theme.text, textAlign: "left", textBaseline: "top" });
    let [before, right] = [-1, 0];
    this.tokens.forEach((_, i) => {
      const position = this.position(i);
      const round = Math.floor(position / step);
      if (i && (round === before || i * cell < right)) return;
      [before, right] = [round, i * cell + TICK / 2];
      context.fillText(count.format(position), i * cell, CELL + 6);
    });
  }
}
