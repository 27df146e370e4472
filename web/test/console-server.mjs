/**
 * The console with made-up facts, to look at it: `node web/test/console-server.mjs [PORT] [empty]`.
 * It mimics the paths of the gateway's console without its door. Only for development.
 */
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import * as data from './console-data.mjs';
import { causes } from './console-causes.mjs';

const WEB = new URL('../', import.meta.url);
const KINDS = /** @type {Record<string, string>} */ ({ js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml', html: 'text/html' });
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** In place of the client: what it tells comes from here every two seconds. */
const CLIENT = `export class TowpathWebSocket extends EventTarget {
  transport = ''; state = 'connecting';
  constructor() {
    super();
    setTimeout(() => { this.transport = 'stream'; this.state = 'connected'; this.dispatchEvent(new Event('open')); }, 30);
    if (!location.search.includes('still')) setInterval(async () => this.dispatchEvent(new MessageEvent('message', { data: await (await fetch('/fake')).text() })), 2000);
  }
}`;

const [port = '0', mode] = process.argv.slice(2);
const none = { ...data.overview(24), series: [], findings: [], networks: [], users: 0, now: { connections: 0, sessions: 0, plain: 0 } };
let turn = 0;

/** @param {URL} url @returns {unknown} */
const answer = url => {
  const [, kind, ...rest] = url.pathname.slice(1).split('/');
  const name = decodeURIComponent(rest.join('/'));
  if (kind === 'overview') return mode === 'empty' ? none : data.overview(Number(url.searchParams.get('hours') ?? 24));
  if (kind === 'cases') {
    const [cause, network] = [url.searchParams.get('cause'), url.searchParams.get('network')];
    const rows = mode === 'empty' ? [] : data.rows(Number(url.searchParams.get('limit') ?? 80));
    return { cases: rows.filter(row => (!cause || row.findings[0]?.cause === cause) && (!network || row.network === network)), more: false };
  }
  if (kind === 'case') return name === 'zzzzzzzz' ? undefined : data.oneCase(name);
  if (kind === 'network') return data.network(name);
  return kind === 'causes' ? causes : undefined;
};

const server = createServer(async (request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const send = (/** @type {number} */ status, /** @type {string} */ kind, /** @type {string | Buffer} */ body) =>
    response.writeHead(status, { 'Content-Type': kind, 'Content-Security-Policy': POLICY, 'Cache-Control': 'no-store' }).end(body);
  if (url.pathname.startsWith('/api/')) {
    const found = answer(url);
    return found === undefined ? send(404, 'text/plain', 'no such case\n') : send(200, 'application/json', JSON.stringify(found));
  }
  if (url.pathname === '/fake') {
    const now = { connections: 511 + (turn % 7), sessions: 438 + (turn % 5), plain: 58 };
    return send(200, 'application/json', JSON.stringify({ now, cases: ++turn % 4 ? undefined : [{ ...data.row(900 + turn), updated_unix_ms: Date.now() }] }));
  }
  if (url.pathname === '/.towpath/towpath.js') return send(200, 'text/javascript', CLIENT);
  const path = url.pathname === '/' ? 'console/index.html' : url.pathname === '/login' ? 'console/login.html' : url.pathname.replace('/static/', '');
  try {
    send(200, KINDS[path.split('.').pop() ?? ''] ?? 'text/plain', await readFile(new URL(path, WEB)));
  } catch {
    send(404, 'text/plain', 'no such file\n');
  }
});
server.listen(Number(port), '127.0.0.1', () => console.log(`http://127.0.0.1:${/** @type {any} */ (server.address()).port}/`));
