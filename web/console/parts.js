/** Parts that several views share. */
import { grouped } from './code.js';
import { el, empty, table } from './dom.js';
import { ago, transportName } from './words.js';

/** @typedef {Record<string, any>} Row a case as a list has it */

const VERDICTS = /** @type {Record<string, [string, string]>} */ ({
  healthy: ['badge-ok', 'healthy'],
  fault: ['badge-fault', 'fault'],
  cannot_tell: ['badge-context', 'cannot tell'],
});

/** @param {string} verdict */
export const verdictBadge = verdict => {
  const [look, word] = VERDICTS[verdict] ?? ['badge-context', verdict];
  return el('span', { class: `badge ${look}` }, word);
};

const CONFIDENCES = /** @type {Record<string, string>} */ ({ certain: 'badge-fault', likely: 'badge-likely', possible: 'badge-context' });

/** @param {string} confidence */
export const confidenceBadge = confidence => el('span', { class: `badge ${CONFIDENCES[confidence] ?? 'badge-context'}` }, confidence);

/** @param {string} code */
export const caseLink = code => el('a', { href: `#/case/${encodeURIComponent(code)}`, class: 'mono code' }, grouped(code));

/** @param {string} network */
export const networkLink = network => el('a', { href: `#/network/${network}`, class: 'mono' }, network);

/** @param {string} cause @param {string} title */
export const causeLink = (cause, title) => el('a', { href: `#/causes/${encodeURIComponent(cause)}` }, title);

export const KINDS = /** @type {Record<string, string>} */ ({
  session: 'Session',
  check: 'Check page',
  plain: 'Plain WebSocket',
  network: 'Whole network',
});

/** A moment that keeps itself right while it is shown. @param {number} ms */
export const since = ms => el('time', { datetime: new Date(ms).toISOString(), 'data-ago': ms, title: new Date(ms).toLocaleString('en-GB') }, ago(ms, Date.now()));

/** @param {ParentNode} root */
export const refreshTimes = root => {
  for (const node of root.querySelectorAll('[data-ago]')) node.textContent = ago(Number(node.getAttribute('data-ago')), Date.now());
};

/** @param {Row} row */
const what = row => {
  const [first, ...more] = row.findings;
  if (!first) return verdictBadge(row.verdict);
  return el('span', { class: 'what' }, causeLink(first.cause, first.title), first.confidence && confidenceBadge(first.confidence), more.length > 0 && el('span', { class: 'soft small' }, ` and ${more.length} more`));
};

/** @param {string} caption @param {Row[]} rows */
export const casesTable = (caption, rows) =>
  table(caption, ['Code', 'What is the matter', 'Network', 'Browser', 'Carried by', 'Seen by', 'When'], rows.map(row => [
    caseLink(row.code),
    what(row),
    networkLink(row.network),
    row.browser,
    row.transport ? transportName(row.transport) : row.kind === 'check' ? '–' : 'nothing',
    row.from_page ? 'page and gateway' : 'gateway',
    since(row.updated_unix_ms),
  ]), true);

/** What is said where no case is. */
export const noCases = () => empty('No case yet.',
  el('p', {}, 'A session becomes a case when its page reports a failure, or when the gateway sees a fault. Healthy sessions are counted and make none.'),
  el('p', {}, 'To try it, open ', el('code', {}, '/.towpath/check'), ' of your site in a browser: each run makes a case.'));

/** @param {Error} error */
export const trouble = error => el('div', { class: 'card trouble', role: 'alert' }, el('h2', {}, 'This cannot be shown'), el('p', {}, error.message));
