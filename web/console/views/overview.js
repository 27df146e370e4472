/** The overview: what carries now, what fails, for whom, and where. */
import { get } from '../api.js';
import { fallbacks, inUse } from '../charts/transports.js';
import { sparkBar } from '../charts/spark.js';
import { moments } from '../charts/stack.js';
import { card, el, empty, replace, table } from '../dom.js';
import { casesTable, causeLink, networkLink, noCases, since } from '../parts.js';
import { TRANSPORTS, counted, number, share } from '../words.js';

const RANGES = /** @type {[number, string][]} */ ([[1, '1 hour'], [6, '6 hours'], [24, '24 hours'], [168, '7 days'], [720, '30 days']]);
const REMEMBERED = 'towpath-console-hours';
const DAY = 24;
const CASES_SHOWN = 12;
const RELOAD_MS = 60_000;
const SETTLE_MS = 1_500;

/** @param {HTMLElement} root */
export const overview = async root => {
  let hours = Number(localStorage.getItem(REMEMBERED)) || DAY;
  let chosen = localStorage.getItem(REMEMBERED) !== null;
  /** @type {any} */
  let data;
  /** @type {any[]} */
  let cases = [];
  let timer = 0;
  const parts = sections();
  const content = el('div', { class: 'stack' }, parts[0][0], el('div', { class: 'pair pair-wide' }, parts[1][0], parts[2][0]), el('div', { class: 'pair' }, parts[3][0], parts[4][0]), parts[5][0]);
  const ranges = el('div', { class: 'ranges', role: 'group', 'aria-label': 'Time shown' });

  /** @returns {Promise<void>} */
  const load = async () => {
    const asked = hours;
    const [fresh, listed] = await Promise.all([get('/api/overview', { hours }), get('/api/cases', { hours, limit: CASES_SHOWN })]);
    if (asked !== hours) return;
    if (!chosen) {
      chosen = true;
      hours = fitting(fresh.series);
      if (hours !== asked) return load();
    }
    data = { ...fresh, loaded: Date.now(), counted: new Map() };
    cases = listed.cases;
    draw();
  };
  const draw = () => {
    replace(ranges, ...RANGES.map(([value, name]) => el('button', {
      class: 'button button-small', type: 'button', 'aria-pressed': value === hours ? 'true' : 'false',
      click: () => {
        hours = value;
        localStorage.setItem(REMEMBERED, String(value));
        void load();
      },
    }, name)));
    parts.forEach(([holder, make]) => refill(holder, make(data, cases)));
  };
  replace(root, el('div', { class: 'row row-spread' }, el('h1', {}, 'Overview'), ranges), content);
  await load();
  const every = setInterval(() => void load().catch(() => {}), RELOAD_MS);
  return {
    /** @param {any} message */
    update: message => {
      if (!data) return;
      if (message.now) data.now = message.now;
      for (const tally of message.tallies ?? []) count(data, tally);
      for (const row of message.cases ?? []) cases = [row, ...cases.filter(({ code }) => code !== row.code)].slice(0, CASES_SHOWN);
      draw();
      if ((message.cases || message.missed) && !timer)
        timer = setTimeout(() => {
          timer = 0;
          void load().catch(() => {});
        }, SETTLE_MS);
    },
    close: () => {
      clearInterval(every);
      clearTimeout(timer);
    },
  };
};

/** The shortest time that holds all there is: a gateway that began just now has nothing to show of a day. @param {any[]} series */
const fitting = series => {
  const first = Math.min(...series.map(({ at_unix_s }) => at_unix_s));
  const age = (Date.now() / 1000 - first) / 3600;
  return RANGES.map(([value]) => value).find(value => value > age && value <= DAY) ?? (series.length ? DAY : 1);
};

/**
 * Takes new counts into the series: counts of a minute add up to those of a step.
 * @param {any} data
 * @param {any} tally
 */
const count = (data, tally) => {
  const key = `${tally.minute} ${tally.transport}`;
  // Of a minute that had begun when all was read, a part is in the series already: it is known only from then on.
  const fresh = tally.minute * 1000 >= data.loaded ? { used: 0, first: 0, fallback: 0, cut: 0 } : undefined;
  const before = data.counted.get(key) ?? fresh;
  data.counted.set(key, tally);
  const at = Math.floor(tally.minute / data.step_seconds) * data.step_seconds;
  let point = data.series.find((/** @type {any} */ one) => one.at_unix_s === at && one.transport === tally.transport);
  if (!point) data.series.push((point = { at_unix_s: at, transport: tally.transport, used: 0, first: 0, fallback: 0, cut: 0, open: 0 }));
  if (before) for (const name of ['used', 'first', 'fallback', 'cut']) point[name] += tally[name] - before[name];
  point.open = Math.max(point.open, tally.open);
};

