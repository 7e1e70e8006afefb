// The map of k-mers. Python says what to show (see message.py); these files, joined to one module
// in the order of component.py, draw it. WebGL draws the points (dots.js), all else is ordinary HTML
// and SVG, filled through textContent only, so that no name can smuggle in markup.
//
// Only other points touch the view: whatever leaves them where they are (colours, highlight, focus,
// labels, path, theme) leaves zoom, tool and selection too.

const LONGEST_INT32 = 15; // as in message.py: longer k-mers come as int64
const number = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const count = new Intl.NumberFormat("en");

// What a message says, or null while arrays it names are still on their way. Arrays with the
// checksum they had stay the very same objects.
function decode(message, previous) {
  const { header, text, bytes } = unpack(message);
  if (text === previous?.text) return previous;
  const buffers = gather(header.needs);
  if (!buffers) return null;
  const same = (...names) => names.every((name) => previous?.needs[name]?.[1] === header.needs[name][1]);
  const data = { ...header, text };
  const kept = same("points") && previous.dimensions === data.dimensions;
  data.axes = kept ? previous.axes : columns(new Float32Array(buffers.points), data.dimensions);
  const Codes = data.k <= LONGEST_INT32 ? Int32Array : BigInt64Array;
  data.codes = same("kmers") ? previous.codes : new Codes(buffers.kmers);
  data.values = same("values") ? previous.values : new Float32Array(buffers.values);
  data.facts = header.facts.map((fact, i) => ({ ...fact, values: new Float32Array(buffers[`fact${i}`]) }));
  data.histograms = header.histograms.map((each, i) => ({ ...each, values: same(`histogram${i}`) ? previous.histograms[i].values : new Float32Array(buffers[`histogram${i}`]) }));
  const array = (name, Kind) => (header.arrays[name] ? new Kind(bytes(name)) : new Kind(0));
  data.path = array("path", Int32Array);
  [data.near, data.cosines] = [array("near", Int32Array), array("cosines", Float32Array)];
  data.highlighted = header.arrays.highlighted ? new Uint8Array(bytes("highlighted")) : null;
  data.chosen = header.arrays.select ? new Uint8Array(bytes("select")) : null;
  return data;
}

function gather(needs) {
  const buffers = {};
  for (const [name, [slot, sum]] of Object.entries(needs)) {
    const found = self.bioskipgramArrays?.get(slot)?.arrays[name];
    if (found?.sum !== sum) return null;
    buffers[name] = found.buffer;
  }
  return buffers;
}

// Always three columns: a flat map has z = 0 everywhere.
function columns(flat, width) {
  return [0, 1, 2].map((axis) => {
    const column = new Float32Array(flat.length / width);
    if (axis < width) for (let i = 0; i < column.length; i++) column[i] = flat[i * width + axis];
    return column;
  });
}

// Codes of words of several lengths begin with the shortest words.
function kmerText(code, { letters, shortest }) {
  let [rest, text, length] = [Number(code), "", shortest]; // exact up to 26 bases
  while (rest >= letters.length ** length) rest -= letters.length ** length++;
  for (let i = 0; i < length; i++) {
    text = letters[rest % letters.length] + text;
    rest = Math.floor(rest / letters.length);
  }
  return text;
}

function valueText({ values, categories }, token) {
  const value = values[token];
  if (categories.length) return categories[value] ?? "not known";
  return Number.isFinite(value) ? number.format(value) : "not known";
}

// ---- sets of points, as bits ----------------------------------------------------------------

const flagAt = (bits, index) => (bits[index >> 3] >> (index & 7)) & 1;

function bitsOf(size, wanted) {
  const bits = new Uint8Array(Math.ceil(size / 8));
  for (let i = 0; i < size; i++) if (wanted(i)) bits[i >> 3] |= 1 << (i & 7);
  return bits;
}

function bitCount(bits) {
  let size = 0;
  for (let byte of bits) for (; byte; byte &= byte - 1) size++;
  return size;
}

// The selection after `fresh` was drawn on it; null when nothing is left.
function combined(old, fresh, mode) {
  const before = mode === "new" || !old ? new Uint8Array(fresh.length) : old;
  const bits = before.map((byte, i) => (mode === "subtract" ? byte & ~fresh[i] : byte | fresh[i]));
  return bits.some(Boolean) ? bits : null;
}

function base64Of(bytes) {
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) {
    text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  }
  return btoa(text);
}

const stillness = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
