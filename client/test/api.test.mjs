/** What the standard says of the class itself, the file for pages, and the stand-in. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import WebSocket from 'ws';
import { start } from './gateway.mjs';
import { TowpathWebSocket, closed, connecting, event, numbered, open } from './support.mjs';
import { standIn } from '../src/stand-in.js';

const throws = (name, act) => assert.throws(act, error => error.name === name, name);

test('the constructor takes and refuses what the standard says', async t => {
  const gateway = await start();
  t.after(gateway.stop);
  for (const url of ['ftp://h/', 'ws://h/#', 'ws://h/#x', 'http://h/#', 'mailto:a@b', 'ws://a b/', 'about:blank', '#x'])
    throws('SyntaxError', () => new TowpathWebSocket(url));
  for (const protocols of ['', ['a', 'a'], ['a b'], ['\u00e5'], 'a,b', [undefined, undefined]])
    throws('SyntaxError', () => new TowpathWebSocket(gateway.url, protocols));
  throws('TypeError', () => new TowpathWebSocket());
  throws('TypeError', () => TowpathWebSocket(gateway.url));
  const socket = new TowpathWebSocket(gateway.url.replace('ws:', 'http:'), [], 'no options');
  assert.equal(socket.url, gateway.url);
  socket.close();
  assert.deepEqual([TowpathWebSocket.CONNECTING, socket.OPEN, socket.CLOSING, TowpathWebSocket.CLOSED], [0, 1, 2, 3]);
  assert.deepEqual([TowpathWebSocket.length, TowpathWebSocket.name, socket.close.length, socket.send.length, `${socket}`], [1, 'WebSocket', 0, 1, '[object WebSocket]']);
  assert.deepEqual(Object.keys(socket), []);
});

test('send and close keep to their rules', async t => {
  const gateway = await start();
  t.after(gateway.stop);
  const socket = connecting(gateway);
  throws('InvalidStateError', () => socket.send('x'));
  throws('TypeError', () => socket.send());
  for (const code of [0, 999, 1001, 1005, 2999, 5000, NaN, null, 'x', 66536]) throws('InvalidAccessError', () => socket.close(code));
  throws('SyntaxError', () => socket.close(1000, '\u00e5'.repeat(62)));
  await event(socket, 'open');
  const got = [];
  socket.onmessage = ({ data, origin }) => got.push([data instanceof ArrayBuffer ? [...new Uint8Array(data)] : data, origin]);
  const bytes = Uint8Array.of(1, 2, 3);
  socket.send(new Blob(['blob']));
  socket.send(bytes.subarray(1));
  bytes.fill(9);
  socket.send('\ud800');
  socket.send(null);
  assert.equal(socket.bufferedAmount, 4 + 2 + 3 + 4);
  const close = event(socket, 'close');
  await new Promise(resolve => socket.addEventListener('message', () => got.length === 4 && resolve()));
  const origin = new URL(gateway.url).origin;
  assert.deepEqual(got, [[[98, 108, 111, 98], origin], [[2, 3], origin], ['\ufffd', origin], ['null', origin]]);
  socket.close(undefined, 'why');
  assert.equal(socket.readyState, 2);
  socket.send('1234');
  assert.equal(socket.bufferedAmount, 4);
  const { code, reason, wasClean } = await close;
  assert.deepEqual([code, reason, wasClean, socket.readyState], [1000, 'why', true, 3]);
  assert.equal(socket.bufferedAmount, 4);
});

test('handlers are listeners in the order in which they were set', async t => {
  const gateway = await start();
  t.after(gateway.stop);
  const socket = connecting(gateway), order = [];
  assert.equal(socket.onopen, null);
  socket.onopen = 5;
  assert.equal(socket.onopen, null);
  socket.onopen = () => order.push('handler');
  socket.addEventListener('open', () => order.push('listener'));
  socket.onopen = () => order.push('second');
  await event(socket, 'open');
  assert.deepEqual(order, ['second', 'listener']);
  throws('TypeError', () => TowpathWebSocket.prototype.onopen);
  await closed(socket);
});

test('one message per task, and none after close()', async t => {
  const gateway = await start({
    backend(held) {
      held.open();
      for (let i = 0; i < 5; i++) held.send(`${i}`);
    },
  });
  t.after(gateway.stop);
  const socket = connecting(gateway), seen = [];
  let microtasks = 0;
  socket.onmessage = ({ data }) => {
    seen.push(data, microtasks);
    queueMicrotask(() => microtasks++);
    if (data === '2') socket.close();
  };
  const { code, wasClean } = await event(socket, 'close');
  assert.deepEqual([code, wasClean], [1005, true]);
  assert.deepEqual(seen, ['0', 0, '1', 1, '2', 2]);
});

test("the backend's answers arrive as they are", async t => {
  const cases = [
    [held => held.open('chat'), ['chat', 'other'], socket => event(socket, 'open').then(() => assert.equal(socket.protocol, 'chat'))],
    [held => held.open(), ['chat'], socket => event(socket, 'close').then(({ code }) => assert.equal(code, 1006))],
    [held => held.open('chat'), [], socket => event(socket, 'close').then(({ code }) => assert.equal(code, 1006))],
    [held => held.push(21, Buffer.from('{"status":401,"headers":[["x","y"]],"body":"bm8="}')), [], async socket => {
      let detail;
      socket.onerror = error => ({ detail } = error);
      assert.equal((await event(socket, 'close')).code, 1006);
      assert.deepEqual([detail.status, detail.headers, detail.body], [401, [['x', 'y']], 'bm8=']);
    }],
    [held => (held.open(), held.close(4001, 'over')), [], async socket => {
      const { code, reason, wasClean } = await event(socket, 'close');
      assert.deepEqual([code, reason, wasClean], [4001, 'over', true]);
    }],
    [held => (held.open(), held.push(16, Uint8Array.of(255))), [], async socket => {
      let errors = 0;
      socket.onerror = () => errors++;
      const { code, wasClean } = await event(socket, 'close');
      assert.deepEqual([code, wasClean, errors], [1006, false, 1]);
    }],
  ];
  for (const [backend, protocols, check] of cases) {
    const gateway = await start({ backend });
    t.after(gateway.stop);
    await check(connecting(gateway, {}, protocols));
  }
});

test('the path, the query and credentials travel in the body only', async t => {
  const gateway = await start();
  t.after(gateway.stop);
  const url = gateway.url.replace('ws://', 'ws://me:p%40ss@');
  const socket = new TowpathWebSocket(url);
  await event(socket, 'open');
  const [held] = gateway.sessions.values();
  assert.deepEqual([held.target, held.authorization], ['/chat?room=1', 'Basic ' + btoa('me:p@ss')]);
  assert.equal(socket.url, url);
  await closed(socket);
});

test('the file for pages does the same', async t => {
  const gateway = await start();
  t.after(gateway.stop);
  const { TowpathWebSocket: Page, default: other } = await import('../dist/towpath.js');
  assert.equal(Page, other);
  for (const transport of ['websocket', 'stream', 'sse', 'poll']) {
    const socket = new Page(gateway.url, [], { transports: [transport], WebSocket, storage: null });
    socket.binaryType = 'arraybuffer';
    await event(socket, 'open');
    await numbered(socket, 100);
    assert.equal(socket.transport, transport);
    await closed(socket);
  }
});

test('the script tag of the stand-in says what it wants', async t => {
  const { WebSocket, document } = /** @type {any} */ (globalThis), dataset = { match: '/none', transports: 'stream poll', report: 'off' };
  t.after(() => {
    Object.assign(globalThis, { WebSocket, document });
    Object.assign(TowpathWebSocket, { transports: undefined, report: true });
  });
  Object.assign(globalThis, { document: { baseURI: 'https://app.example/', querySelector: () => ({ src: 'https://app.example/.towpath/stand-in.js', dataset }) } });
  await import('../src/stand-in.js?script');
  assert.deepEqual([TowpathWebSocket.transports, TowpathWebSocket.report], [['stream', 'poll'], false]);
});

test('the stand-in takes its addresses and leaves the others', async t => {
  const gateway = await start();
  t.after(gateway.stop);
  const page = { WebSocket, document: { baseURI: gateway.url.replace('ws', 'http') } };
  const back = standIn({ match: '/chat* wss://api.example.com/*' }, page);
  const mine = new page.WebSocket(gateway.url), relative = new page.WebSocket(new URL('/chat/2', gateway.url));
  const other = new page.WebSocket(gateway.url.replace('chat', 'elsewhere'));
  assert.deepEqual([mine, relative, other].map(one => one instanceof TowpathWebSocket), [true, true, false]);
  assert.ok([mine, other].every(one => one instanceof page.WebSocket));
  assert.equal(page.WebSocket.OPEN, 1);
  class Own extends page.WebSocket {}
  const own = new Own(gateway.url);
  assert.ok(own instanceof Own && own instanceof TowpathWebSocket);
  other.on('error', () => {});
  for (const one of [mine, relative, other, own]) one.close();
  back();
  assert.equal(page.WebSocket, WebSocket);
});
