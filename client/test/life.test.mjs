/** A page's life, played with a page of our own: leaving, coming back, sleep, offline. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tell } from './page.mjs';
import { start } from './gateway.mjs';
import { closed, event, numbered, open, until } from './support.mjs';

for (const transport of ['websocket', 'stream', 'poll']) {
  test(`${transport}: a page that leaves for good sends what was accepted, and says goodbye`, async t => {
    const got = [];
    const gateway = await start({ message: (held, kind, message) => got.push(message.toString()) });
    t.after(gateway.stop);
    const socket = await open(gateway, { transports: [transport] });
    for (let i = 0; i < 5; i++) socket.send(`m${i}`);
    tell('pagehide', { persisted: false });
    await until(() => gateway.log.some(([what, code]) => what === 'close' && code === 1001));
    assert.deepEqual(got, ['m0', 'm1', 'm2', 'm3', 'm4']);
  });

  test(`${transport}: a page that comes back goes on where it was`, async t => {
    const gateway = await start();
    t.after(gateway.stop);
    const socket = await open(gateway, { transports: [transport] });
    await numbered(socket, 20);
    tell('pagehide', { persisted: true });
    const [held] = gateway.sessions.values();
    held.send('meanwhile');
    await new Promise(resolve => setTimeout(resolve, 50));
    const message = event(socket, 'message');
    socket.onmessage = null;
    tell('pageshow', { persisted: true });
    assert.equal((await message).data, 'meanwhile');
    assert.ok(!gateway.log.some(([what]) => what === 'close'));
    await numbered(socket, 20);
    await closed(socket);
  });
}

test('a page whose requests were cut just before it leaves still says everything', async t => {
  const got = [];
  const gateway = await start({ message: (held, kind, message) => got.push(message.toString()) });
  t.after(gateway.stop);
  const socket = await open(gateway, { transports: ['stream'] });
  gateway.faults.hang = ['send', 'stream'];
  socket.send('last words');
  await new Promise(resolve => setTimeout(resolve, 20));
  const reconnecting = event(socket, 'reconnecting');
  gateway.cut();
  await reconnecting;
  gateway.faults.hang = [];
  tell('pagehide', { persisted: false });
  await until(() => gateway.log.some(([what, code]) => what === 'close' && code === 1001));
  assert.deepEqual(got, ['last words']);
});

test('coming online again attaches at once', async t => {
  const gateway = await start();
  t.after(gateway.stop);
  const socket = await open(gateway);
  // Everything that was there is dead and does not say so.
  gateway.faults.mute = true;
  tell('offline');
  gateway.faults.mute = false;
  const recovered = event(socket, 'recovered');
  tell('online');
  await recovered;
  await numbered(socket, 20);
  await closed(socket);
});

test('a zombie is noticed when the page is shown again', async t => {
  const gateway = await start({ settings: { heartbeat: 4000 } });
  t.after(gateway.stop);
  const socket = await open(gateway);
  gateway.faults.mute = true;
  const reconnecting = event(socket, 'reconnecting');
  tell('visibilitychange', {});
  await reconnecting;
  gateway.faults.mute = false;
  await numbered(socket, 20);
  await closed(socket);
});
