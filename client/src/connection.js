/**
 * A session and its attachments: races transports, attaches again after a loss, moves up, notices sleep and
 * silence. It knows nothing of the WebSocket API; it reports to a host.
 */
import { Choice } from './choice.js';
import {
  ACK, ATTACH, ATTACHED, CLOSE, END, OPENED, PONG, REFUSED, SUPERSEDED, TEXT, USE, envelope, join, number, numbers, utf8,
} from './envelope.js';
import { watch } from './lifecycle.js';
import { Link, TRANSPORTS } from './link.js';
import { Session } from './session.js';
import { post } from './transports/http.js';

/** How long everything may fail before the first connection is given up. */
const CONNECT_MS = 2000;
/** How long a session that nobody waits for is given for its goodbye. */
const GOODBYE_MS = 10000;
/** A timer that is so late has slept. */
const SLEPT_MS = 5000;
/** How long a memory of what works lasts. */
const MEMORY_MS = 1800000;
/** What browsers send after a page is gone. */
const KEEPALIVE_BYTES_MAX = 60000;

/** @typedef {import('./link.js').TransportName} TransportName */
/**
 * @typedef {object} Options
 * @property {TransportName[]} [transports] which, in order of preference
 * @property {any} [WebSocket] the constructor to use underneath
 * @property {Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null} [storage] where to remember what works
 */
/**
 * @typedef {object} Host
 * @property {(item: import('./session.js').Item) => void} item the next item in order
 * @property {(outcome: string, retry?: number) => void} end the session ended, and not by `close`
 * @property {(transport: string, reconnecting: boolean) => void} transport another one is in use, or none
 */

/** @param {string} text */
const bytes = text => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), letter => letter.charCodeAt(0));
/** @param {Uint8Array} body */
const json = body => JSON.parse(new TextDecoder().decode(body));
const nonce = () =>
  btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))))
    .replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');

export class Connection {
  session = new Session();
  /** @type {Link | undefined} the attachment in use */
  link;
  piece = 16384;
  body = 61440;
  heartbeat = 25000;
  /** @type {Map<string, Link>} attempts, candidates and the one in use */
  #links = new Map();
  #resume = 120000;
  #secret = { fresh: nonce() };
  #secretGeneration = 0;
  #generation = 0;
  #startedAt = Date.now();
  #endAt = Infinity;
  #attached = false;
  #abandoned = false;
  #holding = false;
  #retryAt = Infinity;
  #ended = false;
  #away = false;
  /** @type {any} */
  #timer;
  #timerAt = Infinity;
  #flushing = false;
  /** @type {Choice} */
  #choice;

  /**
   * @param {URL} url
   * @param {string[]} protocols
   * @param {Options} options
   * @param {Host} host
   */
  constructor(url, protocols, options, host) {
    this.url = url;
    this.protocols = protocols;
    this.host = host;
    this.WebSocket = options.WebSocket;
    this.storage = options.storage;
    const wanted = options.transports || /** @type {TransportName[]} */ (Object.keys(TRANSPORTS));
    this.transports = wanted.filter(name => name in TRANSPORTS && (name !== 'websocket' || this.WebSocket));
    this.#choice = new Choice(this.transports, this.#recall());
    this.unwatch = watch(this);
    this.#obey(this.#choice.start(this.#startedAt));
  }

  /**
   * Sends one message.
   * @param {number} kind TEXT or BINARY
   * @param {Uint8Array} message
   */
  send(kind, message) {
    const { session, piece } = this;
    let at = 0;
    for (; at + piece < message.length; at += piece)
      session.push(kind + 1, message.subarray(at, at + piece), message);
    session.push(kind, message.subarray(at), message);
    this.#soon();
  }

  /**
   * Says goodbye behind everything sent before.
   * @param {Uint8Array} payload
   */
  close(payload) {
    this.session.push(CLOSE, payload);
    this.#soon();
  }

