// The toolbar and the keyboard.

const ICONS = {
  lasso: "M7 21a2.5 2.5 0 1 1 2-4c6 1 12-2 12-7 0-4-4-6-9-6S3 6 3 10c0 3 2 5 4 6",
  box: "M4 7V4h3M17 4h3v3M20 17v3h-3M7 20H4v-3M10.5 4h3M10.5 20h3M4 10.5v3M20 10.5v3",
  pan: "M12 3v18M3 12h18M12 3l-2.5 2.5M12 3l2.5 2.5M12 21l-2.5-2.5M12 21l2.5-2.5M3 12l2.5-2.5M3 12l2.5 2.5M21 12l-2.5-2.5M21 12l-2.5 2.5",
  zoomIn: "M12 5v14M5 12h14",
  zoomOut: "M5 12h14",
  reset: "M9 4H4v5M15 4h5v5M9 20H4v-5M15 20h5v-5",
  png: "M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 20h14",
  new: "M5 5h14v14H5z",
  add: "M4 4h11v11H4zM9 15v5h11V9h-5M17 12v5M14.5 14.5h5",
  subtract: "M4 4h11v11H4zM9 15v5h11V9h-5M14.5 14.5h5",
  invert: "M5 5h14v14H5zM5 19L19 5M12 19l7-7M8.5 19L19 8.5M15.5 19l3.5-3.5",
  all: "M4 4h16v16H4zM8 12l3 3 5-6",
  clear: "M6 6l12 12M18 6L6 18",
  labels: "M5 6V4h14v2M12 4v16M9 20h6",
  contours: "M3 13c0-6 5-9 10-8s9 5 8 9-6 6-11 5-7-3-7-6zM8 13c0-3 3-4 5-4s4 2 4 4-2 3-5 3-4-1-4-3z",
  legend: "M4 6h3M4 12h3M4 18h3M10 6h10M10 12h10M10 18h10",
  isolate: "M4 9V4h5M15 4h5v5M9 20H4v-5M20 15v5h-5M12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6",
};
const TOOLS = [
  // action, icon, what it says; text beside the icon
  ["lasso", "lasso", "Lasso: draw around k-mers (L)"],
  ["select", "box", "Box: drag over k-mers (B)"],
  ["pan", "pan", "Move the map (P)"],
  ["zoomIn", "zoomIn", "Zoom in (+)"],
  ["zoomOut", "zoomOut", "Zoom out (−)"],
  ["reset", "reset", "Show the whole map (0)"],
  ["png", "png", "Save as PNG", "PNG"],
  ["svg", "png", "Save as SVG", "SVG"],
];
const SELECTING = [
  ["new", "new", "Lasso and box select anew"],
  ["add", "add", "Lasso and box add to the selection (Shift)"],
  ["subtract", "subtract", "Lasso and box take away from the selection (Alt)"],
  ["invert", "invert", "Invert the selection (I)"],
  ["all", "all", "Select all (Ctrl+A)"],
  ["clear", "clear", "Clear the selection (Esc)"],
];
const SHOWING = [
  ["labels", "labels", "Names on the map (T)"],
  ["contours", "contours", "Contours of density (D)"],
  ["legend", "legend", "Legend and list of clusters (G)"],
  ["isolate", "isolate", "Isolate: show only what is lit (O)"],
];
const CHOICES = { tool: ["lasso", "select", "pan"], mode: ["new", "add", "subtract"] };
const KEYS = {
  Escape: "clear", l: "lasso", b: "select", p: "pan", n: "next", N: "previous", i: "invert", "+": "zoomIn", "=": "zoomIn",
  "-": "zoomOut", 0: "reset", ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down",
  "/": "search", Enter: "choose", t: "labels", d: "contours", g: "legend", o: "isolate",
};

class Toolbar {
  constructor(map) {
    this.map = map;
    this.root = element("div", "kmer-map-bars-of-tools");
    this.selecting = this.row("Selection", SELECTING);
    this.root.append(this.row("Map tools", TOOLS), this.row("What is shown", SHOWING), this.selecting);
  }

  row(name, tools) {
    const row = element("div", "kmer-map-tools", "", { role: "toolbar", "aria-label": name });
    row.append(...tools.map(([action, path, title, text]) => {
      const button = element("button", "kmer-map-tool", "", { type: "button", title, "aria-label": title });
      button.dataset.action = action;
      button.append(icon(ICONS[path]));
      if (text) button.append(element("span", "", text));
      button.addEventListener("click", () => this.map.act(action));
      return button;
    }));
    return row;
  }

  mark() {
    const { tool, mode } = this.map;
    for (const button of this.root.querySelectorAll("button")) {
      const { action } = button.dataset;
      if (action in this.map.shows) button.setAttribute("aria-pressed", String(this.map.shows[action]));
      if (action === "isolate") button.setAttribute("aria-pressed", String(this.map.isolated !== null));
      for (const [choice, actions] of Object.entries(CHOICES)) {
        if (actions.includes(action)) button.setAttribute("aria-pressed", String(action === { tool, mode }[choice]));
      }
    }
    this.selecting.hidden = tool === "pan";
    this.map.stage.dataset.tool = tool;
  }
}

// The action that a key asks for, if any.
function actionOf(event) {
  const name = event.key === "N" || event.key.length > 1 ? event.key : event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) return name === "a" && !event.altKey ? "all" : undefined;
  return event.altKey ? undefined : KEYS[name];
}
