// Sessions as pages of all kinds have them, on a network that lets everything pass: whatever is reported of them is
// a false alarm.
import { TowpathWebSocket } from '/.towpath/towpath.js';
import { run } from '/harness.js';

const asked = new URLSearchParams(location.search);
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const url = new URL('socket', location.href).href.replace('http', 'ws');
const reports = [];

/** An open socket whose reports are kept. */
const open = (options) => new Promise((resolve, reject) => {
  const socket = new TowpathWebSocket(url, [], options);
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('report', ({ detail }) => reports.push(detail));
  socket.addEventListener('open', () => resolve(socket));
  socket.addEventListener('error', () => reject(new Error('a healthy network fails')));
});
const message = (socket) => new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }));
const closed = (socket) => new Promise((resolve) => {
  socket.addEventListener('close', resolve, { once: true });
  socket.close(1000);
});

/** In a frame of its own, which is gone when the scenario is over. */
const framed = async (until, times) => {
  for (let time = 0; time < times; time += 1) {
    const frame = document.createElement('iframe');
    const left = new Promise((resolve) => addEventListener('message', resolve, { once: true }));
    frame.src = `/leaver.html?until=${until}`;
    document.body.append(frame);
    await left;
    if (time + 1 < times) frame.contentWindow.location.reload();
    await pause(20);
    frame.remove();
  }
};

/** One visit to the application each. */
const SCENARIOS = {
  'opens and closes': async () => closed(await open()),
  'says one thing': async () => {
    const socket = await open();
    socket.send('hello');
    await message(socket);
    await closed(socket);
  },
  'says much at once': async () => {
    const socket = await open();
    let count = 0;
    const all = new Promise((resolve) => socket.addEventListener('message', () => { if (++count === 200) resolve(); }));
    for (let index = 0; index < 200; index += 1) socket.send(`message ${index}`);
    await all;
    await closed(socket);
  },
  'sends bytes': async () => {
    const socket = await open();
    for (const size of [0, 1, 125, 126, 65_535, 65_536, 200_000]) {
      socket.send(new Uint8Array(size).fill(size));
      await message(socket);
    }
    await closed(socket);
  },
  'is silent for a while': async () => {
    const socket = await open();
    await pause(1500);
    socket.send('still here');
    await message(socket);
    await closed(socket);
  },
  'remembers nothing': async () => {
    const socket = await open({ storage: null });
    socket.send('hello');
    await message(socket);
    await closed(socket);
  },
  'prefers polling': async () => {
    const socket = await open({ transports: ['poll'], storage: null });
    socket.send('hello');
    await message(socket);
    await closed(socket);
  },
  'says goodbye before it is open': async () => {
    const socket = new TowpathWebSocket(url);
    socket.addEventListener('report', ({ detail }) => reports.push(detail));
    await pause(Math.random() * 30);
    socket.close();
    await pause(100);
  },
  'is left at once': () => framed('now', 1),
  'is left when it is open': () => framed('open', 1),
  'is reloaded in the middle': () => framed('message', 2),
};

run(async () => {
  const names = Object.keys(SCENARIOS);
  const count = Number(asked.get('count'));
  const failures = [];
  let next = 0;
  const work = async () => {
    while (next < count) {
      const name = names[next++ % names.length];
      try {
        await SCENARIOS[name]();
      } catch (error) {
        failures.push(`${name}: ${error}`);
      }
    }
  };
  await Promise.all(Array.from({ length: 4 }, work));
  // A report comes a while after what it tells of.
  await pause(Number(asked.get('wait')));
  return { visits: next, failures, reports };
}, 90);
