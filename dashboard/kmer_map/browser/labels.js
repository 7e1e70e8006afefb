// Names on the map. Earlier ones win: one that would touch a label already placed waits for zoom.

class Labels {
  constructor(map) {
    this.map = map;
    this.root = element("div", "kmer-map-labels");
    this.shown = [];
    this.boxes = [];
  }

  show(labels) {
    if (JSON.stringify(labels) === JSON.stringify(this.shown)) return;
    this.shown = labels;
    this.root.replaceChildren(...labels.map((label) => this.button(label)));
    this.boxes = null; // measured when they are first placed
  }

  button({ cluster, text }) {
    const button = element("button", "kmer-map-label", text, { type: "button", title: `Select cluster ${text}` });
    button.addEventListener("click", () => this.map.pointer.dragged || this.map.component.setTriggerValue("cluster", cluster));
    return button;
  }

  // All boxes are measured together, before anything is moved: the page is laid out once.
  place() {
    const { space } = this.map;
    if (space.width < 2) return; // nothing can be measured
    const buttons = [...this.root.children];
    this.boxes ??= buttons.map((button) => [button.offsetWidth / 2 + 3, button.offsetHeight / 2 + 1]);
    const project = space.projector();
    const { hidden } = this.map.legend.filter();
    const taken = [];
    buttons.forEach((button, i) => {
      const { x: atX, y: atY, z: atZ } = this.shown[i];
      const [x, y, depth] = project(atX, atY, atZ);
      const [w, h] = this.boxes[i];
      const filtered = hidden.has(this.shown[i].cluster + 1) && this.map.data.categories[this.shown[i].cluster] === this.shown[i].text;
      const outside = filtered || !(depth > 0 && x > 0 && x < space.width && y > 0 && y < space.height);
      const free = !outside && taken.every(([tx, ty, tw, th]) => Math.abs(x - tx) > w + tw || Math.abs(y - ty) > h + th);
      if (free) taken.push([x, y, w, h]);
      button.style.visibility = free ? "visible" : "hidden";
      if (free) button.style.transform = `translate(${x}px, ${y}px) translate(-50%, -50%)`;
    });
  }

  visible() {
    return this.shown.filter((_, i) => this.root.children[i].style.visibility === "visible");
  }
}
