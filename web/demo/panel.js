/** One panel: the offers of one search as they arrive, and how the connection fares. */
import { element, seconds } from './draw.js';
import { search } from './search.js';

/** Silence after which a person would begin to doubt, and to give up. */
const DOUBT_MS = 4000;
const GIVEN_UP_MS = 12000;
/** A first result later than this is of little use: the quickest answer is there in a tenth of a second. */
const LATE_MS = 5000;

export class Panel {
  #root;
  #began = 0;
  #last = 0;
  #first = 0;
  #count = 0;
  #of = 0;
  #ended = true;
  /** @type {WebSocket | undefined} */
  #socket;
  /** @type {number | undefined} */
  #clock;
  /** @type {string[]} */
  #transports = [];

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
  }

  /** @param {string} name */
  #part(name) {
    return /** @type {HTMLElement} */ (this.#root.querySelector(`[data-${name}]`));
  }

  /** @param {string} title */
  network(title) {
    this.#part('network').textContent = title;
  }

  /** Leaves the search that runs, if one does. */
  stop() {
    clearInterval(this.#clock);
    const socket = this.#socket;
    this.#socket = undefined;
    this.#ended = true;
    socket?.close();
  }

  /**
   * @param {new (url: string) => WebSocket} Socket
   * @param {string} url
   * @param {{ from: string, to: string, also?: string }} wish
   */
  run(Socket, url, wish) {
    this.stop();
    this.#count = this.#of = 0;
    this.#transports = [];
    this.#ended = false;
    this.#began = this.#last = performance.now();
    this.#part('offers').replaceChildren();
    this.#part('transport').textContent = '';
    this.#say('', 'Connecting …');
    const socket = search(Socket, url, wish, {
      opened: () => this.#current(socket) && this.#opened(),
      offer: offer => this.#current(socket) && this.#offer(offer),
      closed: code => this.#current(socket) && this.#closed(code),
    });
    this.#socket = socket;
    this.#clock = setInterval(() => this.#tick(), 250);
    return socket;
  }

  /** What has become of the search so far. */
  get outcome() {
    return { count: this.#count, of: this.#of, ended: this.#ended };
  }

  /** @param {WebSocket} socket */
  #current(socket) {
    return this.#socket === socket;
  }

  /** @param {string} kind @param {string} badge @param {string} [note] */
  #say(kind, badge, note = '') {
    const shown = this.#part('badge');
    shown.className = kind ? `badge badge-${kind}` : 'badge';
    if (shown.textContent !== badge) shown.textContent = badge;
    this.#part('note').textContent = note;
    this.#root.dataset.state = kind || 'busy';
  }

  #elapsed() {
    return performance.now() - this.#began;
  }

  #opened() {
    this.#last = performance.now();
    this.#say('', 'Open', 'nothing has come yet');
  }

  /** @param {import('./search.js').Offer} offer */
  #offer(offer) {
    this.#count += 1;
    if (this.#count === 1) this.#first = this.#elapsed();
    this.#of = offer.of;
    this.#last = performance.now();
    this.#say('', `${this.#count} of ${offer.of}`);
    const days = offer.days === 0 ? 'today' : offer.days === 1 ? '1 day' : `${offer.days} days`;
    this.#part('offers').append(element('li', { class: 'offer' },
      element('span', { class: 'name' }, offer.product),
      element('span', { class: 'price' }, `€ ${offer.price}`),
      element('span', { class: 'days' }, days),
      element('span', { class: 'time' }, `+${seconds(this.#elapsed())}`),
    ));
  }

  /** @param {number} code */
  #closed(code) {
    clearInterval(this.#clock);
    this.#ended = true;
    const after = `after ${seconds(this.#elapsed())}`;
    if (code === 1000 && this.#count > 0 && this.#count === this.#of) {
      const late = this.#first > LATE_MS;
      return this.#say(late ? 'likely' : 'ok', late ? 'Late' : `All ${this.#count} arrived`, late ? `all ${this.#count} at once ${after}` : after);
    }
    const missing = this.#count ? `${this.#of - this.#count} of ${this.#of} are missing` : 'nothing arrived';
    this.#say('fault', `Closed with ${code}`, `${after}: ${missing}`);
    this.#empty();
  }

  #empty() {
    if (!this.#count) this.#part('offers').replaceChildren(element('li', { class: 'empty' }, 'No results.'));
  }

  /** A network that says nothing fires no event; only the clock tells. */
  #tick() {
    const silent = performance.now() - this.#last;
    if (silent < DOUBT_MS || this.#count) return;
    const isOver = silent > GIVEN_UP_MS;
    this.#say(isOver ? 'fault' : 'likely', isOver ? 'Nothing comes' : 'Waiting', `for ${Math.floor(silent / 1000)} s, no error, no result`);
    if (isOver) this.#empty();
  }

  /** @param {string} name the transport in use; empty while there is none */
  transport(name) {
    const at = `${name || 'none'} since ${seconds(this.#elapsed())}`;
    this.#transports.push(at);
    this.#part('transport').textContent = `Transport: ${this.#transports.slice(-4).join(', ')}`;
  }
}
