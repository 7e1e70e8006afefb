// Where points are on the screen, which are near or inside, and a fair sample of very many.

const MOST_DRAWN = 262144; // of more points a sample is drawn, above an image of them all
const NEAR = 12; // pixels
const IMAGE = 512; // cells along a side of the image of all points

class Space {
  constructor(plot, tools, side) {
    Object.assign(this, { plot, tools, side });
    this.measure();
  }

  // Asked for once per size, not per frame: the page would be laid out for the answer.
  measure() {
    this.width = Math.max(1, this.plot.clientWidth);
    this.height = Math.max(1, this.plot.clientHeight);
    this.covered = this.tools.offsetHeight;
    // The legend lies over a wide map, and beside a narrow one.
    const over = getComputedStyle(this.side).getPropertyValue("--kmer-map-over").trim() === "1";
    this.side.style.marginTop = over ? `${this.covered + 14}px` : "";
    this.side.style.maxHeight = over ? `calc(100% - ${this.covered + 28}px)` : "";
    this.sideways = over ? Math.min(this.side.offsetWidth + 12, 0.4 * this.width) : 0;
  }

  use({ axes, dimensions, count: size }) {
    if (this.axes === axes) return;
    this.measure();
    Object.assign(this, { axes, flat: dimensions === 2, size });
    this.extent = axes.map((axis) => [axis.reduce((a, b) => Math.min(a, b)), axis.reduce((a, b) => Math.max(a, b))]);
    this.reach = this.flat ? 0 : this.farthest();
    this.sampled = size > MOST_DRAWN ? this.sample() : null;
    this.image = this.sampled && this.flat ? this.density() : null;
    this.view = this.flat ? new FlatView(this) : new OrbitView(this);
  }

  // How far the point farthest from the middle is from it.
  farthest() {
    const [x, y, z] = this.extent.map(([low, high]) => (low + high) / 2);
    const [xs, ys, zs] = this.axes;
    return Math.sqrt(xs.reduce((most, at, i) => Math.max(most, (at - x) ** 2 + (ys[i] - y) ** 2 + (zs[i] - z) ** 2), 0));
  }

  projector() {
    const [m, halfWidth, halfHeight] = [this.view.matrix(), this.width / 2, this.height / 2];
    return (x, y, z) => {
      const w = m[3] * x + m[7] * y + m[11] * z + m[15];
      return [
        halfWidth * (1 + (m[0] * x + m[4] * y + m[8] * z + m[12]) / w),
        halfHeight * (1 - (m[1] * x + m[5] * y + m[9] * z + m[13]) / w), w];
    };
  }

  pixels(token) {
    const [x, y, z] = this.axes;
    return this.projector()(x[token], y[token], z[token]);
  }

  // The token nearest to a pixel, of those that `group` says are drawn and `open` may be chosen.
  nearest(px, py, group, open) {
    const [xs, ys, zs] = this.axes;
    const [m, halfWidth, halfHeight, radius] = [this.view.matrix(), this.width / 2, this.height / 2, NEAR ** 2];
    let [best, score] = [null, Infinity];
    for (let i = 0; i < this.size; i++) {
      if (!group[i] || !open[i]) continue;
      const x = xs[i], y = ys[i], z = zs[i];
      // As the projector does, without an array per point: this is done once a frame.
      const w = m[3] * x + m[7] * y + m[11] * z + m[15];
      const right = halfWidth * (1 + (m[0] * x + m[4] * y + m[8] * z + m[12]) / w) - px;
      const down = halfHeight * (1 - (m[1] * x + m[5] * y + m[9] * z + m[13]) / w) - py;
      const far = right * right + down * down;
      if (far > radius || w <= 0) continue;
      // In space, of points under the pointer the one in front; lit before faded at like distance.
      const found = (this.flat ? far : Math.max(9, far) * w) - group[i] * 1e-3;
      if (found < score) [best, score] = [i, found];
    }
    return best;
  }

