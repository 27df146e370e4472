/** What the tests of the class share. */
import assert from 'node:assert/strict';
import { after, afterEach } from 'node:test';
import WebSocket from 'ws';

/** What pages load, where a run asks for it. */
const { TowpathWebSocket } = await import(process.env.TOWPATH_DIST ? '../dist/towpath.js' : '../src/towpath.js');

TowpathWebSocket.WebSocket = WebSocket;
TowpathWebSocket.storage = null;

export { TowpathWebSocket };
export const ALL = /** @type {const} */ (['websocket', 'stream', 'sse', 'poll']);

/** A test that fails must not keep the process alive. */
const sockets = new Set();
afterEach(() => {
  for (const socket of sockets) socket.close();
  sockets.clear();
});
// A session whose gateway is gone goes on trying for two minutes, which is right, but not here.
after(() => void setTimeout(() => process.exit(), 500).unref());

/** A socket that is connecting. */
export const connecting = (gateway, options, protocols) => {
  const socket = new TowpathWebSocket(gateway.url, protocols, options);
  sockets.add(socket);
  socket.binaryType = 'arraybuffer';
  return socket;
};

/** Resolves with the next event of a type; rejects when the socket closes instead. */
export const event = (socket, type) => new Promise((resolve, reject) => {
  socket.addEventListener(type, resolve, { once: true });
  if (type !== 'close') socket.addEventListener('close', close => reject(new Error(`closed ${close.code} ${close.reason}`)), { once: true });
});

/** A socket that is open. */
export const open = async (gateway, options, protocols) => {
  const socket = connecting(gateway, options, protocols);
  await event(socket, 'open');
  return socket;
};

/** Sends numbered messages, text and binary by turns, and checks that each comes back once, in order. */
export const numbered = (socket, count, pace = 0) => new Promise((resolve, reject) => {
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

/** Closes and checks how. */
export const closed = async socket => {
  socket.onclose = null;
  const close = event(socket, 'close');
  socket.close(3000, 'done');
  const { code, reason, wasClean } = await close;
  assert.deepEqual([code, reason, wasClean], [3000, 'done', true]);
};

/** Waits until something holds. */
export const until = async holds => {
  while (!holds()) await new Promise(resolve => setTimeout(resolve, 5));
};
