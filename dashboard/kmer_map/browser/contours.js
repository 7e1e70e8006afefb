// Lines of equal density on a flat map: each encloses a share of the points.

const CELLS = 160; // along a side of the grid of densities
const RIM_CELLS = 16; // around the points, so that lines close
const ENCLOSED = [0.25, 0.5, 0.75, 0.95];

// Segments as x0, y0, x1, y1 in coordinates of the layout, of the points that are wanted.
function contoursOf({ axes: [xs, ys], extent, size }, wanted) {
  const inner = CELLS - 2 * RIM_CELLS;
  const scales = [0, 1].map((axis) => (extent[axis][1] - extent[axis][0] || 1) / inner);
  let grid = new Float32Array(CELLS * CELLS);
  let total = 0;
  for (let i = 0; i < size; i++) {
    if (!wanted(i)) continue;
    const column = RIM_CELLS + Math.min(inner - 1, Math.floor((xs[i] - extent[0][0]) / scales[0]));
    const row = RIM_CELLS + Math.min(inner - 1, Math.floor((ys[i] - extent[1][0]) / scales[1]));
    grid[row * CELLS + column]++;
    total++;
  }
  if (!total) return [];
  const radius = Math.max(2, Math.round(16 * total ** (-1 / 6))); // Scott's rule, by and large
  for (let pass = 0; pass < 3; pass++) grid = blurred(blurred(grid, 1, CELLS, radius), CELLS, 1, radius);
  const at = (column, row) => [extent[0][0] + (column + 0.5 - RIM_CELLS) * scales[0], extent[1][0] + (row + 0.5 - RIM_CELLS) * scales[1]];
  return levelsOf(grid).flatMap((level) => segmentsAt(grid, level, at));
}

// Three box blurs are nearly a Gaussian one.
function blurred(grid, along, across, radius) {
  const result = new Float32Array(grid.length);
  for (let line = 0; line < CELLS; line++) {
    let sum = 0;
    for (let place = -radius; place < CELLS; place++) {
      if (place + radius < CELLS) sum += grid[line * across + (place + radius) * along];
      if (place - radius - 1 >= 0) sum -= grid[line * across + (place - radius - 1) * along];
      if (place >= 0) result[line * across + place * along] = sum / (2 * radius + 1);
    }
  }
  return result;
}

function levelsOf(grid) {
  const sorted = Float32Array.from(grid).sort().reverse();
  const total = sorted.reduce((a, b) => a + b, 0);
  let [sum, next] = [0, 0];
  const levels = [];
  for (const density of sorted) {
    sum += density;
    for (; next < ENCLOSED.length && sum >= ENCLOSED[next] * total; next++) levels.push(density);
  }
  return levels;
}

// Marching squares: a cell's line joins the edges on which the density passes the level.
function segmentsAt(grid, level, at) {
  const segments = [];
  for (let row = 0; row + 1 < CELLS; row++) {
    for (let column = 0; column + 1 < CELLS; column++) {
      const corners = [[0, 0], [1, 0], [1, 1], [0, 1]].map(([right, up]) => [column + right, row + up, grid[(row + up) * CELLS + column + right] - level]);
      const cut = corners.flatMap(([x, y, value], i) => {
        const [toX, toY, other] = corners[(i + 1) % 4];
        if (value > 0 === other > 0) return [];
        const share = value / (value - other);
        return [at(x + share * (toX - x), y + share * (toY - y))];
      });
      for (let i = 0; i + 1 < cut.length; i += 2) segments.push([...cut[i], ...cut[i + 1]]);
    }
  }
  return segments;
}
