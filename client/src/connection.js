/**
 * A session and its attachments: races transports, attaches again after a loss, moves up, notices sleep and
 * silence. It knows nothing of the WebSocket API; it reports to a host.
 */
import { createChoice } from './choice.js';
import {
  ACK, ATTACH, ATTACHED, CLOSE, END, OPENED, PONG, REFUSED, SUPERSEDED, TEXT, USE, closeCode, envelope, join, json, number, numbers, unbase64, utf8,
} from './envelope.js';
import { watchers } from './lifecycle.js';
import { CONNECT_MS, CONNECT_MS_MAX, EARLY_MS, GOODBYE_MS, KEEPALIVE_BYTES_MAX, SLEPT_MS } from './limits.js';
import { TRANSPORTS, createLink } from './link.js';
import { recall, remember } from './memory.js';
import { attemptId, nonce } from './random.js';
import { createSession } from './session.js';
import { post } from './transports/http.js';

/** @typedef {import('./link.js').Link} Link */
/** @typedef {import('./session.js').Item} Item */
/** @typedef {ReturnType<typeof connect>} Connection */

/**
 * @param {URL} url
 * @param {string[]} protocols
 * @param {import('./options.js').Options} options
 * @param {import('./options.js').Host} host
 */
export const connect = (url, protocols, { transports, WebSocket, storage, report }, host) => {
  const engine = createSession(), startedAt = Date.now();
  const allowed = /** @type {string[]} */ (transports || Object.keys(TRANSPORTS))
    .filter(name => name in TRANSPORTS && (name !== 'websocket' || WebSocket));
  /** @type {Link[]} attempts, candidates and the one in use; one of a name */
  let links = [];
  /** what opens the session, and in which generation it was told: 0 before it is attached */
  let secret = /** @type {object} */ ({ fresh: nonce() }), secretGeneration = 0;
  let generation = 0, timerAt = Infinity, retryAt = Infinity, endAt = startedAt + CONNECT_MS_MAX;
  let abandoned = false, holding = false, away = false, flushing = false, deaths = 0;
  /** @type {object | undefined} how it ended, if it did */
  let ended;
  /** @type {any} what tells the gateway, once there is something to tell */
  let reporter;
  /** what befell the page */
  let slept = false, networkChanged = false;
  /** @type {SecurityPolicyViolationEvent | undefined} */
  let violation;
  /** @type {any} */
  let timer;
  /** @type {Link | undefined} the last one in use */
  let last;

  let choice = createChoice(allowed, recall(storage, url.host));

  /** Something is wrong here: what tells of it is loaded now, and never on a healthy network. */
  const trouble = () => {
    if (report && self.told.report) reporter ||= import('./report.js').then(module => module.default(
      url,
      () => [startedAt, self.told.report, secret, self.attempt, self.timeline, ended, WebSocket, slept, networkChanged, violation],
      host.report,
    )).catch(() => {});
  };

  /** Ends everything here. The last ack still goes out. @param {object} [how] */
  const stop = (how = {}) => {
    ended = how;
    watchers.delete(self);
    clearTimeout(timer);
    engine.ackAt = 0;
    self.link?.flush();
    for (const link of links) link.close(link === self.link, 'closed');
  };

  /** Sends what is left in a request that outlives the page. @param {Link} link */
  const farewell = link => {
    engine.rewind();
    const parts = engine.transmit(Date.now(), Math.min(self.told.body, KEEPALIVE_BYTES_MAX));
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
    stop({ outcome });
    trouble();
    host.end(outcome, retry);
  };

  /** Sets the timer to what comes next. */
  const arm = () => {
    if (ended || away) return;
    let at = Math.min(choice.deadline, retryAt, endAt, self.link ? engine.ackAt : Infinity);
    for (const link of links) at = Math.min(at, link.silentAt, link.pongAt);
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
  const named = name => links.find(link => link.name === name);

  /** @param {string} name @param {string} [how] */
  const drop = (name, how) => {
    named(name)?.close(false, how);
    links = links.filter(link => link.name !== name);
  };

  /** @param {Link} link */
  const use = link => {
    if (self.link) drop(self.link.name);
    self.link = last = link;
    engine.rewind();
    if (!link.used) {
      // What its attach said may be old.
      engine.ackAt = 0;
      link.say(envelope(USE, number(link.generation)));
    }
    endAt = Infinity;
    host.transport(link.name);
    soon();
  };

  /** Does what the choice wants. @param {string} [how] what it cancels ends, in the words of reports */
  const obey = how => {
    const now = Date.now();
    for (const { action, name, first, ping, wait } of /** @type {Required<import('./choice.js').Action>[]} */ (choice.act())) {
      if (ended) return;
      if (action === 'start') {
        drop(name);
        links.push(createLink(self, /** @type {import('./link.js').TransportName} */ (name), first, ping));
      } else if (action === 'cancel') drop(name, how);
      else if (action === 'wait') {
        retryAt = now + wait * (1 + Math.random() / 4);
        if (!secretGeneration && now - startedAt > CONNECT_MS) end('');
      } else if (action !== 'use') {
        remember(storage, url.host, name);
        // A better one was seen to fail.
        if (name) trouble();
      }
    }
    const link = named(choice.current);
    if (link && link !== self.link) use(link);
    arm();
  };

  /** Tries at once and not when the wait is over. */
  const again = () => {
    retryAt = Infinity;
    obey();
  };

  const tick = () => {
    const now = Date.now(), late = now - timerAt > SLEPT_MS;
    timerAt = Infinity;
    slept ||= late;
    if (late) self.awake();
    else if (now >= endAt) return end(secretGeneration ? 'no-transport' : '');
    choice.tick(now);
    obey('silent');
    if (now >= retryAt) {
      choice.retry(now);
      again();
    }
    for (const link of links)
      if (now >= Math.min(link.pongAt, late ? Infinity : link.silentAt)) self.failed(link, now >= link.pongAt ? 'held_back' : 'silent');
    if (engine.ackAt <= now) self.link?.flush();
    arm();
  };

  /** One that another has overtaken meanwhile is about to hear so. @param {Link} link */
  const prove = link => {
    if (self.link && link.generation < self.link.generation) self.failed(link, 'overtaken');
    else {
      link.note('worked');
      choice.proven(link.name, Date.now());
      obey();
    }
  };

  /** @param {Link} link @param {any} told */
  const welcome = (link, told) => {
    if (link.generation > secretGeneration) {
      secretGeneration = link.generation;
      secret = { token: told.token };
    }
    link.key = unbase64(told.key);
    self.told = told;
    engine.acknowledge(told.received, told.window);
    if (abandoned) return void leaveBy(link);
    const proven = !self.link && !link.ping;
    if (proven) prove(link);
    if (!proven || link.name !== 'poll') link.prove();
  };

  /** @param {Item} item */
  const hand = item => {
    host.item(item);
    if (item.kind === CLOSE || item.kind === REFUSED) stop({ code: closeCode(item.payload) });
  };

  /** @param {Link} link */
  const deliver = link => {
    for (let item; !holding && (item = engine.deliver());) {
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
    engine,
    /** @type {Link | undefined} the attachment in use */
    link: undefined,
    /** what the gateway says in `attached`, or may say */
    told: { session: '', piece: 16384, body: 61440, heartbeat: 25000, resume: 120000, report: true },
    /** @type {Record<string, any>[]} all attempts: the first ones and the last ones */
    timeline: [],
    /** what joins all attempts in reports; no secret */
    attempt: attemptId(),
    arm,

    /** Sends one message. @param {number} kind TEXT or BINARY @param {Uint8Array} message */
    send(kind, message) {
      let at = 0;
      for (; at + self.told.piece < message.length; at += self.told.piece)
        engine.push(kind + 1, message.subarray(at, at + self.told.piece), message);
      engine.push(kind, message.subarray(at), message);
      soon();
    },

    /** Says goodbye behind everything sent before. @param {Uint8Array} payload */
    close(payload) {
      engine.push(CLOSE, payload);
      soon();
    },

    /** Nobody waits for this session any more; it only delivers its goodbye. @param {Uint8Array} payload */
    abandon(payload) {
      engine.push(CLOSE, payload);
      abandoned = true;
      endAt = Date.now() + GOODBYE_MS;
      if (!generation) stop();
      else if (!leaveBy(links.find(link => link.key))) arm();
    },

    /** @param {number} payloadBytes the application has taken so much */
    consumed(payloadBytes) {
      engine.consumed(payloadBytes, Date.now());
      soon();
    },

    /** The envelope that begins an attachment; made as late as possible. @param {Link} link */
    attach(link) {
      link.generation = ++generation;
      link.secret = secret;
      // By now another may be under way or have won; then this one is a candidate.
      link.used = !!link.first && !self.link && links.length === 1;
      const { pathname, search, username, password } = url;
      return envelope(ATTACH, utf8(JSON.stringify({
        version: 1,
        ...secret,
        generation,
        use: link.used,
        received: engine.received,
        window: engine.credit,
        target: pathname + search,
        protocols,
        attempt: self.attempt,
        authorization: username || password ? 'Basic ' + btoa(decodeURIComponent(username + ':' + password)) : undefined,
      })));
    },

    /** Takes an envelope from an attachment. @param {Link} link @param {number} type @param {Uint8Array} body */
    receive(link, type, body) {
      if (type === ATTACHED) welcome(link, json(body));
      else if (type === PONG) prove(link);
      else if (type === SUPERSEDED) {
        generation = Math.max(generation, numbers(body, 1)[0][0]);
        self.failed(link, 'overtaken');
      } else if (type === END) {
        const { outcome, retry } = json(body);
        // Said to an attach that was overtaken on its way, it means only that this one came too late.
        if (outcome === 'continuity-lost' && link.secret !== secret) self.failed(link, 'overtaken');
        else end(outcome, retry);
      } else if (type === ACK || type >= TEXT) {
        engine.receive(type, body, Date.now());
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
     * @param {string} [how] in the words of reports
     */
    failed(link, how = 'failed') {
      const now = Date.now(), { name, trace } = link, used = link === self.link;
      link.close(false, how);
      if (ended || named(name) !== link) return;
      drop(name);
      if (used) {
        self.link = undefined;
        endAt = Math.min(endAt, now + self.told.resume);
        host.transport('');
        if (how !== 'cancelled' && (trace.ended < trace.worked + EARLY_MS || deaths++)) trouble();
      }
      if (how === 'overtaken' && !used) choice.superseded(name, now);
      else choice.failed(name, now);
      obey();
    },

    /** The page is shown again, or the device woke up. */
    awake() {
      self.link?.ask();
      choice.woke(Date.now());
      again();
    },
    /** @param {boolean} online */
    online(online) {
      const now = Date.now();
      networkChanged = true;
      // What there is belongs to the old network, and may learn late that it is gone.
      if (online) for (const link of links) self.failed(link, 'cancelled');
      else self.link?.ask();
      choice.online(online, now);
      again();
      if (online) {
        choice.networkChanged(now);
        obey();
      }
    },
    /** @param {boolean} mayReturn */
    leave(mayReturn) {
      if (!mayReturn) engine.push(CLOSE, Uint8Array.of(3, 233));
      self.link?.flush();
      // Some browsers cut a page's requests before they tell it; the gateway still knows the last attachment.
      if (last) farewell(last);
      away = true;
      clearTimeout(timer);
      timerAt = retryAt = Infinity;
      for (const each of links) each.close(true, 'closed');
      links = [];
      self.link = undefined;
      choice = createChoice(allowed, choice.remembered);
    },
    /** @param {SecurityPolicyViolationEvent} event */
    forbidden(event) {
      if (event.blockedURI.includes(url.host)) violation = event;
    },
    back() {
      if (!away) return;
      away = false;
      host.transport('');
      endAt = Date.now() + self.told.resume;
      choice.start(Date.now());
      obey();
    },
  };
  watchers.add(self);
  choice.start(startedAt);
  obey();
  return self;
};
