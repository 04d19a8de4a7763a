// The four transports, each as plain as its API is.

// told is what the server has put into the head of the page.
const told = (name) => document.querySelector(`meta[name=${name}]`).content;
const topic = told('topic');

// address is a path with the topic and, where there is one, the cursor.
function address(path, cursor) {
  const query = new URLSearchParams({ topic });
  if (cursor) query.set('after', cursor);
  return `${path}?${query}`;
}

// post sends a message where the transport itself goes one way only.
async function post(message) {
  const answer = await fetch(address('/publish'), { method: 'POST', body: message });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
}

const sleep = (ms, signal) => new Promise((resolve) => {
  const timer = setTimeout(resolve, ms);
  signal.addEventListener('abort', () => { clearTimeout(timer); resolve(); }, { once: true });
});

// A Poller asks again and again: at its interval, or at once when the server holds
// what it has no answer for.
class Poller {
  uplink = 'by a POST of its own';

  constructor(path, interval) {
    this.path = path;
    this.interval = interval; // () => ms
  }

  close() { this.abort?.abort(); }

  send(message) { return post(message); }

  async open(lane) {
    this.abort = new AbortController();
    const { signal } = this.abort;
    while (!signal.aborted) {
      const began = performance.now();
      let more = false;
      try {
        more = await this.ask(lane, signal);
      } catch (e) {
        if (!signal.aborted) lane.again(e.message, e.retry);
        return;
      }
      const rest = began + this.interval() - performance.now();
      if (!more && rest > 0) await sleep(rest, signal);
    }
  }

  // ask makes one request and says whether there is more at once.
  async ask(lane, signal) {
    lane.figures.requests++;
    const answer = await fetch(address(this.path, lane.cursor), { signal, cache: 'no-store' });
    if (!answer.ok) {
      const error = new Error(`${answer.status} ${(await answer.text()).trim()}`);
      const seconds = Number(answer.headers.get('Retry-After'));
      if (seconds > 0) error.retry = 1000 * seconds;
      throw error;
    }
    if (answer.status === 204) {
      if (signal.aborted) return false;
      lane.opened('nothing new');
      return false;
    }
    const text = await answer.text();
    const batch = JSON.parse(text);
    if (signal.aborted) return false; // the cursor stays, so nothing is lost
    lane.opened();
    if (batch.gap) lane.gap(batch.gap);
    if (lane.cursor === null) lane.hello(batch.cursor);
    const share = byteLength(text) / Math.max(batch.events.length, 1);
    for (const event of batch.events) lane.receive(event, share);
    lane.cursor = batch.cursor;
    lane.figures.bytes = Math.round(lane.figures.bytes);
    return batch.more;
  }
}

// A Stream is the browser's EventSource: it reconnects by itself, with the id of
// the last event, after the time that the server sets.
class Stream {
  uplink = 'by a POST of its own';

  open(lane) {
    lane.figures.requests++;
    const source = new EventSource(address('/sse', lane.cursor));
    this.source = source;
    const states = ['CONNECTING', 'OPEN', 'CLOSED'];
    const state = () => `readyState ${source.readyState} (${states[source.readyState]})`;
    source.onopen = () => lane.opened(state());
    const take = (e) => {
      lane.cursor = e.lastEventId;
      lane.receive(JSON.parse(e.data), byteLength(e.data));
    };
    source.onmessage = take;
    // Only types that are listened for reach a page: this is what messages that
    // are sent from here have.
    source.addEventListener('note', take);
    source.addEventListener('gap', (e) => lane.gap(JSON.parse(e.data)));
    source.onerror = () => {
      if (source.readyState === EventSource.CONNECTING) {
        lane.figures.requests++;
        lane.say('reconnecting', `${state()}, by the browser itself, after the server's retry time`);
      } else {
        lane.again(`${state()}: the server has refused the stream`);
      }
    };
  }

  close() { this.source?.close(); }

  send(message) { return post(message); }
}

// A Socket is the browser's WebSocket: both ways, and resuming is the page's work.
class Socket {
  uplink = 'by a frame of the same connection';

  open(lane) {
    lane.figures.requests++;
    const url = new URL(address('/ws', lane.cursor), location.href);
    url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url);
    this.socket = socket;
    let epoch = lane.cursor?.slice(0, lane.cursor.lastIndexOf('-'));
    socket.onopen = () => lane.opened('readyState 1 (OPEN)');
    socket.onmessage = (e) => {
      const message = JSON.parse(e.data);
      if (message.hello) {
        lane.hello(message.hello);
      } else if (message.gap) {
        lane.gap(message.gap);
      } else {
        lane.cursor = `${epoch}-${message.n}`;
        lane.receive(message, byteLength(e.data));
        return;
      }
      epoch = lane.cursor.slice(0, lane.cursor.lastIndexOf('-'));
    };
    socket.onclose = (e) => {
      if (this.socket === socket) lane.again(`closed with code ${e.code}${e.reason ? ` (${e.reason})` : ''}`);
    };
  }

  close() {
    const socket = this.socket;
    this.socket = null;
    socket?.close(1000, 'cut');
  }

  async send(message) {
    if (this.socket?.readyState !== WebSocket.OPEN) throw new Error('the connection is not open');
    this.socket.send(message);
  }
}
