/** How old connections were when they ended, and how long they had been silent: limits of hops show as columns of dots. */
import { el, replace, svg, table, whenWide } from '../dom.js';
import { ending } from '../facts.js';
import { TRANSPORTS, span, transportName } from '../words.js';
import { keyOf } from './transports.js';
import { stretched, stretchedTicks } from './scale.js';

const CUT = new Set(['end_of_stream', 'reset', 'silent']);
const LEFT = 64;
const RIGHT = 16;
const HEIGHT = 240;
const BOTTOM = 40;
const ROOM = 1.6;

/** @param {any[]} ends */
export const endsChart = ends => {
  const box = el('div', { class: 'chart' });
  const tip = el('p', { class: 'soft', 'aria-live': 'polite' }, 'Each dot is a connection that ended. A row or column of crosses at one time is a limit of somebody’s.');
  whenWide(box, width => replace(box, chart(ends, width, text => (tip.textContent = text))));
  return el('div', { class: 'stack' }, key(ends), box, tip,
    el('details', {}, el('summary', {}, 'As a table'), table('Ends', ['Client', 'Transport', 'Age', 'Silent', 'End'],
      ends.slice().reverse().map(({ client, attachment }) => [`no. ${client}`, transportName(attachment.transport), span(attachment.age_ms), span(quiet(attachment)), ending({ fact: 'attachment', ...attachment })]))));
};

/** @param {any[]} ends */
const key = ends => el('ul', { class: 'legend' },
  ...TRANSPORTS.filter(name => ends.some(({ attachment }) => attachment.transport === name && !CUT.has(attachment.end.end))).map(name =>
    el('li', {}, el('i', { class: `key key-round ${keyOf(name)}` }), `${transportName(name)}, closed in order`)),
  el('li', {}, svg('svg', { width: 12, height: 12, class: 'end-dot', 'aria-hidden': 'true' }, svg('path', { d: 'M2,2l8,8m0,-8l-8,8' })), 'cut on the way'));

/** @param {any} attachment */
const quiet = attachment => Math.min(attachment.silent_up_ms, attachment.silent_down_ms);

/** @param {any[]} ends @param {number} width @param {(text: string) => void} says */
const chart = (ends, width, says) => {
  const most = Math.max(1_000, ...ends.map(({ attachment }) => attachment.age_ms));
  const quietest = Math.max(1_000, ...ends.map(({ attachment }) => quiet(attachment)));
  // A little room beyond the outermost, where a limit would show.
  const x = stretched(most * ROOM, [LEFT, width - RIGHT]);
  const y = stretched(quietest * ROOM, [HEIGHT - BOTTOM, 12]);
  const apart = (/** @type {number[]} */ all, /** @type {(value: number) => number} */ at, /** @type {number} */ least) => {
    let last = NaN;
    return all.filter(value => {
      const free = !(Math.abs(at(value) - last) < least);
      if (free) last = at(value);
      return free;
    });
  };
  return svg('svg', { width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, role: 'group', 'aria-label': 'Ends of connections by age and by silence' },
    ...apart(stretchedTicks(most * ROOM), x, 60).map(at => svg('g', { class: 'grid' },
      svg('line', { x1: x(at), x2: x(at), y1: 12, y2: HEIGHT - BOTTOM }),
      svg('text', { x: x(at), y: HEIGHT - BOTTOM + 16, 'text-anchor': 'middle' }, span(at)))),
    ...apart(stretchedTicks(quietest * ROOM), y, 24).map(at => svg('g', { class: 'grid' },
      svg('line', { x1: LEFT, x2: width - RIGHT, y1: y(at), y2: y(at) }),
      svg('text', { x: LEFT - 8, y: y(at) + 4, 'text-anchor': 'end' }, span(at)))),
    svg('text', { class: 'axis', x: width - RIGHT, y: HEIGHT - 6, 'text-anchor': 'end' }, 'age at its end →'),
    svg('text', { class: 'axis', x: 4, y: HEIGHT - 6 }, '↑ silent before its end'),
    ...ends.map(({ attachment }) => {
      const text = `${transportName(attachment.transport)}, ${span(attachment.age_ms)} old, silent for ${span(quiet(attachment))}: ${ending({ fact: 'attachment', ...attachment })}`;
      const [cx, cy] = [x(attachment.age_ms), y(quiet(attachment))];
      const cut = CUT.has(attachment.end.end);
      return svg('g', { class: `end-dot ${cut ? 'cut' : keyOf(attachment.transport)}`, tabindex: 0, role: 'img', 'aria-label': text, pointerenter: () => says(text), focus: () => says(text) },
        cut ? svg('path', { d: `M${cx - 4},${cy - 4}l8,8m0,-8l-8,8` }) : svg('circle', { cx, cy, r: 4 }));
    }));
};
