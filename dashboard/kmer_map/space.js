// Where points are on the screen, which are near or inside, and a fair sample of very many.

const MOST_DRAWN = 262144; // of more points a sample is drawn, above an image of them all
const NEAR = 12; // pixels
const MARGIN = 0.05; // of the extent, around the whole map
const IMAGE = 512; // cells along a side of the image of all points

const product = (a, b) => Float64Array.from({ length: 16 }, (_, i) => {
  const [row, column] = [i & 3, i & ~3];
  return a[row] * b[column] + a[row + 4] * b[column + 1] + a[row + 8] * b[column + 2] + a[row + 12] * b[column + 3];
});

class Space {
  constructor(plot, tools) {
    Object.assign(this, { plot, tools });
  }

  use({ axes, dimensions, count: size }) {
    if (this.axes === axes) return;
    Object.assign(this, { axes, flat: dimensions === 2, size });
    this.extent = axes.map((axis) => [axis.reduce((a, b) => Math.min(a, b)), axis.reduce((a, b) => Math.max(a, b))]);
    this.sampled = size > MOST_DRAWN ? this.sample() : null;
    this.image = this.sampled && this.flat ? this.density() : null;
  }

  get width() { return Math.max(1, this.plot.clientWidth); }

  get height() { return Math.max(1, this.plot.clientHeight); }

  // The ranges of both axes that show all points, as wide for their height as the map is.
  whole() {
    const [[left, right], [bottom, top]] = this.extent;
    const room = Math.max(1, this.height - this.tools.offsetHeight); // the toolbar covers no point
    const scale = (1 + 2 * MARGIN) * Math.max((right - left) / this.width, (top - bottom) / room) || 1 / this.width;
    const range = (low, high, pixels) => [(low + high - scale * pixels) / 2, (low + high + scale * pixels) / 2];
    const [below, above] = range(bottom, top, room);
    return { x: range(left, right, this.width), y: [below, above + scale * (this.height - room)] };
  }

  ranges() {
    const { xaxis, yaxis } = this.plot._fullLayout;
    return { x: [...xaxis.range], y: [...yaxis.range] };
  }

  zoomed() {
    if (!this.flat) return 1;
    const [whole, now] = [this.whole(), this.ranges()];
    return (whole.x[1] - whole.x[0]) / (now.x[1] - now.x[0]);
  }

  // From the layout's coordinates to WebGL's.
  matrix() {
    if (!this.flat) {
      const { dataScale: [x, y, z], glplot: { cameraParams: { model, view, projection } } } = this.plot._fullLayout.scene._scene;
      return product(projection, product(view, product(model, [x, 0, 0, 0, 0, y, 0, 0, 0, 0, z, 0, 0, 0, 0, 1])));
    }
    const { x: [left, right], y: [bottom, top] } = this.ranges();
    const [a, b] = [2 / (right - left), 2 / (top - bottom)];
    return Float64Array.of(a, 0, 0, 0, 0, b, 0, 0, 0, 0, 0, 0, -a * ((left + right) / 2), -b * ((bottom + top) / 2), 0, 1);
  }

  // How far the middle of a map in space is from the eye.
  depth() {
    if (this.flat) return 0;
    const m = this.matrix();
    const [x, y, z] = this.extent.map(([low, high]) => (low + high) / 2);
    return m[3] * x + m[7] * y + m[11] * z + m[15];
  }

  projector() {
    const [m, halfWidth, halfHeight] = [this.matrix(), this.width / 2, this.height / 2];
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
    const [project, radius] = [this.projector(), NEAR ** 2];
    let [best, score] = [null, Infinity];
    for (let i = 0; i < this.size; i++) {
      if (!group[i] || !open[i]) continue;
      const [x, y, w] = project(xs[i], ys[i], zs[i]);
      const far = (x - px) ** 2 + (y - py) ** 2;
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

  // Draws that picture where it belongs.
  lay(canvas) {
    if (!this.image && !canvas.width) return;
    Object.assign(canvas, this.image ? { width: this.width, height: this.height } : { width: 0, height: 0 });
    if (!this.image) return;
    const project = this.projector();
    const [[left, right], [bottom, top]] = this.extent;
    const [[x0, y0], [x1, y1]] = [project(left, top, 0), project(right, bottom, 0)];
    canvas.getContext("2d").drawImage(this.image, x0, y0, x1 - x0, y1 - y0);
  }
}
