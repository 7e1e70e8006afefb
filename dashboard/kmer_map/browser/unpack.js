// One message, as pack() in message.py laid it out: its header, and the bytes of each array.
function unpack(message) {
  const size = new DataView(message.buffer, message.byteOffset).getUint32(0, true);
  const text = new TextDecoder().decode(message.subarray(4, 4 + size));
  const header = JSON.parse(text);
  const bytes = (name) => {
    const [start, length] = header.arrays[name];
    return message.slice(4 + size + start, 4 + size + start + length).buffer;
  };
  return { header, text, bytes };
}
