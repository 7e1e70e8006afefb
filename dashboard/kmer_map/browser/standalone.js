// Maps in a page of their own, without Streamlit: a report, a notebook. All that is shown stands in
// the page, as base64; nothing is fetched. Reads the data that standalone.py wrote.

const bytesFrom = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

class StandalonePage {
  constructor(root) {
    this.data = JSON.parse(root.querySelector("script[type='application/json']").textContent);
    this.menu = root.querySelector("select");
    this.said = root.querySelector(".standalone-said");
    this.list = root.querySelector(".standalone-list");
    for (const part of this.data.parts) this.store(bytesFrom(part));
    this.messages = this.data.maps.map(({ message }) => bytesFrom(message));
    this.near = this.data.neighbors && new Int32Array(bytesFrom(this.data.neighbors).buffer);
    this.cosines = this.data.cosines && new Float32Array(bytesFrom(this.data.cosines).buffer);
    this.data.maps.forEach(({ title }) => this.menu.append(new Option(title)));
    this.map = new KmerMap(root.querySelector(".standalone-map"));
    this.menu.addEventListener("change", () => this.show());
    this.show();
  }

  // As arrays.js does for Streamlit.
  store(part) {
    const { header, text, bytes } = unpack(part);
    const kept = Object.entries(header.arrays).map(([name, [, , sum]]) => [name, { sum, buffer: bytes(name) }]);
    (self.bioskipgramArrays ??= new Map()).set(header.slot, { text, arrays: Object.fromEntries(kept) });
  }

  show() {
    this.map.show({
      data: this.messages[this.menu.selectedIndex],
      setStateValue: (_, { flags }) => this.selected(flags && bytesFrom(flags)),
      setTriggerValue: (name, value) => this.happened(name, value),
    });
  }

  happened(name, value) {
    if (name === "clicked") this.clicked(value);
    if (name === "category") this.choose((token) => this.map.data.values[token] === value);
    if (name === "cluster" && value >= 0) {
      const clusters = this.data.clusters;
      this.choose((token) => clusters[token] === value);
    }
  }

  choose(wanted) {
    this.map.clear();
    this.map.select(bitsOf(this.map.data.count, wanted), "new");
  }

  text(token) {
    return kmerText(this.map.data.codes[token], this.map.data);
  }

  selected(bits) {
    if (!bits) return this.say("", "");
    const chosen = [];
    for (let i = 0; i < this.map.data.count; i++) if (flagAt(bits, i)) chosen.push(this.text(i));
    this.say(`${count.format(chosen.length)} k-mers selected`, chosen.join(" "));
  }

  clicked(token) {
    if (!this.near) return this.say(this.text(token), "");
    const size = this.near.length / this.map.data.count;
    const rows = Array.from({ length: size }, (_, i) => {
      const place = token * size + i;
      return `${this.text(this.near[place])}\t${this.cosines[place].toFixed(3)}`;
    });
    this.say(`${this.text(token)}: its nearest k-mers, and their cosines`, rows.join("\n"));
  }

  say(title, text) {
    this.said.textContent = title || this.data.hint;
    this.list.value = text;
    this.list.hidden = !text;
  }
}

for (const root of document.querySelectorAll(".standalone")) new StandalonePage(root);
