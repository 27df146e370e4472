/** From counts to the shapes of a stacked area and of a line. Pure. */

/** @typedef {{ at: number, transport: string, open: number, used: number, first: number, fallback: number, cut: number }} Count */

/**
 * Every moment once, with each transport's counts; what was not counted is zero.
 * @param {Count[]} series `at` in milliseconds
 * @param {number} from
 * @param {number} to
 * @param {number} step in milliseconds
 * @param {string[]} transports
 */
export const moments = (series, from, to, step, transports) => {
  const first = Math.floor(from / step) * step;
  const length = Math.max(1, Math.floor((to - first) / step) + 1);
  const all = Array.from({ length }, (_, index) => ({
    at: first + index * step,
    open: transports.map(() => 0),
    used: 0,
    fallback: 0,
    cut: 0,
  }));
  for (const count of series) {
    const slot = all[Math.floor((count.at - first) / step)];
    const index = transports.indexOf(count.transport);
    if (!slot || index < 0) continue;
    slot.open[index] = Math.max(slot.open[index], count.open);
    slot.cut += count.cut;
    if (count.transport === 'plain') continue;
    slot.used += count.used;
    slot.fallback += count.fallback;
  }
  return all;
};

/**
 * Layers on top of one another.
 * @param {number[][]} rows per moment a value per layer
 * @returns {[number, number][][]} per layer, per moment: lower and upper edge
 */
export const stack = rows => {
  const layers = rows[0]?.length ?? 0;
  return Array.from({ length: layers }, (_, layer) =>
    rows.map(row => {
      const lower = row.slice(0, layer).reduce((sum, value) => sum + value, 0);
      return /** @type {[number, number]} */ ([lower, lower + row[layer]]);
    }));
};

/** @param {number} value */
const place = value => value.toFixed(1).replace(/\.0$/, '');

/**
 * The outline between two edges.
 * @param {[number, number][]} band
 * @param {(index: number) => number} x
 * @param {(value: number) => number} y
 */
export const area = (band, x, y) => {
  if (!band.length) return '';
  const upper = band.map(([, value], at) => `${place(x(at))},${place(y(value))}`);
  const lower = band.map(([value], at) => `${place(x(at))},${place(y(value))}`).reverse();
  return `M${[...upper, ...lower].join('L')}Z`;
};

/**
 * A line that is broken where there is no value.
 * @param {(number | undefined)[]} values
 * @param {(index: number) => number} x
 * @param {(value: number) => number} y
 */
export const line = (values, x, y) => {
  let path = '';
  let pen = false;
  values.forEach((value, at) => {
    if (value !== undefined) path += `${pen ? 'L' : 'M'}${place(x(at))},${place(y(value))}`;
    pen = value !== undefined;
  });
  return path;
};

/** The share of attachments that came after a better transport had failed; nothing where there were none. @param {{ used: number, fallback: number }} of */
export const fallbackRate = ({ used, fallback }) => (used > 0 ? Math.min(1, fallback / used) : undefined);
