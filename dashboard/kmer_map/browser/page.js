// Hands the map to the page, where every map's stub finds it.
const maps = new WeakMap();

self.bioskipgramKmerMap = {
  show(host, component) {
    if (!maps.has(host)) maps.set(host, new KmerMap(host));
    maps.get(host).show(component);
  },
  remove(host) {
    maps.get(host)?.remove();
    maps.delete(host);
  },
};
self.dispatchEvent(new Event("bioskipgram:map"));

export default () => {};
