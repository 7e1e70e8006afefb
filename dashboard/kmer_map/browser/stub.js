// What travels with each change of a map's data: it asks for the map, which came once (see page.js).
export default function (component) {
  const host = component.parentElement;
  const show = () => self.bioskipgramKmerMap.show(host, component);
  if (self.bioskipgramKmerMap) show();
  else self.addEventListener("bioskipgram:map", show, { once: true });
  return () => {
    if (host.isConnected) return; // Streamlit also ends a call that a newer one has overtaken
    self.removeEventListener("bioskipgram:map", show);
    self.bioskipgramKmerMap?.remove(host);
  };
}