  // The open points inside an outline, as bits. The outline is filled as a picture and each point
  // looks up its pixel: however long the outline, that takes a step per point.
  inside(outline, open) {
    const scale = 2;
    const [width, height] = [this.width * scale, this.height * scale].map(Math.ceil);
    const context = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d", { willReadFrequently: true });
    context.scale(scale, scale);
    context.beginPath();
    for (const [x, y] of outline) context.lineTo(x, y);
    context.fill("evenodd");
    const { data } = context.getImageData(0, 0, width, height);
    const [[xs, ys, zs], project] = [this.axes, this.projector()];
    return bitsOf(this.size, (i) => {
      if (!open[i]) return false;
      const [px, py, w] = project(xs[i], ys[i], zs[i]);
      const [column, row] = [Math.floor(px * scale), Math.floor(py * scale)];
      return w > 0 && column >= 0 && column < width && row >= 0 && row < height && data[4 * (row * width + column) + 3] > 127;
    });
  }

  // ---- very many points ----

  // The cell of each point in a grid over the layout.
  cells(sides) {
    const cells = new Uint32Array(this.size);
    let stride = 1;
    sides.forEach((side, axis) => {
      const [low, high] = this.extent[axis];
      const scale = side / (high - low || 1);
      const values = this.axes[axis];
      for (let i = 0; i < cells.length; i++) cells[i] += stride * Math.min(side - 1, Math.floor((values[i] - low) * scale));
      stride *= side;
    });
    return cells;
  }

  // A sample with as many points of each cell as of any other, as far as it has them: sparse
  // regions stay whole and only crowds are thinned. Every so many-th member is taken.
  sample() {
    const sides = this.flat ? [256, 256] : [40, 40, 40];
    const cells = this.cells(sides);
    const sizes = new Uint32Array(sides.reduce((a, b) => a * b));
    for (const cell of cells) sizes[cell]++;
    let [most, step] = [0, 2 ** Math.ceil(Math.log2(this.size))];
    for (; step >= 1; step /= 2) {
      const drawn = sizes.reduce((sum, size) => sum + Math.min(size, most + step), 0);
      if (drawn <= MOST_DRAWN) most += step;
    }
    const seen = new Uint32Array(sizes.length);
    return bitsOf(this.size, (i) => {
      const share = Math.min(1, most / sizes[cells[i]]);
      const before = seen[cells[i]]++;
      return Math.floor((before + 1) * share + 1e-9) > Math.floor(before * share + 1e-9);
    });
  }

  // How many points are where, as a picture: log scale, the most crowded cell is opaque.
  density() {
    const sizes = new Uint32Array(IMAGE * IMAGE);
    for (const cell of this.cells([IMAGE, IMAGE])) sizes[cell]++;
    const most = Math.log1p(sizes.reduce((a, b) => Math.max(a, b)));
    const canvas = Object.assign(document.createElement("canvas"), { width: IMAGE, height: IMAGE });
    const context = canvas.getContext("2d");
    const picture = context.createImageData(IMAGE, IMAGE);
    sizes.forEach((size, i) => {
      const [column, row] = [i % IMAGE, IMAGE - 1 - Math.floor(i / IMAGE)];
      picture.data.set([128, 128, 128, size ? 40 + (150 * Math.log1p(size)) / most : 0], 4 * (row * IMAGE + column));
    });
    context.putImageData(picture, 0, 0);
    return canvas;
  }

  // Where that picture belongs: left, top, width, height in pixels.
  place() {
    const project = this.projector();
    const [[left, right], [bottom, top]] = this.extent;
    const [[x0, y0], [x1, y1]] = [project(left, top, 0), project(right, bottom, 0)];
    return [x0, y0, x1 - x0, y1 - y0];
  }

  lay(canvas) {
    if (!this.image && !canvas.width) return;
    Object.assign(canvas, this.image ? { width: this.width, height: this.height } : { width: 0, height: 0 });
    if (!this.image) return;
    canvas.getContext("2d").drawImage(this.image, ...this.place());
  }
}
