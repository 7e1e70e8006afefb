// What lies over the points: contours, lines from the k-mer in focus to those near it, rings, the
// outline being drawn.

const MOST_RINGS = 400; // of a path: more would hide its points

class Overlay {
  constructor(map) {
    this.map = map;
    this.root = svgElement("svg", "kmer-map-overlay", { "aria-hidden": "true" });
    const add = (tag, name, attributes) => {
      this[name] = svgElement(tag, `kmer-map-${name}`, attributes);
      this.root.append(this[name]);
    };
    for (const name of ["contours", "spokes", "rings"]) add("path", name);
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
    this.circle(this.cursor, this.map.pointed ?? cursor, radius - 2);
    this.circle(this.pulse, this.pulsing, radius);
    this.contours.setAttribute("d", this.contourPath());
    this.spokes.setAttribute("d", this.spokePath(data));
    this.rings.setAttribute("d", this.ringPath(data, look[GROUPS.lit].size / 2 + 2));
  }

  contourPath() {
    const project = this.map.space.projector();
    return (this.map.contours ?? []).map(([x0, y0, x1, y1]) => lineOf(project(x0, y0, 0), project(x1, y1, 0))).join("");
  }

  spokePath({ near, focus }) {
    if (focus === null) return "";
    const from = this.map.space.pixels(focus);
    return Array.from(near, (token) => lineOf(from, this.map.space.pixels(token))).join("");
  }

  ringPath({ near, path }, radius) {
    const tokens = near.length ? near : new Set(path.subarray(0, MOST_RINGS));
    return Array.from(tokens, (token) => (token < 0 ? "" : polygonAround(this.map.space.pixels(token), radius, 16))).join("");
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

  // The same for a picture: outlines of straight lines, in pixels, and how to paint them.
  shapes() {
    const { theme: { text: ink }, data, look, space } = this.map;
    const shapes = ["contours", "spokes", "rings"].map((name) => [this[name].getAttribute("d"), "none", ink, 0.75]);
    if (data.focus !== null) {
      shapes.push([polygonAround(space.pixels(data.focus), Math.max(8, look[GROUPS.lit].size / 2 + 5), 32), "none", ink, 2.5]);
    }
    return shapes.filter(([path]) => path).map(([path, fill, color, width]) => ({ path, fill, color, width }));
  }

  draw(outline) {
    this.outline.setAttribute("d", outline.length ? `M${outline.map(([x, y]) => `${x} ${y}`).join("L")}Z` : "");
  }
}

const lineOf = ([x0, y0], [x1, y1]) => `M${x0.toFixed(1)} ${y0.toFixed(1)}L${x1.toFixed(1)} ${y1.toFixed(1)}`;

function polygonAround([x, y], radius, corners) {
  const angles = Array.from({ length: corners }, (_, i) => (2 * Math.PI * (i + 0.5)) / corners);
  return `M${angles.map((a) => `${(x + radius * Math.cos(a)).toFixed(1)} ${(y + radius * Math.sin(a)).toFixed(1)}`).join("L")}Z`;
}
