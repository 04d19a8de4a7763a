// What the page does beside its lanes: the source's controls, and a second stream
// that shows the format.

const at = (id) => document.getElementById(id);
const interval = () => Number(at('interval').value);

// Where a browser lacks an API the lane says so and falls back to the next best.
function better(available, transport, name, fallback) {
  if (available) return transport();
  at('controls-note').textContent += ` This browser has no ${name}: its lane uses long polling.`;
  return fallback();
}
const held = () => new Poller('/longpoll', () => 0);

const lanes = [
  new Lane('Short polling', 'fetch', new Poller('/poll', interval)),
  new Lane('Long polling', 'fetch', held()),
  new Lane('Server-Sent Events', 'EventSource', better('EventSource' in window, () => new Stream(), 'EventSource', held)),
  new Lane('WebSocket', 'WebSocket', better('WebSocket' in window, () => new Socket(), 'WebSocket', held)),
];
for (const lane of lanes) lane.start();

// Four times a second is as often as anyone reads numbers.
setInterval(() => { for (const lane of lanes) lane.show(); }, 250);

at('cut-all').addEventListener('click', () => { for (const lane of lanes) if (lane.wanted) lane.cut(); });
at('restore-all').addEventListener('click', () => { for (const lane of lanes) lane.restore(); });

// The controls of the server need its token, which is only in pages that it gives
// to its own machine.
const token = document.querySelector('meta[name=control]').content;

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
if (token === '') {
  for (const id of ['rate', 'size', 'stall', 'reset']) at(id).disabled = true;
  at('controls-note').textContent += ' The server\'s controls are closed: start it with --control, on the loopback interface.';
}

// The second stream. Whatever it sends is shown as it reached the page's code.
const textbook = 'EventSource' in window ? new EventSource('/textbook') : null;
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
  for (const name of ['greeting', 'price', 'poem']) textbook.addEventListener(name, (e) => tell(`addEventListener('${name}')`, e));
}

// The same server under its other name is another origin to a browser.
at('cross').addEventListener('click', () => {
  const other = new URL('/textbook', location.href);
  other.hostname = location.hostname === 'localhost' ? '127.0.0.1' : 'localhost';
  const source = new EventSource(other, { withCredentials: at('credentials').checked });
  source.onopen = () => { at('cross-result').textContent = `${other.origin} lets this page read`; source.close(); };
  source.onerror = () => {
    at('cross-result').textContent = `refused: ${other.origin} does not name this page's origin in its answer (see --origins)`;
    source.close();
  };
});
