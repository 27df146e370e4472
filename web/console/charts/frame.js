/**
 * What charts over time share: axes, a reader that follows pointer and arrow keys, and drawing anew when the room changes.
 */
import { el, replace, svg, whenWide } from '../dom.js';
import { moment } from '../words.js';
import { linear, ticks, timeTicks } from './scale.js';

/**
 * @typedef {object} Plot
 * @property {SVGElement} layer what the chart draws into
 * @property {(index: number) => number} x
 * @property {(value: number) => number} y
 * @property {number} height
 */
/**
 * @typedef {object} Frame
 * @property {string} title
 * @property {string} describes one sentence for those who cannot see it
 * @property {number[]} at the moments, in milliseconds
 * @property {number} most the largest value
 * @property {(value: number) => string} tick
 * @property {number} [least] of the largest value, so that small noise does not fill the chart
 * @property {(plot: Plot) => void} draw
 * @property {(index: number) => { name: string, value: string, key?: string }[]} reads what is at a moment
 * @property {number} [tall]
 */

const LEFT = 44;
const RIGHT = 10;
const TOP = 10;
const BOTTOM = 26;

/** @param {Frame} frame */
export const timeChart = frame => {
  const box = el('div', { class: 'chart', tabindex: 0, role: 'img', 'aria-label': `${frame.title}. ${frame.describes}. Arrow keys read single moments.` });
  const tip = el('div', { class: 'tip', hidden: true });
  const spoken = el('p', { class: 'visually-hidden', 'aria-live': 'polite' });
  const figure = el('div', { class: 'chart-frame' }, box, tip, spoken);
  let index = -1;
  let plot = { width: 0, x: (/** @type {number} */ _at) => 0 };
  let cursor = svg('line');

  const draw = (/** @type {number} */ width) => {
    const { layer, x } = axes(frame, box, width);
    cursor = svg('line', { class: 'cursor', y1: TOP, y2: (frame.tall ?? 220) - BOTTOM, visibility: 'hidden' });
    layer.append(cursor);
    plot = { width, x };
  };
  /** @param {number} next */
  const read = next => {
    index = Math.min(frame.at.length - 1, Math.max(0, next));
    const x = plot.x(index);
    cursor.setAttribute('x1', String(x));
    cursor.setAttribute('x2', String(x));
    cursor.setAttribute('visibility', 'visible');
    const rows = frame.reads(index);
    replace(tip, el('strong', {}, moment(frame.at[index])), ...rows.map(({ name, value, key }) =>
      el('span', { class: 'tip-row' }, key && el('i', { class: `key ${key}` }), name, el('b', {}, value))));
    tip.hidden = false;
    const half = tip.offsetWidth / 2;
    tip.style.left = `${Math.min(plot.width - half, Math.max(half, x))}px`;
    return rows;
  };
  const leave = () => {
    tip.hidden = true;
    cursor.setAttribute('visibility', 'hidden');
  };
  box.addEventListener('pointermove', event => {
    const share = (event.clientX - box.getBoundingClientRect().left - LEFT) / (plot.width - LEFT - RIGHT);
    read(Math.round(share * (frame.at.length - 1)));
  });
  box.addEventListener('pointerleave', leave);
  box.addEventListener('blur', leave);
  box.addEventListener('keydown', event => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (!step) return;
    event.preventDefault();
    const rows = read((index < 0 ? frame.at.length - 1 - step : index) + step);
    spoken.textContent = `${moment(frame.at[index])}: ${rows.map(({ name, value }) => `${name} ${value}`).join(', ')}`;
  });
  whenWide(box, draw);
  return figure;
};

/** @param {Frame} frame @param {Element} box @param {number} width */
const axes = (frame, box, width) => {
  const height = frame.tall ?? 220;
  const values = ticks(Math.max(frame.most, frame.least ?? 0));
  const y = linear([0, values[values.length - 1]], [height - BOTTOM, TOP]);
  const last = Math.max(1, frame.at.length - 1);
  const x = linear([0, last], [LEFT, width - RIGHT]);
  const from = frame.at[0];
  const moments = linear([from, frame.at[last] ?? from + 1], [LEFT, width - RIGHT]);
  const layer = svg('g');
  const root = svg('svg', { width, height, viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true' },
    ...values.map(value => svg('g', { class: 'grid' },
      svg('line', { x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value) }),
      svg('text', { x: LEFT - 8, y: y(value) + 4, 'text-anchor': 'end' }, frame.tick(value)))),
    ...timeTicks(from, frame.at[last] ?? from, Math.max(2, Math.floor(width / 90))).map(({ at, text }) =>
      svg('text', { class: 'moment', x: Math.min(width - RIGHT - 14, Math.max(LEFT + 4, moments(at))), y: height - 8, 'text-anchor': 'middle' }, text)),
    layer);
  frame.draw({ layer, x, y, height: height - BOTTOM });
  replace(box, root);
  return { layer, x };
};
