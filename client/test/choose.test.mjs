/** Which transport is used: the race, what networks do to it, and what is remembered. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { start } from './gateway.mjs';
import { closed, connecting, event, numbered, open, until } from './support.mjs';

const storage = () => {
  const kept = new Map();
  return { kept, getItem: key => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: key => kept.delete(key) };
};

const CASES = [
  ['nothing is wrong', {}, 'websocket', false],
  ['WebSockets are refused', { refuse: ['websocket'] }, 'stream', true],
  ['WebSockets hang', { hang: ['websocket'] }, 'stream', true],
  ['WebSockets are reset at the first frame', { reset: true }, 'stream', true],
  ['WebSockets open and stay mute', { mute: true }, 'stream', true],
  ['only polling works', { refuse: ['websocket', 'stream', 'sse'] }, 'poll', true],
  ['responses are held until their end', { hang: ['websocket'], hold: true }, 'poll', true],
];
for (const [name, faults, transport, remembered] of CASES) {
  test(`${name}: ${transport}`, async t => {
    const gateway = await start();
    t.after(gateway.stop);
    gateway.faults = faults;
    const memory = storage();
    const socket = await open(gateway, { storage: memory });
    await numbered(socket, 100);
    assert.equal(socket.transport, transport);
    if (remembered) await until(() => memory.kept.size);
    await closed(socket);
    // The second visit starts with what worked.
    gateway.log.length = 0;
    const again = await open(gateway, { storage: memory });
    await numbered(again, 10);
    assert.deepEqual(gateway.log.find(([what]) => what === 'attach')[1], transport);
    await closed(again);
    assert.equal(memory.kept.size > 0, remembered);
  });
}

for (const refuse of [['websocket', 'sse'], ['stream', 'sse']]) test(`what holds back its last block is left for polling, and nothing is missing (without ${refuse})`, async t => {
  const gateway = await start({
    backend(held) {
      held.open();
      for (let i = 0; i < 60; i++) held.send(`${i}:${'z'.repeat(1000)}`);
    },
  });
  t.after(gateway.stop);
  gateway.faults = { refuse, block: 16384 };
  const socket = connecting(gateway);
  const got = [];
  socket.onmessage = ({ data }) => got.push(parseInt(data));
  await until(() => got.length >= 60);
  assert.deepEqual(got, Array.from({ length: 60 }, (_, i) => i));
  await closed(socket);
});

test('a slow WebSocket takes over from what won before it', async t => {
  const gateway = await start();
  t.after(gateway.stop);
  gateway.faults.slow = 600;
  const socket = await open(gateway);
  assert.notEqual(socket.transport, 'websocket');
  await numbered(socket, 300, 10);
  await until(() => socket.transport === 'websocket');
  await numbered(socket, 100);
  await closed(socket);
});

test('a transport that dies early is left for another, and an outage teaches nothing', async t => {
  const gateway = await start();
  t.after(gateway.stop);
  const memory = storage();
  const socket = await open(gateway, { storage: memory });
  const states = [];
  for (const type of ['reconnecting', 'recovered']) socket.addEventListener(type, () => states.push(type));
  gateway.faults.down = true;
  gateway.cut();
  await until(() => socket.state === 'reconnecting');
  assert.equal(socket.readyState, 1);
  socket.send('while it is down');
  await new Promise(resolve => setTimeout(resolve, 700));
  gateway.faults.down = false;
  assert.equal((await event(socket, 'message')).data, 'while it is down');
  assert.deepEqual(states, ['reconnecting', 'recovered']);
  assert.equal(memory.kept.size, 0);
  gateway.faults.reset = true;
  gateway.cut();
  await numbered(socket, 50);
  assert.equal(socket.transport, 'stream');
  await closed(socket);
});

test('a session that the gateway has forgotten ends with 3900 and names what was not acknowledged', async t => {
  const gateway = await start({ message() {} });
  t.after(gateway.stop);
  const socket = await open(gateway);
  gateway.faults.down = true;
  gateway.cut();
  socket.send('one');
  socket.send(Uint8Array.of(2));
  gateway.forget();
  gateway.faults.down = false;
  const errors = [];
  socket.onerror = error => errors.push(error.detail.outcome);
  const close = await event(socket, 'close');
  assert.deepEqual([close.code, close.reason, close.wasClean], [3900, 'continuity-lost', false]);
  assert.deepEqual(errors, ['continuity-lost']);
  assert.deepEqual(close.unacknowledged, ['one', Uint8Array.of(2).buffer]);
});

test('where nothing answers, it fails soon as a WebSocket does', async t => {
  const gateway = await start();
  gateway.faults.down = true;
  t.after(gateway.stop);
  const socket = connecting(gateway);
  const errors = [];
  socket.onerror = error => errors.push(error.type);
  const { code, wasClean } = await event(socket, 'close');
  assert.deepEqual([code, wasClean, errors], [1006, false, ['error']]);
});

test("the gateway's limits are told with their code", async t => {
  const gateway = await start();
  t.after(gateway.stop);
  Object.assign(gateway, { refuse: 'too-many-sessions', retry: 7 });
  const socket = connecting(gateway);
  let detail;
  socket.onerror = error => ({ detail } = error);
  const { code, reason } = await event(socket, 'close');
  assert.deepEqual([code, reason, detail], [1013, 'too-many-sessions', { outcome: 'too-many-sessions', retry: 7 }]);
});