/** @typedef {(data: any, cases: any[]) => Node} Make */

/** The parts of the page, each drawn anew by itself. @returns {[HTMLElement, Make][]} */
const sections = () => {
  /** @param {Make} make @returns {[HTMLElement, Make]} */
  const section = make => [el('div', { class: 'holder' }), make];
  return [
    section(data => tiles(data, counts(data))),
    section(data => card('Transports in use', chart(data, inUse))),
    section(data => card('Share of fallbacks', chart(data, fallbacks))),
    section(data => card('What fails', findings(data.findings))),
    section(data => card('Where it fails', networks(data.networks))),
    section((_, cases) => card(el('span', { class: 'row row-spread' }, 'Newest cases', el('a', { class: 'small', href: '#/cases' }, 'All cases')),
      cases.length ? casesTable('Newest cases', cases) : noCases())),
  ];
};

/** Puts a new drawing in place of the old one, unless somebody reads that just now. @param {HTMLElement} holder @param {Node} fresh */
const refill = (holder, fresh) => {
  if (holder.matches(':focus-within') || holder.querySelector('.chart:hover, details[open]')) return;
  replace(holder, fresh);
};

/** @param {any} data */
const counts = data => {
  const to = Date.now();
  const series = data.series.map((/** @type {any} */ one) => ({ ...one, at: one.at_unix_s * 1000 }));
  return moments(series, to - data.hours * 3_600_000, to, data.step_seconds * 1000, TRANSPORTS);
};

/** @param {any} data @param {(shown: ReturnType<typeof moments>) => Node} draw */
const chart = (data, draw) => {
  const shown = counts(data);
  const any = shown.some(({ open, used }) => used > 0 || open.some(value => value > 0));
  return any ? draw(shown) : empty('Nothing has been carried in this time.',
    el('p', {}, 'Load ', el('code', {}, '/.towpath/towpath.js'), ' in your page, or let a WebSocket client connect through the gateway.'));
};

/** @param {any} data @param {ReturnType<typeof moments>} shown */
const tiles = (data, shown) => {
  const used = shown.reduce((sum, one) => sum + one.used, 0);
  const fallback = shown.reduce((sum, one) => sum + one.fallback, 0);
  const cut = shown.reduce((sum, one) => sum + one.cut, 0);
  const tile = (/** @type {string} */ value, /** @type {string} */ name, /** @type {string} */ note, look = '') =>
    el('li', { class: `tile ${look}` }, el('span', { class: 'tile-name' }, name), el('strong', { class: 'number' }, value), el('span', { class: 'small soft' }, note));
  return el('ul', { class: 'tiles' },
    tile(number(data.now.sessions), 'Sessions now', `${counted(data.now.connections, 'connection')} open`),
    tile(number(data.now.plain), 'Plain WebSockets now', 'passed through as they are'),
    tile(share(fallback, used), 'Fallbacks', `${number(fallback)} of ${counted(used, 'attachment')}`, used && fallback / used > 0.2 ? 'tile-likely' : ''),
    tile(number(cut), 'Cut on the way', 'connections that nobody closed'),
    tile(number(data.users), 'Users with a fault', `in ${counted(data.networks.length, 'network')}`, data.users ? 'tile-fault' : ''));
};

/** @param {any[]} all */
const findings = all => {
  if (!all.length) return empty('No fault was found in this time.', el('p', {}, 'That is what it should say.'));
  const most = Math.max(...all.map(({ users }) => users));
  return table('Findings by users affected', ['Cause', 'Users', 'Last'], all.map(one => [
    el('div', {}, causeLink(one.cause, one.title), el('div', { class: 'small soft' },
      el('a', { href: `#/cases?cause=${encodeURIComponent(one.cause)}` }, counted(one.cases, 'case')), ` in ${counted(one.networks, 'network')}`)),
    users(one.users, most),
    since(one.last_unix_ms),
  ]), true);
};

/** @param {any[]} all */
const networks = all => {
  if (!all.length) return empty('No network failed in this time.');
  const most = Math.max(...all.map(one => one.users));
  return table('Networks by users affected', ['Network', 'Users', 'Failing since'], all.map(one => [
    el('div', {}, networkLink(one.network), el('div', { class: 'small soft' },
      one.causes[0] && causeLink(one.causes[0].cause, one.causes[0].title),
      el('div', {}, `${counted(one.cases, 'case')}, ${number(one.fallbacks)} on a fallback`))),
    users(one.users, most),
    one.first_fault_unix_ms ? since(one.first_fault_unix_ms) : '–',
  ]), true);
};

/** @param {number} count @param {number} most */
const users = (count, most) => el('span', { class: 'spark-cell' }, sparkBar(count, most, 'key-fault'), el('b', { class: 'number' }, number(count)));
