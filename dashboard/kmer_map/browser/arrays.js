// Keeps a part's arrays where the map finds them, so that they are not sent again with each click.
const store = (self.bioskipgramArrays ??= new Map());

export default function ({ data, parentElement }) {
  const { header, text, bytes } = unpack(data);
  const { slot, arrays } = header;
  if (store.get(slot)?.text !== text) {
    const kept = Object.entries(arrays).map(([name, [, , sum]]) => [name, { sum, buffer: bytes(name) }]);
    store.set(slot, { text, arrays: Object.fromEntries(kept) });
    self.dispatchEvent(new Event("bioskipgram:arrays"));
  }
  const mine = store.get(slot);
  return () => {
    if (!parentElement.isConnected && store.get(slot) === mine) store.delete(slot);
  };
}
