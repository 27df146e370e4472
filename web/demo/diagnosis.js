/** What the gateway answered to the page's report, for people. */
import { element } from './draw.js';

/**
 * @typedef {{ shows: string }} Evidence
 * @typedef {{ cause: string, title: string, summary: string, confidence: string, evidence?: Evidence[],
 *   remedy?: { user?: string, it?: string, operator?: string } }} Finding
 * @typedef {{ code?: string, verdict?: string, findings?: Finding[], context?: Finding[], works?: string[] }} Answer
 */

const BADGES = /** @type {Record<string, [string, string]>} */ ({
  certain: ['fault', 'certain'],
  likely: ['likely', 'likely'],
  possible: ['context', 'possible'],
});

/** Text in which backticks mark what is to be typed. @param {string} text */
const marked = text => text.split('`').map((part, index) => index % 2 ? element('code', {}, part) : part);

/** @param {string} title @param {string[]} lines */
const list = (title, lines) => lines.length
  ? [element('h3', {}, title), element('ul', {}, ...lines.map(line => element('li', {}, ...marked(line))))]
  : [];

/** @param {string} title @param {string | undefined} text */
const paragraph = (title, text) => text ? [element('h3', {}, title), element('p', {}, ...marked(text))] : [];

/** @param {Finding} finding */
const verdict = finding => {
  const [kind, word] = BADGES[finding.confidence] ?? ['context', finding.confidence];
  return element('p', { class: 'verdict' }, `${finding.title} `, element('span', { class: `badge badge-${kind}` }, word));
};

/**
 * The parts that show an answer.
 * @param {Answer} answer
 * @returns {Node[]}
 */
export const shown = answer => {
  const [finding] = answer.findings ?? [];
  const context = answer.context ?? [];
  const parts = finding
    ? [verdict(finding), element('p', {}, ...marked(finding.summary))]
    : [element('p', { class: 'verdict' }, answer.verdict === 'healthy' ? 'Nothing is wrong.' : 'Something fails, and nothing proves one cause.')];
  const remedy = finding?.remedy ?? {};
  return [
    ...parts,
    ...(answer.code ? [element('p', {}, element('span', { class: 'soft small' }, 'Say this on the phone: '), element('br'), element('span', { class: 'short-code' }, answer.code))] : []),
    ...list('What was seen, from both sides', (finding?.evidence ?? []).map(evidence => evidence.shows)),
    ...list('Good to know', context.map(finding => finding.summary)),
    ...paragraph('What the user can do', remedy.user),
    ...paragraph('What the IT department can do', remedy.it),
  ];
};

/** @param {string[]} texts */
export const note = (...texts) => texts.map(text => element('p', { class: 'soft' }, text));
