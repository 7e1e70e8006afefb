// What the map does when told to, by keyboard, toolbar, pointer or Python.

const ZOOM = 1.4; // of a key or a button
const RIM = 0.15; // of the map, within which a point is not comfortably in view

const Moves = {
  key(event) {
    const action = actionOf(event);
    if (!action) return;
    if (action !== "clear" && !this.stage.contains(event.target)) return; // the legend has keys of its own
    if (action === "choose" && (event.target !== this.stage || this.cursor === null)) return;
    event.preventDefault();
    event.stopPropagation(); // Streamlit has shortcuts of its own
    this.act(action);
  },

  act(action) {
    if (!this.drawn) return;
    const moves = { left: [-1, 0], right: [1, 0], up: [0, 1], down: [0, -1] };
    const actions = {
      clear: () => this.clear(),
      png: () => this.save("png"),
      svg: () => this.save("svg"),
      zoomIn: () => this.see((view) => view.zoomBy(ZOOM)),
      zoomOut: () => this.see((view) => view.zoomBy(1 / ZOOM)),
      reset: () => this.see((view) => view.reset()),
      all: () => this.select(bitsOf(this.data.count, (i) => this.open[i]), "new"),
      invert: () => this.select(bitsOf(this.data.count, (i) => this.open[i] && !(this.selected && flagAt(this.selected, i))), "new"),
      isolate: () => this.isolate(),
      search: () => this.search(),
      next: () => this.step(1),
      previous: () => this.step(-1),
      choose: () => this.click(this.cursor),
    };
    if (action in moves) this.see((view) => view.move(...moves[action]));
    else if (CHOICES.mode.includes(action)) this.choose({ mode: action });
    else if (CHOICES.tool.includes(action)) this.useTool(action);
    else if (action in this.shows) this.toggle(action);
    else actions[action]();
  },

  choose(choice) {
    Object.assign(this, choice);
    this.toolbar.mark();
  },

  useTool(tool) {
    this.tools[this.data.dimensions] = tool;
    this.toolbar.mark();
  },

  toggle(what) {
    this.shows[what] = !this.shows[what];
    this.announce(`${what} ${this.shows[what] ? "shown" : "hidden"}`);
    this.root.classList.toggle(`kmer-map-no-${what}`, !this.shows[what]);
    this.toolbar.mark();
    this.trace();
    this.resize();
  },

  // Draws only what is lit, as large as it can be; again: everything.
  isolate() {
    const lit = bitsOf(this.data.count, (i) => this.group[i] === GROUPS.lit);
    const any = lit.some(Boolean);
    if (!this.isolated && !any) return this.announce("Select or find k-mers first, then isolate them");
    this.isolated = this.isolated ? null : lit;
    this.regroup();
    if (this.isolated) this.see((view) => view.frame((i) => flagAt(lit, i)));
    else this.see((view) => view.reset());
    this.announce(this.isolated ? `Only ${count.format(bitCount(lit))} k-mers shown` : "All k-mers shown");
  },

  search() {
    this.component.setTriggerValue("search", true);
    document.querySelector('input[aria-label="Find"]')?.focus();
  },

  // ---- the selection ----

  select(bits, mode) {
    this.selected = combined(this.selected, bits, mode);
    this.sendSelection();
    const size = this.selected ? bitCount(this.selected) : 0;
    this.announce(size === 1 ? "1 k-mer selected" : `${count.format(size)} k-mers selected`);
    this.regroup();
  },

  sendSelection() {
    const { selected, serial, data: { stamp } } = this;
    this.component.setStateValue("selection", { stamp, serial, flags: selected && base64Of(selected) });
  },

  // Python's choice is taken over without telling Python: it knows.
  takeSelection() {
    const { serial, chosen } = this.data;
    if (serial === null || serial === this.serial) return;
    this.serial = serial;
    const any = chosen.some(Boolean);
    if (any || this.selected) this.announce(`${count.format(bitCount(chosen))} k-mers selected`);
    this.selected = any ? chosen : null;
  },

  clear() {
    this.cursor = null;
    this.hideCard();
    if (this.selected) {
      this.selected = null;
      this.sendSelection();
      this.announce("Selection cleared");
      this.regroup();
    } else this.render();
    this.component.setTriggerValue("cleared", true);
  },

  click(token) {
    this.clicked = token; // Python need not bring it into view
    this.component.setTriggerValue("clicked", token);
  },

  nearest(x, y) {
    return this.group ? this.space.nearest(x, y, this.group, this.open) : null;
  },

  hideCard() {
    this.card.hide();
    if (this.pointed === null) this.stage.classList.remove("kmer-map-pointing");
  },

  // The keyboard's cursor goes to the next point that is lit, or drawn where none is.
  step(by) {
    const { count: size } = this.data;
    const wanted = this.dots.size(GROUPS.lit) ? GROUPS.lit : GROUPS.faded;
    let token = this.cursor ?? (by > 0 ? -1 : size);
    for (let tries = 0; tries < size; tries++) {
      token = (token + by + size) % size;
      if (this.group[token] >= wanted && this.open[token]) break;
    }
    if (this.group[token] < wanted || !this.open[token]) return;
    this.cursor = token;
    this.bringIntoView(token);
    this.paintFrame();
    this.card.show(token, ...this.space.pixels(token));
    this.announce(this.card.text(token));
  },

  // ---- the view ----

  see(change) {
    change(this.view);
    this.render();
  },

  resize() {
    this.space.measure();
    this.render();
  },

  goTo(token) {
    this.bringIntoView(token);
    this.paintFrame();
    this.overlay.beat(token);
  },

  // Moves the map only if the point is not comfortably in view.
  bringIntoView(token) {
    const [[x, y, depth], { width, height, axes }] = [this.space.pixels(token), this.space];
    const inside = (at, extent, rim) => at > rim * extent && at < (1 - rim) * extent;
    const rim = this.view.zoom > 1 ? RIM : 0; // of the whole map, points at its rim are where they belong
    if (depth > 0 && inside(x, width, rim) && inside(y, height, rim)) return;
    this.see((view) => view.centreOn(axes.map((axis) => axis[token])));
  },

  async save(format) {
    const picture = format === "png" ? await paintedPicture(this) : new Blob([drawnPicture(this)], { type: "image/svg+xml" });
    const href = URL.createObjectURL(picture);
    element("a", "", "", { href, download: `kmer-map.${format}` }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60_000); // the browser may still be asking where to
  },
};

Object.assign(KmerMap.prototype, Moves);
