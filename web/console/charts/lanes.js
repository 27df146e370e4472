/** One session's timeline: lanes of page and gateway on one axis. */
import { el, replace, svg, whenWide } from '../dom.js';
import { timeline, wantsStretching } from '../timeline.js';
import { span } from '../words.js';
import { linear, spanTicks, stretched, stretchedTicks } from './scale.js';

/** @typedef {import('../timeline.js').Bar} Bar */
/** @typedef {import('../timeline.js').Lane} Lane */

const ROW = 30;
const BAR = 14;
const TOP = 30;
const RIGHT = 16;
const NARROW = 560;

/**
 * @param {Record<string, any>[]} observations
 * @param {(bar: Bar, lane: Lane) => void} picked
 * @returns {{ node: HTMLElement, show: (id: number) => void }} `show` marks one observation
 */
export const lanesChart = (observations, picked) => {
  const { lanes, most } = timeline(observations);
  const box = el('div', { class: 'chart lanes' });
  const even = el('button', { class: 'button button-small', type: 'button' });
  let stretch = wantsStretching(lanes, most);
  let width = 0;
  let chosen = -1;
  /** @type {Map<number, SVGElement>} */
  const groups = new Map();

  const mark = () => groups.forEach((group, id) => group.classList.toggle('chosen', id === chosen));
  /** @param {Bar} bar @param {Lane} lane */
  const pick = (bar, lane) => {
    chosen = bar.id;
    mark();
    picked(bar, lane);
  };
  const draw = () => {
    even.textContent = stretch ? 'Even scale' : 'Stretch the beginning';
    even.setAttribute('aria-pressed', String(stretch));
    groups.clear();
    replace(box, chart(lanes, most, width, stretch, (bar, lane, group) => {
      groups.set(bar.id, group);
      group.addEventListener('click', () => pick(bar, lane));
      group.addEventListener('focus', () => pick(bar, lane));
      group.addEventListener('pointerenter', () => pick(bar, lane));
    }));
    mark();
  };
  even.addEventListener('click', () => {
    stretch = !stretch;
    draw();
  });
  whenWide(box, now => {
    width = now;
    draw();
  });
  return {
    node: el('div', { class: 'stack' }, el('div', { class: 'row row-spread' }, key(), even), box),
    show: id => {
      chosen = id;
      mark();
      groups.get(id)?.scrollIntoView({ block: 'nearest' });
    },
  };
};

/**
 * @param {Lane[]} lanes
 * @param {number} most
 * @param {number} width
 * @param {boolean} stretch
 * @param {(bar: Bar, lane: Lane, group: SVGElement) => void} each
 */
const chart = (lanes, most, width, stretch, each) => {
  const narrow = width < NARROW;
  // On a narrow screen names stand above their bars, since beside them there would be no room.
  const left = narrow ? 8 : 204;
  const row = narrow ? ROW + 16 : ROW;
  const range = /** @type {[number, number]} */ ([left, width - RIGHT]);
  const x = stretch ? stretched(most, range) : linear([0, most], range);
  const height = TOP + lanes.length * row + 8;
  return svg('svg', { width, height, viewBox: `0 0 ${width} ${height}`, role: 'group', 'aria-label': `Timeline of ${span(most)}; page and gateway on one axis` },
    ...spaced(stretch ? stretchedTicks(most) : spanTicks(most, Math.max(2, Math.floor((width - left) / 80))), x).map(at =>
      svg('g', { class: 'grid' },
        svg('line', { x1: x(at), x2: x(at), y1: TOP - 6, y2: height }),
        svg('text', { x: x(at), y: 14, 'text-anchor': at === 0 ? 'start' : x(at) > width - 50 ? 'end' : 'middle' }, span(at)))),
    ...lanes.map((lane, at) => {
      const y = TOP + at * row;
      const middle = y + row - ROW / 2;
      return svg('g', { class: `lane lane-${lane.side}` },
        svg('rect', { class: 'ground', x: 0, y, width, height: row - 2, rx: 4 }),
        svg('text', { class: 'side', x: 8, y: narrow ? y + 14 : middle + 4 }, lane.side),
        svg('text', { class: 'name', x: 74, y: narrow ? y + 14 : middle + 4 }, lane.name),
        ...lane.bars.map(bar => {
          const next = Math.min(...lane.bars.filter(other => other.from > bar.from).map(other => x(other.from) - 8), width - RIGHT);
          const before = Math.max(...lane.bars.filter(other => other.from < bar.from).map(other => x(other.to) + 8), left);
          const group = shape(bar, lane, x, middle, [before, next]);
          each(bar, lane, group);
          return group;
        }));
    }));
};

