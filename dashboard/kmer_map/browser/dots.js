// The points, drawn by WebGL: positions, a colour step per point, and in what order which are drawn.

const GROUPS = { hidden: 0, faded: 1, plain: 2, lit: 3 };
const PALETTE_WIDTH = 256;
const VERTEX = `
attribute vec3 origin, place;
attribute float step;
uniform mat4 matrix;
uniform float progress, size, depth;
uniform vec2 paletteSize;
uniform sampler2D palette;
varying vec3 colour;
varying float diameter;
void main() {
  gl_Position = matrix * vec4(mix(origin, place, progress), 1.0);
  diameter = depth > 0.0 ? size * clamp(depth / gl_Position.w, 0.5, 3.0) : size;
  gl_PointSize = diameter + 1.0;
  vec2 cell = vec2(mod(step, paletteSize.x), floor(step / paletteSize.x));
  colour = texture2D(palette, (cell + 0.5) / paletteSize).rgb;
}`;
const FRAGMENT = `
precision mediump float;
uniform float opacity;
varying vec3 colour;
varying float diameter;
void main() {
  float inside = 0.5 * diameter - length(gl_PointCoord - 0.5) * (diameter + 1.0) + 0.5;
  float alpha = opacity * clamp(inside, 0.0, 1.0);
  if (alpha < 0.01) discard;
  gl_FragColor = vec4(colour * alpha, alpha);
}`;

// Null where the browser has no WebGL.
const glOf = (canvas) => canvas.getContext("webgl2", { antialias: false, premultipliedAlpha: true });

class Dots {
  constructor(canvas) {
    this.canvas = canvas;
    this.held = {}; // what the buffers were filled from, to fill them again
    this.groups = new Uint32Array(5);
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    canvas.addEventListener("webglcontextrestored", () => this.restore());
    this.setUp();
  }

  setUp() {
    const gl = glOf(this.canvas);
    this.gl = gl;
    this.program = gl.createProgram();
    for (const [type, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(type);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(this.program, shader);
    }
    gl.linkProgram(this.program);
    if (!gl.getProgramParameter(this.program, gl.LINK_STATUS) && !gl.isContextLost()) {
      throw new Error(gl.getProgramInfoLog(this.program));
    }
    gl.useProgram(this.program);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.buffers = { origin: gl.createBuffer(), place: gl.createBuffer(), step: gl.createBuffer(), order: gl.createBuffer() };
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    for (const name of ["MIN_FILTER", "MAG_FILTER"]) gl.texParameteri(gl.TEXTURE_2D, gl[`TEXTURE_${name}`], gl.NEAREST);
  }

  restore() {
    this.setUp();
    const { axes, steps, colours, group } = this.held;
    if (axes) this.move(axes);
    if (steps) this.colour(steps, colours);
    if (group) this.arrange(group);
    this.onrestored?.();
  }

  remove() {
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  attribute(name, width, type, values) {
    const { gl } = this;
    const place = gl.getAttribLocation(this.program, name);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[name]);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, width, type, false, 0, 0);
  }

  // Where the points are, and where they come from when that is drawn in steps.
  move(axes, origins = axes) {
    const interleaved = ([x, y, z]) => {
      const flat = new Float32Array(3 * x.length);
      for (let i = 0, at = 0; i < x.length; i++) {
        flat[at++] = x[i];
        flat[at++] = y[i];
        flat[at++] = z[i];
      }
      return flat;
    };
    this.held.axes = axes;
    const places = interleaved(axes);
    this.attribute("place", 3, this.gl.FLOAT, places);
    this.attribute("origin", 3, this.gl.FLOAT, origins === axes ? places : interleaved(origins));
  }

  colour(steps, colours) {
    const { gl } = this;
    Object.assign(this.held, { steps, colours });
    this.attribute("step", 1, gl.UNSIGNED_SHORT, steps);
    const height = Math.ceil(colours.length / PALETTE_WIDTH);
    const texels = new Uint8Array(4 * PALETTE_WIDTH * height);
    texels.set(colourBytes(colours));
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, PALETTE_WIDTH, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, texels);
    gl.uniform2f(this.uniform("paletteSize"), PALETTE_WIDTH, height);
  }

  // The group of each point: faded ones are drawn first, those that are lit last, on top.
  arrange(group) {
    const { gl } = this;
    this.held.group = group;
    const starts = new Uint32Array(5);
    for (const each of group) starts[each + 1]++;
    for (let i = 1; i < 5; i++) starts[i] += starts[i - 1];
    const order = new Uint32Array(group.length);
    const next = starts.slice();
    for (let i = 0; i < group.length; i++) order[next[group[i]]++] = i;
    this.groups = starts;
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.buffers.order);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, order, gl.STATIC_DRAW);
  }

  size(group) {
    return this.groups[group + 1] - this.groups[group];
  }

  uniform(name) {
    return this.gl.getUniformLocation(this.program, name);
  }

  // `look` says of each group how large and how opaque it is; `depth` is 0 on a flat map.
  draw(matrix, { look, depth, progress, width, height, ratio }) {
    const { gl, canvas } = this;
    if (gl.isContextLost()) return;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    gl.viewport(0, 0, width, height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.uniformMatrix4fv(this.uniform("matrix"), false, matrix);
    gl.uniform1f(this.uniform("progress"), progress);
    gl.uniform1f(this.uniform("depth"), depth);
    if (depth) gl.enable(gl.DEPTH_TEST);
    else gl.disable(gl.DEPTH_TEST);
    for (const group of [GROUPS.faded, GROUPS.plain, GROUPS.lit]) {
      if (!this.size(group)) continue;
      gl.depthMask(true);
      gl.clear(gl.DEPTH_BUFFER_BIT); // a lit point is never behind a faded one
      gl.depthMask(group !== GROUPS.faded);
      gl.uniform1f(this.uniform("size"), look[group].size * ratio);
      gl.uniform1f(this.uniform("opacity"), look[group].opacity);
      gl.drawElements(gl.POINTS, this.size(group), gl.UNSIGNED_INT, 4 * this.groups[group]);
    }
  }
}
