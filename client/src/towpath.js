/**
 * `TowpathWebSocket`: the WebSocket API of the standard over a session (https://websockets.spec.whatwg.org/).
 * It keeps to the standard in constructor, properties, events and exceptions; how data travels is below it.
 */
import { attempt } from './attempt.js';
import { connect } from './connection.js';
import { BINARY, CLOSE, OPENED, REFUSED, TEXT, closeCode, join, json, text, utf8 } from './envelope.js';
import { later } from './turn.js';

/** @typedef {import('./options.js').Options} Options */
/** @typedef {import('./session.js').Item} Item */
/** @typedef {'connecting' | 'connected' | 'reconnecting' | 'closed'} State */

/** Close codes of the outcomes in docs/protocol.md, section 7; all others say "try again later" (1013). */
const CODES = /** @type {Record<string, number>} */ ({
  'continuity-lost': 3900,
  'no-transport': 3901,
  'too-big': 1009,
  malformed: 1002,
  flow: 1002,
  shutdown: 1012,
});

const REASON_BYTES_MAX = 123;

/** @param {string} message @param {string} [name] */
const refuse = (message, name = 'SyntaxError') => {
  throw new DOMException(message, name);
};

/** @param {string} text */
const parse = text => {
  const url = attempt(() => new URL(text, globalThis.document?.baseURI || globalThis.location?.href));
  if (url) url.protocol = url.protocol.replace('http', 'ws');
  return url && /^wss?:[^#]*$/.test(url.href) ? url : refuse('bad URL: ' + text);
};

/** @param {number} [code] @param {string} [reason] */
const goodbye = (code, reason = '') => (code ? join([[code >> 8, code & 255], utf8(reason)]) : new Uint8Array());

/**
 * What it has beyond `WebSocket`.
 * @typedef {object} Additions
 * @property {string} transport the one in use: `websocket`, `stream`, `sse`, `poll`, or empty while there is none
 * @property {string} session its public name, which is its short code in reports; empty before the gateway gave it
 * @property {State} state whether data can travel now; `readyState` stays OPEN while a lost transport is replaced
 * @property {((event: Event) => void) | null} ontransportchange
 * @property {((event: Event) => void) | null} onreconnecting
 * @property {((event: Event) => void) | null} onrecovered
 * @property {((event: Event) => void) | null} onreport
 */
/** @typedef {WebSocket & Additions} TowpathSocket */
/**
 * @typedef {Omit<typeof WebSocket, 'prototype'> & {
 *   new (url: string | URL, protocols?: string | string[], options?: Options): TowpathSocket,
 *   prototype: TowpathSocket,
 *   transports: Options['transports'],
 *   WebSocket: Options['WebSocket'],
 *   storage: Options['storage'],
 *   report: Options['report'],
 * }} TowpathConstructor
 */

/** A `WebSocket` whose session survives its transports. */
export const TowpathWebSocket = /** @type {TowpathConstructor} */ (/** @type {unknown} */ (class TowpathWebSocket extends EventTarget {
  /** @type {Options['transports']} which to use, in order of preference; all if not set */
  static transports;
  /** @type {any} the constructor to use underneath */
  static WebSocket = globalThis.WebSocket;
  /** @type {Options['storage']} where to remember what works here */
  static storage = attempt(() => globalThis.localStorage);
  /** whether the gateway is told of failures, if it asks for that */
  static report = true;

  #url;
  /** @type {string[]} */
  #protocols;
  #connection;
  #readyState = 0;
  #protocol = '';
  #extensions = '';
  /** @type {BinaryType} */
  #binaryType = 'blob';
  #transport = '';
  /** bytes given to `send` that never go out, and those of blobs not read yet */
  #unsent = 0;
  /** @type {Promise<void> | undefined} the blobs being read */
  #reading;
  /** @type {Uint8Array[]} pieces of the message that is arriving */
  #pieces = [];
  /** @type {Record<string, any>} */
  #handlers = {};

  /** @param {Event} event */
  #call = event => {
    const { [event.type]: handler } = this.#handlers;
    if (typeof handler === 'function') handler.call(this, event);
  };

  /**
   * @param {string | URL} url
   * @param {string | string[]} [protocols]
   * @param {Options} [options]
   */
  constructor(url, protocols = [], options) {
    super();
    if (!arguments.length) throw new TypeError('no argument');
    this.#url = parse(`${url}`);
    // A sequence, or else one name, as Web IDL takes them.
    this.#protocols = typeof protocols !== 'string' && Symbol.iterator in Object(protocols) ? [...protocols].map(String) : [`${protocols}`];
    if (
      this.#protocols.some(name => !/^[!#$%&'*+\-.^_`|~\w]+$/.test(name)) ||
      new Set(this.#protocols).size < this.#protocols.length
    ) refuse('bad protocols');
    this.#connection = connect(this.#url, this.#protocols, { ...TowpathWebSocket, ...Object(options) }, {
      item: item => later(() => this.#item(item)),
      end: (outcome, retry) => later(() => this.#fail(outcome ? CODES[outcome] || 1013 : 1006, outcome, { retry })),
      transport: name => later(() => this.#moved(name)),
      report: detail => later(() => this.#fire('report', { detail })),
    });
  }

  get url() {
    return this.#url.href;
  }
  get readyState() {
    return this.#readyState;
  }
  get bufferedAmount() {
    return this.#connection.engine.buffered + this.#unsent;
  }
  get protocol() {
    return this.#protocol;
  }
  get extensions() {
    return this.#extensions;
  }
  get binaryType() {
    return this.#binaryType;
  }
  set binaryType(type) {
    if (type === 'blob' || type === 'arraybuffer') this.#binaryType = type;
  }

  /** The transport in use: `websocket`, `stream`, `sse`, `poll`, or empty while there is none. */
  get transport() {
    return this.#transport;
  }
  /** The session's public name: the short code under which the gateway knows it. */
  get session() {
    return this.#connection.told.session;
  }
  /** Whether data can travel now. `readyState` stays OPEN while a lost transport is replaced. */
  get state() {
    /** @type {State} */
    const state = !this.#readyState ? 'connecting' : this.#readyState > 2 ? 'closed' : this.#transport ? 'connected' : 'reconnecting';
    return state;
  }

  /** @param {string | ArrayBufferLike | ArrayBufferView | Blob} data */
  send(data) {
    if (!arguments.length) throw new TypeError('no argument');
    const blob = data instanceof Blob;
    const raw = ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : data instanceof ArrayBuffer && new Uint8Array(data);
    const kind = blob || raw ? BINARY : TEXT;
    const bytes = blob ? undefined : raw ? raw.slice() : utf8(`${data}`);
    if (!this.#readyState) refuse('connecting', 'InvalidStateError');
    const size = bytes ? bytes.length : /** @type {Blob} */ (data).size;
    if (this.#readyState > 1) this.#unsent += size;
    else if (bytes && !this.#reading) this.#connection.send(kind, bytes);
    else {
      this.#unsent += size;
      this.#behind(async () => {
        const message = bytes || new Uint8Array(await /** @type {Blob} */ (data).arrayBuffer());
        this.#unsent -= size;
        this.#connection.send(kind, message);
      });
    }
  }

  /** @param {[code?: number, reason?: string]} given */
  close(...[code, reason]) {
    if (code !== undefined) {
      code = Math.round(Math.min(Math.max(+code || 0, 0), 65535));
      if (code !== 1000 && (code < 3000 || code > 4999)) refuse('bad code', 'InvalidAccessError');
    }
    reason = reason === undefined ? '' : `${reason}`;
    if (utf8(reason).length > REASON_BYTES_MAX) refuse('bad reason');
    if (this.#readyState > 1) return;
    const payload = goodbye(code || (reason ? 1000 : 0), reason);
    if (!this.#readyState) {
      this.#connection.abandon(payload);
      later(() => this.#fail(1006));
    } else if (this.#reading) this.#behind(() => this.#connection.close(payload));
    else this.#connection.close(payload);
    this.#readyState = 2;
  }

  /**
   * Runs `step` behind the blobs that are being read.
   * @param {() => void | Promise<void>} step
   */
  #behind(step) {
    const reading = Promise.resolve(this.#reading).then(step).catch(() => this.#reject(1001)).then(() => {
      if (this.#reading === reading) this.#reading = undefined;
    });
    this.#reading = reading;
  }

  /** @param {Item} item */
  #item({ kind, payload }) {
    if (this.#readyState === 3) return;
    if (kind === OPENED || kind === REFUSED) {
      const told = json(payload);
      this.#connection.consumed(payload.length);
      if (this.#readyState) return;
      if (kind === REFUSED) return this.#fail(1006, '', told);
      const { protocol } = told;
      if (protocol ? !this.#protocols.includes(protocol) : this.#protocols.length) return this.#reject(1002);
      this.#protocol = protocol;
      this.#extensions = told.extensions;
      this.#readyState = 1;
      this.#fire('open');
    } else if (kind === CLOSE) {
      const code = closeCode(payload);
      const reason = text(payload.subarray(2));
      if (code === 1006) this.#fail(code, reason);
      else this.#closed(code, reason, true);
    } else {
      this.#pieces.push(payload);
      if (kind === TEXT || kind === BINARY) this.#message(kind === TEXT);
      if (this.#readyState < 3) this.#connection.consumed(payload.length);
    }
  }

  /** @param {boolean} isText */
  #message(isText) {
    const pieces = this.#pieces.splice(0);
    if (this.#readyState !== 1) return;
    let data;
    try {
      data = isText ? new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(join(pieces)) : this.#binaryType === 'blob' ? new Blob(/** @type {any} */ (pieces)) : join(pieces).buffer;
    } catch {
      return this.#reject(1007);
    }
    this.dispatchEvent(new MessageEvent('message', { data, origin: this.#url.origin }));
  }

  /** The backend broke a rule that only the end sees. @param {number} code */
  #reject(code) {
    this.#connection.abandon(goodbye(code));
    this.#fail(1006);
  }

  /** @param {number} code @param {string} [reason] @param {object} [detail] what else is known */
  #fail(code, reason = '', detail) {
    if (this.#readyState === 3) return;
    this.#readyState = 3;
    this.#fire('error', { detail: { outcome: reason, ...detail } });
    this.#closed(code, reason, false);
  }

  /** @param {number} code @param {string} reason @param {boolean} wasClean */
  #closed(code, reason, wasClean) {
    this.#readyState = 3;
    this.#transport = '';
    const told = { code, reason, wasClean };
    // Node has no CloseEvent.
    const event = globalThis.CloseEvent ? new CloseEvent('close', told) : Object.assign(new Event('close'), told);
    this.dispatchEvent(Object.assign(event, { unacknowledged: this.#unacknowledged() }));
  }

  /** The messages that the gateway has not said it has, as they were given to `send`; blobs as buffers. */
  #unacknowledged() {
    /** @type {Map<Uint8Array | undefined, string | ArrayBufferLike>} */
    const messages = new Map();
    for (const { kind, message } of this.#connection.engine.outbox.values())
      if (message) messages.set(message, kind < BINARY ? text(message) : message.buffer);
    return [...messages.values()];
  }

  /** @param {string} name */
  #moved(name) {
    const before = this.state;
    if (before === 'closed' || name === this.#transport) return;
    this.#transport = name;
    this.#fire('transportchange');
    if (before !== this.state) this.#fire(name ? 'recovered' : 'reconnecting');
  }

  /** @param {string} type @param {object} [more] */
  #fire(type, more) {
    this.dispatchEvent(Object.assign(new Event(type), more));
  }

  static {
    const { prototype } = this, define = Object.defineProperty;
    for (const type of ['open', 'message', 'error', 'close', 'transportchange', 'reconnecting', 'recovered', 'report'])
      define(prototype, 'on' + type, {
        configurable: true,
        get() {
          return this.#handlers[type] ?? null;
        },
        set(handler) {
          const { [type]: before } = this.#handlers;
          this.#handlers[type] = Object(handler) === handler ? handler : null;
          // It keeps its place among the listeners until it is taken away.
          if (!handler) this.removeEventListener(type, this.#call);
          else if (!before) this.addEventListener(type, this.#call);
        },
      });
    for (const name of Object.getOwnPropertyNames(prototype))
      if (name !== 'constructor') define(prototype, name, { enumerable: true });
    ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'].forEach((name, value) => {
      for (const target of [this, prototype]) define(target, name, { value, enumerable: true });
    });
    define(this, 'name', { value: 'WebSocket' });
    define(prototype, Symbol.toStringTag, { value: 'WebSocket', configurable: true });
  }
}));

export default TowpathWebSocket;
