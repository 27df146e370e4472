/**
 * The two requests around the tests: to begin a run, and to report it. Answers are checked before use.
 *
 * It never throws and never waits without a limit: what went wrong is the answer.
 */

import { describe, members } from './probes/fetch.js';

/**
 * @typedef {{ code: string, key: string, attempt: string, websocket: boolean, transports: string[] }} Begun
 * @typedef {object} Finding
 * @property {string} cause
 * @property {'certain' | 'likely' | 'possible'} confidence
 * @property {string} title
 * @property {string} summary
 * @property {{ shows: string }[]} evidence
 * @property {{ shows: string }[]} counter_evidence
 * @property {string[]} untested
 * @property {{ user: string, it: string, operator: string }} remedy
 * @typedef {object} Answer
 * @property {string} code
 * @property {'healthy' | 'fault' | 'cannot_tell'} verdict
 * @property {Finding[]} findings
 * @property {Finding[]} context
 * @property {string[]} works
 * @property {string} network
 * @typedef {{ why: 'unreachable' } | { why: 'busy', seconds: number } | { why: 'refused', status: number }
 *   | { why: 'different', words: string }} Problem
 */

const WAIT_MS = 15_000;
const SECONDS_MOST = 600;
/** A network that is gone for a moment must not end the check. */
const AGAIN_MS = [1000, 2000, 4000];

/** @type {(value: unknown) => string} */
const text = value => (typeof value === 'string' ? value : '');
/** @type {(value: unknown) => any[]} */
const list = value => (Array.isArray(value) ? value : []);
/** @type {(value: unknown) => { shows: string }[]} */
const facts = value => list(value).map(fact => ({ shows: text(fact?.shows) })).filter(({ shows }) => shows);

/** @type {(value: any) => Finding} */
const finding = value => ({
  cause: text(value?.cause),
  confidence: ['certain', 'likely'].includes(value?.confidence) ? value.confidence : 'possible',
  title: text(value?.title),
  summary: text(value?.summary),
  evidence: facts(value?.evidence),
  counter_evidence: facts(value?.counter_evidence),
  untested: list(value?.untested).map(text).filter(Boolean),
  remedy: { user: text(value?.remedy?.user), it: text(value?.remedy?.it), operator: text(value?.remedy?.operator) },
});

/** What the gateway answered to a report, made whole. @type {(value: any) => Answer} */
export const answerOf = value => ({
  code: text(value?.code),
  verdict: ['healthy', 'fault'].includes(value?.verdict) ? value.verdict : 'cannot_tell',
  findings: list(value?.findings).map(finding),
  context: list(value?.context).map(finding),
  works: list(value?.works).map(text).filter(Boolean),
  network: text(value?.network),
});

/**
 * @param {typeof fetch} fetch
 * @param {URL} url
 * @param {object} body
 * @param {number[]} [pauses] Before each further try where nothing answered, in milliseconds.
 * @returns {Promise<{ value: any } | { problem: Problem }>}
 */
const post = async (fetch, url, body, pauses = AGAIN_MS) => {
  const got = await postOnce(fetch, url, body);
  if (!('problem' in got) || got.problem.why !== 'unreachable' || !pauses.length) return got;
  await new Promise(resolve => setTimeout(resolve, pauses[0]));
  return post(fetch, url, body, pauses.slice(1));
};

/** @type {(fetch: typeof globalThis.fetch, url: URL, body: object) => Promise<{ value: any } | { problem: Problem }>} */
const postOnce = async (fetch, url, body) => {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: JSON.stringify(body),
      cache: 'no-store',
      signal: AbortSignal.timeout(WAIT_MS),
    });
    if (response.status === 429) {
      const seconds = Number(response.headers.get('retry-after'));
      return { problem: { why: 'busy', seconds: Math.min(SECONDS_MOST, Math.max(1, seconds || 30)) } };
    }
    const value = await response.text();
    if (/^\s*</.test(value)) return { problem: { why: 'different', words: describe(value) } };
    if (!response.ok) return { problem: { why: 'refused', status: response.status } };
    return { value: members(value) };
  } catch {
    return { problem: { why: 'unreachable' } };
  }
};

/**
 * @param {typeof fetch} fetch
 * @param {URL} base The folder `/.towpath/`.
 * @param {string | null} about The code of a session that the run is about.
 * @returns {Promise<{ begun: Begun } | { problem: Problem }>}
 */
export const begin = async (fetch, base, about) => {
  const got = await post(fetch, new URL('probe/begin', base), about ? { about } : {});
  if ('problem' in got) return got;
  const { code, key, attempt, websocket, transports } = got.value ?? {};
  if (!text(key) || !text(attempt)) return { problem: { why: 'refused', status: 200 } };
  return { begun: { code: text(code), key, attempt, websocket: websocket !== false, transports: list(transports).map(text) } };
};

/**
 * @param {typeof fetch} fetch
 * @param {URL} base
 * @param {Begun} begun
 * @param {{ now: number, page: object, tests: object[] }} seen
 * @returns {Promise<{ answer: Answer } | { problem: Problem }>}
 */
export const report = async (fetch, base, begun, { now, page, tests }) => {
  const session = { check: begun.key };
  const body = { version: 1, session, attempt: begun.attempt, now, page, attempts: [], tests };
  const got = await post(fetch, new URL('report', base), body);
  if ('problem' in got) return got;
  const answer = answerOf(got.value);
  return { answer: { ...answer, code: answer.code || begun.code } };
};
