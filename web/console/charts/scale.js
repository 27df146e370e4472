/** Scales and ticks. Pure. */

/**
 * A linear map from values to places.
 * @param {[number, number]} domain
 * @param {[number, number]} range
 * @returns {(value: number) => number}
 */
export const linear = ([from, to], [start, end]) => {
  const slope = to === from ? 0 : (end - start) / (to - from);
  return value => start + (value - from) * slope;
};

/**
 * Round values from zero to at least `most`.
 * @param {number} most
 * @param {number} count about how many steps
 */
export const ticks = (most, count = 4) => {
  if (!(most > 0)) return [0, 1];
  const raw = most / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map(times => times * power).find(size => size >= raw - power / 1e6) ?? raw;
  const whole = step < 1 && Number.isInteger(most) && most <= count ? 1 : step;
  const steps = Math.ceil(most / whole - 1e-9);
  return Array.from({ length: steps + 1 }, (_, at) => Number((at * whole).toPrecision(12)));
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY];

/**
 * Round moments of the local clock.
 * @param {number} from
 * @param {number} to
 * @param {number} count at most so many
 * @returns {{ at: number, text: string }[]}
 */
export const timeTicks = (from, to, count) => {
  const step = STEPS.find(size => (to - from) / size <= count) ?? 7 * DAY;
  const offset = new Date(from).getTimezoneOffset() * MINUTE;
  const found = [];
  for (let at = Math.ceil((from - offset) / step) * step + offset; at <= to; at += step) {
    const date = new Date(at);
    const day = { day: /** @type {const} */ ('numeric'), month: /** @type {const} */ ('short') };
    const text = step >= DAY || (date.getHours() === 0 && date.getMinutes() === 0)
      ? date.toLocaleDateString('en-GB', day)
      : date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
    found.push({ at, text });
  }
  return found;
};

const SPANS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 43_200_000, 86_400_000];

/**
 * Round spans from zero to `most` milliseconds.
 * @param {number} most
 * @param {number} count at most so many steps
 */
export const spanTicks = (most, count) => {
  const step = SPANS.find(size => most / size <= count) ?? SPANS[SPANS.length - 1];
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, at) => at * step);
};

/** Where the stretched scale turns from linear to logarithmic, in milliseconds. */
const BEND = 200;

/**
 * A scale of time that gives its beginning more room: the first second of a session decides, and its end may be hours away.
 * @param {number} most
 * @param {[number, number]} range
 */
export const stretched = (most, [start, end]) => {
  const whole = Math.log1p(most / BEND);
  return (/** @type {number} */ value) => start + (whole ? Math.log1p(Math.max(0, value) / BEND) / whole : 0) * (end - start);
};

/** Ticks of the stretched scale. @param {number} most */
export const stretchedTicks = most =>
  [0, 100, 500, 1_000, 3_000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000, 14_400_000, 43_200_000, 86_400_000, 604_800_000].filter(at => at <= most);
