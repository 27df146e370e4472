/**
 * One run of the tests: their order, what is skipped after which failure, repetition, progress.
 *
 * It never draws and never names a cause; it ends within a known time, whatever the network does.
 */
import { CONTROL_MS, transfer, waits } from './patience.js';
import { BEAT_MS, IDLE_MS, QUICK, REASONS, SLOW, find } from './plan.js';
import { control } from './probes/fetch.js';
import * as minute from './probes/idle.js';
import { poll, post } from './probes/requests.js';
import * as sockets from './probes/sockets.js';
import * as streams from './probes/stream.js';

/**
 * @typedef {import('./tools.js').Tools} Tools
 * @typedef {import('./tools.js').Outcome} Outcome
 * @typedef {import('./plan.js').Row} Row
 * @typedef {import('./patience.js').Waits} Waits
 * @typedef {keyof typeof REASONS} Reason
 * @typedef {'waiting' | 'running' | 'passed' | 'failed' | 'skipped'} State
 * @typedef {object} Shown What is known of a row.
 * @property {Row} row
 * @property {State} state
 * @property {Outcome} [outcome]
 * @property {number} [elapsed] In milliseconds.
 * @property {number} [late] By how much the latest part was late.
 * @property {number} [allowed] By how much it may be late.
 * @typedef {{ at: number, test: import('./plan.js').Kind, outcome: Outcome, elapsed_ms: number }} Test As in the report.
 * @typedef {{ outcome: Outcome, late?: number, allowed?: number, elapsed?: number }} Result
 */

/** Past this nothing new is begun; with the longest single wait the whole run ends within two and a half minutes. */
const QUICK_MOST_MS = 90_000;

/** Between a failure and its repetition. */
const SETTLE_MS = 1000;

/** @type {(outcome: Outcome) => State} */
const stateOf = ({ outcome }) => (outcome === 'passed' ? 'passed' : outcome === 'not_run' ? 'skipped' : 'failed');

export class Run {
  /** @type {Map<string, Shown>} */
  rows = new Map(QUICK.map(row => [row.id, { row, state: 'waiting' }]));
  /** Every try of a test, in order. @type {{ at: number, row: Row, outcome: Outcome, elapsed_ms: number }[]} */
  tests = [];
  /** @type {Waits} */
  #waits = waits(0, 0);
  #tools;
  #changed;
  #offered;
  #slowBegan = -1;
  /** @type {Promise<void> | undefined} */
  #settling;

  /**
   * @param {Tools} tools
   * @param {AbortSignal} stop
   * @param {{ websocket: boolean }} offered What this site has switched on.
   * @param {(shown: Shown) => void} changed Called after each change of a row.
   */
  constructor(tools, stop, offered, changed) {
    this.#tools = tools;
    tools.stopBy(stop);
    this.#offered = offered;
    this.#changed = changed;
  }

