/**
 * The tests of the WebSocket itself: does it open, stay, and carry what it should.
 */
import { BEATS, REASONS, SILENT_MS } from '../plan.js';
import { allowance, heldBack, lateness } from '../patience.js';
import { Probe } from './socket.js';

/**
 * @typedef {import('../tools.js').Tools} Tools
 * @typedef {import('../tools.js').Outcome} Outcome
 * @typedef {import('../patience.js').Waits} Waits
 * @typedef {{ outcome: Outcome, late: number, allowed: number }} Result
 */

/** @type {Outcome} */
const PASSED = { outcome: 'passed' };

/**
 * Opens a socket, does something with it, closes it.
 * @param {Tools} tools
 * @param {Waits} waits
 * @param {Record<string, string | number>} query
 * @param {(probe: Probe) => Promise<Outcome>} act
 */
const using = async (tools, waits, query, act) => {
  const probe = new Probe(tools, query);
  try {
    return await probe.opened(waits.open) ?? await act(probe);
  } finally {
    probe.close();
  }
};

/** Pseudo-random bytes, so that nothing on the way makes them shorter. @type {(bytes: number) => Uint8Array<ArrayBuffer>} */
const noise = bytes => {
  let state = bytes;
  return Uint8Array.from({ length: bytes }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state >>> 24;
  });
};

/** @type {(sent: string | Uint8Array, came: string | ArrayBuffer) => boolean} */
const same = (sent, came) => {
  if (typeof sent === 'string' || typeof came === 'string') return sent === came;
  const bytes = new Uint8Array(came);
  return bytes.length === sent.length && bytes.every((byte, at) => byte === sent[at]);
};

/**
 * Sends a message and waits for its echo.
 * @param {Probe} probe
 * @param {string | Uint8Array<ArrayBuffer>} message
 * @param {number} wait
 * @returns {Promise<Outcome>}
 */
export const echo = async (probe, message, wait) => {
  probe.send(message);
  const got = await probe.message(wait);
  if ('instead' in got) return got.instead;
  return same(message, got.data) ? PASSED : { outcome: 'different', detail: 'another message than was sent' };
};

/** @type {(tools: Tools, waits: Waits) => Promise<Outcome>} */
export const silent = (tools, waits) =>
  using(tools, waits, { mode: 'silent' }, async probe => await probe.survives(SILENT_MS) ?? PASSED);

/** @type {(tools: Tools, waits: Waits) => Promise<Outcome>} */
export const text = (tools, waits) =>
  using(tools, waits, { mode: 'echo' }, probe => echo(probe, 'Grüße, world', waits.answer));

/** @type {(tools: Tools, waits: Waits) => Promise<Outcome>} */
export const binary = (tools, waits) =>
  using(tools, waits, { mode: 'echo' }, probe => echo(probe, Uint8Array.of(0, 1, 127, 128, 254, 255), waits.answer));

/** @type {(tools: Tools, waits: Waits, bytes: number, wait: number) => Promise<Outcome>} */
export const large = (tools, waits, bytes, wait) =>
  using(tools, waits, { mode: 'echo' }, probe => echo(probe, noise(bytes), wait));

/** @type {(tools: Tools, waits: Waits) => Promise<Outcome>} */
export const first = (tools, waits) => using(tools, waits, { mode: 'first' }, async probe => {
  const got = await probe.message(waits.answer);
  if ('instead' in got) return got.instead;
  return got.data === 'hello' ? PASSED : { outcome: 'different', detail: 'another greeting' };
});

/** @type {(tools: Tools, waits: Waits) => Promise<Outcome>} */
export const compressed = (tools, waits) => using(tools, waits, { mode: 'echo', deflate: 1 }, async probe => {
  if (!probe.extensions.includes('permessage-deflate')) return { outcome: 'not_run', reason: REASONS.deflate };
  // The second message is made from the first one's window, as later messages of an application are.
  const message = JSON.stringify(Array.from({ length: 40 }, (_, n) => ({ line: n, word: 'towpath' })));
  const once = await echo(probe, message, waits.answer);
  return once.outcome === 'passed' ? echo(probe, message, waits.answer) : once;
});

/**
 * Small messages, one a beat, each echoed at once: whether the echoes come one by one.
 * @param {Tools} tools
 * @param {Waits} waits
 * @param {number} beat In milliseconds.
 * @returns {Promise<Result>}
 */
export const trickle = async (tools, waits, beat) => {
  const began = tools.now();
  let late = 0;
  const outcome = await using(tools, waits, { mode: 'echo' }, async probe => {
    /** @type {number[]} */
    const sent = [];
    for (let n = 0; n < BEATS; n += 1) {
      sent.push(tools.now());
      probe.send(`beat ${n}`);
      const cut = await probe.survives(n < BEATS - 1 ? beat : 0);
      if (cut) return cut;
    }
    /** @type {{ sent: number, came: number }[]} */
    const parts = [];
    while (parts.length < BEATS) {
      const got = await probe.message(waits.answer);
      if ('instead' in got) return got.instead;
      parts.push({ sent: sent[parts.length], came: got.at });
    }
    late = lateness(parts);
    return heldBack(parts, beat * (BEATS - 1), waits) ? { outcome: 'held_back', late_ms: late } : PASSED;
  });
  return { outcome: undisturbed(tools, began, outcome), late, allowed: allowance(beat * (BEATS - 1), waits) };
};

/**
 * Times that were taken while timers stood still prove nothing.
 * @param {Tools} tools
 * @param {number} since
 * @param {Outcome} outcome
 * @returns {Outcome}
 */
export const undisturbed = (tools, since, outcome) =>
  outcome.outcome === 'held_back' && tools.disturbed(since)
    ? { outcome: 'not_run', reason: REASONS.hidden }
    : outcome;
