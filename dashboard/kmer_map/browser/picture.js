// The map as a picture to save: what is seen, with its legend, as SVG; and that painted, as PNG.

const MOST_CIRCLES = 65536; // an SVG of more is slow to open: it holds their picture instead
const FINER = 2; // pixels of a PNG to one of the page
const [LINE, GAP, LETTERS] = [20, 16, "13px sans-serif"]; // the page's own font does not come along

// As text; `circles` false: the points are a picture in it.
function drawnPicture(map, circles = map.data.count <= MOST_CIRCLES) {
  const { space: { width, height }, theme } = map;
  const legend = legendPicture(map, width + GAP);
  const root = svgElement("svg", "", {
    xmlns: "http://www.w3.org/2000/svg", width: Math.ceil(width + GAP + legend.width), height,
    fill: theme.text, style: `font: ${LETTERS}`,
  });
  const seen = svgElement("svg", "", { width, height, overflow: "hidden" });
  seen.append(...groundPicture(map.space), ...(circles ? circlesOf(map) : [dotsPicture(map)]), ...overlayPicture(map), ...labelsPicture(map));
  root.append(svgElement("rect", "", { width: "100%", height: "100%", fill: theme.background }), seen, legend.part);
  return new XMLSerializer().serializeToString(root).replaceAll(' class=""', "");
}

async function paintedPicture(map) {
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([drawnPicture(map, false)], { type: "image/svg+xml" }));
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: FINER * image.width, height: FINER * image.height });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
  return new Promise((resolve) => canvas.toBlob(resolve));
}

function textPicture(text, x, y, attributes = {}) {
  const made = svgElement("text", "", { x, y, ...attributes });
  made.textContent = text;
  return made;
}

function groundPicture(space) {
  if (!space.image) return [];
  const [x, y, width, height] = space.place();
  return [svgElement("image", "", { href: space.image.toDataURL(), x, y, width, height, preserveAspectRatio: "none" })];
}

function dotsPicture(map) {
  const { space: { width, height } } = map;
  map.drawDots(FINER);
  const href = map.canvas.toDataURL(); // at once: what WebGL drew is gone after the frame
  map.paintFrame();
  return svgElement("image", "", { href, width, height });
}

// A circle per point on the screen, those that are lit last; in space, the farthest first.
function circlesOf({ data, space, view, paint: { steps, colours }, group, look }) {
  const project = space.projector();
  const parts = [GROUPS.faded, GROUPS.plain, GROUPS.lit].map((wanted) => ({ wanted, circles: [] }));
  const [xs, ys, zs] = data.axes;
  for (let token = 0; token < data.count; token++) {
    if (!group[token]) continue;
    const [x, y, depth] = project(xs[token], ys[token], zs[token]);
    const { size } = look[group[token]];
    const r = 0.5 * size * (view.depth ? Math.min(3, Math.max(0.5, view.depth / depth)) : 1);
    if (depth <= 0 || x < -r || y < -r || x > space.width + r || y > space.height + r) continue;
    parts[group[token] - 1].circles.push({ depth, cx: x.toFixed(1), cy: y.toFixed(1), r: r.toFixed(1), fill: colours[steps[token]] });
  }
  return parts.filter(({ circles }) => circles.length).map(({ wanted, circles }) => {
    const part = svgElement("g", "", { "fill-opacity": look[wanted].opacity.toFixed(2) });
    if (view.depth) circles.sort((a, b) => b.depth - a.depth);
    part.append(...circles.map(({ depth, ...circle }) => svgElement("circle", "", circle)));
    return part;
  });
}

function overlayPicture({ overlay }) {
  return overlay.shapes().map(({ path, color, ...rest }) => svgElement("path", "", { d: path, stroke: color, fill: rest.fill, "stroke-width": rest.width }));
}

function labelsPicture({ labels, space, theme, note }) {
  const halo = { stroke: theme.background, "stroke-width": 3, "stroke-linejoin": "round", "paint-order": "stroke" };
  const project = space.projector();
  const names = labels.visible().map(({ x, y, z, text, token, offset: [dx, dy] }) => {
    const [left, top] = project(x, y, z);
    const weight = token === null ? { "font-weight": 600 } : { "font-size": 11 };
    return textPicture(text, (left + dx).toFixed(1), (top + dy).toFixed(1), { ...halo, "text-anchor": "middle", "dominant-baseline": "central", ...weight });
  });
  return note.textContent ? [...names, textPicture(note.textContent, 8, space.height - 8, { ...halo, "font-size": 11 })] : names;
}

// ---- the legend ----

function legendPicture(map, left) {
  const { data: { title, categories }, space: { height } } = map;
  const part = svgElement("g", "", { transform: `translate(${left} 0)` });
  part.append(textPicture(title, 0, LINE, { "font-weight": 600 }));
  const entries = entriesOf(map);
  const rows = Math.max(1, Math.floor((height - 2 * LINE) / LINE));
  const scale = categories.length ? { parts: [], height: 0 } : scalePicture(map);
  part.append(...scale.parts);
  let [x, widest, right] = [0, 0, textWidth(title)];
  entries.forEach(({ name, fill }, i) => {
    const row = i % rows;
    if (i && !row) [x, widest] = [x + widest + GAP, 0];
    const y = scale.height + (row + 2) * LINE;
    part.append(svgElement("circle", "", { cx: x + 5, cy: y - 4.5, r: 5, fill }), textPicture(name, x + 16, y));
    widest = Math.max(widest, 16 + textWidth(name));
    right = Math.max(right, x + widest);
  });
  return { part, width: Math.max(right, scale.height && 150) + GAP };
}

function entriesOf({ data: { categories }, paint: { colours, steps }, legend, theme }) {
  const hidden = legend.hidden();
  const named = (name, step) => (hidden.has(step) ? { name: `${name} (hidden)`, fill: theme.unknown } : { name, fill: colours[step] });
  const entries = categories.map((name, i) => named(name, i + 1));
  return steps.includes(0) ? [...entries, named("not known", 0)] : entries;
}

// A continuous colouring: its colours from left to right, and what the ends stand for.
function scalePicture({ paint: { stops, low, high } }) {
  if (low > high) return { parts: [], height: 0 }; // nothing is known
  const gradient = svgElement("linearGradient", "", { id: "scale" });
  const colours = stops.length > 1 ? stops : [stops[0], stops[0]];
  gradient.append(...colours.map((colour, i) => svgElement("stop", "", { offset: i / (colours.length - 1), "stop-color": colour })));
  const strip = svgElement("rect", "", { y: 1.5 * LINE, width: 150, height: 10, rx: 5, fill: "url(#scale)" });
  const ends = [textPicture(number.format(low), 0, 3 * LINE), textPicture(number.format(high), 150, 3 * LINE, { "text-anchor": "end" })];
  return { parts: [gradient, strip, ...ends], height: 2.5 * LINE };
}

const measuring = document.createElement("canvas").getContext("2d");

function textWidth(text) {
  measuring.font = `600 ${LETTERS}`;
  return measuring.measureText(text).width;
}