  /** How much is done, from 0 to 1. */
  get progress() {
    if (this.#slowBegan >= 0) {
      return Math.min(1, (this.#tools.now() - this.#slowBegan) / (Math.max(...IDLE_MS) + 1000));
    }
    const rows = [...this.rows.values()];
    return rows.filter(({ state }) => state !== 'waiting' && state !== 'running').length / rows.length;
  }

  /** The moment on the run's clock, in milliseconds. */
  get now() {
    return this.#tools.now();
  }

  /** Goes on under another stop. @param {AbortSignal} stop */
  resume(stop) {
    this.#tools.stopBy(stop);
  }

  /** Whether an ordinary request passed. */
  get controlled() {
    return this.#state('fetch') === 'passed';
  }

  /** Whether a test failed at first and passed when it was tried again. */
  get unsteady() {
    return this.tests.some(({ row, outcome }) => stateOf(outcome) === 'failed' && this.#state(row.id) === 'passed');
  }

  /** The tests as the report has them. @returns {Test[]} */
  get report() {
    return this.tests.map(({ row, ...test }) => ({ ...test, test: row.kind }));
  }

  /** What came in place of the answer to an ordinary request; empty where nothing did. */
  get foreign() {
    const outcome = this.rows.get('fetch')?.outcome;
    return outcome?.outcome === 'different' ? outcome.detail : '';
  }

  /** The tests that take a few seconds. */
  async quick() {
    if (await this.#control()) {
      await Promise.all([this.#sockets(), this.#responses()]);
      await this.#posts();
      await this.#large();
    }
    this.#skipRest(this.controlled ? 'stopped' : 'control');
  }

  /** The tests that take a minute; all at once. */
  async slow() {
    // A second minute takes the place of the first, so that the report stays within its bounds.
    this.tests = this.tests.filter(({ row }) => row.group !== 'idle');
    for (const row of SLOW) this.rows.set(row.id, { row, state: 'waiting' });
    this.#slowBegan = this.#tools.now();
    const opens = this.#state('socket_silent') === 'passed' || this.#state('socket_text') === 'passed';
    await Promise.all(SLOW.map(row => {
      const { kind } = row;
      if (kind.test === 'stream_idle') return this.#once(row, () => streams.idle(this.#tools, this.#waits, kind.idle_ms ?? 0));
      if (!opens) return this.#skip(row, 'sockets');
      return this.#once(row, () => (kind.test === 'socket_busy'
        ? minute.busy(this.#tools, this.#waits, kind.lasts_ms ?? 0)
        : minute.idle(this.#tools, this.#waits, kind.idle_ms ?? 0)));
    }));
    this.#skipRest('stopped');
    this.#slowBegan = -1;
  }

  async #control() {
    let elapsed = 0;
    const act = async () => {
      const result = await control(this.#tools, CONTROL_MS);
      elapsed = result.elapsed;
      return result;
    };
    if (await this.#twice(find('fetch'), act) !== 'passed') return false;
    const again = await control(this.#tools, CONTROL_MS);
    this.#waits = waits(elapsed, again.elapsed);
    return true;
  }

  async #sockets() {
    if (!this.#offered.websocket) return this.#skipGroup(['socket', 'large'], 'off');
    const [tools, waits] = [this.#tools, this.#waits];
    const silent = await this.#once(find('socket_silent'), () => sockets.silent(tools, waits));
    const text = find('socket_text');
    if (silent === 'failed' && !this.#opened('socket_silent')) {
      await this.#settle();
      // The second opening, by another test, is the repetition of the first.
      await this.#once(text, () => sockets.text(tools, waits));
      if (!this.#opened('socket_text')) return this.#skipGroup(['socket', 'large'], 'sockets');
      await this.#once(find('socket_silent'), () => sockets.silent(tools, waits));
    }
    await Promise.all([
      this.#state('socket_text') === 'waiting' && this.#twice(text, () => sockets.text(tools, waits)),
      this.#twice(find('socket_server_first'), () => sockets.first(tools, waits)),
    ]);
    if (this.#state('socket_text') !== 'passed') return this.#skipGroup(['socket', 'large'], 'text');
    await Promise.all([
      this.#twice(find('socket_binary'), () => sockets.binary(tools, waits)),
      this.#twice(find('socket_trickle'), again => sockets.trickle(tools, waits, BEAT_MS[again])),
      this.#twice(find('socket_compressed'), () => sockets.compressed(tools, waits)),
    ]);
    return undefined;
  }

  async #responses() {
    const [tools, waits] = [this.#tools, this.#waits];
    await Promise.all([
      this.#twice(find('stream'), again => streams.beats(tools, waits, 'stream', BEAT_MS[again])),
      this.#twice(find('event_stream'), again => streams.beats(tools, waits, 'sse', BEAT_MS[again])),
      this.#twice(find('long_poll'), () => poll(tools, waits)),
    ]);
  }

  #posts() {
    return this.#sizes('post', (bytes, wait) => post(this.#tools, bytes, wait));
  }

  #large() {
    return this.#sizes('large', (bytes, wait) => sockets.large(this.#tools, this.#waits, bytes, wait));
  }

  /**
   * The same with growing sizes, until one fails or would take too long.
   * @param {import('./plan.js').Group} group
   * @param {(bytes: number, wait: number) => Promise<Outcome | Result>} act
   */
  async #sizes(group, act) {
    let smaller;
    for (const row of QUICK.filter(row => row.group === group)) {
      const bytes = row.kind.bytes ?? 0;
      const wait = transfer(bytes, smaller, this.#waits);
      if (this.rows.get(row.id)?.state === 'skipped') continue;
      if (!wait) this.#skip(row, 'slow');
      else if (await this.#twice(row, () => act(bytes, wait)) !== 'passed') return this.#skipGroup([group], 'smaller');
      smaller = { bytes, elapsed: this.rows.get(row.id)?.elapsed ?? 0 };
    }
    return undefined;
  }

  /** @param {string} id */
  #state(id) {
    return this.rows.get(id)?.state;
  }

  /** @param {string} id */
  #opened(id) {
    return this.rows.get(id)?.outcome?.outcome !== 'not_opened';
  }

  /**
   * Lets a moment pass after a failure, until an ordinary request passes again: a short outage must not count twice.
   * All tests that fail at the same time wait together.
   */
  #settle() {
    this.#settling ??= (async () => {
      for (let n = 0; n < 2 && !this.#tools.stopped; n += 1) {
        await this.#tools.pause(SETTLE_MS);
        if ((await control(this.#tools, this.#waits.answer)).outcome.outcome === 'passed') break;
      }
      this.#settling = undefined;
    })();
    return this.#settling;
  }

  /**
   * Runs a test, and once more where it failed: one failure may be chance.
   * @param {Row} row
   * @param {(again: 0 | 1) => Promise<Outcome | Result>} act
   */
  async #twice(row, act) {
    const state = await this.#once(row, () => act(0), true);
    if (state !== 'failed') return state;
    await this.#settle();
    return this.#once(row, () => act(1));
  }

  /**
   * Runs a test and notes what came of it. What a first try held back is not noted: only two that agree count.
   * @param {Row} row
   * @param {() => Promise<Outcome | Result>} act
   * @param {boolean} [first] Whether another try follows a failure.
   * @returns {Promise<State>}
   */
  async #once(row, act, first = false) {
    if (this.#tools.stopped) return this.#skip(row, 'stopped');
    if (row.group !== 'idle' && this.#tools.now() > QUICK_MOST_MS) return this.#skip(row, 'time');
    this.#show({ row, state: 'running' });
    const at = this.#tools.now();
    const done = await act();
    /** @type {Result} */
    const result = typeof done.outcome === 'string' ? { outcome: /** @type {Outcome} */ (done) } : /** @type {Result} */ (done);
    const { outcome, late, allowed } = result;
    // What a stop by the user did to a test says nothing about the network.
    if (this.#tools.stopped && outcome.outcome !== 'passed') return this.#skip(row, 'stopped');
    const elapsed = this.#tools.now() - at;
    const state = stateOf(outcome);
    if (!(first && outcome.outcome === 'held_back')) {
      this.tests.push({ at, row, outcome, elapsed_ms: elapsed });
    }
    const again = first && state === 'failed';
    this.#show({ row, state: again ? 'running' : state, outcome, elapsed, late, allowed });
    return state;
  }

  /** @type {(row: Row, reason: Reason) => State} */
  #skip(row, reason) {
    /** @type {Outcome} */
    const outcome = { outcome: 'not_run', reason: REASONS[reason] };
    this.tests.push({ at: this.#tools.now(), row, outcome, elapsed_ms: 0 });
    this.#show({ row, state: 'skipped', outcome });
    return 'skipped';
  }

  /** @type {(groups: import('./plan.js').Group[], reason: Reason) => void} */
  #skipGroup(groups, reason) {
    for (const { row, state } of this.rows.values()) {
      if (groups.includes(row.group) && state === 'waiting') this.#skip(row, reason);
    }
  }

  /** @param {Reason} reason */
  #skipRest(reason) {
    for (const { row, state } of this.rows.values()) if (state === 'waiting') this.#skip(row, reason);
  }

  /** @param {Shown} shown */
  #show(shown) {
    this.rows.set(shown.row.id, shown);
    this.#changed(shown);
  }
}
