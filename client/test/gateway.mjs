/**
 * A small gateway in node for the client's own tests: the protocol's server side over the client's own engine.
 * It is honest to docs/protocol.md; what a test wants broken is broken by `faults`.
 */
import { createServer } from 'node:http';
import { randomBytes } from 'node:crypto';
import { WebSocketServer } from 'ws';
import * as e from '../src/envelope.js';
import { createSession } from '../src/session.js';

const json = value => e.utf8(JSON.stringify(value));
const parse = body => JSON.parse(new TextDecoder().decode(body));
const end = (outcome, retry) => e.envelope(e.END, json({ outcome, retry }));
const same = (one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)) === 0;

/** What the gateway answers to a report. */
export const ANSWER = { code: 'k3m9-p2xq', verdict: 'fault', findings: [{ cause: 'x' }], context: [], works: ['stream'], network: '192.0.2.0/24' };

/** One session of the gateway and its stand-in for a backend. */
class Held {
  session = createSession({ gateway: true });
  generation = 0;
  attachments = new Map();
  pieces = [];
  timer = undefined;

  constructor(gateway, attach) {
    this.gateway = gateway;
    this.current = attach.fresh;
    this.next = randomBytes(16).toString('base64url');
    this.nonce = attach.fresh;
    this.target = attach.target;
    this.authorization = attach.authorization;
    this.protocols = attach.protocols;
    gateway.backend(this);
  }

  open(protocol = '') {
    this.push(e.OPENED, json({ protocol, extensions: '' }));
  }
  push(kind, payload) {
    this.session.push(kind, payload);
    this.soon();
  }
  send(data) {
    const text = typeof data === 'string', message = text ? e.utf8(data) : data, piece = 16384;
    let at = 0;
    for (; at + piece < message.length; at += piece) this.session.push((text ? e.TEXT : e.BINARY) + 1, message.subarray(at, at + piece));
    this.push(text ? e.TEXT : e.BINARY, message.subarray(at));
  }
  close(code, reason = '') {
    this.push(e.CLOSE, code ? e.join([[code >> 8, code & 255], e.utf8(reason)]) : new Uint8Array());
  }

  soon() {
    if (this.dirty) return;
    this.dirty = true;
    queueMicrotask(() => {
      this.dirty = false;
      this.flush();
    });
  }
  flush() {
    this.attachments.get(this.generation)?.flush?.();
    clearTimeout(this.timer);
    if (this.session.ackAt < Infinity) this.timer = setTimeout(() => this.flush(), Math.max(0, this.session.ackAt - Date.now()));
  }
  take(budget) {
    const parts = this.session.transmit(Date.now(), budget);
    return parts.length ? e.join(parts) : undefined;
  }

  /** An envelope of an attachment; gives what to answer at once, on its downlink. */
  receive(attachment, type, body) {
    if (attachment.generation === this.generation || type === e.USE || type === e.PING) {
      if (type === e.PING) return attachment.say(e.envelope(e.PONG, body));
      if (type === e.USE) return this.use(e.numbers(body, 1)[0][0]);
    }
    if (type >= e.TEXT && attachment.generation > this.generation) this.use(attachment.generation);
    if (type !== e.ACK && type !== e.AGAIN && type < e.TEXT) return;
    this.session.receive(type, body, Date.now());
    for (let item; (item = this.session.deliver());) {
      this.gateway.onitem(this, item);
      if (!this.paused) this.session.consumed(item.payload.length, Date.now());
    }
    this.soon();
  }

  use(generation) {
    if (generation < this.generation) return this.attachments.get(generation)?.supersede();
    const before = this.attachments.get(this.generation);
    this.generation = generation;
    if (before && before.generation < generation) before.supersede();
    this.session.rewind();
    this.soon();
  }

  drop(attachment) {
    this.attachments.delete(attachment.generation);
  }
}

/** One use of one transport. */
class Attachment {
  key = randomBytes(16);
  control = [];
  request = 0;

  constructor(held, generation, transport) {
    Object.assign(this, { held, generation, transport });
    held.attachments.set(generation, this);
  }
  say(bytes) {
    this.control.push(bytes);
    this.flush();
  }
  supersede() {
    this.over = true;
    this.control = [e.envelope(e.SUPERSEDED, e.number(this.held.generation))];
    this.flush();
    this.held.attachments.delete(this.generation);
    this.finish?.();
  }
  take(budget) {
    const parts = this.control.splice(0);
    const items = !this.over && this.held.generation === this.generation && this.held.take(budget - 1024);
    if (items) parts.push(items);
    return parts.length ? e.join(parts) : undefined;
  }
  flush() {}
}

