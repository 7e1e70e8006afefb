// The card beside the pointer: the k-mer in the colours of its bases, and what is known of it.

class Card {
  constructor(map) {
    this.map = map;
    this.root = element("div", "kmer-map-card", "", { "aria-hidden": "true" });
    this.root.hidden = true;
    this.token = null;
  }

  // At a place of the map, in pixels.
  show(token, x, y) {
    if (token !== this.token) this.fill(token);
    this.root.hidden = false;
    const { offsetWidth: width, offsetHeight: height } = this.root;
    const { width: room, height: deep } = this.map.space;
    this.root.style.left = `${Math.max(4, x + 16 + width > room ? x - 16 - width : x + 16)}px`;
    this.root.style.top = `${Math.max(4, Math.min(y + 12, deep - height - 4))}px`;
  }

  fill(token) {
    this.token = token;
    const { data } = this.map;
    const word = element("div", "kmer-map-word");
    for (const letter of kmerText(data.codes[token], data)) {
      const base = element("span", "", letter);
      base.style.color = data.bases[letter] ?? "";
      word.append(base);
    }
    this.root.replaceChildren(word, ...[data, ...data.facts].map((fact) => {
      const row = element("div", "kmer-map-value", `${fact.title} `);
      row.append(element("b", "", valueText(fact, token)));
      return row;
    }));
  }

  // What a screen reader is told of it.
  text(token) {
    const { data } = this.map;
    return [kmerText(data.codes[token], data), ...[data, ...data.facts].map((fact) => `${fact.title} ${valueText(fact, token)}`)].join(", ");
  }

  hide() {
    this.token = null;
    this.root.hidden = true;
  }
}
