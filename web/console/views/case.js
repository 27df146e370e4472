/** One case: what is the matter, who must change what, and what both sides saw on one axis. */
import { get } from '../api.js';
import { lanesChart } from '../charts/lanes.js';
import { grouped } from '../code.js';
import { card, el, empty, prose, replace, table } from '../dom.js';
import { tells, titled } from '../facts.js';
import { READERS, mail } from '../mail.js';
import { KINDS, causeLink, confidenceBadge, networkLink, verdictBadge } from '../parts.js';
import { moment, span, transportName } from '../words.js';

/** @param {HTMLElement} root @param {{ name: string }} place */
export const oneCase = async (root, { name }) => {
  const load = async () => {
    const answer = await get(`/api/case/${encodeURIComponent(name)}`);
    replace(root, ...page(answer.case, answer.live));
    return answer;
  };
  let { live } = await load();
  let timer = 0;
  return {
    /** @param {any} message */
    update: message => {
      const changed = (message.cases ?? []).some((/** @type {any} */ row) => row.code === name);
      if ((!changed && !message.missed) || timer) return;
      timer = setTimeout(async () => {
        timer = 0;
        ({ live } = await load().catch(() => ({ live })));
      }, 500);
    },
    close: () => clearTimeout(timer),
  };
};

/** @param {any} one @param {boolean} live */
const page = (one, live) => {
  const [main, ...others] = one.diagnosis.findings;
  const detail = el('div', { class: 'detail', 'aria-live': 'polite' }, el('p', { class: 'soft' }, 'Point at a bar, or step through with the Tab key, to see what happened.'));
  const drawn = lanesChart(one.observations, (bar, lane) => replace(detail,
    el('strong', {}, `${lane.side === 'page' ? 'Page' : 'Gateway'}: ${bar.title}`),
    el('span', { class: 'soft' }, bar.tick ? ` at ${span(bar.from)}` : ` from ${span(bar.from)} to ${span(bar.to)}`),
    el('p', {}, bar.says)));
  const any = one.observations.some((/** @type {any} */ fact) => ['arrival', 'attachment', 'attempt', 'page_test'].includes(fact.fact));
  /** @param {number} id */
  const find = id => one.observations.find((/** @type {any} */ fact) => fact.id === id);
  return [
    head(one, live),
    main ? finding(one, main, find, drawn.show) : verdict(one),
    card('What both sides saw', any ? el('div', { class: 'stack' }, drawn.node, detail) : empty('Nothing was seen that has a place on a timeline.'), observations(one)),
    others.length > 0 && card('What else fits', ...others.map((/** @type {any} */ other) => brief(other))),
    one.diagnosis.context.length > 0 && card('Worth knowing, but no fault', ...one.diagnosis.context.map((/** @type {any} */ other) => brief(other))),
  ].filter(Boolean);
};

/** @param {any} one @param {boolean} live */
const head = (one, live) => {
  const pair = (/** @type {string} */ name, /** @type {import('../dom.js').Child} */ value) => el('div', {}, el('dt', {}, name), el('dd', {}, value));
  return el('section', { class: 'case-head stack' },
    el('div', { class: 'row row-spread' },
      el('h1', {}, 'Case ', el('span', { class: 'mono' }, grouped(one.code))),
      el('div', { class: 'row' }, verdictBadge(one.diagnosis.verdict), live && el('span', { class: 'badge badge-ok' }, 'still connected'),
        el('a', { class: 'button', href: `/case/${encodeURIComponent(one.code)}.har`, download: `${one.code}.har` }, 'Export as HAR'))),
    el('dl', { class: 'facts' },
      pair('What', KINDS[one.kind] ?? one.kind),
      pair('Began', moment(one.started_unix_ms)),
      pair('Network', networkLink(one.network)),
      pair('Browser', one.browser || 'unknown'),
      pair('Asked for', el('span', {}, one.host, el('wbr'), one.path)),
      one.kind !== 'check' && pair('Carried by', one.transport ? transportName(one.transport) : 'nothing'),
      pair('Seen by', one.from_page ? 'page and gateway' : 'gateway alone'),
      pair('User', el('a', { href: `#/cases?q=${encodeURIComponent(one.user)}`, class: 'mono' }, one.user.slice(0, 8) || '–'))));
};

