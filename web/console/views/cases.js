/** All cases, by cause, network and text. */
import { get } from '../api.js';
import { el, empty, replace } from '../dom.js';
import { casesTable, noCases } from '../parts.js';
import { counted } from '../words.js';

const SETTLE_MS = 1_000;

/** @param {HTMLElement} root @param {{ query: URLSearchParams }} place */
export const cases = async (root, { query }) => {
  const asked = { cause: query.get('cause') ?? '', network: query.get('network') ?? '', q: query.get('q') ?? '' };
  const list = el('div', { class: 'card stack' });
  let timer = 0;
  const load = async () => {
    const { cases: rows, more } = await get('/api/cases', asked);
    const filtered = Object.values(asked).some(Boolean);
    replace(list,
      rows.length ? el('p', { class: 'soft' }, `${counted(rows.length, 'case')}${more ? ', and there are more: narrow it down' : ''}, newest first`) : null,
      rows.length ? casesTable('Cases', rows) : filtered ? empty('No case fits.', el('p', {}, el('a', { href: '#/cases' }, 'Show all cases'))) : noCases());
  };
  const field = (/** @type {keyof asked} */ name, /** @type {string} */ label, /** @type {string} */ example) =>
    el('label', { class: 'field' }, label, el('input', { name, value: asked[name], placeholder: example, type: 'search', autocomplete: 'off', spellcheck: 'false' }));
  const form = el('form', {
    class: 'filters',
    submit: (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      const wanted = new URLSearchParams();
      for (const [name, value] of new FormData(form)) if (String(value).trim()) wanted.set(name, String(value).trim());
      location.hash = wanted.size ? `#/cases?${wanted}` : '#/cases';
    },
  }, field('cause', 'Cause', 'time-idle'), field('network', 'Network', '192.0.2.0/24'), field('q', 'Text', 'code, browser, host or path'), el('button', { class: 'button button-main', type: 'submit' }, 'Filter'));
  replace(root,
    el('div', { class: 'row row-spread' }, el('h1', {}, 'Cases'), el('a', { class: 'button', href: '/export.ndjson', download: 'towpath-cases.ndjson' }, 'Export all (NDJSON)')),
    form, list);
  await load();
  return {
    /** @param {any} message */
    update: message => {
      if (!(message.cases || message.missed) || timer) return;
      timer = setTimeout(() => {
        timer = 0;
        void load().catch(() => {});
      }, SETTLE_MS);
    },
    close: () => clearTimeout(timer),
  };
};
