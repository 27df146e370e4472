/**
 * A session and its attachments: races transports, attaches again after a loss, moves up, notices sleep and
 * silence. It knows nothing of the WebSocket API; it reports to a host.
 */
import { createChoice } from './choice.js';
import {
  ACK, ATTACH, ATTACHED, CLOSE, END, OPENED, PONG, REFUSED, SUPERSEDED, TEXT, USE, envelope, join, json, number, numbers, unbase64, utf8,
} from './envelope.js';
import { watch } from './lifecycle.js';
import { Link, TRANSPORTS } from './link.js';
import { recall, remember } from './memory.js';
import { Session } from './session.js';
import { post } from './transports/http.js';

/** How long everything may fail before the first connection is given up, and how long it may hang. */
const CONNECT_MS = 2000, CONNECT_MS_MAX = 30000;
/** How long a session that nobody waits for is given for its goodbye. */
const GOODBYE_MS = 10000;
/** A timer that is so late has slept. */
const SLEPT_MS = 5000;
/** What browsers send after a page is gone. */
const KEEPALIVE_BYTES_MAX = 60000;

/** @typedef {import('./link.js').TransportName} TransportName */
/** @typedef {import('./session.js').Item} Item */
/**
 * @typedef {object} Options
 * @property {TransportName[]} [transports] which, in order of preference
 * @property {any} [WebSocket] the constructor to use underneath
 * @property {import('./memory.js').Memory} [storage] where to remember what works
 */
/**
 * @typedef {object} Host
 * @property {(item: Item) => void} item the next item in order
 * @property {(outcome: string, retry?: number) => void} end the session ended, and not by `close`
 * @property {(name: string) => void} transport another one is in use, or none
 */

const nonce = () =>
  btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))))
    .replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');

/** @typedef {ReturnType<typeof connect>} Connection */

/**
 * @param {URL} url
 * @param {string[]} protocols
 * @param {Options} options
 * @param {Host} host
 */
