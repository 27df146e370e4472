/** The glossary of causes: what each is, how it shows, and who must change what. */
import { get } from '../api.js';
import { el, empty, prose, replace } from '../dom.js';
import { READERS } from '../mail.js';
import { counted } from '../words.js';

const LAYERS = /** @type {Record<string, string>} */ ({
  dns: 'Names', tcp: 'TCP', tls: 'TLS', proxy: 'Proxies', endpoint: 'The device', http: 'Opening handshake',
  frame: 'Frames', time: 'Time', page: 'The page', app: 'The application', meta: 'About the diagnosis',
});

/** @param {HTMLElement} root @param {{ name: string }} place */
export const causes = async (root, { name }) => {
  const all = /** @type {any[]} */ (await get('/api/causes'));
  const list = el('div', { class: 'stack' });
  const found = el('p', { class: 'soft', role: 'status' });
  const draw = (/** @type {string} */ text) => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = all.filter(cause => {
      const whole = `${cause.id} ${cause.title} ${cause.summary} ${cause.signs}`.toLowerCase();
      return words.every(word => whole.includes(word));
    });
    found.textContent = counted(fits.length, 'cause');
    const layers = [...new Set(fits.map(({ layer }) => layer))];
    replace(list, ...(fits.length ? layers.map(layer => el('section', { class: 'card stack' }, el('h2', {}, LAYERS[layer] ?? layer),
      ...fits.filter(cause => cause.layer === layer).map(cause => entry(cause, cause.id === name)))) : [empty('No cause fits these words.')]));
  };
  const search = el('input', { type: 'search', placeholder: 'idle, upgrade, certificate', 'aria-label': 'Search the causes', input: () => draw(search.value) });
  replace(root, el('div', { class: 'row row-spread' }, el('h1', {}, 'Causes'), search),
    el('p', { class: 'soft' }, 'Every cause that Towpath can name, whoever can see it.'), found, list);
  draw('');
  if (name) document.getElementById(`cause-${name}`)?.scrollIntoView({ block: 'start' });
  return {};
};

/** @param {any} cause @param {boolean} open */
const entry = (cause, open) => el('details', { id: `cause-${cause.id}`, open, class: 'cause' },
  el('summary', {}, cause.title, ' ', el('code', { class: 'soft' }, cause.id), cause.kind === 'context' && el('span', { class: 'badge badge-context' }, 'no fault')),
  el('p', {}, prose(cause.summary)),
  el('dl', { class: 'cause-facts' },
    el('dt', {}, 'How it shows'), el('dd', {}, prose(cause.signs)),
    el('dt', {}, 'What tells it apart'), el('dd', {}, prose(cause.test)),
    ...Object.entries(READERS).flatMap(([reader, who]) => [el('dt', {}, who), el('dd', {}, prose(cause.remedy[reader]))]),
    el('dt', {}, 'Who can see it'), el('dd', {}, cause.vantages.join(', ')),
    el('dt', {}, 'Easily taken for'), el('dd', { class: 'row' }, ...cause.neighbours.map((/** @type {string} */ other) => el('a', { href: `#/causes/${other}` }, other)))),
  el('p', {}, el('a', { href: `#/cases?cause=${cause.id}` }, 'Its cases')));
