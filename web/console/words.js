/** Numbers, times and names in words. Pure. */

/** Transports, the most wanted first, as charts stack them. */
export const TRANSPORTS = ['websocket', 'stream', 'sse', 'poll', 'plain'];

/** @type {Record<string, string>} */
const NAMES = {
  websocket: 'WebSocket',
  stream: 'Streamed response',
  sse: 'Event stream',
  poll: 'Long polling',
  plain: 'Plain WebSocket',
};

/** @param {string} transport */
export const transportName = transport => NAMES[transport] ?? (transport || 'none');

const LOCALE = 'en-GB';

/** @param {number} value */
export const number = value => value.toLocaleString(LOCALE);

/** A share of a whole as percent. @param {number} part @param {number} whole */
export const share = (part, whole) => (whole > 0 ? percent(part / whole) : '–');

/** @param {number} value from 0 to 1 */
export const percent = value => {
  const hundredths = value * 100;
  const digits = hundredths > 0 && hundredths < 10 ? 1 : 0;
  return `${hundredths.toLocaleString(LOCALE, { maximumFractionDigits: digits })}\u202f%`;
};

/** `3 users`, `1 user`. @param {number} count @param {string} one @param {string} [many] */
export const counted = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;

/** A span of time. @param {number} ms */
export const span = ms => {
  const value = Math.max(0, Math.round(ms));
  if (value < 1000) return `${value} ms`;
  if (value < 10_000) return `${(value / 1000).toLocaleString(LOCALE, { maximumFractionDigits: 1 })} s`;
  const seconds = Math.round(value / 1000);
  if (seconds < 60) return `${seconds} s`;
  const two = (/** @type {number} */ big, /** @type {string} */ name, /** @type {number} */ small, /** @type {string} */ less) =>
    small ? `${big} ${name} ${small} ${less}` : `${big} ${name}`;
  if (seconds < 3600) return two(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return two(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const hours = Math.round(minutes / 60);
  return two(Math.floor(hours / 24), 'd', hours % 24, 'h');
};

/** How long ago. @param {number} ms @param {number} now */
export const ago = (ms, now) => (now - ms < 5_000 ? 'just now' : `${coarse(now - ms)} ago`);

/** @param {number} ms */
const coarse = ms => {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129_600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
};

/** A moment, with its day where that is not today's. @param {number} ms @param {number} [now] */
export const moment = (ms, now = Date.now()) => {
  const date = new Date(ms);
  const time = date.toLocaleTimeString(LOCALE, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  const same = date.toDateString() === new Date(now).toDateString();
  return same ? time : `${date.toLocaleDateString(LOCALE, { day: 'numeric', month: 'short' })} ${time}`;
};

/** @param {number} bytes */
export const size = bytes => {
  if (bytes < 1024) return counted(bytes, 'byte');
  const kilo = bytes / 1024;
  const [value, unit] = kilo < 1024 ? [kilo, 'KiB'] : [kilo / 1024, 'MiB'];
  return `${value.toLocaleString(LOCALE, { maximumFractionDigits: value < 10 ? 1 : 0 })} ${unit}`;
};
