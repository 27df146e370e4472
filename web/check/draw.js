/**
 * Draws the parts of the page around the list of tests: verdict, code, what to send, details.
 */
import { button, element, withCode } from './element.js';
import { spoken } from './spoken.js';
import * as mail from './mail.js';

/**
 * @typedef {import('./verdict.js').View} View
 * @typedef {import('./verdict.js').Told} Told
 * @typedef {import('./verdict.js').Site} Site
 * @typedef {import('./verdict.js').Texts} Texts
 * @typedef {import('./mail.js').Facts} Facts
 * @typedef {import('./element.js').Child} Child
 */

/** Copies, and says whether it could. @type {(text: string, area: HTMLElement | undefined, say: (text: string) => void, texts: Texts) => Promise<void>} */
const copy = async (text, area, say, { actions }) => {
  try {
    await navigator.clipboard.writeText(text);
    say(actions.copied);
  } catch {
    // Without TLS, or where the browser asks and the user declines, only the user can copy.
    if (area) getSelection()?.selectAllChildren(area);
    say(actions.copyFailed);
  }
};

/** A button that copies; its answer is shown beside it and read aloud. @type {(label: string, text: () => string, area: () => HTMLElement | undefined, texts: Texts) => HTMLElement[]} */
const copier = (label, text, area, texts) => {
  const said = element('span', { class: 'small soft', role: 'status' });
  return [button(label, () => void copy(text(), area(), words => { said.textContent = words; }, texts)), said];
};

/** @type {(code: string, texts: Texts) => HTMLElement} */
const codeOf = (code, texts) => {
  const shown = element('span', { class: 'code' }, code);
  return element('div', { class: 'code-box' },
    element('p', { class: 'code-line' }, element('span', { class: 'soft small' }, texts.code.label), shown),
    element('p', { class: 'soft small' }, texts.code.help),
    element('div', { class: 'row' }, copier(texts.actions.copyCode, () => code, () => shown, texts)),
    element('details', {}, element('summary', {}, texts.code.spoken),
      element('ol', { class: 'spoken' }, spoken(code, texts.code).map(word => element('li', {}, word)))));
};

/** Which badge a finding has. @type {(told: Told, texts: Texts) => HTMLElement} */
const badge = ({ confidence }, { verdict }) =>
  element('span', { class: `badge badge-${confidence === 'certain' ? 'fault' : confidence === 'likely' ? 'likely' : 'context'}` }, verdict.confidence[confidence]);

/** @type {(title: string, all: Told[], texts: Texts, withBadge: boolean) => Child} */
const further = (title, all, texts, withBadge) => all.length > 0 && element('div', { class: 'further' },
  element('h3', {}, title),
  element('ul', {}, all.map(told => element('li', {}, element('span', { lang: told.lang }, told.title), ' ', withBadge && badge(told, texts), !withBadge && told.user ? element('p', { class: 'soft small', lang: told.lang }, told.user) : ''))));

/** The verdict. @type {(view: View, texts: Texts) => Child[]} */
export const result = (view, texts) => [
  element('p', { class: 'row' }, element('span', { class: `badge badge-${view.tone}` }, texts.verdict.tone[view.tone])),
  element('h2', { id: 'verdict', lang: view.kind === 'fault' ? view.told[0].lang : undefined }, view.title),
  ...view.paragraphs.map(text => element('p', {}, withCode(text))),
  view.code ? codeOf(view.code, texts) : '',
  further(texts.verdict.others, view.kind === 'fault' ? view.told.slice(1) : view.told, texts, true),
  further(texts.verdict.context, view.context, texts, false),
];

/**
 * What to pass on, and how. Nothing where there is nothing to mend.
 * @param {View} view
 * @param {Facts} facts
 * @param {Texts} texts
 * @param {Site} site
 * @returns {Child[]}
 */
export const send = (view, facts, texts, site) => {
  if (!view.addressee) return [];
  const toIt = view.addressee === 'it';
  const body = mail.text(view, facts, texts, site);
  const preview = element('pre', { class: 'preview', tabindex: '0' }, body);
  const folded = element('details', {}, element('summary', {}, texts.send.preview), preview);
  const area = () => {
    folded.setAttribute('open', '');
    return preview;
  };
  return [
    element('h2', {}, toIt ? texts.send.it : texts.send.operator(site.name)),
    element('p', { class: 'soft' }, toIt ? (view.kind === 'fault' ? texts.send.itLead : texts.send.unknownLead) : texts.send.operatorLead),
    element('div', { class: 'row' },
      element('a', { class: 'button button-main', href: mail.link(view, facts, texts, site) }, texts.actions.mail),
      button(texts.actions.print, () => print()),
      copier(texts.actions.copy, () => body, area, texts)),
    folded,
  ];
};

/** @type {(title: string, lines: string[]) => Child[]} */
const evidence = (title, lines) => (lines.length
  ? [element('h4', {}, title), element('ul', { lang: 'en' }, lines.map(line => element('li', {}, line)))]
  : []);

/** Everything the gateway said, for who wants it. @type {(view: View, texts: Texts) => Child[]} */
export const details = (view, { details: texts, verdict, lang }) => {
  const all = [...view.told, ...view.context];
  return [element('details', {}, element('summary', {}, texts.title),
    all.length && lang !== 'en' ? element('p', { class: 'soft small' }, texts.english) : '',
    all.length ? '' : element('p', { class: 'soft' }, texts.none),
    ...all.map(({ cause, title, confidence, it, operator, finding }) => element('section', { class: 'finding' },
      element('h3', {}, title),
      element('p', { class: 'soft small' }, `${texts.cause}: `, element('code', {}, cause), ` · ${verdict.confidence[confidence]}`),
      element('p', { lang: 'en' }, finding.summary),
      ...evidence(texts.evidence, finding.evidence.map(({ shows }) => shows)),
      ...evidence(texts.counter, finding.counter_evidence.map(({ shows }) => shows)),
      ...evidence(texts.untested, finding.untested),
      ...(it ? [element('h4', {}, texts.it), element('p', {}, withCode(it))] : []),
      ...(operator ? [element('h4', {}, texts.operator), element('p', {}, withCode(operator))] : []))))];
};
