/**
 * The control: ordinary small requests. A WebSocket's failure counts only beside one that passed.
 */

import { REASONS } from '../plan.js';

/**
 * @typedef {import('../tools.js').Tools} Tools
 * @typedef {import('../tools.js').Outcome} Outcome
 */

const DETAIL_MAX = 80;

/** Answers of these kinds are written by networks in place of the site: to be read before they are counted. */
const FOREIGN = new Set([403, 451, 511]);

/** What another page says of itself, in a few words: its title, else its first words. @type {(body: string) => string} */
export const describe = body => {
  const title = /<title[^>]*>([^<]*)/i.exec(body)?.[1]?.trim();
  const words = body.slice(0, 20_000).replace(/<(script|style)[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' ');
  return (title || words).replace(/[\x00-\x20\x7f]+/g, ' ').trim().slice(0, DETAIL_MAX) || 'an empty page';
};

/**
 * One request, and how it ended. Redirects are not followed: the gateway sends none, a log-in page of a network does.
 * @param {Tools} tools
 * @param {URL} url
 * @param {number} wait In milliseconds.
 * @param {RequestInit} options
 * @returns {Promise<{ outcome: Outcome, text?: string, elapsed: number }>}
 */
export const request = async (tools, url, wait, options = {}) => {
  const began = tools.now();
  const limit = tools.within(wait);
  try {
    const response = await tools.fetch(url, { cache: 'no-store', redirect: 'manual', signal: limit.signal, ...options });
    const text = await response.text();
    const elapsed = tools.now() - began;
    if (response.type === 'opaqueredirect') return { outcome: { outcome: 'different', detail: 'redirected elsewhere' }, elapsed };
    if (response.status === 429) return { outcome: { outcome: 'not_run', reason: REASONS.busy }, elapsed };
    if (FOREIGN.has(response.status) && /html/.test(response.headers.get('content-type') ?? '')) {
      return { outcome: { outcome: 'different', detail: describe(text) }, elapsed };
    }
    if (response.status !== 200) {
      return { outcome: { outcome: 'not_opened', after_ms: elapsed, timed_out: false, status: response.status }, elapsed };
    }
    return { outcome: { outcome: 'passed' }, text, elapsed };
  } catch {
    const elapsed = tools.now() - began;
    return { outcome: { outcome: 'not_opened', after_ms: elapsed, timed_out: limit.expired() }, elapsed };
  } finally {
    limit.end();
  }
};

/** The members of a JSON answer; nothing where it is none. @type {(text: string) => Record<string, unknown> | undefined} */
export const members = text => {
  try {
    const value = JSON.parse(text);
    return value && typeof value === 'object' ? value : undefined;
  } catch {
    return undefined;
  }
};

/**
 * @param {Tools} tools
 * @param {number} wait
 */
export const control = async (tools, wait) => {
  const { outcome, text = '', elapsed } = await request(tools, tools.url('fetch'), wait);
  const whole = outcome.outcome !== 'passed' || typeof members(text)?.method === 'string';
  return { outcome: whole ? outcome : /** @type {Outcome} */ ({ outcome: 'different', detail: describe(text) }), elapsed };
};
