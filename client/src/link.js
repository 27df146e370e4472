/**
 * One attachment: a session's use of one transport. It knows its key, what control envelopes wait, and when it
 * must have heard something. It decides nothing; it reports to its owner.
 */
import { attempt } from './attempt.js';
import { AGAIN, Fault, PING, PONG, TEXT, WITH, envelope, join, number, reader, size } from './envelope.js';
import { poll } from './transports/poll.js';
import { sse } from './transports/sse.js';
import { stream } from './transports/stream.js';
import { websocket } from './transports/websocket.js';

/** In order of preference. */
export const TRANSPORTS = { websocket, stream, sse, poll };

/** @typedef {keyof typeof TRANSPORTS} TransportName */

/** How long a stream may take to bring the answer to a ping, before something is taken to hold back small chunks. */
const HELD_BACK = 2000;

export class Link {
  generation = 0;
  /** whether the gateway took it into use when it attached */
  used = false;
  closed = false;
  /** @type {object | undefined} what it attached with */
  secret;
  /** whether the response in hand ended on purpose */
  again = false;
  /** @type {Uint8Array | undefined} the attachment's key, once it is attached */
  key;
  /** when something must have come */
  silentAt = Infinity;
  /** when a pong must have come */
  pongAt = Infinity;
  #unproven = false;
  #company = false;
  #paused = false;
  /** @type {Uint8Array[]} */
  #control = [];
  /** @type {{flush(): void, close(soft?: boolean): void} | undefined} */
  #transport;

  /**
   * @param {import('./connection.js').Connection} owner
   * @param {TransportName} name
   * @param {boolean} [first] whether it may go into use as it attaches
   * @param {boolean} [ping] whether it is proven only by a pong
   */
  constructor(owner, name, first, ping) {
    this.owner = owner;
    this.name = name;
    this.first = first;
    this.ping = ping;
    this.#transport = attempt(() => TRANSPORTS[name](this));
    if (!this.#transport) queueMicrotask(() => this.fail());
  }

  /**
   * The endpoint's address: the application's own path, then the endpoint. `fetch` takes no credentials in it.
   * @param {string} endpoint
   * @param {string} scheme
   */
  url(endpoint, scheme) {
    const url = new URL(this.owner.url);
    url.protocol = url.protocol.replace('ws', scheme);
    url.pathname = url.pathname.replace(/\/?$/, '/.towpath/' + endpoint);
    url.search = url.username = url.password = '';
    return url.href;
  }

  /** The first envelope. */
  attach() {
    return this.owner.attach(this);
  }

  /**
   * What a later request for the downlink begins with.
   * @param {number} request
   * @param {boolean} cut the response before was: an ack may be lost with it
   */
  renew(request, cut) {
    return join([this.with(request), this.owner.session.ack(), ...(cut ? [envelope(AGAIN)] : [])]);
  }

  /** @param {number} request */
  with(request) {
    return envelope(WITH, /** @type {Uint8Array} */ (this.key), number(request));
  }

  /**
   * What goes up now, if anything.
   * @param {number} budget bytes
   */
  take(budget) {
    const parts = this.#control.splice(0);
    if (this.owner.link === this) parts.push(...this.owner.session.transmit(Date.now(), budget - size(parts)));
    return parts.length ? join(parts) : undefined;
  }

  /**
   * A taker of what came down, for one response or one socket.
   * @param {boolean} [aside] it is the answer to a `send`, and says nothing of the downlink
   */
  reader(aside) {
    const feed = reader((type, body) => {
      if (this.closed) return;
      if (type === PING) this.say(envelope(PONG, body));
      else if (type === PONG) this.#ponged();
      else if (type >= TEXT) this.#company = true;
      this.again = type === AGAIN;
      this.owner.receive(this, type, body);
    });
    return /** @param {Uint8Array} chunk */ chunk => {
      if (this.closed) return;
      try {
        feed(chunk);
      } catch (error) {
        // Before it is attached, who knows who answers. Anything else than a fault is JSON or base64 that is none.
        if (!this.key) return this.fail();
        this.owner.fault(this, error instanceof Fault ? error.outcome : 'malformed');
      }
      // On a slow line an answer may be long behind the data; only silence says that something is held back.
      if (!aside && this.pongAt < Infinity) this.pongAt = Date.now() + HELD_BACK;
      this.heard();
    };
  }

  /** Nothing can come for a while. @returns {() => void} now it can */
  pause() {
    const { silentAt } = this;
    this.silentAt = this.pongAt = Infinity;
    this.#paused = true;
    return () => {
      this.#paused = false;
      if (silentAt < Infinity) this.heard();
      if (this.#unproven) this.prove();
    };
  }

  /** Something came. */
  heard() {
    this.silentAt = Date.now() + 1.5 * this.owner.heartbeat;
    this.owner.arm();
  }

  /**
   * Asks for a sign of life within so many milliseconds.
   * @param {number} [patience]
   */
  ask(patience = Math.max(3000, this.owner.heartbeat / 4)) {
    this.silentAt = Date.now() + patience;
    this.say(envelope(PING));
  }

  /** Asks for the answer itself, and soon: whether data comes through at once and both ways. */
  prove() {
    if (this.closed || this.#paused) return;
    this.#unproven = true;
    this.#company = false;
    this.pongAt = Date.now() + HELD_BACK;
    this.say(envelope(PING));
  }

  /** A pong in company of messages may have been pushed through by them: then it proves nothing of the last ones. */
  #ponged() {
    this.pongAt = Infinity;
    this.#unproven = this.#company;
    if (this.#company) setTimeout(() => this.prove(), HELD_BACK);
  }

  /** @param {Uint8Array} bytes */
  say(bytes) {
    this.#control.push(bytes);
    this.flush();
    this.owner.arm();
  }

  flush() {
    this.#transport?.flush();
  }

  fail() {
    if (!this.closed) this.owner.failed(this);
  }

  /** @param {boolean} [soft] */
  close(soft) {
    this.closed = true;
    this.#transport?.close(soft);
  }
}
