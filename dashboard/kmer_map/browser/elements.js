// Elements of a page, filled through textContent only, so that no name can smuggle in markup.

function element(tag, className, text = "", attributes = {}) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function svgElement(tag, className, attributes = {}) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  made.setAttribute("class", className);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function icon(path) {
  const made = svgElement("svg", "", { viewBox: "0 0 24 24", "aria-hidden": "true" });
  made.append(svgElement("path", "", { d: path }));
  return made;
}
