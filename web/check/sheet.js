/**
 * The page on paper: facts, evidence and what has to be allowed, black on white, for somebody who was not there.
 */
import { element, withCode } from './element.js';
import * as mail from './mail.js';
import { instead } from './verdict.js';
import { fullNameOf, outcomeOf } from './rows.js';

/**
 * @typedef {import('./verdict.js').View} View
 * @typedef {import('./verdict.js').Site} Site
 * @typedef {import('./verdict.js').Texts} Texts
 * @typedef {import('./run.js').Shown} Shown
 * @typedef {import('./element.js').Child} Child
 */

/** @type {(title: string, lines: string[], properties?: Record<string, string>) => Child[]} */
const block = (title, lines, properties) => (lines.some(Boolean)
  ? [element('h2', {}, title), element('ul', properties, lines.filter(Boolean).map(line => element('li', {}, withCode(line))))]
  : []);

/**
 * @param {View} view
 * @param {mail.Facts} facts
 * @param {Iterable<Shown>} rows
 * @param {string[]} works
 * @param {Texts} texts
 * @param {Site} site
 * @returns {Child[]}
 */
export const sheet = (view, facts, rows, works, texts, site) => {
  const [first] = view.told;
  const confidence = first && view.kind === 'fault' ? ` (${texts.verdict.confidence[first.confidence]})` : '';
  return [
    element('p', { class: 'sheet-kind' }, texts.print.title),
    element('h1', {}, `${view.title}${confidence}`),
    element('table', { class: 'sheet-facts' }, element('tbody', {}, mail.about(view, facts, texts, site).map(([name, value]) =>
      element('tr', {}, element('th', { scope: 'row' }, name), element('td', {}, value))))),
    ...block(texts.mail.summary, [view.kind === 'fault' && first ? first.finding.summary : ''], { lang: 'en' }),
    ...mail.remedies(view, texts).flatMap(([title, remedy]) => block(title, [remedy])),
    ...(view.kind === 'healthy' ? [] : block(texts.mail.allow, mail.allowed(view, facts, texts, site))),
    ...block(texts.mail.evidence, first ? mail.evidence(view, facts) : [], { lang: first ? 'en' : texts.lang }),
    ...block(texts.mail.works, [instead(works, texts, site)]),
    element('h2', {}, texts.print.tests),
    element('ul', { class: 'sheet-tests' }, [...rows].map(shown =>
      element('li', {}, `${fullNameOf(shown.row, texts)}: `, element('strong', {}, texts.tests.state[shown.state]), outcomeOf(shown, texts) && `, ${outcomeOf(shown, texts)}`))),
    element('p', { class: 'sheet-footer' }, texts.print.footer(facts.url)),
  ];
};
