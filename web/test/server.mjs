/**
 * A stand-in for the gateway's side of the check page (docs/reports.md sections 2 and 3), with networks built in.
 *
 * For tests of the page alone. `node server.mjs [PORT]` serves it for a look: `/NETWORK/.towpath/check`.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { FINDINGS } from './findings.mjs';

const { WebSocketServer } = createRequire(new URL('../../client/package.json', import.meta.url))('ws');
const web = new URL('../', import.meta.url);
const TYPES = { js: 'text/javascript', css: 'text/css', html: 'text/html' };
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; base-uri 'none'; form-action 'none'";

/** What each network does, by name; `verdict` names an entry of FINDINGS. */
export const NETWORKS = {
  clear: {},
  refused: { upgrade: 'refuse', verdict: 'refused' },
  hung: { upgrade: 'hang', verdict: 'refused' },
  stripped: { upgrade: 'strip', verdict: 'stripped' },
  reset: { socket: 'reset', verdict: 'reset' },
  mute: { socket: 'mute', verdict: 'mute' },
  buffered: { socket: 'mute', held: true, verdict: 'buffered' },
  'small-bodies': { body: 65536, verdict: 'small-bodies' },
  'small-messages': { message: 65536, verdict: 'small-messages' },
  'cut-idle': { idle: 800, verdict: 'cut-idle' },
  inspected: { verdict: 'inspected' },
  possible: { socket: 'reset', verdict: 'possible' },
  unknown: { socket: 'reset', verdict: 'unknown' },
  operator: { verdict: 'operator' },
  slow: { delay: 900 },
  offline: { fetch: 'gone' },
  // Nothing passes for the time given, from the first WebSocket on.
  hiccup: { outage: 700 },
  portal: { fetch: 'portal' },
  'portal-at-once': { begin: 'portal' },
  busy: { begin: 'busy' },
  'busy-once': { begin: 'busy-once' },
  off: { begin: 'off' },
  gone: { report: 'gone' },
  hostile: { verdict: 'hostile' },
  'no-sockets': { websocket: false },
};

const HANDLERS = {
  begin: async ({ network, respond }) => {
    if (network.begin === 'busy') return respond(429, 'text/plain', 'busy\n', { 'retry-after': '20' });
    if (network.begin === 'busy-once') {
      network.begin = '';
      return respond(429, 'text/plain', 'busy\n', { 'retry-after': '1' });
    }
    if (network.begin === 'off') return respond(404, 'text/plain', 'not found\n');
    if (network.begin === 'portal') return respond(200, 'text/html', '<!doctype html><title>Guest Wi-Fi log in</title>');
    return respond(200, 'application/json', JSON.stringify({
      code: 'k3m9-p2xq', key: 'key', attempt: '4f9k2m', websocket: network.websocket ?? true, transports: ['websocket', 'stream', 'sse', 'poll'], host: 'chat.example.com',
    }));
  },
  fetch: async ({ network, request, respond }) => {
    if (network.fetch === 'gone') return request.socket.destroy();
    if (network.fetch === 'portal') return respond(200, 'text/html', '<!doctype html><title>Guest Wi-Fi: log in</title>');
    return respond(200, 'application/json', JSON.stringify({ method: 'GET', version: '1.1', headers: ['host'], network: '192.0.2.0/24', padding: '.'.repeat(1024) }));
  },
  poll: async ({ query, respond }) => {
    await pause(Number(query.get('wait')));
    return respond(200, 'text/plain', `0 ${query.get('wait')}\n`);
  },
  post: async ({ network, body, respond }) => {
    if (body.length > (network.body ?? Infinity)) return respond(413, 'text/html', 'too large');
    return respond(200, 'application/json', JSON.stringify({ bytes: body.length }));
  },
  stream: context => lines(context, ''),
  sse: context => lines(context, 'data: '),
};

/** Lines `n ms`, the first padded, one a beat; a network that holds back gives all at the end. */
const lines = async ({ network, query, response, request }, prefix) => {
  const [count, beat, idle] = ['count', 'beat', 'idle'].map(name => Number(query.get(name)));
  const began = Date.now();
  response.writeHead(200, { 'content-type': prefix ? 'text/event-stream' : 'text/plain', 'cache-control': 'no-store' });
  response.flushHeaders();
  let held = '';
  let last = began;
  const cut = network.idle && setInterval(() => Date.now() - last > network.idle && request.socket.destroy(), 50);
  for (let n = 0; n < count && !response.destroyed; n += 1) {
    if (n) await pause(n === count - 1 && idle ? idle : beat);
    const line = `${`${n} ${Date.now() - began}`.padEnd(n || prefix ? 0 : 2047)}\n`;
    const text = `${prefix && !n ? `: ${' '.repeat(2045)}\n` : ''}${prefix}${line}${prefix && '\n'}`;
    last = Date.now();
    if (network.held) held += text;
    else response.write(text);
  }
  clearInterval(cut);
  response.end(held);
};

