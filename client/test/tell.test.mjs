/** `report.js` alone, with a clock, a page and a gateway of our own. */
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { judged } from './contract.mjs';
import { ANSWER } from './gateway.mjs';
import { tell as say } from './page.mjs';
import report from '../src/report.js';

/** Everything that was asked for is done, and what follows from it. */
const settle = async () => {
  for (let i = 0; i < 30; i++) await null;
  await new Promise(resolve => setImmediate(resolve));
};

/**
 * A page whose connection has failed, and the gateway's answers.
 * @param {any} t
 * @param {{respond?: (body: string) => Response | Promise<Response>, view?: object, url?: string, scope?: object}} [options]
 */
const began = (t, { respond = () => Response.json(ANSWER), view = {}, url = 'wss://user:pw@app.example/chat?token=1', scope = {} } = {}) => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 });
  const before = Object.fromEntries(Object.keys(scope).map(name => [name, Object.getOwnPropertyDescriptor(globalThis, name)]));
  for (const [name, value] of Object.entries(scope)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  const { fetch } = globalThis;
  const seen = {
    /** @type {{url: string, body: string, more: any}[]} */ requests: [],
    /** @type {object[]} */ answers: [],
    wanted: true, session: { token: 'T' }, ended: undefined, WebSocket: undefined, slept: false, changed: false, violation: undefined,
    timeline: [{ at: 1_000_000, transport: 'websocket', end: 'failed', code: 1006, ended: 1_000_020 }],
    ...view,
  };
  globalThis.fetch = /** @type {any} */ (async (url, { body, ...more }) => {
    seen.requests.push({ url: `${url}`, body, more });
    return respond(body);
  });
  t.after(() => {
    say('pagehide', { persisted: false });
    globalThis.fetch = fetch;
    for (const [name, descriptor] of Object.entries(before))
      descriptor ? Object.defineProperty(globalThis, name, descriptor) : delete globalThis[name];
    mock.timers.reset();
  });
  report(new URL(url), /** @type {any} */ (() => [
    1_000_000, seen.wanted, seen.session, '4f9k2m', seen.timeline, seen.ended, seen.WebSocket, seen.slept, seen.changed, seen.violation,
  ]), answer => seen.answers.push(answer));
  return seen;
};
const pass = async ms => {
  mock.timers.tick(ms);
  await settle();
};
const more = seen => seen.timeline.push({ at: Date.now(), transport: 'stream', end: 'open' });

test('the first report comes after two seconds, the next at most every thirty, and only of what is new', async t => {
  const seen = began(t);
  await pass(1999);
  assert.equal(seen.requests.length, 0);
  await pass(1);
  assert.equal(seen.requests.length, 1);
  const [{ url, body, more: how }] = seen.requests;
  assert.equal(url, 'https://app.example/chat/.towpath/report');
  assert.deepEqual([how.method, how.credentials, how.redirect, how.referrerPolicy], ['POST', 'omit', 'error', 'origin']);
  const told = judged(body);
  assert.deepEqual(told.attempts, [{ at: 0, transport: 'websocket', ended_ms: 20, end: { end: 'failed', code: 1006 } }]);
  assert.deepEqual([told.session, told.attempt, told.now], [{ token: 'T' }, '4f9k2m', 2000]);
  assert.doesNotMatch(body, /token=1|user:pw/);
  await pass(60_000);
  assert.equal(seen.requests.length, 1, 'nothing is new');
  more(seen);
  more(seen);
  await pass(29_000);
  assert.equal(seen.requests.length, 1);
  await pass(1000);
  assert.equal(seen.requests.length, 2);
  assert.deepEqual(seen.answers, [ANSWER, ANSWER]);
});

test('after twenty reports there are no more', async t => {
  const seen = began(t);
  for (let i = 0; i < 40; i++) {
    more(seen);
    await pass(30_000);
  }
  say('pagehide', { persisted: true });
  assert.equal(seen.requests.length, 20);
});

test('the longest report is within its bounds', async t => {
  const endless = 'x'.repeat(100_000), trace = {
    at: 1_000_000_000_000_000, transport: 'websocket', opened: 2 ** 52, worked: 2 ** 52, ended: 2 ** 52, end: 'failed', code: 65535, status: 503,
  };
  const seen = began(t, {
    view: { timeline: Array(64).fill(trace), violation: { effectiveDirective: endless } },
    scope: { navigator: { userAgent: endless, onLine: true }, location: { origin: 'https://' + endless, protocol: 'https:' } },
  });
  await pass(2000);
  const [{ body }] = seen.requests;
  assert.ok(body.length < 32768, `${body.length}`);
  assert.equal(JSON.parse(body).page.user_agent.length, 256);
});

test('a clock that was set back makes no time negative', async t => {
  const seen = began(t);
  seen.timeline = [{ at: 999_000, transport: 'poll', opened: 998_000, ended: 990_000, end: 'closed' }];
  await pass(2000);
  assert.deepEqual(judged(seen.requests[0].body).attempts, [{ at: 0, transport: 'poll', opened_ms: 0, ended_ms: 0, end: { end: 'closed' } }]);
});

