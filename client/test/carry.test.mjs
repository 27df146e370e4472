/** The class over each transport against the test gateway, and over what networks do to it. */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import WebSocket from 'ws';
import { start } from './gateway.mjs';
import { TowpathWebSocket } from '../src/towpath.js';

TowpathWebSocket.WebSocket = WebSocket;
TowpathWebSocket.storage = null;
const ALL = ['websocket', 'stream', 'sse', 'poll'];

/** A test that fails must not keep the process alive. */
const opened = new Set();
afterEach(() => {
  for (const socket of opened) socket.close();
  opened.clear();
});

/** Resolves with the next event of a type; rejects when the socket closes instead. */
const event = (socket, type) => new Promise((resolve, reject) => {
  socket.addEventListener(type, resolve, { once: true });
  if (type !== 'close') socket.addEventListener('close', close => reject(new Error(`closed ${close.code} ${close.reason}`)), { once: true });
});
const open = async (gateway, options, protocols) => {
  const socket = new TowpathWebSocket(gateway.url, protocols, options);
  opened.add(socket);
  socket.binaryType = 'arraybuffer';
  await event(socket, 'open');
  return socket;
};
/** Sends numbered messages, text and binary by turns, and checks that each comes back once, in order. */
const numbered = (socket, count, pace = 0) => new Promise((resolve, reject) => {
  let next = 0, sent = 0;
  const name = i => `${i}:${'x'.repeat(i % 50)}`;
  socket.onclose = close => reject(new Error(`closed ${close.code} ${close.reason} after ${next}`));
  socket.onmessage = ({ data }) => {
    const text = typeof data === 'string' ? data : new TextDecoder().decode(data);
    if (text !== name(next) || (typeof data === 'string') !== (next % 2 === 0)) reject(new Error(`${next}: ${text}`));
    if (++next === count) resolve();
  };
  const more = () => {
    for (let i = 0; i < (pace ? 5 : count) && sent < count; i++, sent++) socket.send(sent % 2 ? new TextEncoder().encode(name(sent)) : name(sent));
    if (sent < count) setTimeout(more, pace);
  };
  more();
});
const closed = async socket => {
  socket.onclose = null;
  const close = event(socket, 'close');
  socket.close(3000, 'done');
  const { code, reason, wasClean } = await close;
  assert.deepEqual([code, reason, wasClean], [3000, 'done', true]);
};

for (const transport of ALL) {
  test(`${transport} carries both ways, in order, once`, async t => {
    const gateway = await start();
    t.after(gateway.stop);
    const socket = await open(gateway, { transports: [transport] });
    assert.equal(socket.transport, transport);
    await numbered(socket, 500);
    assert.equal(socket.bufferedAmount, 0);
    await closed(socket);
  });

  test(`${transport} survives cuts`, async t => {
    const gateway = await start();
    t.after(gateway.stop);
    const socket = await open(gateway, { transports: [transport] });
    const cutting = setInterval(() => gateway.cut(), 60);
    await numbered(socket, 600, 5);
    clearInterval(cutting);
    await closed(socket);
  });

  test(`${transport} carries a message larger than the window`, async t => {
    const gateway = await start();
    t.after(gateway.stop);
    const socket = await open(gateway, { transports: [transport] });
    const data = new Uint8Array(1_000_000).map((_, i) => i % 251);
    socket.send(data);
    assert.equal(socket.bufferedAmount, data.length);
    const { data: back } = await event(socket, 'message');
    assert.deepEqual(Buffer.from(back), Buffer.from(data));
    await closed(socket);
  });
}

test('any transport takes over from any other', async t => {
  const gateway = await start();
  t.after(gateway.stop);
  const socket = await open(gateway);
  for (const name of ['stream', 'websocket', 'poll', 'sse', 'websocket', 'sse', 'stream', 'poll', 'websocket']) {
    gateway.faults.refuse = ALL.filter(other => other !== name);
    gateway.cut();
    await numbered(socket, 200);
    assert.equal(socket.transport, name);
  }
  await closed(socket);
});