/** Where no cause is named. @param {any} one */
const verdict = one => {
  const checked = one.kind === 'check';
  if (one.diagnosis.verdict === 'healthy')
    return card('Nothing is wrong as far as was seen', el('p', {}, checked
      ? 'All tests of the check page passed. If the trouble comes and goes, let the user run it again while it is there, with the test of idle connections.'
      : 'If the user still has trouble, let them open the check page: it tests more than a session does.'));
  return card('No cause can be named', el('p', {}, 'What was seen fits more than one cause, or none. ',
    ...(checked ? ['Let the user run the check again, with the test of idle connections.']
      : ['Let the user open ', el('code', {}, '/.towpath/check'), ` on ${one.host}: it tests one thing at a time.`])));
};

/**
 * @param {any} one
 * @param {any} main
 * @param {(id: number) => any} find
 * @param {(id: number) => void} show
 */
const finding = (one, main, find, show) =>
  el('section', { class: 'card stack finding' },
    el('div', { class: 'row' }, el('h2', {}, main.title), confidenceBadge(main.confidence)),
    el('p', { class: 'lead' }, prose(main.summary)),
    el('div', { class: 'pair' },
      el('div', { class: 'stack' }, el('h3', {}, 'What shows it'), evidence(main.evidence, find, show),
        main.counter_evidence.length > 0 && el('h3', {}, 'What speaks against it'),
        main.counter_evidence.length > 0 && evidence(main.counter_evidence, find, show),
        main.untested.length > 0 && el('h3', {}, 'Not tested'),
        main.untested.length > 0 && el('ul', {}, ...main.untested.map((/** @type {string} */ text) => el('li', {}, prose(text))))),
      el('div', { class: 'stack' }, el('h3', {}, 'Who must change what'), ...Object.entries(READERS).map(([reader, name]) =>
        remedy(one, main, /** @type {import('../mail.js').Reader} */ (reader), name)))),
    el('p', { class: 'small' }, causeLink(main.cause, `More about ${main.cause}`)));

/** @param {any[]} all @param {(id: number) => any} find @param {(id: number) => void} show */
const evidence = (all, find, show) => el('ul', { class: 'evidence' }, ...all.map(({ observation, shows }) => {
  const fact = find(observation);
  return el('li', {},
    el('button', { type: 'button', class: 'evidence-mark', click: () => show(observation), title: 'Show it in the timeline' },
      fact ? `${fact.vantage} ${span(fact.at_ms)}` : `o${observation}`),
    prose(shows));
}));

/** @param {any} one @param {any} main @param {import('../mail.js').Reader} reader @param {string} name */
const remedy = (one, main, reader, name) => {
  const copy = el('button', {
    class: 'button button-small', type: 'button',
    click: async () => {
      const text = mail(one, main, reader);
      const done = await navigator.clipboard?.writeText(text).then(() => true, () => false);
      copy.textContent = done ? 'Copied' : 'Copy by hand';
      if (!done) box.append(el('textarea', { rows: 10, readonly: true, 'aria-label': 'The mail' }, text));
      setTimeout(() => (copy.textContent = 'Copy as mail'), 3_000);
    },
  }, 'Copy as mail');
  const box = el('div', { class: 'remedy' }, el('div', { class: 'row row-spread' }, el('strong', {}, name), copy), el('p', {}, prose(main.remedy[reader])));
  return box;
};

/** @param {any} other */
const brief = other => el('div', { class: 'brief' }, el('div', { class: 'row' }, el('h3', {}, causeLink(other.cause, other.title)), confidenceBadge(other.confidence)), el('p', {}, prose(other.summary)));

/** Everything as a table: the chart for those who do not see it. @param {any} one */
const observations = one => el('details', {}, el('summary', {}, `All ${one.observations.length} observations`),
  table('Observations', ['No.', 'Time', 'Seen by', 'What', 'How it was'], one.observations.map((/** @type {any} */ fact) =>
    [`o${fact.id}`, span(fact.at_ms), fact.vantage, titled(fact), tells(fact)]), true));