  /** Nobody waits for this session any more; it only delivers its goodbye. @param {Uint8Array} payload */
  abandon(payload) {
    this.host = { item() {}, end() {}, transport() {} };
    if (!this.#generation) return this.stop();
    this.close(payload);
    this.#abandoned = true;
    this.#endAt = Date.now() + GOODBYE_MS;
    this.arm();
  }

  /** @param {number} payloadBytes the application has taken so much */
  consumed(payloadBytes) {
    this.session.consumed(payloadBytes, Date.now());
    this.#soon();
  }

  /** Ends everything here. The last ack still goes out. */
  stop() {
    this.#ended = true;
    this.unwatch();
    clearTimeout(this.#timer);
    if (this.link) {
      this.session.ackAt = 0;
      this.link.flush();
    }
    for (const link of this.#links.values()) link.close(link === this.link);
  }

  /** The envelope that begins an attachment; made as late as possible. @param {Link} link */
  attach(link) {
    link.generation = ++this.#generation;
    link.secret = this.#secret;
    // By now another may be under way or have won; then this one is a candidate.
    link.used = link.first && !this.link && this.#links.size === 1;
    const { pathname, search, username, password } = this.url;
    return envelope(ATTACH, utf8(JSON.stringify({
      version: 1,
      ...this.#secret,
      generation: link.generation,
      use: link.used,
      received: this.session.received,
      window: this.session.credit,
      target: pathname + search,
      protocols: this.protocols,
      authorization: username || password ? 'Basic ' + btoa(decodeURIComponent(username + ':' + password)) : undefined,
    })));
  }

  /**
   * Takes an envelope from an attachment.
   * @param {Link} link
   * @param {number} type
   * @param {Uint8Array} body
   */
  receive(link, type, body) {
    const { session } = this;
    if (type === ATTACHED) this.#welcome(link, json(body));
    else if (type === PONG) this.#prove(link);
    else if (type === SUPERSEDED) {
      this.#generation = Math.max(this.#generation, numbers(body, 1)[0][0]);
      this.failed(link, true);
    } else if (type === END) {
      const { outcome, retry } = json(body);
      // Said to an attach that was overtaken on its way, it means only that this one came too late.
      if (outcome === 'continuity-lost' && link.secret !== this.#secret) this.failed(link, true);
      else this.#end(outcome, retry);
    } else if (type === ACK || type >= TEXT) {
      session.receive(type, body, Date.now());
      this.#deliver(link);
    }
  }

  /** @param {Link} link */
  #deliver(link) {
    for (let item; !this.#holding && (item = this.session.deliver());) {
      const { kind, payload } = item, answer = kind === OPENED || kind === REFUSED;
      if (answer && json(payload).cookies) {
        // The answer to a `send` sets them; the application must find them when it hears of the rest.
        this.#holding = true;
        post(link, 'send', link.with(0)).catch(() => {}).then(() => {
          this.#holding = false;
          this.#hand(item);
          this.#deliver(link);
        });
      } else this.#hand(item);
    }
    this.#soon();
  }

  /** @param {import('./session.js').Item} item */
  #hand(item) {
    this.host.item(item);
    if (item.kind === CLOSE || item.kind === REFUSED) this.stop();
  }

  /** @param {Link} link @param {any} told */
  #welcome(link, told) {
    const { session } = this;
    if (link.generation > this.#secretGeneration) {
      this.#secretGeneration = link.generation;
      this.#secret = /** @type {any} */ ({ token: told.token });
    }
    link.key = bytes(told.key);
    this.piece = told.piece;
    this.body = told.body;
    this.heartbeat = told.heartbeat;
    this.#resume = told.resume;
    this.#attached = true;
    session.acknowledge(told.received, told.window);
    if (this.link || link.ping) return link.prove();
    this.#prove(link);
    if (link.name === 'stream' || link.name === 'sse') link.prove();
  }

  /** @param {Link} link */
  #prove(link) {
    this.#obey(this.#choice.proven(link.name, Date.now()));
  }

  /** The peer breaks the protocol. @param {Link} link @param {string} outcome */
  fault(link, outcome) {
    link.say(envelope(END, utf8(JSON.stringify({ outcome }))));
    this.#end(outcome);
  }

  /** @param {string} outcome @param {number} [retry] */
  #end(outcome, retry) {
    if (this.#ended) return;
    this.stop();
    this.host.end(outcome, retry);
  }

  /**
   * An attachment ended by itself.
   * @param {Link} link
   * @param {boolean} [overtaken] because another was taken into use
   */
  failed(link, overtaken) {
    const now = Date.now();
    link.close();
    if (this.#ended || this.#links.get(link.name) !== link) return;
    this.#links.delete(link.name);
    const candidate = link !== this.link;
    if (!candidate) {
      this.link = undefined;
      this.#endAt = Math.min(this.#endAt, now + this.#resume);
      this.host.transport('', true);
    }
    this.#obey(candidate && overtaken ? this.#choice.superseded(link.name, now) : this.#choice.failed(link.name, now));
  }

  /** @param {string} name @param {boolean} first @param {boolean} ping */
  #open(name, first, ping) {
    this.#links.get(name)?.close();
    this.#links.set(name, new Link(this, /** @type {TransportName} */ (name), first, ping));
  }

