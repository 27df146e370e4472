/** The tests themselves, over real sockets, through the networks that the stand-in server imitates. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { begin, report } from '../check/gateway.js';
import { waits } from '../check/patience.js';
import * as minute from '../check/probes/idle.js';
import * as streams from '../check/probes/stream.js';
import { Run } from '../check/run.js';
import { tools } from '../check/tools.js';
import { start } from './server.mjs';

const { WebSocket: NodeSocket } = createRequire(new URL('../../client/package.json', import.meta.url))('ws');
/** A browser's WebSocket does not throw where nobody listens for its errors. */
class WebSocket extends NodeSocket {
  constructor(url, protocol) {
    super(url, protocol);
    this.on('error', () => {});
  }
}
const KINDS = {
  fetch: [], socket_silent: [], socket_text: [], socket_binary: [], socket_server_first: [], socket_compressed: [], socket_trickle: [],
  stream: [], event_stream: [], long_poll: [], socket_large: ['bytes'], post: ['bytes'],
  socket_idle: ['idle_ms'], stream_idle: ['idle_ms'], socket_busy: ['lasts_ms'],
};
const OUTCOMES = {
  passed: [], not_opened: ['after_ms', 'timed_out', 'status?'], cut: ['code?', 'after_ms', 'bytes'], silent: ['waited_ms'],
  held_back: ['late_ms'], different: ['detail'], not_run: ['reason'],
};

let server;
before(async () => { server = await start(); });
after(() => server.stop());

const quiet = { page: () => ({ user_agent: 'test', origin: 'http://test', online: true }), disturbed: () => false, stop: () => {} };
const prepare = (network, signals = quiet) => {
  const base = server.url(network);
  const stop = new AbortController();
  const made = tools({ base, attempt: '4f9k2m', signals, window: { performance, fetch, WebSocket } });
  made.stopBy(stop.signal);
  return { base, stop, made };
};

const quick = async (network, { act = () => {}, signals } = {}) => {
  const { base, stop, made } = prepare(network, signals);
  const got = await begin(fetch, base, null);
  const run = new Run(made, stop.signal, got.begun, shown => act(shown, stop));
  await run.quick();
  const outcome = id => run.rows.get(id).outcome;
  return { run, outcome, base, begun: got.begun, states: Object.fromEntries([...run.rows].map(([id, { state }]) => [id, state])) };
};

/** The contract's shapes, member by member. */
const valid = ({ at, test: kind, outcome, elapsed_ms, ...more }) => {
  assert.deepEqual(more, {});
  const whole = value => assert.ok(Number.isSafeInteger(value) && value >= 0, `${kind.test}: ${value}`);
  [at, elapsed_ms].forEach(whole);
  assert.deepEqual(Object.keys(kind).sort(), ['test', ...KINDS[kind.test]].sort());
  KINDS[kind.test].forEach(member => whole(kind[member]));
  const { outcome: name, ...members } = outcome;
  for (const [key, value] of Object.entries(members)) {
    if (value === undefined) continue;
    assert.ok(OUTCOMES[name].some(member => member.replace('?', '') === key), `${name}.${key}`);
    if (typeof value === 'number') whole(value);
  }
  for (const member of OUTCOMES[name]) assert.ok(member.endsWith('?') || members[member] !== undefined, `${name} without ${member}`);
};

