/** The pure parts of the console: codes, words, scales, stacks, the timeline, and the mail. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grouped, meant } from '../console/code.js';
import { ending, lostUpgrade, tells } from '../console/facts.js';
import { mail } from '../console/mail.js';
import { timeline, wantsStretching } from '../console/timeline.js';
import { ago, counted, moment, percent, share, size, span } from '../console/words.js';
import { linear, spanTicks, stretched, stretchedTicks, ticks, timeTicks } from '../console/charts/scale.js';
import { area, fallbackRate, line, moments, stack } from '../console/charts/stack.js';
import { network, oneCase } from './console-data.mjs';

const TRANSPORTS = ['websocket', 'stream'];

test('a code is found however it is said', () => {
  for (const text of ['k3m9p2xq', 'K3M9-P2XQ', ' k3m9 p2xq ', 'k3m9–p2xq', '"k3m9.p2xq"', 'http://h/#/case/k3m9p2xq']) assert.equal(meant(text), 'k3m9p2xq', text);
  assert.equal(meant('OIL1-uuuu'), '0111vvvv');
  for (const text of ['', 'k3m9', 'k3m9p2xqq', 'k3m9p2xä', '<script>', '192.0.2.0/24']) assert.equal(meant(text), undefined, text);
  assert.equal(grouped('k3m9p2xq'), 'k3m9-p2xq');
});

test('numbers and spans read well at every size', () => {
  assert.deepEqual([0, 999, 1500, 42_000, 61_000, 120_000, 5_400_000, 90_000_000].map(span), ['0 ms', '999 ms', '1.5 s', '42 s', '1 min 1 s', '2 min', '1 h 30 min', '1 d 1 h']);
  assert.deepEqual([0, 0.004, 0.1, 1].map(percent), ['0\u202f%', '0.4\u202f%', '10\u202f%', '100\u202f%']);
  assert.equal(share(1, 0), '–');
  assert.deepEqual([1, 1500].map(count => counted(count, 'user')), ['1 user', '1,500 users']);
  assert.deepEqual([1, 2048, 5_000_000].map(size), ['1 byte', '2 KiB', '4.8 MiB']);
  assert.deepEqual([0, 60_000, 7_200_000, 400_000_000].map(before => ago(1e9 - before, 1e9)), ['just now', '1 min ago', '2 h ago', '5 days ago']);
  assert.match(moment(Date.UTC(2026, 0, 2, 3), Date.UTC(2026, 5, 1)), /2 Jan|1 Jan/);
});

test('ticks are round and reach the most', () => {
  for (const most of [0.04, 0.3, 1, 3, 7, 10, 99, 450, 12_345]) {
    const all = ticks(most);
    assert.equal(all[0], 0);
    assert.ok(all[all.length - 1] >= most && all.length <= 6, `${most}: ${all}`);
  }
  assert.deepEqual(ticks(3), [0, 1, 2, 3]);
  assert.deepEqual(ticks(0), [0, 1]);
  assert.deepEqual(ticks(Number.NaN), [0, 1]);
});

test('ticks of time are round moments within their span', () => {
  const from = Date.UTC(2026, 10, 21, 3, 17);
  for (const hours of [1, 6, 24, 168, 720]) {
    const all = timeTicks(from, from + hours * 3_600_000, 8);
    assert.ok(all.length >= 2 && all.length <= 9, `${hours} h: ${all.length}`);
    assert.ok(all.every(({ at, text }) => at >= from && at <= from + hours * 3_600_000 && new Date(at).getSeconds() === 0 && text));
  }
  assert.deepEqual(spanTicks(3_500, 4), [0, 1000, 2000, 3000]);
});

test('scales keep their ends and their order', () => {
  const even = linear([0, 10], [100, 200]);
  assert.deepEqual([0, 5, 10].map(even), [100, 150, 200]);
  assert.equal(linear([3, 3], [1, 2])(3), 1);
  const far = stretched(3_600_000, [0, 1000]);
  assert.deepEqual([far(0), Math.round(far(3_600_000))], [0, 1000]);
  assert.ok(far(1000) > 150, 'the first second has room');
  assert.ok(stretchedTicks(60_000).every((at, index, all) => !index || far(at) > far(all[index - 1])));
});

test('counts become moments without gaps', () => {
  const at = 1_000 * 60_000;
  const count = { open: 3, used: 4, first: 2, fallback: 1, cut: 1 };
  const shown = moments([
    { at, transport: 'websocket', ...count },
    { at: at + 120_000, transport: 'stream', ...count },
    { at: at + 120_000, transport: 'plain', ...count },
    { at: at - 600_000, transport: 'stream', ...count },
    { at, transport: 'unheard-of', ...count },
  ], at, at + 180_000, 60_000, [...TRANSPORTS, 'plain']);
  assert.deepEqual(shown.map(({ open }) => open), [[3, 0, 0], [0, 0, 0], [0, 3, 3], [0, 0, 0]]);
  assert.deepEqual(shown.map(({ used }) => used), [4, 0, 4, 0], 'a plain WebSocket cannot fall back');
  assert.deepEqual(shown.map(fallbackRate), [0.25, undefined, 0.25, undefined]);
});

test('layers stand on one another, and lines break where nothing is known', () => {
  const layers = stack([[1, 2], [0, 3]]);
  assert.deepEqual(layers, [[[0, 1], [0, 0]], [[1, 3], [0, 3]]]);
  assert.equal(area(layers[1], at => at * 10, value => value), 'M0,3L10,3L10,0L0,1Z');
  assert.equal(area([], Number, Number), '');
  assert.equal(line([1, undefined, 2, 3], at => at, value => value), 'M0,1M2,2L3,3');
  assert.deepEqual(stack([]), []);
});

test('both sides stand on one axis, the page above the gateway', () => {
  const { observations } = oneCase('k3m9p2xq').case;
  const { lanes, most } = timeline(observations);
  assert.deepEqual(lanes.map(({ side, name }) => `${side} ${name}`), ['page WebSocket', 'gateway WebSocket', 'page Streamed response', 'gateway Streamed response']);
  assert.equal(most, 94_000);
  const [failed] = lanes[0].bars;
  assert.deepEqual([failed.from, failed.to, failed.state, failed.marks.length], [0, 212, 'bad', 0]);
  const stream = lanes[2].bars[1];
  assert.deepEqual([stream.from, stream.to, stream.state], [62_060, 62_300, 'live'], 'what lives reaches to the page\'s report');
  assert.deepEqual(stream.marks, [{ kind: 'opened', at: 62_148 }, { kind: 'proven', at: 62_180 }]);
  const cut = lanes[3].bars.find(({ tick, state }) => !tick && state === 'bad');
  assert.deepEqual([cut?.from, cut?.to], [210, 61_900], 'an attachment began its age before its end');
  assert.ok(lanes[1].bars.every(({ tick, state }) => tick && state === 'bad'), 'a request that lost its upgrade is bad');
  assert.ok(wantsStretching(lanes, most));
});

test('a timeline of nothing, or of facts of another time, is no error', () => {
  assert.deepEqual(timeline([]), { lanes: [], most: 1 });
  assert.deepEqual(timeline([{ id: 1, at_ms: 5, vantage: 'cli', fact: 'not_known_yet' }]).lanes, []);
  assert.equal(tells({ fact: 'not_known_yet' }), 'not_known_yet');
  assert.equal(tells({ fact: 'arrival' }), 'arrival');
  assert.equal(ending({ fact: 'attempt', end: { end: 'constructor' } }), 'constructor');
  assert.equal(ending({ fact: 'attempt' }), 'unknown');
});

test('tests of the check page get a lane each', () => {
  const base = { vantage: 'page', fact: 'page_test', elapsed_ms: 100 };
  const { lanes } = timeline([
    { ...base, id: 1, at_ms: 0, test: { test: 'fetch' }, outcome: { outcome: 'passed' } },
    { ...base, id: 2, at_ms: 50, test: { test: 'socket_large', bytes: 65_536 }, outcome: { outcome: 'cut', after_ms: 40, code: 1006, bytes: 0 } },
    { ...base, id: 3, at_ms: 60, test: { test: 'socket_idle', idle_ms: 15_000 }, outcome: { outcome: 'not_run', reason: 'not asked for' } },
  ]);
  assert.deepEqual(lanes.map(({ name, bars: [bar] }) => [name, bar.state, bar.end]), [
    ['Ordinary request', 'good', 'passed'],
    ['WebSocket, 64 KiB', 'bad', 'cut after 40 ms (1006)'],
    ['WebSocket, silent for 15 s', 'idle', 'not done: not asked for'],
  ]);
});

test('facts are told in words', () => {
  const { observations } = oneCase('k3m9p2xq').case;
  assert.ok(observations.every(fact => tells(fact).length > 5));
  const arrival = observations.find(({ fact }) => fact === 'arrival');
  assert.match(tells(arrival), /without Upgrade .* Via: 1\.1 gate7/);
  assert.ok(lostUpgrade(arrival));
  assert.ok(!lostUpgrade({ request: { version: 'HTTP/2', headers: arrival.request.headers } }), 'over HTTP/2 there is no Upgrade');
  assert.ok(network('192.0.2.0/24').history.ends.every(({ attachment }) => ending({ fact: 'attachment', ...attachment })));
});

test('a mail names what to do, and the facts for those who can use them', () => {
  const { case: one } = oneCase('k3m9p2xq');
  const [finding] = one.diagnosis.findings;
  const it = mail(one, finding, 'it');
  for (const part of ['shop.example.com', 'k3m9-p2xq', finding.remedy.it, '198.51.100.0/24', finding.evidence[0].shows]) assert.ok(it.includes(part), part);
  const user = mail(one, finding, 'user');
  assert.ok(user.includes(finding.remedy.user) && !user.includes('198.51.100.0/24'));
});
