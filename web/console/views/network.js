/** One client network: what fails there, and how its connections ended. */
import { get } from '../api.js';
import { endsChart } from '../charts/ends.js';
import { card, el, empty, prose, replace, table } from '../dom.js';
import { casesTable, causeLink, confidenceBadge } from '../parts.js';
import { counted, number, share, span } from '../words.js';

/** @param {HTMLElement} root @param {{ name: string }} place */
export const network = async (root, { name }) => {
  const { history, together, cases, findings } = await get(`/api/network/${name}`);
  replace(root,
    el('div', { class: 'row row-spread' }, el('h1', {}, 'Network ', el('span', { class: 'mono' }, name)), el('a', { class: 'button', href: `#/cases?network=${encodeURIComponent(name)}` }, 'All its cases')),
    history ? card('How its connections ended', ...ends(history)) : card('How its connections ended', empty('Nothing is remembered of this network.', el('p', {}, 'The gateway remembers the last ends of each network since it started.'))),
    together.length > 0 && card('What many connections together show', ...together.map(whole)),
    card('What fails here', findings.length ? table('Findings of this network', ['Cause', { name: 'Cases', number: true }], findings.map((/** @type {any} */ one) =>
      [causeLink(one.cause, one.title), number(one.cases)])) : empty('No fault was found here.')),
    card('Its cases', cases.length ? casesTable('Cases of this network', cases) : empty('No case of this network is kept.')));
  return {};
};

/** @param {any} finding */
const whole = finding => el('div', { class: 'brief' },
  el('div', { class: 'row' }, el('h3', {}, causeLink(finding.cause, finding.title)), confidenceBadge(finding.confidence)),
  el('p', {}, prose(finding.summary)),
  el('ul', {}, ...finding.evidence.map((/** @type {any} */ one) => el('li', {}, prose(one.shows)))),
  el('p', {}, el('strong', {}, 'For the IT department: '), prose(finding.remedy.it)));

/** @param {any} history */
const ends = history => {
  const whole = history.arrivals.reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + one.whole, 0);
  const lost = history.arrivals.reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + one.lost_upgrade, 0);
  return [
    el('p', {}, `${counted(history.ends.length, 'connection')} of ${counted(history.clients, 'client')} ended in the last ${span(history.span_ms)}.`,
      whole + lost > 0 && ` ${share(lost, whole + lost)} of ${counted(whole + lost, 'WebSocket request')} had lost their upgrade on the way.`),
    history.ends.length > 0 ? endsChart(history.ends) : null,
  ];
};