const report = async ({ network, request, body, respond, reports }) => {
  if (network.report === 'gone') return request.socket.destroy();
  const value = JSON.parse(body);
  reports.push(value);
  const failed = value.tests.some(({ outcome }) => !['passed', 'not_run'].includes(outcome.outcome));
  const canned = FINDINGS[network.verdict] ?? { verdict: failed ? 'cannot_tell' : 'healthy' };
  return respond(200, 'application/json', JSON.stringify({
    code: 'k3m9-p2xq', findings: [], context: [], works: ['stream', 'sse', 'poll'], network: '192.0.2.0/24', ...canned,
  }));
};

const socketServer = new WebSocketServer({ noServer: true, perMessageDeflate: false });
const deflatingServer = new WebSocketServer({ noServer: true, perMessageDeflate: true });

const upgrade = (network, query, request, stream, head) => {
  if (network.outage && !network.outageEnds) network.outageEnds = Date.now() + network.outage;
  if (Date.now() < network.outageEnds) return stream.destroy();
  if (network.upgrade === 'hang') return undefined;
  if (network.upgrade) {
    stream.end(`HTTP/1.1 ${network.upgrade === 'strip' ? '426 Upgrade Required' : '403 Forbidden'}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    return undefined;
  }
  const server = query.get('deflate') ? deflatingServer : socketServer;
  server.handleUpgrade(request, stream, head, socket => {
    let idle;
    const alive = () => {
      clearTimeout(idle);
      if (network.idle) idle = setTimeout(() => socket.terminate(), network.idle);
    };
    alive();
    socket.on('close', () => clearTimeout(idle));
    socket.on('error', () => {});
    if (query.get('mode') === 'first' && network.socket !== 'mute') socket.send('hello');
    socket.on('message', (data, binary) => {
      alive();
      if (network.socket === 'reset' || data.length > (network.message ?? Infinity)) return socket.terminate();
      if (network.socket !== 'mute') socket.send(data, { binary });
    });
  });
};

const file = (path, respond) => {
  const name = path === 'check' ? 'check/index.html' : path;
  if (!/^(check|text|style)\/[\w./-]+$/.test(name) || name.includes('..')) return respond(404, 'text/plain', 'not found\n');
  try {
    return respond(200, `${TYPES[name.split('.').pop()]}; charset=utf-8`, readFileSync(new URL(name, web)), { 'content-security-policy': POLICY });
  } catch {
    return respond(404, 'text/plain', 'not found\n');
  }
};

/** Starts it; `reports` fills with what pages reported. */
export const start = async (port = 0) => {
  const reports = [];
  const opened = new Set();
  const parse = url => {
    const { pathname, searchParams } = new URL(url, 'http://host');
    const [, name, path] = /^\/([\w-]+)\/\.towpath\/(.*)$/.exec(pathname) ?? [];
    return { network: NETWORKS[name], path, query: searchParams };
  };
  const server = createServer(async (request, response) => {
    const { network, path, query } = parse(request.url);
    const respond = (status, type, body, more = {}) => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', ...more });
      response.end(body);
    };
    if (!network) return respond(404, 'text/plain', 'no such network\n');
    const parts = [];
    for await (const part of request) parts.push(part);
    if (Date.now() < network.outageEnds) return request.socket.destroy();
    if (network.delay) await pause(network.delay);
    const context = { network, query, request, response, respond, reports, body: Buffer.concat(parts) };
    if (path === 'report') return report(context);
    const handler = path.startsWith('probe/') && Object.hasOwn(HANDLERS, path.slice(6)) && HANDLERS[path.slice(6)];
    return handler ? handler(context) : file(path, respond);
  });
  server.on('connection', socket => {
    opened.add(socket);
    socket.on('close', () => opened.delete(socket));
  });
  server.on('upgrade', (request, stream, head) => {
    const { network, path, query } = parse(request.url);
    stream.on('error', () => {});
    if (network && path === 'probe/websocket') upgrade(network, query, request, stream, head);
    else stream.destroy();
  });
  await new Promise(resolve => server.listen(port, '127.0.0.1', resolve));
  return {
    reports,
    url: network => new URL(`http://127.0.0.1:${server.address().port}/${network}/.towpath/`),
    stop: () => {
      for (const socket of opened) socket.destroy();
      return new Promise(resolve => server.close(resolve));
    },
  };
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await start(Number(process.argv[2] ?? 8090));
  for (const network of Object.keys(NETWORKS)) console.log(new URL('check', url(network)).href);
}
