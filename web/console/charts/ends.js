/** How old connections were when they ended, and how long they had been silent: limits of hops show as columns of dots. */
import { el, replace, svg, table } from '../dom.js';
import { ending } from '../facts.js';
import { span, transportName } from '../words.js';
import { keyOf } from './transports.js';
import { stretched, stretchedTicks } from './scale.js';

const CUT = new Set(['end_of_stream', 'reset', 'silent']);
const LEFT = 64;
const RIGHT = 16;
const HEIGHT = 240;
const BOTTOM = 40;

/** @param {any[]} ends */
export const endsChart = ends => {
  const box = el('div', { class: 'chart' });
  const tip = el('p', { class: 'soft', 'aria-live': 'polite' }, 'Each dot is a connection that ended. A row or column of crosses at one time is a limit of somebody’s.');
  let width = 0;
  new ResizeObserver(() => {
    if (!box.clientWidth || box.clientWidth === width) return;
    width = box.clientWidth;
    replace(box, chart(ends, width, text => (tip.textContent = text)));
  }).observe(box);
  return el('div', { class: 'stack' }, box, tip,
    el('details', {}, el('summary', {}, 'As a table'), table('Ends', ['Client', 'Transport', 'Age', 'Silent', 'End'],
      ends.slice().reverse().map(({ client, attachment }) => [`no. ${client}`, transportName(attachment.transport), span(attachment.age_ms), span(quiet(attachment)), ending({ fact: 'attachment', ...attachment })]))));
};

/** @param {any} attachment */
const quiet = attachment => Math.min(attachment.silent_up_ms, attachment.silent_down_ms);

/** @param {any[]} ends @param {number} width @param {(text: string) => void} says */
const chart = (ends, width, says) => {
  const most = Math.max(1_000, ...ends.map(({ attachment }) => attachment.age_ms));
  const quietest = Math.max(1_000, ...ends.map(({ attachment }) => quiet(attachment)));
  const x = stretched(most, [LEFT, width - RIGHT]);
  const y = stretched(quietest, [HEIGHT - BOTTOM, 12]);
  const apart = (/** @type {number[]} */ all, /** @type {(value: number) => number} */ at, /** @type {number} */ least) => {
    let last = NaN;
    return all.filter(value => {
      const free = !(Math.abs(at(value) - last) < least);
      if (free) last = at(value);
      return free;
    });
  };
  return svg('svg', { width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, role: 'group', 'aria-label': 'Ends of connections by age and by silence' },
    ...apart(stretchedTicks(most), x, 60).map(at => svg('g', { class: 'grid' },
      svg('line', { x1: x(at), x2: x(at), y1: 12, y2: HEIGHT - BOTTOM }),
      svg('text', { x: x(at), y: HEIGHT - BOTTOM + 16, 'text-anchor': 'middle' }, span(at)))),
    ...apart(stretchedTicks(quietest), y, 24).map(at => svg('g', { class: 'grid' },
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
