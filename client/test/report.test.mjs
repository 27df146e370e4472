/** What is told to the gateway of failures, over real requests; and that nothing is, where nothing fails. */
import assert from 'node:assert/strict';
import { register } from 'node:module';
import { describe, test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { tell } from './page.mjs';
import { createLink } from '../src/link.js';
import { judged } from './contract.mjs';
import { ANSWER, start } from './gateway.mjs';
import { ALL, TowpathWebSocket, event, numbered, until } from './support.mjs';

/** Loads of `report.js` are seen by a hook; only the first one of a process can be. */
const loads = [], { port1, port2 } = new MessageChannel();
port1.on('message', url => loads.push(url)).unref();
register('data:text/javascript,' + encodeURIComponent(`
  let port;
  export const initialize = data => { port = data };
  export const resolve = async (name, context, next) => {
    if (name === './report.js') port.postMessage(name);
    return next(name, context);
  };
`), { data: port2, transferList: [port2] });

/** A socket that is connecting; these tests run side by side, so each closes its own. */
const connecting = (t, gateway, options) => {
  const socket = new TowpathWebSocket(gateway.url, [], options);
  socket.binaryType = 'arraybuffer';
  t.after(() => socket.close());
  return socket;
};
const open = async (t, gateway, options) => {
  const socket = connecting(t, gateway, options);
  await event(socket, 'open');
  return socket;
};
/** A gateway that asks for reports. */
const asking = async (t, settings = { report: true }) => {
  const gateway = await start({ settings });
  t.after(gateway.stop);
  return gateway;
};
const wait = ms => new Promise(resolve => setTimeout(resolve, ms));
/** Longer than it takes until a first report goes out. */
const LONG = 2600;

/** The first report of a gateway, held against the contract. */
const reported = async gateway => {
  await until(() => gateway.reports.length);
  return judged(gateway.reports[0].body);
};
/** What came of the attempts; those that lost a race say nothing. */
const ends = ({ attempts }) => attempts.map(({ transport, end }) => `${transport} ${end.end}`).filter(one => !one.endsWith('cancelled'));

test('a healthy network loads and sends nothing', async t => {
  const gateway = await asking(t);
  const sockets = await Promise.all([...ALL.map(transport => open(t, gateway, { transports: [transport] })), open(t, gateway)]);
  await Promise.all(sockets.map(socket => numbered(socket, 50)));
  for (const socket of sockets) assert.equal(socket.session, 's');
  await wait(LONG);
  assert.deepEqual([loads, gateway.reports], [[], []]);
});

test('all attempts have one id: the query of the websocket and the member of each attach', async t => {
  const gateway = await asking(t, { report: false });
  const socket = await open(t, gateway);
  gateway.cut();
  await event(socket, 'recovered');
  const [id] = gateway.attempts;
  assert.match(id, /^[a-z0-9]{8}$/);
  assert.ok(gateway.attempts.length > 1 && gateway.attempts.every(each => each === id), `${gateway.attempts}`);
  assert.ok(gateway.queries.length && gateway.queries.every(query => query === `?${id}`), `${gateway.queries}`);
  await open(t, gateway);
  assert.notEqual(gateway.attempts.at(-1), id);
});

const classes = {
  mute: [{ mute: true }, /^websocket silent,stream open$/],
  reset: [{ reset: true }, /^websocket failed,stream open$/],
  hang: [{ hang: ['websocket'] }, /^websocket silent,stream open$/],
  // Small chunks never come, whatever streams, and its end may not have been noticed yet; the answers of polls are whole.
  hold: [{ refuse: ['websocket'], hold: true }, /^websocket failed,stream (failed|silent|open),sse (failed|silent|open),poll open$/],
  blocks: [{ refuse: ['websocket'], block: 16384 }, /^websocket failed,stream (failed|silent|held_back|open),sse (failed|silent|held_back|open),poll open$/],
};
const classified = async (t, name) => {
  const gateway = await asking(t), [faults, expected] = classes[name];
  Object.assign(gateway.faults, faults);
  await open(t, gateway);
  const told = await reported(gateway);
  assert.match(`${ends(told)}`, expected);
  const proven = told.attempts.filter(({ proven_ms, end }) => proven_ms !== undefined && end.end === 'open').map(({ transport }) => transport);
  assert.deepEqual(proven, [name === 'hold' || name === 'blocks' ? 'poll' : 'stream']);
  if (name === 'mute' || name === 'reset') assert.ok(told.attempts[0].opened_ms !== undefined);
};

describe('each class of failure', { concurrency: true }, () => {
  test('refused: the report, and what comes back', async t => {
    const gateway = await asking(t);
    gateway.faults.refuse = ['websocket'];
    const socket = connecting(t, gateway), heard = [];
    assert.equal(socket.session, '');
    socket.onreport = ({ detail }) => heard.push(detail);
    await event(socket, 'open');
    const told = await reported(gateway);
    assert.deepEqual(ends(told), ['websocket failed', 'stream open']);
    const [websocket, stream] = told.attempts;
    assert.deepEqual([websocket.end.code, websocket.opened_ms, websocket.proven_ms], [1006, undefined, undefined]);
    assert.ok(stream.opened_ms <= stream.proven_ms);
    assert.equal(told.attempt, gateway.attempts[0]);
    // The newest token proves whose it is; that it opens the session is checked by taking it.
    assert.ok(gateway.sessions.has(told.session.token));
    assert.equal(told.page.native_websocket, false);
    const { method, headers } = gateway.reports[0];
    assert.deepEqual([method, headers.cookie], ['POST', undefined]);
    assert.match(headers['content-type'], /^text\/plain/);
    assert.doesNotMatch(gateway.reports[0].body, /room=1/);
    await until(() => heard.length);
    assert.deepEqual(heard, [ANSWER]);
  });

  for (const name of ['mute', 'reset', 'hang']) test(name, t => classified(t, name));

  test('an early death is told at once, a late one when it comes again', async t => {
    const early = await asking(t), late = await asking(t);
    const other = await open(t, late);
    await open(t, early);
    early.cut();
    const told = await reported(early);
    const [websocket] = told.attempts;
    assert.equal(websocket.end.end, 'failed');
    assert.ok(websocket.proven_ms <= websocket.ended_ms);
    await wait(5100);
    late.cut();
    await event(other, 'recovered');
    await wait(LONG);
    assert.deepEqual(late.reports, []);
    late.cut();
    assert.ok((await reported(late)).attempts.length > 2);
  });

  test('an end by an outcome', async t => {
    const gateway = await asking(t);
    gateway.refuse = 'too-many-sessions';
    const socket = connecting(t, gateway);
    await event(socket, 'close');
    const { ended, session, attempts } = await reported(gateway);
    assert.deepEqual(ended, { outcome: 'too-many-sessions' });
    assert.ok(session.fresh && attempts.every(({ end }) => end.end !== 'open'));
    // It has said all there is to say.
    await wait(100);
    assert.equal(gateway.reports.length, 1);
  });

  test('nothing works at all', async t => {
    const gateway = await asking(t);
    gateway.faults.refuse = ALL;
    const socket = connecting(t, gateway);
    await event(socket, 'close');
    const told = await reported(gateway);
    assert.equal(told.ended.outcome, 'unreachable');
    assert.ok(told.attempts.some(({ transport, end }) => transport === 'stream' && end.status === 403));
    assert.equal(socket.session, '');
  });
});

// One after the other: they need more than one of the few downlinks that a page holds open at a time.
for (const name of ['hold', 'blocks']) test(name, t => classified(t, name));

test('a WebSocket that fails without a close is left at once', async t => {
  const gateway = await asking(t);
  class Forbidden extends EventTarget {
    constructor() {
      super();
      setTimeout(() => this.onerror(new Event('error')));
    }
    close() {}
  }
  await open(t, gateway, { WebSocket: Forbidden });
  const [{ end }] = (await reported(gateway)).attempts;
  // Not that it took too long, which is what would end it otherwise.
  assert.deepEqual(end, { end: 'failed' });
});

test('what befell the page', async t => {
  const gateway = await asking(t);
  const socket = await open(t, gateway);
  const host = new URL(gateway.url).host, effectiveDirective = 'connect-src';
  tell('securitypolicyviolation', { blockedURI: `ws://${host}/chat`, effectiveDirective });
  tell('securitypolicyviolation', { blockedURI: 'https://pictures.example/', effectiveDirective: 'img-src' });
  // What is given up because there is another network says nothing of either.
  tell('offline');
  tell('online');
  await event(socket, 'recovered');
  await wait(LONG);
  assert.deepEqual(gateway.reports, []);
  gateway.cut();
  const { page, attempts } = await reported(gateway);
  assert.deepEqual([page.network_changed, page.slept, page.csp_directive], [true, false, 'connect-src']);
  assert.equal(attempts[0].end.end, 'cancelled');
});

test('the last word leaves with the page', async t => {
  const gateway = await asking(t);
  gateway.faults.refuse = ['websocket'];
  await open(t, gateway);
  await reported(gateway);
  tell('pagehide', { persisted: false });
  await until(() => gateway.reports.length === 2);
  const { attempts } = judged(gateway.reports[1].body);
  assert.deepEqual(attempts.slice(0, 2).map(({ end }) => end.end), ['failed', 'closed']);
});

test('the timeline keeps the first attempts and the last', async () => {
  const owner = { timeline: [], url: new URL('ws://h/'), WebSocket: class {}, failed() {} };
  const links = Array.from({ length: 200 }, () => createLink(/** @type {any} */ (owner), 'websocket'));
  assert.equal(owner.timeline.length, 64);
  assert.deepEqual(owner.timeline, [...links.slice(0, 32), ...links.slice(-32)].map(({ trace }) => trace));
});

describe('who does not want reports sends none', { concurrency: true }, () => {
  const broken = async (t, settings, options) => {
    const gateway = await asking(t, settings);
    gateway.faults.refuse = ['websocket'];
    const socket = await open(t, gateway, options);
    await wait(LONG);
    assert.deepEqual(gateway.reports, []);
  };
  test('by option', t => broken(t, { report: true }, { report: false }));
  test('the gateway', t => broken(t, { report: false }));
  test('a gateway that knows of none', t => broken(t, {}));
  test('for all sockets', async t => {
    TowpathWebSocket.report = false;
    await Promise.all([broken(t, { report: true })]).finally(() => {
      TowpathWebSocket.report = true;
    });
  });
});
