'use strict';
// The page of another window, packed behind this one, replaces it; if the browser can't unpack it, this one stays.
(async () => {
  const asked = new URLSearchParams(location.search).get('window');
  const packed = asked && document.getElementById('window-' + asked);
  if (!packed) return;
  document.body.hidden = true;
  const bytes = Uint8Array.from(atob(packed.textContent), character => character.charCodeAt(0));
  const html = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).text();
  const run = document.body.dataset.run;
  document.open();
  // The run had no name yet when the page was packed.
  document.write(html.replaceAll('\u2039run\u203a', run));
  document.close();
})().catch(() => { document.body.hidden = false; });
