/**
 * One attachment: a session's use of one transport. It knows its key, what control envelopes wait, and when it
 * must have heard something. It decides nothing; it reports to its owner.
 */
import { attempt } from './attempt.js';
import { AGAIN, PING, PONG, TEXT, WITH, envelope, join, number, reader, size } from './envelope.js';
import { poll } from './transports/poll.js';
import { sse } from './transports/sse.js';
import { stream } from './transports/stream.js';
import { websocket } from './transports/websocket.js';

/** In order of preference. */
export const TRANSPORTS = { websocket, stream, sse, poll };

/** @typedef {keyof typeof TRANSPORTS} TransportName */

/** Attempts that are remembered. */
const TIMELINE_MAX = 64;
/** How long a stream may take to bring the answer to a ping, before something is taken to hold back small chunks. */
const HELD_BACK = 2000;

/**
 * @typedef {object} Link
 * @property {import('./connection.js').Connection} owner
 * @property {TransportName} name
 * @property {boolean} [first] whether it may go into use as it attaches
 * @property {boolean} [ping] whether it is proven only by a pong
 * @property {number} generation
 * @property {boolean} used whether the gateway took it into use when it attached
 * @property {boolean} closed
 * @property {object} [secret] what it attached with
 * @property {boolean} again whether the response in hand ended on purpose
 * @property {Uint8Array} [key] the attachment's key, once it is attached
 * @property {number} silentAt when something must have come
 * @property {number} pongAt when a pong must have come
 * @property {Record<string, any>} trace what reports tell of it, nearly in their words; the times are those of the clock
 * @property {(request: number, cut: boolean) => Uint8Array} renew what a later request for the downlink begins with;
 * `cut` if the response before was: an ack may be lost with it
 * @property {(request: number) => Uint8Array} with
 * @property {(budget: number) => Uint8Array | undefined} take what goes up now, if anything, in so many bytes
 * @property {(aside?: boolean) => (chunk: Uint8Array) => void} reader a taker of what came down, for one response or
 * one socket; `aside` if it is the answer to a `send`, which says nothing of the downlink
 * @property {() => () => void} pause nothing can come for a while, until what it gives is called
 * @property {() => void} heard something came
 * @property {() => void} ask asks for a sign of life
 * @property {() => void} prove asks for the answer itself, and soon: whether data comes through at once and both ways
 * @property {(bytes: Uint8Array) => void} say
 * @property {() => void} flush
 * @property {(what: string) => void} note remembers when it happened first
 * @property {() => void} fail
 * @property {(soft?: boolean, how?: string) => void} close `how` it ended, in the words of reports
 */

/**
 * @param {Link['owner']} owner
 * @param {TransportName} name
 * @param {boolean} [first]
 * @param {boolean} [ping]
 */
export const createLink = (owner, name, first, ping) => {
  let unproven = false, company = false, paused = false;
  /** @type {Uint8Array[]} */
  const control = [];
  /** @type {{flush(): void, close(soft?: boolean): void} | undefined} */
  let transport;

  /** A pong in company of messages may have been pushed through by them: then it proves nothing of the last ones. */
  const ponged = () => {
    link.pongAt = Infinity;
    unproven = company;
    if (company) setTimeout(link.prove, HELD_BACK);
  };

  /** @type {Link} */
  const link = {
    owner,
    name,
    first,
    ping,
    generation: 0,
    used: false,
    closed: false,
    again: false,
    silentAt: Infinity,
    pongAt: Infinity,
    trace: { at: Date.now(), transport: name, end: 'open' },

    renew: (request, cut) => join([link.with(request), owner.engine.ack(), cut ? envelope(AGAIN) : []]),

    with: request => envelope(WITH, /** @type {Uint8Array} */ (link.key), number(request)),

    take(budget) {
      const parts = control.splice(0);
      if (owner.link === link) parts.push(...owner.engine.transmit(Date.now(), budget - size(parts)));
      return parts.length ? join(parts) : undefined;
    },

    reader(aside) {
      const feed = reader((type, body) => {
        if (link.closed) return;
        if (type === PING) link.say(envelope(PONG, body));
        else if (type === PONG) ponged();
        else if (type >= TEXT) company = true;
        link.again = type === AGAIN;
        owner.receive(link, type, body);
      });
      return /** @param {Uint8Array} chunk */ chunk => {
        if (link.closed) return;
        try {
          feed(chunk);
        } catch (error) {
          // Before it is attached, who knows who answers. Anything else than a fault is JSON or base64 that is none.
          if (!link.key) return link.fail();
          owner.fault(link, /** @type {Error} */ (error).message === 'flow' ? 'flow' : 'malformed');
        }
        // On a slow line an answer may be long behind the data; only silence says that something is held back.
        if (!aside && link.pongAt < Infinity) link.pongAt = Date.now() + HELD_BACK;
        link.heard();
      };
    },

    pause() {
      const { silentAt } = link;
      link.silentAt = link.pongAt = Infinity;
      paused = true;
      return () => {
        paused = false;
        if (silentAt < Infinity) link.heard();
        if (unproven) link.prove();
      };
    },

    heard() {
      link.silentAt = Date.now() + 1.5 * owner.told.heartbeat;
      owner.arm();
    },

    ask() {
      link.silentAt = Date.now() + Math.max(3000, owner.told.heartbeat / 4);
      link.say(envelope(PING));
    },

    prove() {
      if (link.closed || paused) return;
      unproven = true;
      company = false;
      link.pongAt = Date.now() + HELD_BACK;
      link.say(envelope(PING));
    },

    say(bytes) {
      control.push(bytes);
      link.flush();
      owner.arm();
    },

    flush() {
      transport?.flush();
    },

    note(what) {
      link.trace[what] ??= Date.now();
    },

    fail() {
      if (!link.closed) owner.failed(link);
    },

    close(soft, how = 'cancelled') {
      if (!link.closed) {
        link.trace.end = how;
        link.note('ended');
      }
      link.closed = true;
      transport?.close(soft);
    },
  };

  if (owner.timeline.push(link.trace) > TIMELINE_MAX) owner.timeline.splice(TIMELINE_MAX / 2, 1);
  transport = attempt(() => TRANSPORTS[name](link));
  if (!transport) queueMicrotask(link.fail);
  return link;
};
