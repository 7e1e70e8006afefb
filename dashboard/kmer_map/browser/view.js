// What part of a layout is on the screen: of a flat map a middle and a scale, in space a camera.
// Both are kept as what differs from the view of the whole, which is 1 zoom and no shift: so a map
// of another size shows the same, and `reset` has nothing to work out.

const MARGIN = 0.05; // of the extent, around the whole map
const ANGLE = Math.PI / 4; // what a camera sees from top to bottom
const STEP = 0.15; // of what is seen, that an arrow key moves
const [LEAST_ZOOM, MOST_ZOOM] = [0.1, 10000];

class View {
  constructor(space) {
    this.space = space;
    this.reset();
  }

  reset() {
    [this.zoom, this.shift] = [1, [0, 0, 0]];
  }

  // Units of the layout that a pixel spans; in space, where the camera looks at.
  get scale() { return this.whole().scale / this.zoom; }

  get middle() { return this.whole().middle.map((at, axis) => at + this.shift[axis]); }

  // What was at one pixel comes to another, `factor` times as large.
  drag([fromX, fromY], [toX, toY], factor = 1) {
    const [halfWidth, halfHeight, before] = [this.space.width / 2, this.space.height / 2, this.scale];
    this.zoom = Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, this.zoom * factor));
    const after = this.scale;
    this.slide((fromX - halfWidth) * before - (toX - halfWidth) * after, (toY - halfHeight) * after - (fromY - halfHeight) * before);
  }

  slide(right, up) {
    const [across, upwards] = this.axes;
    this.shift = this.shift.map((at, axis) => at + right * across[axis] + up * upwards[axis]);
  }

  // Shows the wanted points as large as there is room.
  frame(wanted) {
    this.reset();
    const { axes, extent, size } = this.space;
    const bounds = axes.map(() => [Infinity, -Infinity]);
    for (let i = 0; i < size; i++) {
      if (wanted(i)) bounds.forEach((bound, axis) => { bound[0] = Math.min(bound[0], axes[axis][i]); bound[1] = Math.max(bound[1], axes[axis][i]); });
    }
    const shares = bounds.map(([low, high], axis) => (high - low) / (extent[axis][1] - extent[axis][0] || 1));
    const factor = Math.min(50, 0.9 / Math.max(...shares, 1e-6));
    const before = this.whole().middle.map((at, axis) => at - extent[axis].reduce((a, b) => a + b) / 2);
    this.zoom = factor;
    this.centreOn(bounds.map(([low, high], axis) => (low + high) / 2 + before[axis] / factor));
  }

  centreOn(place) {
    const { middle } = this.whole();
    this.shift = place.map((at, axis) => at - middle[axis]);
  }
}

class FlatView extends View {
  axes = [[1, 0, 0], [0, 1, 0]];

  depth = 0; // points are as large everywhere

  whole() {
    const { extent: [[left, right], [bottom, top]], width, height, covered, sideways } = this.space;
    const [wide, high] = [Math.max(1, width - sideways), Math.max(1, height - covered)]; // neither toolbar nor legend covers a point
    const scale = (1 + 2 * MARGIN) * Math.max((right - left) / wide, (top - bottom) / high) || 1 / width;
    return { scale, middle: [(left + right + scale * (width - wide)) / 2, (bottom + top + scale * (height - high)) / 2, 0] };
  }

  // From the lowest to the highest place that is seen, of both axes.
  ranges() {
    const { scale, middle: [x, y], space: { width, height } } = this;
    const range = (at, pixels) => [at - (scale * pixels) / 2, at + (scale * pixels) / 2];
    return { x: range(x, width), y: range(y, height) };
  }

  // From the layout's coordinates to WebGL's.
  matrix() {
    const { scale, middle: [x, y], space: { width, height } } = this;
    const [a, b] = [2 / (scale * width), 2 / (scale * height)];
    return Float64Array.of(a, 0, 0, 0, 0, b, 0, 0, 0, 0, 0, 0, -a * x, -b * y, 0, 1);
  }

  zoomBy(factor, place = [this.space.width / 2, this.space.height / 2]) {
    this.drag(place, place, factor);
  }

  turn(from, to) {
    this.drag(from, to);
  }

  move(right, up) {
    const { scale, space: { width, height } } = this;
    this.slide(STEP * width * scale * right, STEP * height * scale * up);
  }
}

// A camera around the middle of the map. It turns about its own axes, so that a drag does the same
// from wherever one looks: there are no poles to be caught at.
class OrbitView extends View {
  reset() {
    super.reset();
    const [two, three, six] = [Math.sqrt(2), Math.sqrt(3), Math.sqrt(6)];
    // To the right, up and towards the eye, which looks down from a corner.
    this.axes = [[-1 / two, 1 / two, 0], [-1 / six, -1 / six, 2 / six], [1 / three, 1 / three, 1 / three]];
  }

  whole() {
    const { extent, reach, width, height, sideways } = this.space;
    const half = Math.atan(Math.tan(ANGLE / 2) * Math.min(1, (width - sideways) / height));
    const distance = reach / Math.sin(half) || 1;
    return { middle: extent.map(([low, high]) => (low + high) / 2), scale: (2 * Math.tan(ANGLE / 2) * distance) / height };
  }

  // From the eye to the middle.
  get depth() { return (this.scale * this.space.height) / (2 * Math.tan(ANGLE / 2)); }

  matrix() {
    const { middle, depth, axes: [right, up, back], space: { reach, width, height } } = this;
    const eye = middle.map((at, axis) => at + depth * back[axis]);
    const far = Math.hypot(...this.shift) + depth + 2 * reach;
    const near = Math.max(depth - 2 * reach - Math.hypot(...this.shift), depth / 100);
    const wide = 1 / Math.tan(ANGLE / 2);
    const view = [right, up, back].map((axis) => [...axis, -dot(axis, eye)]);
    const rows = [
      view[0].map((value) => (value * wide * height) / width),
      view[1].map((value) => value * wide),
      view[2].map((value, i) => (value * (near + far) + (i === 3 ? 2 * near * far : 0)) / (near - far)),
      view[2].map((value) => -value),
    ];
    return Float64Array.from({ length: 16 }, (_, i) => rows[i & 3][i >> 2]);
  }

  zoomBy(factor) { // about the middle: the map is not to leave what it turns around
    const centre = [this.space.width / 2, this.space.height / 2];
    this.drag(centre, centre, factor);
  }

  // As if the pointer took hold of what is in front: half a turn across the map.
  turn([fromX, fromY], [toX, toY]) {
    const angle = Math.PI / Math.min(this.space.width, this.space.height);
    this.rotate((toX - fromX) * angle, (toY - fromY) * angle);
  }

  move(right, up) {
    this.rotate(-STEP * right, STEP * up);
  }

  rotate(across, down) {
    let [right, up, back] = this.axes;
    back = unit(mix(mix(back, right, Math.cos(across), -Math.sin(across)), up, Math.cos(down), Math.sin(down)));
    right = unit(cross(mix(up, back, 1, -dot(up, back)), back));
    up = cross(back, right);
    this.axes = [right, up, back];
  }
}

const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const mix = (a, b, one, other) => a.map((value, axis) => one * value + other * b[axis]);
const unit = (a) => mix(a, a, 1 / Math.hypot(...a), 0);