export const connect = (url, protocols, { transports, WebSocket, storage }, host) => {
  const session = new Session(), startedAt = Date.now();
  const allowed = /** @type {string[]} */ (transports || Object.keys(TRANSPORTS))
    .filter(name => name in TRANSPORTS && (name !== 'websocket' || WebSocket));
  /** @type {Map<string, Link>} attempts, candidates and the one in use */
  const links = new Map();
  /** what opens the session, and in which generation it was told */
  let secret = /** @type {object} */ ({ fresh: nonce() }), secretGeneration = 0;
  let generation = 0, resume = 120000, timerAt = Infinity, retryAt = Infinity, endAt = startedAt + CONNECT_MS_MAX;
  let attached = false, abandoned = false, holding = false, ended = false, away = false, flushing = false;
  /** @type {any} */
  let timer;
  /** @type {Link | undefined} the last one in use */
  let last;

  let choice = createChoice(allowed, recall(storage, url.host));

  /** Ends everything here. The last ack still goes out. */
  const stop = () => {
    ended = true;
    unwatch();
    clearTimeout(timer);
    session.ackAt = 0;
    self.link?.flush();
    for (const link of links.values()) link.close(link === self.link);
  };

  /** Sends what is left in a request that outlives the page. @param {Link} link */
  const farewell = link => {
    session.rewind();
    const parts = session.transmit(Date.now(), Math.min(self.body, KEEPALIVE_BYTES_MAX));
    if (parts.length) post(link, 'send', join([link.with(0), ...parts]), { keepalive: true });
  };

  /** An abandoned session goes over the first attachment that it has. @param {Link | undefined} link */
  const leaveBy = link => {
    if (!link) return false;
    farewell(link);
    stop();
    return true;
  };

  /** @param {string} outcome @param {number} [retry] */
  const end = (outcome, retry) => {
    if (ended) return;
    stop();
    host.end(outcome, retry);
  };

  /** Sets the timer to what comes next. */
  const arm = () => {
    if (ended || away) return;
    let at = Math.min(choice.deadline, retryAt, endAt, self.link ? session.ackAt : Infinity);
    for (const link of links.values()) at = Math.min(at, link.silentAt, link.pongAt);
    if (at >= timerAt) return;
    clearTimeout(timer);
    timer = setTimeout(tick, (timerAt = at) - Date.now());
  };

  /** Writes at the end of this task, so that what is sent together travels together. */
  const soon = () => {
    if (flushing) return;
    flushing = true;
    queueMicrotask(() => {
      flushing = false;
      if (ended) return;
      self.link?.flush();
      arm();
    });
  };

  /** @param {string} name */
  const drop = name => {
    links.get(name)?.close();
    links.delete(name);
  };

  /** @param {Link} link */
  const use = link => {
    if (self.link) drop(self.link.name);
    self.link = last = link;
    session.rewind();
    if (!link.used) {
      // What its attach said may be old.
      session.ackAt = 0;
      link.say(envelope(USE, number(link.generation)));
    }
    endAt = Infinity;
    host.transport(link.name);
    soon();
  };

  /** @param {import('./choice.js').Action[]} actions */
  const obey = actions => {
    const now = Date.now();
    for (const { action, name = '', first, ping, wait = 0 } of actions) {
      if (ended) return;
      if (action === 'start') {
        drop(name);
        links.set(name, new Link(self, /** @type {TransportName} */ (name), first, ping));
      } else if (action === 'cancel') drop(name);
      else if (action === 'wait') {
        retryAt = now + wait * (1 + Math.random() / 4);
        if (!attached && now - startedAt > CONNECT_MS) end('');
      } else if (action !== 'use') remember(storage, url.host, name);
    }
    const link = links.get(choice.current);
    if (link && link !== self.link) use(link);
    arm();
  };

  /** Tries at once and not when the wait is over. @param {import('./choice.js').Action[]} actions */
  const again = actions => {
    retryAt = Infinity;
    obey(actions);
  };

  /** The page is shown again, or the device woke up. */
  const awake = () => {
    self.link?.ask();
    again(choice.woke(Date.now()));
  };

  const tick = () => {
    const now = Date.now(), slept = now - timerAt > SLEPT_MS;
    timerAt = Infinity;
    if (slept) awake();
    else if (now >= endAt) return end(attached ? 'no-transport' : '');
    obey(choice.tick(now));
    if (now >= retryAt) again(choice.retry(now));
    for (const link of [...links.values()])
      if (now >= Math.min(link.pongAt, slept ? Infinity : link.silentAt)) self.failed(link);
    if (session.ackAt <= now) self.link?.flush();
    arm();
  };

  /** One that another has overtaken meanwhile is about to hear so. @param {Link} link */
  const prove = link => {
    if (self.link && link.generation < self.link.generation) self.failed(link, true);
    else obey(choice.proven(link.name, Date.now()));
  };

  /** @param {Link} link @param {any} told */
  const welcome = (link, told) => {
    if (link.generation > secretGeneration) {
      secretGeneration = link.generation;
      secret = { token: told.token };
    }
    link.key = unbase64(told.key);
    self.piece = told.piece;
    self.body = told.body;
    self.heartbeat = told.heartbeat;
    resume = told.resume;
    attached = true;
    session.acknowledge(told.received, told.window);
    if (abandoned) return void leaveBy(link);
    const proven = !self.link && !link.ping;
    if (proven) prove(link);
    if (!proven || link.name !== 'poll') link.prove();
  };

  /** @param {Item} item */
  const hand = item => {
    host.item(item);
    if (item.kind === CLOSE || item.kind === REFUSED) stop();
  };

  /** @param {Link} link */
  const deliver = link => {
    for (let item; !holding && (item = session.deliver());) {
      const { kind, payload } = item;
      if ((kind === OPENED || kind === REFUSED) && json(payload).cookies) {
        // The answer to a `send` sets them; the application must find them when it hears of the rest.
        const held = item;
        holding = true;
        post(link, 'send', link.with(0)).then(() => {
          holding = false;
          hand(held);
          deliver(link);
        });
      } else hand(item);
    }
    soon();
  };

  const self = {
    url,
    WebSocket,
    session,
    /** @type {Link | undefined} the attachment in use */
    link: undefined,
    piece: 16384,
    body: 61440,
    heartbeat: 25000,
    arm,
    stop,

    /**
     * Sends one message.
     * @param {number} kind TEXT or BINARY
     * @param {Uint8Array} message
     */
    send(kind, message) {
      let at = 0;
      for (; at + self.piece < message.length; at += self.piece)
        session.push(kind + 1, message.subarray(at, at + self.piece), message);
      session.push(kind, message.subarray(at), message);
      soon();
    },

    /**
     * Says goodbye behind everything sent before.
     * @param {Uint8Array} payload
     */
    close(payload) {
      session.push(CLOSE, payload);
      soon();
    },

    /** Nobody waits for this session any more; it only delivers its goodbye. @param {Uint8Array} payload */
    abandon(payload) {
      host = { item() {}, end() {}, transport() {} };
      session.push(CLOSE, payload);
      abandoned = true;
      endAt = Date.now() + GOODBYE_MS;
      if (!generation) stop();
      else if (!leaveBy([...links.values()].find(link => link.key))) arm();
    },

    /** @param {number} payloadBytes the application has taken so much */
    consumed(payloadBytes) {
      session.consumed(payloadBytes, Date.now());
      soon();
    },

    /** The envelope that begins an attachment; made as late as possible. @param {Link} link */
    attach(link) {
      link.generation = ++generation;
      link.secret = secret;
      // By now another may be under way or have won; then this one is a candidate.
      link.used = !!link.first && !self.link && links.size === 1;
      const { pathname, search, username, password } = url;
      return envelope(ATTACH, utf8(JSON.stringify({
        version: 1,
        ...secret,
        generation,
        use: link.used,
        received: session.received,
        window: session.credit,
        target: pathname + search,
        protocols,
        authorization: username || password ? 'Basic ' + btoa(decodeURIComponent(username + ':' + password)) : undefined,
      })));
    },

    /**
     * Takes an envelope from an attachment.
     * @param {Link} link
     * @param {number} type
     * @param {Uint8Array} body
     */
    receive(link, type, body) {
      if (type === ATTACHED) welcome(link, json(body));
      else if (type === PONG) prove(link);
      else if (type === SUPERSEDED) {
        generation = Math.max(generation, numbers(body, 1)[0][0]);
        self.failed(link, true);
      } else if (type === END) {
        const { outcome, retry } = json(body);
        // Said to an attach that was overtaken on its way, it means only that this one came too late.
        if (outcome === 'continuity-lost' && link.secret !== secret) self.failed(link, true);
        else end(outcome, retry);
      } else if (type === ACK || type >= TEXT) {
        session.receive(type, body, Date.now());
        deliver(link);
      }
    },

    /** The peer breaks the protocol. @param {Link} link @param {string} outcome */
    fault(link, outcome) {
      link.say(envelope(END, utf8(JSON.stringify({ outcome }))));
      end(outcome);
    },

    /**
     * An attachment ended by itself.
     * @param {Link} link
     * @param {boolean} [overtaken] because another was taken into use
     */
    failed(link, overtaken) {
      const now = Date.now(), { name } = link, used = link === self.link;
      link.close();
      if (ended || links.get(name) !== link) return;
      links.delete(name);
      if (used) {
        self.link = undefined;
        endAt = Math.min(endAt, now + resume);
        host.transport('');
      }
      obey(overtaken && !used ? choice.superseded(name, now) : choice.failed(name, now));
    },
  };

  const unwatch = watch({
    awake,
    online(online) {
      const now = Date.now();
      // What there is belongs to the old network, and may learn late that it is gone.
      if (online) for (const link of [...links.values()]) self.failed(link);
      else self.link?.ask();
      again(choice.online(online, now));
      if (online) obey(choice.networkChanged(now));
    },
    leave(mayReturn) {
      if (!mayReturn) session.push(CLOSE, Uint8Array.of(3, 233));
      self.link?.flush();
      // Some browsers cut a page's requests before they tell it; the gateway still knows the last attachment.
      if (last) farewell(last);
      away = true;
      clearTimeout(timer);
      timerAt = retryAt = Infinity;
      for (const each of links.values()) each.close(true);
      links.clear();
      self.link = undefined;
      choice = createChoice(allowed, choice.remembered);
    },
    back() {
      if (!away) return;
      away = false;
      host.transport('');
      endAt = Date.now() + resume;
      obey(choice.start(Date.now()));
    },
  });
  obey(choice.start(startedAt));
  return self;
};
