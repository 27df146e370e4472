/** The class over each transport against the test gateway, and over what networks do to it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { start } from './gateway.mjs';
import { ALL, closed, connecting, event, numbered, open, until } from './support.mjs';

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

test('sends whose answers are lost, that come twice or overtake each other, arrive once and in order', async t => {
  const gateway = await start();
  t.after(gateway.stop);
  Object.assign(gateway.faults, { doubleSends: true, swapSends: true });
  const socket = await open(gateway, { transports: ['poll'] });
  const losing = setInterval(() => {
    gateway.faults.loseSends = 1;
  }, 40);
  t.after(() => clearInterval(losing));
  await numbered(socket, 600, 2);
  await closed(socket);
});

test('bodies are made smaller where a proxy refuses them', async t => {
  const gateway = await start();
  t.after(gateway.stop);
  gateway.faults.bodyMax = 40000;
  const socket = await open(gateway, { transports: ['stream'] });
  const data = 'y'.repeat(300_000);
  socket.send(data);
  assert.equal((await event(socket, 'message')).data, data);
  assert.ok(gateway.log.every(([what, size]) => what !== 'send' || size <= 40000));
  await closed(socket);
});

test('responses that are cut after some bytes, or ended on purpose, lose nothing', async t => {
  const gateway = await start();
  t.after(gateway.stop);
  for (const fault of [{ cutAfter: 20_000 }, { again: 20_000 }]) {
    gateway.faults = fault;
    const socket = await open(gateway, { transports: ['stream'] });
    await numbered(socket, 3000);
    await closed(socket);
  }
});

test('more sessions than a browser has connections take turns', async t => {
  const gateway = await start();
  t.after(gateway.stop);
  const sockets = await Promise.all(Array.from({ length: 12 }, () => open(gateway, { transports: ['stream'] })));
  await Promise.all(sockets.map(socket => numbered(socket, 20)));
  // One that was left may still look open to the gateway.
  assert.ok(gateway.most.stream <= 6, `${gateway.most.stream} held`);
  await Promise.all(sockets.map(closed));
});

test('a slow backend shows in bufferedAmount, and nothing is lost', async t => {
  const gateway = await start({ message() {} });
  t.after(gateway.stop);
  const socket = await open(gateway, { transports: ['websocket'] });
  const [held] = gateway.sessions.values();
  held.paused = true;
  for (let i = 0; i < 100; i++) socket.send(new Uint8Array(10_000));
  assert.equal(socket.bufferedAmount, 1_000_000);
  await until(() => socket.bufferedAmount < 1_000_000);
  await new Promise(resolve => setTimeout(resolve, 200));
  assert.ok(socket.bufferedAmount > 700_000, `${socket.bufferedAmount}`);
  held.paused = false;
  held.session.consumed(262_144 - 16, Date.now());
  held.soon();
  await until(() => socket.bufferedAmount < 600_000);
});

test('a socket that is closed while it connects leaves no session behind', async t => {
  for (const transport of ALL) {
    const gateway = await start({ backend() {} });
    t.after(gateway.stop);
    const socket = connecting(gateway, { transports: [transport] });
    await until(() => gateway.log.some(([what]) => what === 'attach'));
    socket.close();
    assert.equal(socket.readyState, 2);
    const { code, wasClean } = await event(socket, 'close');
    assert.deepEqual([code, wasClean], [1006, false]);
    await until(() => gateway.log.some(([what]) => what === 'close'));
  }
});
