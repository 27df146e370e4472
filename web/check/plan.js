/**
 * What is tested, in the order shown: one row per test, as data.
 *
 * It never tests anything itself. Names and members of `kind` are those of the report (docs/reports.md section 2).
 */

/**
 * @typedef {{ test: string, bytes?: number, idle_ms?: number, lasts_ms?: number }} Kind
 * @typedef {'control' | 'socket' | 'large' | 'http' | 'post' | 'idle'} Group
 * @typedef {{ id: string, group: Group, kind: Kind }} Row
 */

const KIB = 1024;

/** How long a silent socket has to stay open, and a long poll has to wait, in milliseconds. */
export const SILENT_MS = 1500;
export const POLL_MS = 2000;

/** Beats of the tests that look for held back messages: how many, and how far apart at the first and the second try. */
export const BEATS = 6;
export const BEAT_MS = [250, 500];

/** Silence that is tried, in milliseconds, and how long a busy socket has to live. */
export const IDLE_MS = [15_000, 30_000, 60_000];
export const BUSY_MS = 60_000;

/** @type {(group: Group, kind: Kind) => Row} */
const row = (group, kind) => {
  const number = kind.bytes ?? kind.idle_ms ?? kind.lasts_ms;
  return { id: number ? `${kind.test}-${number}` : kind.test, group, kind };
};

/** Everything that runs by itself. @type {Row[]} */
export const QUICK = [
  row('control', { test: 'fetch' }),
  row('socket', { test: 'socket_silent' }),
  row('socket', { test: 'socket_text' }),
  row('socket', { test: 'socket_server_first' }),
  row('socket', { test: 'socket_binary' }),
  row('socket', { test: 'socket_trickle' }),
  row('socket', { test: 'socket_compressed' }),
  row('large', { test: 'socket_large', bytes: 4 * KIB }),
  row('large', { test: 'socket_large', bytes: 128 * KIB }),
  row('large', { test: 'socket_large', bytes: KIB * KIB }),
  row('http', { test: 'stream' }),
  row('http', { test: 'event_stream' }),
  row('http', { test: 'long_poll' }),
  row('post', { test: 'post', bytes: KIB }),
  row('post', { test: 'post', bytes: 64 * KIB }),
  row('post', { test: 'post', bytes: KIB * KIB }),
];

/** What takes a minute and runs when asked for. @type {Row[]} */
export const SLOW = [
  ...IDLE_MS.map(idle_ms => row('idle', { test: 'socket_idle', idle_ms })),
  row('idle', { test: 'socket_busy', lasts_ms: BUSY_MS }),
  ...IDLE_MS.slice(1).map(idle_ms => row('idle', { test: 'stream_idle', idle_ms })),
];

/** The row of a test. @type {(test: string, number?: number) => Row} */
export const find = (test, number) => {
  const id = number ? `${test}-${number}` : test;
  const found = [...QUICK, ...SLOW].find(row => row.id === id);
  if (!found) throw new Error(`no row ${id}`);
  return found;
};

/** Why a test was not run: as the report says it. The page's own words for the keys are in `web/text/`. */
export const REASONS = {
  stopped: 'stopped by the user',
  control: 'ordinary requests fail',
  sockets: 'no WebSocket opens',
  text: 'a text message does not get through',
  smaller: 'a smaller one fails',
  slow: 'the network is too slow for it',
  off: 'switched off at this site',
  busy: 'too many requests',
  time: 'the time allowed ran out',
  deflate: 'compression was not agreed',
  hidden: 'the page was in the background',
};
