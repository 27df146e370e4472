/** The console's start: which view is shown, the look-up by code, and the live link. */
import { Trouble, logOut } from './api.js';
import { meant } from './code.js';
import { el, replace } from './dom.js';
import { follow } from './live.js';
import { refreshTimes, trouble } from './parts.js';
import { oneCase } from './views/case.js';
import { cases } from './views/cases.js';
import { causes } from './views/causes.js';
import { network } from './views/network.js';
import { overview } from './views/overview.js';
import { moment, transportName } from './words.js';

/** @typedef {{ update?: (message: any) => void, close?: () => void }} View */
/** @typedef {{ name: string, query: URLSearchParams }} Place */

const main = /** @type {HTMLElement} */ (document.getElementById('main'));
/** @type {Record<string, (root: HTMLElement, place: Place) => Promise<View>>} */
const VIEWS = { '': overview, cases, case: oneCase, network, causes };
const TITLES = /** @type {Record<string, string>} */ ({ '': 'Overview', cases: 'Cases', case: 'Case', network: 'Network', causes: 'Causes' });

/** @type {View} */
let view = {};
let shown = 0;

const show = async () => {
  const [path, query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  const [page, ...rest] = path.split('/');
  const written = decodeURIComponent(rest.join('/'));
  const name = page === 'case' ? (meant(written) ?? written) : written;
  const turn = ++shown;
  view.close?.();
  view = {};
  document.title = `${name ? `${name} · ` : ''}${TITLES[page] ?? 'Nothing'} · Towpath console`;
  for (const link of document.querySelectorAll('nav [data-page]')) {
    const here = (page || 'overview') === link.getAttribute('data-page');
    if (here) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  // Each view draws into a box of its own, so that one that comes late cannot write over the next.
  const box = el('div', { class: 'stack' });
  replace(main, box);
  const open = Object.hasOwn(VIEWS, page) ? VIEWS[page] : undefined;
  try {
    if (!open) throw new Trouble('There is no such page.');
    const opened = await open(box, { name, query: new URLSearchParams(query) });
    if (turn === shown) view = opened;
    else opened.close?.();
  } catch (error) {
    replace(box, error instanceof Trouble && error.status === 404 && page === 'case' ? unknown(name) : trouble(/** @type {Error} */ (error)));
  }
};

/** @param {string} name */
const unknown = name => el('div', { class: 'card stack' }, el('h1', {}, 'No case ', el('span', { class: 'mono' }, name)),
  el('p', {}, 'Nothing is known under this code. It may have been misheard, or the case may be older than what is kept.'),
  el('p', {}, 'A code has eight letters and digits. There is no letter o, i, l or u in it: they are read as 0, 1, 1 and v.'));

const look = /** @type {HTMLFormElement} */ (document.getElementById('look-up'));
const field = /** @type {HTMLInputElement} */ (document.getElementById('code'));
look.addEventListener('submit', event => {
  event.preventDefault();
  const code = meant(field.value);
  // What is no code may be a network or a word.
  location.hash = code ? `#/case/${code}` : /^[\d.:a-f]+\/\d+$/i.test(field.value.trim()) ? `#/network/${field.value.trim()}` : `#/cases?q=${encodeURIComponent(field.value.trim())}`;
  field.value = '';
});
document.getElementById('log-out')?.addEventListener('click', () => void logOut());

const line = /** @type {HTMLElement} */ (document.getElementById('live'));
const text = /** @type {HTMLElement} */ (document.getElementById('live-text'));
follow(message => view.update?.(message), ({ state, transport, since }) => {
  line.dataset.state = state;
  text.textContent = state === 'live' ? `Live, carried by ${transportName(transport)}`
    : state === 'lost' ? `Live link lost. Figures are from ${moment(since)}; trying again` : 'Connecting';
});

window.addEventListener('hashchange', () => {
  void show();
  window.scrollTo(0, 0);
});
setInterval(() => refreshTimes(main), 10_000);
void show();