// Side by side, since each of them mostly waits for a network that says nothing.
describe('the tests of the page', { concurrency: 6 }, () => {
  test('a healthy network passes everything', async () => {
    const { run, states } = await quick('clear');
    assert.deepEqual(Object.entries(states).filter(([, state]) => state !== 'passed'), []);
    run.report.forEach(valid);
    assert.equal(run.progress, 1);
  });

  for (const network of ['refused', 'hung', 'stripped']) {
    test(`${network}: no WebSocket opens, twice; everything else passes`, async () => {
      const { run, states, outcome } = await quick(network);
      assert.equal(outcome('socket_silent').outcome, 'not_opened');
      assert.equal(outcome('socket_text').outcome, 'not_opened');
      assert.equal(outcome('socket_silent').timed_out, network === 'hung');
      assert.equal(states['socket_binary'], 'skipped');
      assert.equal(states['socket_large-4096'], 'skipped');
      for (const id of ['fetch', 'stream', 'event_stream', 'long_poll', 'post-1048576']) assert.equal(states[id], 'passed', id);
      run.report.forEach(valid);
    });
  }

  test('reset: opens, stays while silent, and is cut at the first message, twice', async () => {
    const { run, states, outcome } = await quick('reset');
    assert.equal(states.socket_silent, 'passed');
    assert.equal(states.socket_server_first, 'passed');
    assert.equal(outcome('socket_text').outcome, 'cut');
    assert.equal(run.report.filter(({ test }) => test.test === 'socket_text').length, 2);
    assert.equal(states['socket_large-4096'], 'skipped');
  });

  test('mute: opens, and nothing comes', async () => {
    const { states, outcome } = await quick('mute');
    assert.equal(states.socket_silent, 'passed');
    assert.equal(outcome('socket_text').outcome, 'silent');
    assert.equal(outcome('socket_server_first').outcome, 'silent');
  });

  test('buffered: responses are held back, said only after two tries', async () => {
    const { run, outcome } = await quick('buffered');
    assert.equal(outcome('stream').outcome, 'held_back');
    assert.ok(outcome('stream').late_ms > 1500);
    assert.equal(outcome('event_stream').outcome, 'held_back');
    assert.equal(run.report.filter(({ test }) => test.test === 'stream').length, 1);
  });

  test('what was held back while the page was hidden proves nothing', async () => {
    const { outcome } = await quick('buffered', { signals: { ...quiet, disturbed: () => true } });
    assert.deepEqual(outcome('stream'), { outcome: 'not_run', reason: 'the page was in the background' });
  });

  test('sizes: the first that fails is found, larger ones are left out', async () => {
    const bodies = await quick('small-bodies');
    assert.equal(bodies.states['post-65536'], 'passed');
    assert.equal(bodies.outcome('post-1048576').status, 413);
    const messages = await quick('small-messages');
    assert.equal(messages.states['socket_large-4096'], 'passed');
    assert.equal(messages.outcome('socket_large-131072').outcome, 'cut');
    assert.equal(messages.states['socket_large-1048576'], 'skipped');
  });

  test('a slow network passes too', async () => {
    const { states } = await quick('slow');
    assert.deepEqual(Object.entries(states).filter(([, state]) => state === 'failed'), []);
  });

  test('where even an ordinary request fails, nothing else is tried', async () => {
    for (const network of ['offline', 'portal']) {
      const { run, states } = await quick(network);
      assert.equal(run.controlled, false);
      assert.equal(states.fetch, 'failed');
      assert.equal(states.socket_silent, 'skipped');
      assert.equal(run.foreign, network === 'portal' ? 'Guest Wi-Fi: log in' : '');
      run.report.forEach(valid);
    }
  });

  test('a network that is gone for a moment is not blamed', async () => {
    const { run, states } = await quick('hiccup');
    assert.deepEqual(Object.entries(states).filter(([, state]) => state !== 'passed'), []);
    assert.ok(run.report.some(({ test, outcome }) => test.test === 'socket_silent' && outcome.outcome === 'not_opened'));
    assert.ok(run.unsteady);
  });

  test('WebSockets that the site has switched off are left out', async () => {
    const { states } = await quick('no-sockets');
    assert.equal(states.socket_text, 'skipped');
    assert.equal(states.stream, 'passed');
  });

  test('a stop ends at once and blames nobody', async () => {
    const { run, states } = await quick('mute', { act: ({ row, state }, stop) => row.id === 'socket_text' && state === 'running' && stop.abort() });
    assert.equal(states.socket_text, 'skipped');
    assert.equal(states['post-1024'], 'skipped');
    assert.deepEqual(run.report.filter(({ outcome }) => !['passed', 'not_run'].includes(outcome.outcome)), []);
  });

  test('idle connections: silence is cut, traffic is not', async () => {
    const { made } = prepare('cut-idle');
    const patience = waits(10, 10);
    const [silent, long, busy, stream] = await Promise.all([
      minute.idle(made, patience, 300), minute.idle(made, patience, 2500), minute.busy(made, patience, 400), streams.idle(made, patience, 2500),
    ]);
    assert.equal(silent.outcome, 'passed');
    assert.equal(long.outcome, 'cut');
    assert.ok(long.after_ms < 2500, `${long.after_ms}`);
    assert.equal(busy.outcome, 'passed');
    assert.equal(stream.outcome, 'cut');
    assert.equal((await streams.idle(prepare('clear').made, patience, 500)).outcome, 'passed');
  });

  test('the report has the shape of the contract and fits its bounds', async () => {
    const { run, base, begun } = await quick('reset');
    const seen = { now: run.now, page: quiet.page(), tests: run.report };
    const { answer } = await report(fetch, base, begun, seen);
    assert.equal(answer.verdict, 'fault');
    assert.equal(answer.findings[0].cause, 'proxy-101-rst');
    const sent = server.reports.at(-1);
    assert.deepEqual([sent.version, sent.session, sent.attempt, sent.attempts], [1, { check: 'key' }, '4f9k2m', []]);
    assert.ok(sent.tests.length <= 64);
    assert.ok(JSON.stringify(sent).length < 32_768);
    sent.tests.forEach(valid);
  });

  test('what goes wrong around the run is told apart', async () => {
    const why = async network => (await begin(fetch, server.url(network), null)).problem;
    assert.deepEqual(await why('busy'), { why: 'busy', seconds: 20 });
    assert.deepEqual(await why('off'), { why: 'refused', status: 404 });
    assert.deepEqual(await why('portal-at-once'), { why: 'different', words: 'Guest Wi-Fi log in' });
    assert.deepEqual((await begin(fetch, new URL('http://127.0.0.1:1/.towpath/'), null)).problem, { why: 'unreachable' });
    const gone = await report(fetch, server.url('gone'), { key: 'key', attempt: 'a' }, { now: 1, page: {}, tests: [] });
    assert.deepEqual(gone.problem, { why: 'unreachable' });
  });
});
