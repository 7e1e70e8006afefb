// What lies over the points: the path, the ring around the k-mer in focus, the outline being drawn.

const ARROWS = 24; // along a path
const LEAST_STEP = 18; // pixels between two points of a path that have an arrow between them

class Overlay {
  constructor(map) {
    this.map = map;
    this.root = svgElement("svg", "kmer-map-overlay", { "aria-hidden": "true" });
    const add = (tag, name, attributes) => {
      this[name] = svgElement(tag, `kmer-map-${name}`, attributes);
      this.root.append(this[name]);
    };
    for (const name of ["halo", "path", "arrows", "start", "end"]) add("path", name);
    for (const name of ["ring", "cursor", "pulse"]) add("circle", name, { r: 0 });
    add("path", "outline");
    for (const name of ["ring", "cursor", "pulse"]) this[name].style.display = "none";
    this.pulse.addEventListener("animationend", () => { this.pulsing = null; this.place(); });
    this.pulsing = null;
  }

  place() {
    const { data, cursor, look } = this.map;
    const radius = Math.max(8, look[GROUPS.lit].size / 2 + 5);
    this.circle(this.ring, data.focus, radius);
    this.circle(this.cursor, cursor, radius - 2);
    this.circle(this.pulse, this.pulsing, radius);
    this.placePath(data.path);
  }

  circle(circle, token, radius) {
    const shown = token !== null && token !== undefined;
    circle.style.display = shown ? "" : "none";
    if (!shown) return;
    const [x, y] = this.map.space.pixels(token);
    for (const [name, value] of [["cx", x], ["cy", y], ["r", radius]]) circle.setAttribute(name, value);
  }

  beat(token) {
    this.pulsing = token;
    this.pulse.style.animation = "none";
    this.place();
    this.pulse.getBoundingClientRect(); // so that the animation starts anew
    this.pulse.style.animation = "";
    if (stillness()) this.pulsing = null;
  }

  placePath(tokens) {
    const { space } = this.map;
    const [[xs, ys, zs], project] = [space.axes, space.projector()];
    const places = Array.from(tokens, (token) => project(xs[token], ys[token], zs[token])).filter(([, , depth]) => depth > 0);
    const line = places.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
    for (const each of [this.halo, this.path]) each.setAttribute("d", line);
    this.arrows.setAttribute("d", arrowsAlong(places));
    const [first, last] = [places[0], places.at(-1)];
    this.start.setAttribute("d", first ? polygonAround(first, 6, 24) : "");
    this.end.setAttribute("d", places.length > 1 ? polygonAround(last, 8, 4) : "");
  }

  // The same for a picture: outlines of straight lines, in pixels, and how to paint them.
  shapes() {
    const { theme: { text: ink, background }, data, look, space } = this.map;
    const d = (name) => this[name].getAttribute("d");
    const shapes = [[d("path"), "none", ink, 1.75], ...["arrows", "start", "end"].map((name) => [d(name), ink, background, 1])];
    if (data.focus !== null) {
      shapes.push([polygonAround(space.pixels(data.focus), Math.max(8, look[GROUPS.lit].size / 2 + 5), 32), "none", ink, 2.5]);
    }
    return shapes.filter(([path]) => path).map(([path, fill, color, width]) => ({ path, fill, color, width }));
  }

  draw(outline) {
    this.outline.setAttribute("d", outline.length ? `M${outline.map(([x, y]) => `${x} ${y}`).join("L")}Z` : "");
  }
}

function polygonAround([x, y], radius, corners) {
  const angles = Array.from({ length: corners }, (_, i) => (2 * Math.PI * (i + 0.5)) / corners);
  return `M${angles.map((a) => `${(x + radius * Math.cos(a)).toFixed(1)} ${(y + radius * Math.sin(a)).toFixed(1)}`).join("L")}Z`;
}

// Triangles in the middle of the longer steps, at most ARROWS of them.
function arrowsAlong(places) {
  const steps = places.slice(1).map(([x, y], i) => [places[i][0], places[i][1], x, y])
    .filter(([x0, y0, x1, y1]) => Math.hypot(x1 - x0, y1 - y0) > LEAST_STEP);
  const few = Math.ceil(steps.length / ARROWS);
  return steps.filter((_, i) => i % few === few >> 1).map(([x0, y0, x1, y1]) => {
    const length = Math.hypot(x1 - x0, y1 - y0);
    const [right, down] = [(x1 - x0) / length, (y1 - y0) / length];
    const [x, y] = [(x0 + x1) / 2, (y0 + y1) / 2];
    const corner = (along, across) => `${(x + along * right - across * down).toFixed(1)} ${(y + along * down + across * right).toFixed(1)}`;
    return `M${corner(7, 0)}L${corner(-5, 5)}L${corner(-5, -5)}Z`;
  }).join("");
}