  /** @param {import('./choice.js').Action[]} actions */
  #obey(actions) {
    const now = Date.now();
    for (const { action, transport: name = '', in_use = false, ping = false, milliseconds = 0 } of actions) {
      if (this.#ended) return;
      if (action === 'start') this.#open(name, in_use, ping);
      else if (action === 'cancel') {
        this.#links.get(name)?.close();
        this.#links.delete(name);
      } else if (action === 'wait') {
        this.#retryAt = now + milliseconds * (1 + Math.random() / 4);
        if (!this.#attached && now - this.#startedAt > CONNECT_MS) this.#end('');
      } else if (action !== 'use') this.#note(name);
    }
    const link = this.#links.get(this.#choice.current);
    if (link && link !== this.link) this.#use(link);
    this.arm();
  }

  /** @param {Link} link */
  #use(link) {
    const before = this.link;
    this.link = link;
    if (before) {
      before.close();
      this.#links.delete(before.name);
    }
    this.session.rewind();
    if (!link.used) {
      // What its attach said may be old.
      this.session.ackAt = 0;
      link.say(envelope(USE, number(link.generation)));
    }
    if (!this.#abandoned) this.#endAt = Infinity;
    this.host.transport(link.name, false);
    this.#soon();
  }

  /** Writes at the end of this task, so that what is sent together travels together. */
  #soon() {
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      if (this.#ended) return;
      this.link?.flush();
      this.arm();
    });
  }

  /** Sets the timer to what comes next. */
  arm() {
    if (this.#ended || this.#away) return;
    let at = Math.min(this.#choice.deadline, this.#retryAt, this.#endAt, this.link ? this.session.ackAt : Infinity);
    for (const link of this.#links.values()) at = Math.min(at, link.silentAt, link.pongAt);
    if (at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => this.#tick(), Math.max(0, at - Date.now()));
  }

  #tick() {
    const now = Date.now(), slept = now - this.#timerAt > SLEPT_MS;
    this.#timerAt = Infinity;
    if (slept) this.awake();
    else if (now >= this.#endAt) return this.#end('no-transport');
    this.#obey(this.#choice.tick(now));
    if (now >= this.#retryAt) this.#again(this.#choice.retry(now));
    for (const link of [...this.#links.values()])
      if (now >= Math.min(link.pongAt, slept ? Infinity : link.silentAt)) this.failed(link);
    if (this.session.ackAt <= now) this.link?.flush();
    this.arm();
  }

  /** Tries at once and not when the wait is over. @param {import('./choice.js').Action[]} actions */
  #again(actions) {
    this.#retryAt = Infinity;
    this.#obey(actions);
  }

  /** The page is shown again, or the device woke up. */
  awake() {
    this.link?.ask();
    this.#again(this.#choice.woke(Date.now()));
  }

  /** The browser says whether there is a network. @param {boolean} online */
  online(online) {
    this.link?.ask();
    // What is under way hangs in the old one, and may learn that late.
    if (online) for (const link of [...this.#links.values()]) if (link !== this.link) this.failed(link);
    this.#again(this.#choice.online(online, Date.now()));
  }

  /** Another network. */
  moved() {
    this.link?.ask();
    this.#again(this.#choice.networkChanged(Date.now()));
  }

  /**
   * The page goes away.
   * @param {boolean} mayReturn whether the browser may bring it back
   */
  leave(mayReturn) {
    const { link, session } = this;
    if (!mayReturn) session.push(CLOSE, Uint8Array.of(3, 233));
    if (link) {
      link.flush();
      session.rewind();
      const parts = session.transmit(Date.now(), Math.min(this.body, KEEPALIVE_BYTES_MAX));
      if (parts.length) post(link, 'send', join([link.with(0), ...parts]), { keepalive: true }).catch(() => {});
    }
    this.#away = true;
    clearTimeout(this.#timer);
    this.#timerAt = this.#retryAt = Infinity;
    for (const each of this.#links.values()) each.close(true);
    this.#links.clear();
    this.link = undefined;
    this.#choice = new Choice(this.transports, this.#choice.remembered);
  }

  /** The browser brought the page back. */
  back() {
    if (!this.#away) return;
    this.#away = false;
    this.host.transport('', true);
    this.#endAt = Date.now() + this.#resume;
    this.#obey(this.#choice.start(Date.now()));
  }

  #recall() {
    try {
      const [name, until] = JSON.parse(this.storage?.getItem('towpath ' + this.url.host) || '[]');
      return until > Date.now() ? name : null;
    } catch {
      return null;
    }
  }

  /** @param {string} name what worked here while better ones were seen to fail; empty: forget it */
  #note(name) {
    const key = 'towpath ' + this.url.host;
    try {
      if (name in TRANSPORTS) this.storage?.setItem(key, JSON.stringify([name, Date.now() + MEMORY_MS]));
      else this.storage?.removeItem(key);
    } catch {
      // A storage that is full or forbidden costs the memory and nothing else.
    }
  }
}
