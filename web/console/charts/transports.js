/** Transports in use over time, stacked; and the share of fallbacks, as a line. */
import { el, svg, table } from '../dom.js';
import { TRANSPORTS, moment, number, percent, transportName } from '../words.js';
import { timeChart } from './frame.js';
import { area, fallbackRate, line, stack } from './stack.js';

/** @typedef {ReturnType<typeof import('./stack.js').moments>} Moments */

/** @param {Moments} moments */
const sums = moments => moments.map(({ open }) => open.reduce((sum, value) => sum + value, 0));

/** @param {Moments} moments */
export const inUse = moments => {
  const rows = moments.map(({ open }) => open);
  const used = TRANSPORTS.map((_, layer) => rows.some(row => row[layer] > 0));
  const most = Math.max(0, ...sums(moments));
  const layers = stack(rows);
  const chart = timeChart({
    title: 'Transports in use',
    describes: `At most ${number(most)} at a time`,
    at: moments.map(({ at }) => at),
    most,
    least: 4,
    tick: number,
    tall: 260,
    draw: ({ layer, x, y }) =>
      layer.append(...layers.map((band, at) => svg('path', { class: `fill ${keyOf(TRANSPORTS[at])}`, d: used[at] ? area(band, x, y) : '' }))),
    reads: at => TRANSPORTS.map((transport, layer) => ({ transport, value: rows[at][layer] }))
      .filter((_, layer) => used[layer])
      .reverse()
      .map(({ transport, value }) => ({ name: transportName(transport), value: number(value), key: keyOf(transport) })),
  });
  const named = TRANSPORTS.filter((_, layer) => used[layer]);
  return el('div', { class: 'stack' }, legend(named), chart,
    numbers('Transports in use, as numbers', ['Time', ...named.map(transport => ({ name: transportName(transport), number: /** @type {const} */ (true) }))],
      moments.filter((_, at) => rows[at].some(value => value > 0))
        .map(({ at, open }) => [moment(at), ...named.map(transport => number(open[TRANSPORTS.indexOf(transport)]))])));
};

/** @param {Moments} moments */
export const fallbacks = moments => {
  const rates = moments.map(fallbackRate);
  const known = /** @type {number[]} */ (rates.filter(rate => rate !== undefined));
  const most = Math.max(0, ...known);
  const chart = timeChart({
    title: 'Share of fallbacks',
    describes: `At most ${percent(most)}`,
    at: moments.map(({ at }) => at),
    most,
    least: 0.04,
    tick: percent,
    tall: 260,
    draw: ({ layer, x, y, height }) => {
      layer.append(svg('path', { class: 'line key-fallback', d: line(rates, x, y) }));
      // A single value between two gaps would be no line.
      rates.forEach((rate, at) => {
        if (rate !== undefined && rates[at - 1] === undefined && rates[at + 1] === undefined)
          layer.append(svg('circle', { class: 'dot key-fallback', cx: x(at), cy: Math.min(height, y(rate)), r: 2.5 }));
      });
    },
    reads: at => [
      { name: 'Fallbacks', value: rates[at] === undefined ? '–' : percent(/** @type {number} */ (rates[at])), key: 'key-fallback' },
      { name: 'of attachments', value: number(moments[at].used) },
      { name: 'Cut on the way', value: number(moments[at].cut) },
    ],
  });
  return el('div', { class: 'stack' }, chart,
    numbers('Fallbacks, as numbers', ['Time', ...['Attachments', 'Fallbacks', 'Share', 'Cut on the way'].map(name => ({ name, number: /** @type {const} */ (true) }))],
      moments.filter(({ used, cut }) => used || cut).map(({ at, used, fallback, cut }) =>
        [moment(at), number(used), number(fallback), used ? percent(fallback / used) : '–', number(cut)])));
};

/** @param {string} transport */
export const keyOf = transport => `key-${transport}`;

/** @param {string[]} transports */
const legend = transports =>
  el('ul', { class: 'legend' }, ...transports.map(transport => el('li', {}, el('i', { class: `key ${keyOf(transport)}` }), transportName(transport))));

/**
 * The same as a table, newest first.
 * @param {string} title
 * @param {Parameters<typeof table>[1]} columns
 * @param {import('../dom.js').Child[][]} rows
 */
const numbers = (title, columns, rows) => el('details', { class: 'numbers' }, el('summary', {}, 'As a table'), table(title, columns, rows.reverse()));
