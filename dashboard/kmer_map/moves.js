// What the map does when told to, by keyboard, toolbar, pointer or Python.

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
      zoomIn: () => this.zoom(1 / 1.4),
      zoomOut: () => this.zoom(1.4),
      reset: () => this.reset(),
      all: () => this.select(bitsOf(this.data.count, (i) => this.open[i]), "new"),
      invert: () => this.select(bitsOf(this.data.count, (i) => this.open[i] && !(this.selected && flagAt(this.selected, i))), "new"),
      search: () => this.search(),
      next: () => this.step(1),
      previous: () => this.step(-1),
      choose: () => this.click(this.cursor),
    };
    if (action in moves) this.move(...moves[action]);
    else if (CHOICES.mode.includes(action)) this.choose({ mode: action });
    else if (CHOICES.tool.includes(action)) this.useTool(action);
    else actions[action]();
  },

  choose(choice) {
    Object.assign(this, choice);
    this.toolbar.mark();
  },

  useTool(tool) {
    this.tools[this.data.dimensions] = tool;
    this.toolbar.mark();
    if (this.data.dimensions === 2) this.plotly.relayout(this.plot, { dragmode: tool === "pan" ? "pan" : false });
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
    this.stage.classList.remove("kmer-map-pointing");
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

  zoom(factor) {
    if (this.data.dimensions === 3) return this.turn((x, y, z) => [x * factor, y * factor, z * factor]);
    this.setRanges((low, high) => {
      const [middle, half] = [(low + high) / 2, ((high - low) / 2) * factor];
      return [middle - half, middle + half];
    });
  },

  move(right, up) {
    if (this.data.dimensions === 3) {
      const angle = 0.15 * right;
      return this.turn((x, y, z) => [x * Math.cos(angle) - y * Math.sin(angle), x * Math.sin(angle) + y * Math.cos(angle), z + 0.15 * up]);
    }
    this.setRanges((low, high, axis) => {
      const step = 0.15 * (high - low) * (axis === "x" ? right : up);
      return [low + step, high + step];
    });
  },

  // What was at one pixel comes to another, the map `factor` as far across.
  follow([fromX, fromY], [toX, toY], factor) {
    const { width, height } = this.space;
    const [from, to] = [{ x: fromX / width, y: 1 - fromY / height }, { x: toX / width, y: 1 - toY / height }];
    this.setRanges((low, high, axis) => {
      const [held, extent] = [low + from[axis] * (high - low), (high - low) * factor];
      return [held - to[axis] * extent, held + (1 - to[axis]) * extent];
    });
  },

  reset() {
    if (this.data.dimensions === 3) return this.plotly.relayout(this.plot, { "scene.camera": null });
    const whole = this.space.whole();
    this.setRanges((low, high, axis) => whole[axis]);
  },

  setRanges(change) {
    const now = this.space.ranges();
    const ranges = ["x", "y"].map((axis) => [`${axis}axis.range`, change(...now[axis], axis)]);
    this.plotly.relayout(this.plot, Object.fromEntries(ranges));
  },

  turn(change) {
    const { x, y, z } = this.plot._fullLayout.scene.camera.eye;
    const [nx, ny, nz] = change(x, y, z);
    this.plotly.relayout(this.plot, { "scene.camera.eye": { x: nx, y: ny, z: nz } });
  },

  resize() {
    if (!this.drawn || !this.plot.clientWidth) return;
    this.plotly.relayout(this.plot, { width: this.space.width, height: this.space.height });
  },

  goTo(token) {
    this.bringIntoView(token);
    this.overlay.beat(token);
  },

  // Moves the map only if the point is not comfortably in view.
  bringIntoView(token) {
    const [[x, y, depth], { width, height, axes }] = [this.space.pixels(token), this.space];
    const inside = (at, extent) => at > AHEAD * extent && at < (1 - AHEAD) * extent;
    if (depth > 0 && inside(x, width) && inside(y, height)) return;
    const [left, right] = this.data.dimensions === 2 ? this.space.ranges().x : [0, 0];
    const whole = this.data.dimensions === 2 ? this.space.whole().x : [0, 0];
    if (right - left >= whole[1] - whole[0] && x > 0 && x < width && y > 0 && y < height) return; // at the rim of the whole map
    if (this.data.dimensions === 3) return this.reset();
    const place = { x: axes[0][token], y: axes[1][token] };
    this.setRanges((low, high, axis) => [place[axis] - (high - low) / 2, place[axis] + (high - low) / 2]);
  },

  async save(format) {
    const figure = pictureOf(this);
    const { width, height } = figure.layout;
    const url = await this.plotly.toImage(figure, { format, width, height, scale: 2 });
    element("a", "", "", { href: url, download: `kmer-map.${format}` }).click();
  },
};

Object.assign(KmerMap.prototype, Moves);
