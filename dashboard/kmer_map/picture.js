// The map as a picture: plotly draws what is seen, with legend and labels as its own.

// plotly renders a few HTML tags in its texts; this shows them as typed.
const plotlyText = (text) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const LETTER = 7.5; // pixels of a letter in the legend, rather too many than too few

function pictureOf(map) {
  const { plot, data, theme, space } = map;
  const flat = data.dimensions === 2;
  const type = flat ? "scattergl" : "scatter3d";
  const full = plot._fullLayout;
  const traces = legendTraces(map, type);
  const room = Math.min(420, Math.max(200, 70 + LETTER * Math.max(0, ...traces.map(({ name }) => name?.length ?? 0))));
  const annotations = map.labels.visible()
    .map(({ x, y, z, text }) => ({ x, y, z, text: `<b>${plotlyText(text)}</b>`, showarrow: false, font: { size: 13 } }));
  const view = flat
    ? { xaxis: { ...plot.layout.xaxis, range: full.xaxis.range, autorange: false },
        yaxis: { ...plot.layout.yaxis, range: full.yaxis.range, autorange: false },
        annotations: [...annotations.map(({ z, ...rest }) => rest), ...noteOf(map)], images: imageOf(space) }
    : { scene: { ...plot.layout.scene, camera: full.scene.camera, annotations }, annotations: noteOf(map) };
  return {
    data: [...(flat ? [] : [plot.data[1]]), ...pointTraces(map, type), ...traces],
    layout: {
      ...plot.layout, ...view, width: space.width + room, height: space.height, margin: { l: 0, r: room, t: 0, b: 0 },
      shapes: shapesOf(map), paper_bgcolor: theme.background, font: { color: theme.text, family: "sans-serif" }, // the page's own font does not come along
      showlegend: true, legend: { title: { text: plotlyText(data.title) }, itemsizing: "constant" },
    },
  };
}

const placesOf = ({ axes, dimensions }, tokens) => Object.fromEntries(
  axes.slice(0, dimensions).map((axis, i) => ["xyz"[i], Float32Array.from(tokens, (token) => axis[token])]));

function pointTraces({ data, paint, group, look }, type) {
  const { steps, colours } = paint;
  return [GROUPS.faded, GROUPS.plain, GROUPS.lit].flatMap((wanted) => {
    const tokens = [];
    group.forEach((each, token) => { if (each === wanted) tokens.push(token); });
    const { size, opacity } = look[wanted];
    if (!tokens.length) return [];
    const color = tokens.map((token) => colours[steps[token]]);
    return [{ type, mode: "markers", showlegend: false, hoverinfo: "skip", ...placesOf(data, tokens), marker: { color, size, opacity, line: { width: 0 } } }];
  });
}

// plotly counts a shape's pixels from its anchor, upwards.
function shapesOf(map) {
  const corner = { type: "path", layer: "above", xref: "paper", yref: "paper", xsizemode: "pixel", ysizemode: "pixel", xanchor: 0, yanchor: 1 };
  return map.overlay.shapes().map(({ path, fill, color, width }) => ({
    ...corner, path: path.replaceAll(/(-?[\d.]+) (-?[\d.]+)/g, (_, x, y) => `${x},${-y}`),
    fillcolor: fill === "none" ? "rgba(0,0,0,0)" : fill, line: { color, width },
  }));
}

function legendTraces({ data, paint, legend, theme }, type) {
  const { stops, low, high } = paint;
  const { hidden } = legend.filter();
  const nowhere = { type, mode: "markers", x: [null], y: [null], z: [null] };
  if (low === undefined) {
    return data.categories.map((name, i) => {
      const off = hidden.has(i + 1);
      return { ...nowhere, name: plotlyText(off ? `${name} (hidden)` : name), marker: { color: off ? theme.unknown : stops[i], size: 9 } };
    });
  }
  if (low > high) return [];
  const colorscale = stops.map((stop, i) => [stops.length > 1 ? i / (stops.length - 1) : i, stop]);
  if (stops.length === 1) colorscale.push([1, stops[0]]);
  const colorbar = { title: { text: plotlyText(data.title) }, thickness: 12, len: 0.5, y: 1, yanchor: "top", outlinewidth: 0 };
  return [{ ...nowhere, showlegend: false, marker: { color: [low], cmin: low, cmax: high, colorscale, showscale: true, colorbar } }];
}

function noteOf({ note }) {
  const place = { xref: "paper", yref: "paper", x: 0, y: 0, xshift: 12, yshift: 6, xanchor: "left", yanchor: "bottom", showarrow: false };
  return note.textContent ? [{ ...place, text: plotlyText(note.textContent), font: { size: 11 } }] : [];
}

function imageOf({ image, extent: [[left, right], [bottom, top]] }) {
  if (!image) return [];
  return [{ source: image.toDataURL(), xref: "x", yref: "y", x: left, y: top, sizex: right - left, sizey: top - bottom, sizing: "stretch", layer: "below" }];
}
