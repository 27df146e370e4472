/**
 * Ordinary requests that are slow or large: a long poll, and uploads.
 */
import { POLL_MS } from '../plan.js';
import { members, request } from './fetch.js';

/**
 * @typedef {import('../tools.js').Tools} Tools
 * @typedef {import('../tools.js').Outcome} Outcome
 * @typedef {import('../patience.js').Waits} Waits
 */

/**
 * A request that is answered after a while.
 * @param {Tools} tools
 * @param {Waits} waits
 * @returns {Promise<Outcome>}
 */
export const poll = async (tools, waits) => {
  const { outcome, text } = await request(tools, tools.url('poll', { wait: POLL_MS }), waits.open + POLL_MS);
  if (outcome.outcome !== 'passed') return outcome;
  return /^\d+ \d+ *\n?$/.test(text ?? '') ? outcome : { outcome: 'different', detail: 'another answer than the poll' };
};

/**
 * An upload of so many bytes.
 * @param {Tools} tools
 * @param {number} bytes
 * @param {number} wait
 * @returns {Promise<{ outcome: Outcome, elapsed: number }>}
 */
export const post = async (tools, bytes, wait) => {
  const body = new Uint8Array(bytes).fill(0x2e);
  const headers = { 'content-type': 'application/octet-stream' };
  const { outcome, text, elapsed } = await request(tools, tools.url('post'), wait, { method: 'POST', body, headers });
  if (outcome.outcome !== 'passed' || members(text ?? '')?.bytes === bytes) return { outcome, elapsed };
  return { outcome: { outcome: 'different', detail: 'less arrived than was sent' }, elapsed };
};
