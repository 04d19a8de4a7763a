// A lane is one transport's client as the page shows it: it keeps the cursor and
// the figures, and its transport moves the bytes.

// clock is the wall clock in milliseconds, finer than Date.now.
const clock = () => performance.timeOrigin + performance.now();

// millis reads nanoseconds since 1970, a decimal string that no number can hold.
const millis = (ns) => Number(ns.slice(0, -6)) + Number(ns.slice(-6)) / 1e6;

const encoder = new TextEncoder();
const byteLength = (text) => encoder.encode(text).length;

const kept = 1000; // latencies of which percentiles are taken

class Lane {
  constructor(name, title, api, transport) {
    this.transport = transport;
    this.cursor = null; // EPOCH-NUMBER, what a client resumes from
    this.last = null; // the number in it
    this.wanted = true;
    this.attempts = 0;
    this.figures = { events: 0, missed: 0, repeated: 0, bytes: 0, requests: 0 };
    this.latencies = [];
    this.lines = [];
    this.mine = new Set();
    this.element = document.getElementById('lane').content.firstElementChild.cloneNode(true);
    this.element.id = name;
    this.find('.title').textContent = title;
    this.find('.api').textContent = api;
    this.find('.by').textContent = transport.uplink;
    this.find('.cut').addEventListener('click', () => this.cut());
    this.find('.restore').addEventListener('click', () => this.restore());
    this.find('.send').addEventListener('submit', (e) => {
      e.preventDefault();
      this.send(this.find('.text').value);
    });
    document.getElementById('lanes').append(this.element);
    this.title = title;
  }

  find(selector) { return this.element.querySelector(selector); }

  // say shows a state: connecting, open, reconnecting, cut or refused.
  say(state, detail = '') {
    const pill = this.find('.pill');
    if (pill.textContent !== state) {
      document.getElementById('spoken').textContent = `${this.title}: ${state}`;
    }
    pill.textContent = state;
    pill.className = `pill ${state}`;
    this.find('.detail').textContent = detail;
    this.find('.cut').disabled = !this.wanted;
    this.find('.restore').disabled = this.wanted;
  }

  start() {
    this.say('connecting');
    this.transport.open(this);
  }

  cut() {
    this.wanted = false;
    clearTimeout(this.timer);
    this.transport.close();
    this.say('cut', 'by you; Restore resumes after the cursor');
  }

  restore() {
    if (this.wanted) return;
    this.wanted = true;
    this.attempts = 0;
    this.start();
  }

  // opened is told by the transport when it is subscribed.
  opened(detail = '') {
    this.attempts = 0;
    this.say('open', detail);
  }

  // again has the transport open once more after a delay: the one the server asks
  // for, or one drawn from an interval that doubles with every attempt, so that
  // those who were cut at once do not come back at once.
  again(why, asked = null) {
    if (!this.wanted) return;
    const delay = asked ?? Math.random() * Math.min(10_000, 500 * 2 ** this.attempts);
    this.attempts++;
    const at = performance.now() + delay;
    const count = () => {
      const rest = at - performance.now();
      if (rest <= 0) {
        this.start();
        return;
      }
      this.say('reconnecting', `in ${(rest / 1000).toFixed(1)} s, attempt ${this.attempts}: ${why}`);
      this.timer = setTimeout(count, Math.min(rest, 100));
    };
    clearTimeout(this.timer);
    count();
  }

  // hello is the cursor that a subscription begins with.
  hello(cursor) {
    this.cursor = cursor;
    this.last = numberOf(cursor);
  }

  // receive takes an event, in the suite's envelope.
  receive(event, bytes) {
    const now = clock();
    const n = BigInt(event.n);
    const f = this.figures;
    f.events++;
    f.bytes += bytes;
    if (this.last !== null && n <= this.last) {
      f.repeated++;
    } else {
      if (this.last !== null) f.missed += Number(n - this.last - 1n);
      this.last = n;
    }
    const latency = now - millis(event.wall);
    this.latencies.push(latency);
    if (this.latencies.length > kept) this.latencies.shift();
    const text = typeof event.data === 'string' ? event.data : JSON.stringify(event.data);
    const mine = this.mine.delete(text);
    const named = event.type ? ` ${event.type}:` : '';
    this.line(`${event.n} ${latency.toFixed(1).padStart(7)} ms ${named} ${text.slice(0, 40)}`, mine ? 'mine' : '');
  }

  // gap is the server's word that events between cursor and log are gone.
  gap(notice) {
    if (notice.epoch) {
      this.line(`gap: the server has begun anew, at ${notice.cursor}`, 'gap');
    } else {
      this.figures.missed += Number(BigInt(notice.to) - BigInt(notice.from) + 1n);
      this.line(`gap: ${notice.from} to ${notice.to} are gone`, 'gap');
    }
    this.hello(notice.cursor);
  }

  line(text, kind = '') {
    this.lines.unshift({ text, kind });
    this.lines.length = Math.min(this.lines.length, 7);
  }

  async send(text) {
    const message = `{"due":"0","type":"note","data":${JSON.stringify(text)}}`;
    this.mine.add(text);
    try {
      await this.transport.send(message);
      this.find('.by').textContent = this.transport.uplink;
    } catch (e) {
      this.mine.delete(text);
      this.find('.by').textContent = `not sent: ${e.message}`;
    }
  }

  // show brings the figures to the page.
  show() {
    for (const [name, value] of Object.entries(this.figures)) {
      this.find(`.${name}`).textContent = value.toLocaleString('en');
    }
    this.find('.missed').classList.toggle('wrong', this.figures.missed > 0);
    this.find('.repeated').classList.toggle('wrong', this.figures.repeated > 0);
    this.find('.cursor').textContent = this.cursor ?? '–';
    const sorted = [...this.latencies].sort((a, b) => a - b);
    for (const [name, q] of [['p50', 0.5], ['p90', 0.9], ['p99', 0.99]]) {
      // A percentile needs ten samples beyond it, as in the suite's tables.
      const enough = sorted.length * (1 - q) >= 10 || q === 0.5 && sorted.length >= 10;
      this.find(`.${name}`).textContent = enough ? `${sorted[Math.ceil(sorted.length * q) - 1].toFixed(2)} ms` : '–';
    }
    this.find('.log').replaceChildren(...this.lines.map(({ text, kind }) => {
      const item = document.createElement('li');
      item.textContent = text;
      item.className = kind;
      return item;
    }));
    this.strip();
  }

  // strip draws the last latencies on a logarithmic scale from 0.1 ms to 100 s.
  strip() {
    const bars = this.latencies.slice(-60).map((latency, i) => {
      const height = Math.min(32, Math.max(1, 32 * (Math.log10(Math.max(latency, 0.1)) + 1) / 6));
      const bar = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
      bar.setAttribute('x', 2 * i);
      bar.setAttribute('y', 32 - height);
      bar.setAttribute('width', 1.5);
      bar.setAttribute('height', height);
      return bar;
    });
    this.find('.strip').replaceChildren(...bars);
  }
}

// numberOf is the number in a cursor, EPOCH-NUMBER.
const numberOf = (cursor) => BigInt(cursor.slice(cursor.lastIndexOf('-') + 1));
