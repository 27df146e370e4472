/**
 * How long to wait for what, from how long ordinary requests took here. Pure.
 *
 * A slow network must not look like a broken one, and a fast one must not be waited for. Every wait has an upper limit.
 */

/**
 * @typedef {object} Waits In milliseconds.
 * @property {number} open Until a WebSocket is open or a response begins.
 * @property {number} answer Until a small message is answered.
 * @property {number} late By how much a part may be late before it counts as held back, besides its share of the span.
 */

/** How long an ordinary request may take before there is no connection at all. */
export const CONTROL_MS = 15_000;

const OPEN_MS = { least: 3000, most: 20_000 };
const ANSWER_MS = { least: 3000, most: 15_000 };
/** A transfer is left out where it would take longer than this, as told by a smaller one. */
const TRANSFER_WORTH_MS = 6000;
const TRANSFER_MOST_MS = 40_000;

/** @type {(value: number, range: { least: number, most: number }) => number} */
const within = (value, { least, most }) => Math.round(Math.min(most, Math.max(least, value)));

/**
 * A WebSocket needs a new connection: about four round trips with TLS, each of which may be repeated once.
 * @param {number} first How long the first request took, its connection included.
 * @param {number} again How long the second took, over the same connection.
 * @returns {Waits}
 */
export const waits = (first, again) => ({
  open: within(2000 + Math.max(10 * again, 3 * first), OPEN_MS),
  answer: within(2000 + 8 * again, ANSWER_MS),
  late: Math.round(300 + 2 * again),
});

/**
 * How long a transfer may take, or nothing where it is not worth waiting for.
 * @param {number} bytes How much is sent.
 * @param {{ bytes: number, elapsed: number } | undefined} smaller What a smaller transfer took.
 * @param {Waits} waits
 * @returns {number | undefined}
 */
export const transfer = (bytes, smaller, waits) => {
  if (!smaller) return within(waits.answer * 2, { least: waits.answer, most: TRANSFER_MOST_MS });
  const expected = smaller.elapsed * (bytes / smaller.bytes);
  // Most of a short transfer is round trips, so the estimate is too long rather than too short.
  if (expected > TRANSFER_WORTH_MS && smaller.elapsed > 1000) return undefined;
  return within(waits.answer + 4 * expected, { least: waits.answer, most: TRANSFER_MOST_MS });
};

/**
 * How late the latest part came, compared with the most punctual one: clocks need not agree.
 * @param {{ sent: number, came: number }[]} parts Times at the sender and here.
 */
export const lateness = parts => {
  const delays = parts.map(({ sent, came }) => came - sent);
  return delays.length ? Math.round(Math.max(...delays) - Math.min(...delays)) : 0;
};

/** How late a part may be before it counts as held back. @type {(span: number, waits: Waits) => number} */
export const allowance = (span, waits) => Math.round(Math.max(waits.late, 0.6 * span));

/**
 * Whether parts were held back: the latest is late by most of the span, and several came in the same moment.
 * @param {{ sent: number, came: number }[]} parts
 * @param {number} span From the first to the last, at the sender.
 * @param {Waits} waits
 */
export const heldBack = (parts, span, waits) => {
  const clump = Math.max(...parts.map(one => parts.filter(other => Math.abs(other.came - one.came) < 50).length));
  return lateness(parts) > allowance(span, waits) && clump * 2 > parts.length;
};