/** Ticks that do not run into one another. @param {number[]} all @param {(value: number) => number} x */
const spaced = (all, x) => {
  let last = -Infinity;
  return all.filter(at => {
    const free = x(at) - last >= 58;
    if (free) last = x(at);
    return free;
  });
};

/**
 * @param {Bar} bar
 * @param {Lane} lane
 * @param {(value: number) => number} x
 * @param {number} middle
 * @param {[number, number]} free from where the one before ends to where the next begins
 */
const shape = (bar, lane, x, middle, [left, right]) => {
  const from = x(bar.from);
  const to = Math.max(x(bar.to), from + 3);
  const label = `${lane.side}: ${bar.title}, from ${span(bar.from)}${bar.tick ? '' : ` to ${span(bar.to)}`}: ${bar.says}`;
  const room = right - to;
  const text = bar.tick ? '' : bar.end;
  const worked = bar.state === 'bad' && !bar.tick && bar.marks.some(({ kind }) => kind === 'proven') && to - from > 3 * BAR;
  const wide = text.length * 6.4 + 10;
  const inside = room < wide && to - from > wide;
  return svg('g', { class: `bar bar-${bar.state}`, tabindex: 0, role: 'img', 'aria-label': label },
    bar.tick
      ? svg('path', { class: 'tick', d: `M${from},${middle - 9}V${middle + 9}m-4,-18h8` })
      : svg('rect', { class: 'body', x: from, y: middle - BAR / 2, width: to - from, height: BAR, rx: 3 }),
    // What carried data for a while was good until its end.
    worked && svg('rect', { class: 'worked', x: from, y: middle - BAR / 2, width: Math.max(0, to - from - BAR), height: BAR, rx: 3 }),
    ...bar.marks.map(({ at, kind }) => (kind === 'opened'
      ? svg('line', { class: 'opened', x1: x(at), x2: x(at), y1: middle - BAR / 2, y2: middle + BAR / 2 })
      : svg('circle', { class: 'proven', cx: x(at), cy: middle, r: 4 }))),
    bar.state === 'bad' && !bar.tick && to - from >= BAR && svg('path', { class: 'cross', d: `M${to - BAR / 2 - 3.5},${middle - 3.5}l7,7m0,-7l-7,7` }),
    told(text, middle, room >= wide ? [to + 9, 'start'] : inside ? [to - BAR - 6, 'end', 'end-inside'] : from - left > wide ? [from - 9, 'end'] : undefined),
    svg('rect', { class: 'hit', x: from - 6, y: middle - ROW / 2, width: to - from + 12, height: ROW }));
};

/**
 * How a bar ended, where there is room to say it.
 * @param {string} text
 * @param {number} middle
 * @param {[x: number, anchor: string, look?: string] | undefined} place
 */
const told = (text, middle, place) => {
  if (!text || !place) return null;
  const [x, anchor, look = 'end'] = place;
  return svg('text', { class: look, x, y: middle + 4, 'text-anchor': anchor }, text);
};

const key = () => {
  const sample = (/** @type {string} */ state, /** @type {import('../dom.js').Child[]} */ ...shapes) =>
    svg('svg', { width: 26, height: 16, class: `bar bar-${state}`, 'aria-hidden': 'true' }, ...shapes);
  const body = () => svg('rect', { class: 'body', x: 1, y: 2, width: 24, height: 12, rx: 3 });
  return el('ul', { class: 'legend' },
    el('li', {}, sample('good', svg('path', { class: 'tick', d: 'M13,0V16m-4,-16h8' })), 'request arrived'),
    el('li', {}, sample('idle', body(), svg('line', { class: 'opened', x1: 13, x2: 13, y1: 2, y2: 14 })), 'opened'),
    el('li', {}, sample('idle', body(), svg('circle', { class: 'proven', cx: 13, cy: 8, r: 4 })), 'data came'),
    el('li', {}, sample('live', body()), 'lives'),
    el('li', {}, sample('good', body()), 'ended in order'),
    el('li', {}, sample('idle', body()), 'given up'),
    el('li', {}, sample('bad', body(), svg('path', { class: 'cross', d: 'M9,4l8,8m0,-8l-8,8' })), 'failed'));
};
