// What the page does beside its lanes: the source's controls, and a second stream
// that shows the format.

const at = (id) => document.getElementById(id);
const interval = () => Number(at('interval').value);

// Where a browser lacks an API the lane says so and falls back to the next best.
function better(available, transport, name) {
  if (available) return transport();
  at('lacks').textContent += `This browser has no ${name}: its lane uses long polling. `;
  return held();
}
const held = () => new Poller('/longpoll', () => 0);

// What each transport is called, which API it needs, and what speaks it.
const known = {
  poll: ['Short polling', 'fetch', () => new Poller('/poll', interval)],
  longpoll: ['Long polling', 'fetch', held],
  sse: ['Server-Sent Events', 'EventSource', () => better('EventSource' in window, () => new Stream(), 'EventSource')],
  ws: ['WebSocket', 'WebSocket', () => better('WebSocket' in window, () => new Socket(), 'WebSocket')],
};
const lanes = told('transports').split(' ').map((name) => {
  const [title, api, transport] = known[name];
  return new Lane(name, title, api, transport());
});
for (const lane of lanes) lane.start();

// Four times a second is as often as anyone reads numbers.
setInterval(() => { for (const lane of lanes) lane.show(); }, 250);

at('cut-all').addEventListener('click', () => { for (const lane of lanes) if (lane.wanted) lane.cut(); });
at('restore-all').addEventListener('click', () => { for (const lane of lanes) lane.restore(); });

// The controls of the server need its token. It is in pages that the server gives
// to its own machine; else who opens the page puts it behind the # of the address,
// which a browser keeps to itself.
const token = told('token') || decodeURIComponent(location.hash.slice(1));

async function control(order) {
  try {
    const answer = await fetch('/control', {
      method: 'POST', body: JSON.stringify(order), headers: { Authorization: `Bearer ${token}` },
    });
    at('controls-note').textContent = answer.ok ? '' : `refused: ${(await answer.text()).trim()}`;
  } catch (e) {
    at('controls-note').textContent = `the server cannot be told: ${e.message}`;
  }
}

// bytesOf is the slider's place as bytes: powers of two.
const bytesOf = () => 2 ** Number(at('size').value);

function showControls() {
  at('rate-shown').textContent = at('rate').value;
  at('size-shown').textContent = bytesOf().toLocaleString('en');
  at('interval-shown').textContent = `${(interval() / 1000).toFixed(1)} s`;
}

for (const id of ['rate', 'size', 'interval']) at(id).addEventListener('input', showControls);
for (const id of ['rate', 'size']) {
  at(id).addEventListener('change', () => control({ rate: Number(at('rate').value), size: bytesOf() }));
}
at('stall').addEventListener('click', () => control({ stall_ms: 3000 }));
at('reset').addEventListener('click', () => control({ reset: true }));
showControls();
if (told('controls') === '' || token === '') {
  for (const id of ['rate', 'size', 'stall', 'reset']) at(id).disabled = true;
  at('controls-note').textContent = told('controls') === ''
    ? 'This server\'s controls are closed: start it with --control TOKEN to open them.'
    : 'This server\'s controls want its token: put #TOKEN behind the address of this page.';
}

// The second stream. Whatever it sends is shown as it reached the page's code.
const textbook = 'EventSource' in window && told('textbook') ? new EventSource(told('textbook')) : null;
const tell = (kind, e) => {
  const item = document.createElement('li');
  item.textContent = e ? `${kind}  id ${e.lastEventId || '–'}\n${e.data}` : kind;
  at('textbook').prepend(item);
  while (at('textbook').childElementCount > 6) at('textbook').lastElementChild.remove();
  at('textbook-state').textContent = textbook.readyState;
  if (e) at('textbook-id').textContent = e.lastEventId || '–';
};
if (textbook) {
  textbook.onopen = () => tell('onopen');
  textbook.onerror = () => tell(`onerror, readyState ${textbook.readyState}`);
  textbook.onmessage = (e) => tell('onmessage', e);
  // Only names that are listened for reach a page.
  for (const name of ['greeting', 'price', 'poem']) textbook.addEventListener(name, (e) => tell(`addEventListener('${name}')`, e));
} else {
  at('textbook-section').hidden = true;
}

// The same server under its other name is another origin to a browser.
at('cross').addEventListener('click', () => {
  const other = new URL(told('textbook'), location.href);
  other.hostname = location.hostname === 'localhost' ? '127.0.0.1' : 'localhost';
  const source = new EventSource(other, { withCredentials: at('credentials').checked });
  source.onopen = () => { at('cross-result').textContent = `${other.origin} lets this page read`; source.close(); };
  source.onerror = () => {
    at('cross-result').textContent = `refused: ${other.origin} does not name this page's origin in its answer (see --origins)`;
    source.close();
  };
});