/**
 * @param {object} [options]
 * @param {(held: Held) => void} [options.backend] answers a new session
 * @param {(held: Held, kind: number, message: Buffer) => void} [options.message] takes a message
 */
export const start = async ({ backend = held => held.open(), message = echo, heartbeat = 25000, resume = 120000, settings = {} } = {}) => {
  const sessions = new Map(), keys = new Map(), sockets = new Set();
  const gateway = {
    sessions, faults: {}, log: [], most: {}, dead: new Set(), unknown: 0, retry: undefined,
    backend,
    /** @type {{method: string, headers: Record<string, string>, body: string}[]} what pages reported */
    reports: [],
    /** Queries of WebSockets that arrived, and attempt ids of attachments. */
    queries: [], attempts: [],
    /** Answers a report. */
    onreport: response => response.end(JSON.stringify(ANSWER)),
    onitem(held, { kind, payload }) {
      if (kind === e.CLOSE) {
        gateway.log.push(['close', payload.length ? payload.readUInt16BE?.(0) ?? payload[0] * 256 + payload[1] : 1005, new TextDecoder().decode(payload.subarray(2))]);
        return gateway.onclose ? gateway.onclose(held, payload) : held.push(e.CLOSE, payload.slice());
      }
      held.pieces.push(payload.slice());
      if (kind % 2) return;
      message(held, kind, Buffer.concat(held.pieces.splice(0)));
    },
    /** Cuts every connection there is, without a word. */
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    forget() {
      sessions.clear();
      keys.clear();
    },
  };

  const attach = (body, transport) => {
    const told = parse(body);
    let held = sessions.get(told.fresh || told.token);
    if (!held) {
      if (gateway.refuse) return end(gateway.refuse, gateway.retry);
      if (!told.fresh || gateway.dead.has(told.fresh)) {
        gateway.unknown++;
        return end('continuity-lost');
      }
      held = new Held(gateway, told);
      sessions.set(held.current, held);
      sessions.set(held.next, held);
    } else if ((told.token || told.fresh) === held.next) {
      sessions.delete(held.current);
      gateway.dead.add(held.current);
      held.current = held.next;
      held.next = randomBytes(16).toString('base64url');
      sessions.set(held.next, held);
    }
    const { generation, use, attempt } = told;
    gateway.attempts.push(attempt);
    if (generation < held.generation) return e.envelope(e.SUPERSEDED, e.number(held.generation));
    held.session.acknowledge(told.received, told.window);
    const attachment = new Attachment(held, generation, transport);
    keys.set(attachment.key.toString('hex'), attachment);
    gateway.log.push(['attach', transport, generation, use]);
    attachment.control.push(e.envelope(e.ATTACHED, json({
      session: 's', token: held.next, key: attachment.key.toString('base64url'), generation,
      received: held.session.received, window: held.session.credit,
      piece: 16384, body: 61440, heartbeat, resume, ...settings,
    })));
    if (use) held.use(generation);
    return attachment;
  };

  const wss = new WebSocketServer({ noServer: true, handleProtocols: () => 'towpath.1' });
  const carry = socket => {
    let attachment, held = Buffer.alloc(0);
    const feed = e.reader((type, body) => {
      if (attachment) return attachment.held.receive(attachment, type, body);
      attachment = attach(body, 'websocket');
      if (attachment instanceof Uint8Array) {
        socket.send(attachment);
        return socket.close();
      }
      attachment.finish = () => socket.close();
      attachment.flush = () => {
        for (let bytes; socket.readyState === 1 && (bytes = attachment.take(60000));) {
          // As a proxy does that hands on nothing but full blocks.
          held = Buffer.concat([held, bytes]);
          if (held.length < (gateway.faults.block || 0)) continue;
          socket.send(held);
          held = Buffer.alloc(0);
        }
      };
      attachment.flush();
    });
    socket.on('error', () => {});
    socket.on('message', data => {
      if (gateway.faults.mute) return;
      if (gateway.faults.reset) return socket.terminate();
      feed(new Uint8Array(data));
    });
    socket.on('close', () => attachment && (attachment.flush = () => {}));
  };

  const open = {};
  const downlink = (request, response, endpoint, body) => {
    let attachment, acked = false;
    e.reader((type, content) => {
      if (type === e.ATTACH) attachment = attach(content, endpoint);
      else if (type === e.WITH) {
        const key = content.subarray(0, 16), [[number]] = e.numbers(content.subarray(16), 1);
        attachment = keys.get(Buffer.from(key).toString('hex'));
        if (attachment && number <= attachment.request) attachment = undefined;
        else if (attachment) attachment.request = number;
        acked = true;
      } else if (attachment?.held) attachment.held.receive(attachment, type, content);
    })(new Uint8Array(body));
    if (!attachment) return response.end();
    if (attachment instanceof Uint8Array) return response.end(wrap(endpoint, attachment));
    attachment.response?.end();
    attachment.response = response;
    open[endpoint] = (open[endpoint] || 0) + 1;
    gateway.most[endpoint] = Math.max(gateway.most[endpoint] || 0, open[endpoint]);
    response.on('close', () => open[endpoint]--);
    if (acked && attachment.generation === attachment.held.generation) attachment.held.session.rewind();
    if (endpoint !== 'poll') attachment.control.push(e.envelope(e.PADDING, new Uint8Array(2048)));
    let written = 0, held = Buffer.alloc(0);
    const beat = setTimeout(() => attachment.response === response && attachment.say(e.envelope(e.PING)), heartbeat);
    response.on('close', () => clearTimeout(beat));
    attachment.finish = () => response.end();
    attachment.flush = () => {
      if (response.destroyed || response.writableEnded) return;
      for (let bytes; !response.writableEnded && (bytes = attachment.take(60000));) {
        if (endpoint === 'poll') return response.end(bytes);
        const { cutAfter = Infinity, hold } = gateway.faults, rest = cutAfter - written;
        written += bytes.length;
        if (written > cutAfter) {
          // What came through before the cut is read before it.
          response.write(bytes.subarray(0, rest), () => setTimeout(() => response.destroy(), 5));
          attachment.flush = () => {};
          return;
        }
        if (hold) continue;
        held = Buffer.concat([held, Buffer.from(wrap(endpoint, bytes))]);
        // As a proxy does that hands on nothing but full blocks.
        const whole = held.length - held.length % (gateway.faults.block || 1);
        if (whole) response.write(held.subarray(0, whole));
        held = held.subarray(whole);
        if (written > (gateway.faults.again || Infinity)) return response.end(wrap(endpoint, e.envelope(e.AGAIN)));
      }
    };
    attachment.flush();
  };

  const uplink = (response, body) => {
    let attachment;
    e.reader((type, content) => {
      if (type === e.WITH) attachment = keys.get(Buffer.from(content.subarray(0, 16)).toString('hex'));
      else attachment?.held.receive(attachment, type, content);
    })(new Uint8Array(body));
    if (!attachment) return response.end(end('continuity-lost'));
    gateway.log.push(['send', body.length]);
    if (attachment.over) return response.end(e.envelope(e.SUPERSEDED, e.number(attachment.held.generation)));
    response.end(attachment.held.session.ack());
  };

  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://h');
    const [, endpoint] = /\/\.towpath\/(\w+)$/.exec(pathname) || [];
    const { faults } = gateway;
    if (faults.hang?.includes(endpoint)) return;
    if (endpoint === 'report') {
      let body = '';
      for await (const chunk of request) body += chunk;
      gateway.reports.push({ method: request.method, headers: request.headers, body });
      return gateway.onreport(response);
    }
    if (!endpoint || faults.refuse?.includes(endpoint)) {
      response.statusCode = 403;
      return response.end();
    }
    const chunks = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return;
    }
    const body = Buffer.concat(chunks);
    if (body.length > (faults.bodyMax || 65536)) {
      response.statusCode = 413;
      return response.end();
    }
    response.setHeader('content-type', endpoint === 'sse' ? 'text/event-stream' : 'application/octet-stream');
    if (endpoint !== 'send') return downlink(request, response, endpoint, body);
    if (faults.loseSends > 0 && faults.loseSends--) {
      // Taken, and the answer lost.
      uplink({ end() {} }, body);
      return request.socket.destroy();
    }
    if (faults.swapSends) await new Promise(resolve => setTimeout(resolve, Math.random() * 20));
    uplink(response, body);
    if (faults.doubleSends) uplink({ end() {} }, body);
  });
  server.on('connection', socket => {
    if (gateway.faults.down) return socket.destroy();
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
  });
  server.on('upgrade', (request, socket, head) => {
    gateway.queries.push(new URL(request.url, 'http://h').search);
    if (gateway.faults.hang?.includes('websocket')) return;
    if (gateway.faults.refuse?.includes('websocket')) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    setTimeout(() => wss.handleUpgrade(request, socket, head, carry), gateway.faults.slow || 0);
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  gateway.url = `ws://127.0.0.1:${/** @type {any} */ (server.address()).port}/chat?room=1`;
  gateway.stop = () => {
    gateway.cut();
    server.close();
    for (const held of new Set(sessions.values())) clearTimeout(held.timer);
  };
  return gateway;
};

const wrap = (endpoint, bytes) => (endpoint === 'sse' ? `data: ${Buffer.from(bytes).toString('base64')}\n\n` : bytes);

export const echo = (held, kind, message) => held.send(kind === e.TEXT ? message.toString() : new Uint8Array(message));
