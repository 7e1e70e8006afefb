// Colours: the page's own, and those of the points.

const CATEGORIES = [
  "#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#b07aa1", "#499894", "#d37295", "#b6992d",
  "#9d7660", "#86bcb6", "#ffbe7d", "#8cd17d", "#a0cbe8", "#ff9d9a", "#d4a6c8", "#e5c13f",
];
const SCALE = ["#453781", "#33638d", "#238a8d", "#29af7f", "#74c654", "#c8d42a"];
const SHADES = 255; // of a continuous scale

function themeOf(host) {
  const style = getComputedStyle(host);
  const read = (name) => style.getPropertyValue(`--st-${name}`).trim();
  const background = read("background-color") || "#ffffff";
  const [r, g, b] = colourBytes([background]);
  const dark = 0.299 * r + 0.587 * g + 0.114 * b < 128;
  return {
    background, dark, text: read("text-color") || "#31333f", primary: read("primary-color") || "#c33",
    unknown: dark ? "#4a4f5a" : "#c9ccd3", accent: dark ? "#5b9bd5" : "#3b7dc4",
  };
}

// Any CSS colours as bytes, four each.
function colourBytes(colours) {
  const canvas = Object.assign(document.createElement("canvas"), { width: Math.max(1, colours.length), height: 1 });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  colours.forEach((colour, i) => {
    context.fillStyle = colour;
    context.fillRect(i, 0, 1, 1);
  });
  return context.getImageData(0, 0, canvas.width, 1).data;
}

// A step per point and a colour per step; step 0 means "not known".
function paint({ values, categories, palette }, theme) {
  const steps = new Uint16Array(values.length);
  let stops = palette.length ? palette : categories.length ? CATEGORIES : SCALE;
  if (categories.length) {
    values.forEach((value, i) => { steps[i] = value >= 0 && value < categories.length ? value + 1 : 0; });
    stops = categories.map((_, i) => stops[i % stops.length]);
    return { steps, stops, colours: [theme.unknown, ...stops] };
  }
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const span = high > low ? high - low : 1;
  for (let i = 0; i < steps.length; i++) {
    if (Number.isFinite(values[i])) steps[i] = 1 + Math.round(((SHADES - 1) * (values[i] - low)) / span);
  }
  return { steps, stops, low, high, colours: [theme.unknown, ...ramp(stops, SHADES)] };
}

function ramp(stops, size) {
  const canvas = Object.assign(document.createElement("canvas"), { width: size, height: 1 });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const gradient = context.createLinearGradient(0.5, 0, size - 0.5, 0);
  stops.forEach((stop, i) => gradient.addColorStop(i / Math.max(stops.length - 1, 1), stop));
  context.fillStyle = gradient;
  context.fillRect(0, 0, size, 1);
  const { data } = context.getImageData(0, 0, size, 1);
  const hex = (value) => value.toString(16).padStart(2, "0");
  return Array.from({ length: size }, (_, i) => `#${hex(data[4 * i])}${hex(data[4 * i + 1])}${hex(data[4 * i + 2])}`);
}
