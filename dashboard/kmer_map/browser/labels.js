// Names on the map: of clusters, or of k-mers above their points. Earlier ones win: one that would
// touch a label already placed waits for zoom. A name takes no click itself: see `Pointer.aimed`.

const DOT = 4; // half of a point with room around it, in pixels

class Labels {
  constructor(map) {
    this.map = map;
    this.root = element("div", "kmer-map-labels", "", { "aria-hidden": "true" }); // the legend has the clusters
    this.shown = [];
    this.boxes = [];
  }

  show(labels) {
    if (JSON.stringify(labels) === JSON.stringify(this.shown)) return;
    this.shown = labels;
    this.root.replaceChildren(...labels.map(({ text, token, near }) =>
      element("span", `kmer-map-label${token === null ? "" : " kmer-map-label-point"}${near ? " kmer-map-label-near" : ""}`, text)));
    this.boxes = null; // measured when they are first placed
  }

  // All boxes are measured together, before anything is moved: the page is laid out once.
  place() {
    const { space } = this.map;
    if (space.width < 2) return; // nothing can be measured
    const names = [...this.root.children];
    this.boxes ??= names.map((name) => [name.offsetWidth / 2 + 3, name.offsetHeight / 2 + 1]);
    const project = space.projector();
    const hidden = this.map.legend.hidden();
    const places = this.shown.map(({ x, y, z }) => project(x, y, z));
    const dots = places.filter((_, i) => this.shown[i].token !== null).map(([x, y]) => [x, y, DOT, DOT]);
    const taken = [];
    this.offsets = this.shown.map((label, i) => {
      const [x, y, depth] = places[i];
      const outside = !(depth > 0 && x > 0 && x < space.width && y > 0 && y < space.height);
      if (outside || this.filtered(label, hidden)) return null;
      const [w, h] = this.boxes[i];
      const found = this.around(label, w, h).find(([dx, dy]) => free([x + dx, y + dy, w, h], taken)
        && (label.token === null || free([x + dx, y + dy, w, h], dots)));
      if (found) taken.push([x + found[0], y + found[1], w, h]);
      return found ?? null;
    });
    names.forEach((name, i) => {
      const offset = this.offsets[i];
      name.style.visibility = offset ? "visible" : "hidden";
      if (!offset) return;
      const [x, y] = [places[i][0] + offset[0], places[i][1] + offset[1]];
      [this.shown[i].at, name.style.transform] = [[x, y], `translate(${x}px, ${y}px) translate(-50%, -50%)`];
    });
  }

  // The cluster whose name is at a pixel, as its position in the list; -1 = none.
  at(x, y) {
    if (!this.map.shows.labels || !this.offsets) return -1;
    return this.shown.findIndex(({ at, token }, i) => token === null && this.offsets[i]
      && Math.abs(x - at[0]) < this.boxes[i][0] && Math.abs(y - at[1]) < this.boxes[i][1]);
  }

  point(place) {
    [...this.root.children].forEach((name, i) => name.classList.toggle("kmer-map-label-pointed", i === place));
  }

  choose(place) {
    this.map.component.setTriggerValue("cluster", this.shown[place].cluster);
  }

  // Where a name may stand, from its place: a cluster's on it, a k-mer's around its point.
  around({ token }, w, h) {
    if (token === null) return [[0, 0]];
    const [right, below] = [w + DOT, h + DOT];
    return [[0, -below], [right, 0], [0, below], [-right, 0],
      [right, -h], [right, h], [-right, -h], [-right, h]];
  }

  filtered({ cluster, text, token }, hidden) {
    const { categories, values } = this.map.data;
    if (token === null && this.map.isolated) return true;
    if (token !== null) return categories.length > 0 && hidden.has(values[token] + 1);
    return hidden.has(cluster + 1) && categories[cluster] === text;
  }

  visible() {
    if (!this.map.shows.labels) return [];
    return this.shown.map((label, i) => ({ ...label, offset: this.offsets?.[i] })).filter(({ offset }) => offset);
  }
}

// Whether a box, its middle and half its sizes, touches none of some others.
function free([x, y, w, h], others) {
  return others.every(([ox, oy, ow, oh]) => Math.abs(x - ox) >= w + ow || Math.abs(y - oy) >= h + oh);
}