test('what the page and its browser tell', async t => {
  const entry = (name, nextHopProtocol) => ({ name, nextHopProtocol });
  const seen = began(t, {
    url: 'ws://app.example/chat',
    view: { WebSocket: class {}, slept: true, changed: true, violation: { effectiveDirective: 'connect-src', blockedURI: 'x' } },
    scope: {
      navigator: { userAgent: 'Mozilla/5.0', onLine: false }, document: { hidden: true },
      location: { origin: 'https://app.example', protocol: 'https:', href: 'https://app.example/?secret' },
      performance: { getEntriesByType: () => [entry('http://app.example/a', 'h2'), entry('http://other.example/', 'h3'), entry('http://app.example/b', '')] },
    },
  });
  await pass(2000);
  const [{ url, body }] = seen.requests;
  // A page that came over TLS may ask no other way.
  assert.equal(url, 'https://app.example/chat/.towpath/report');
  assert.deepEqual(judged(body).page, {
    user_agent: 'Mozilla/5.0', origin: 'https://app.example', online: false, hidden: true, secure: true, native_websocket: false,
    csp_directive: 'connect-src', mixed_content: true, http_version: 'h2', slept: true, network_changed: true,
  });
});

test('a constructor of the platform is native', async t => {
  const seen = began(t, { view: { WebSocket: Map } });
  await pass(2000);
  assert.equal(judged(seen.requests[0].body).page.native_websocket, true);
});

test('the last report leaves with the page', async t => {
  const seen = began(t);
  await pass(2000);
  more(seen);
  say('pagehide', { persisted: false });
  assert.equal(seen.requests.length, 2);
  assert.equal(seen.requests[1].more.keepalive, true);
  judged(seen.requests[1].body);
  await pass(60_000);
  assert.equal(seen.requests.length, 2, 'nothing is new');
});

test('what fails as the page is left is not told', async t => {
  const seen = began(t);
  await pass(1900);
  say('pagehide', { persisted: false });
  assert.equal(seen.requests.length, 0);
});

test('without keepalive a beacon carries it', async t => {
  const beacons = [];
  const seen = began(t, { scope: { Request: class {}, navigator: { sendBeacon: (url, body) => beacons.push([`${url}`, body]) } } });
  await pass(2000);
  more(seen);
  say('pagehide', { persisted: false });
  assert.equal(seen.requests.length, 1);
  assert.equal(beacons[0][0], 'https://app.example/chat/.towpath/report');
  judged(beacons[0][1]);
});

for (const [name, ended] of [['an outcome', { outcome: 'stalled' }], ['a close', { code: 1000 }]])
  test(`after ${name} it is told once, and then no more`, async t => {
    const seen = began(t, { view: { ended } });
    await pass(2000);
    assert.deepEqual(judged(seen.requests[0].body).ended, ended);
    more(seen);
    await pass(300_000);
    say('pagehide', { persisted: false });
    assert.equal(seen.requests.length, 1);
  });

test('a gateway that does not want reports (any more) gets none', async t => {
  const seen = began(t, { view: { wanted: false } });
  await pass(2000);
  seen.wanted = true;
  await pass(300_000);
  assert.equal(seen.requests.length, 0);
});

for (const status of [400, 403, 404, 413, 500, 503])
  test(`${status} is an answer: no more reports`, async t => {
    const seen = began(t, { respond: () => Response.json(ANSWER, { status }) });
    await pass(2000);
    more(seen);
    await pass(300_000);
    assert.deepEqual([seen.requests.length, seen.answers], [1, []]);
  });

test('429 waits for as long as it says, within bounds', async t => {
  let after = '90';
  const seen = began(t, { respond: () => new Response('', { status: 429, headers: { 'retry-after': after } }) });
  await pass(2000);
  await pass(89_999);
  assert.equal(seen.requests.length, 1);
  after = '-5';
  await pass(1);
  assert.equal(seen.requests.length, 2, 'what was refused is said again');
  after = '9e99';
  await pass(30_000);
  assert.equal(seen.requests.length, 3);
  await pass(3_600_000);
  assert.equal(seen.requests.length, 4);
});

test('what does not arrive is said again, three times', async t => {
  const seen = began(t, { respond: () => Promise.reject(new TypeError('failed')) });
  await pass(2000);
  for (let i = 0; i < 10; i++) await pass(30_000);
  assert.equal(seen.requests.length, 3);
});

const hostile = {
  'no JSON': '<html>',
  nothing: '',
  null: 'null',
  'a list': '[]',
  'a code that is none': JSON.stringify({ ...ANSWER, code: '<img src=x>' }),
  'a code in a list': JSON.stringify({ ...ANSWER, code: ['k3m9-p2xq'] }),
  'another verdict': JSON.stringify({ ...ANSWER, verdict: 'guilty' }),
  'findings that are none': JSON.stringify({ ...ANSWER, findings: 'all of them' }),
  'findings without end': JSON.stringify({ ...ANSWER, findings: Array(10_000).fill({}) }),
  'texts for findings': JSON.stringify({ ...ANSWER, findings: ['x'] }),
  'objects for transports': JSON.stringify({ ...ANSWER, works: [{}] }),
  'too much': JSON.stringify({ ...ANSWER, more: 'x'.repeat(300_000) }),
};
for (const [name, text] of Object.entries(hostile))
  test(`an answer is not believed: ${name}`, async t => {
    const seen = began(t, { respond: () => new Response(text) });
    await pass(2000);
    await settle();
    assert.deepEqual([seen.requests.length, seen.answers], [1, []]);
    more(seen);
    await pass(30_000);
    assert.equal(seen.requests.length, 2, 'and nothing is broken by it');
  });

test('unknown members of an answer go no further', async t => {
  const seen = began(t, { respond: () => new Response(JSON.stringify({ ...ANSWER, evil: 1, __proto__: { x: 1 } })) });
  await pass(2000);
  assert.deepEqual(seen.answers, [ANSWER]);
});
