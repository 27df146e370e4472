/**
 * Responses that arrive piece by piece: a plain stream and an event stream.
 *
 * Both are read with `fetch`, as the client of the carriage does.
 */
import { BEATS } from '../plan.js';
import { allowance, heldBack, lateness } from '../patience.js';
import { undisturbed } from './sockets.js';

/**
 * @typedef {import('../tools.js').Tools} Tools
 * @typedef {import('../tools.js').Outcome} Outcome
 * @typedef {import('../patience.js').Waits} Waits
 * @typedef {{ sent: number, came: number }} Part
 * @typedef {{ opened: number, bytes: number, ended: boolean, waiting: boolean, status?: number, parts: Part[] }} Read
 */

/** `n ms` with or without the prefix of an event, padded or not. */
const LINE = /^(?:data: ?)?(\d+) (\d+) *$/;

/**
 * Takes lines out of a growing text and notes when each came.
 * @param {Tools} tools
 * @param {Read} read
 */
const reader = (tools, read) => {
  const decoder = new TextDecoder();
  let rest = '';
  /** @param {Uint8Array} chunk */
  return chunk => {
    read.bytes += chunk.length;
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const sent = LINE.exec(line)?.[2];
      if (sent) read.parts.push({ sent: Number(sent), came: tools.now() });
    }
  };
};

/**
 * Reads a whole response; `wait` is allowed for its head and again for each piece.
 * @param {Tools} tools
 * @param {URL} url
 * @param {{ open: number, piece: number, options?: RequestInit }} waits
 */
const readAll = async (tools, url, { open, piece, options }) => {
  /** @type {Read} */
  const read = { opened: -1, bytes: 0, ended: false, waiting: false, parts: [] };
  const over = new AbortController();
  const step = async (/** @type {number} */ wait, /** @type {Promise<any>} */ work) => {
    const limit = tools.within(wait);
    limit.signal.addEventListener('abort', () => over.abort());
    try {
      return await work;
    } finally {
      read.waiting = limit.expired();
      limit.end();
    }
  };
  try {
    const response = await step(open, tools.fetch(url, { cache: 'no-store', redirect: 'manual', signal: over.signal, ...options }));
    read.opened = tools.now();
    read.status = response.status;
    const feed = reader(tools, read);
    const body = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
    if (read.status === 200) for (let got; !(got = await step(piece, body.read())).done;) feed(got.value);
    read.ended = true;
  } catch {
    // What is missing from `read` is the result.
  } finally {
    over.abort();
  }
  return read;
};

/**
 * @param {Read} read
 * @param {number} count Lines that should have come.
 * @param {{ began: number, now: number, piece: number }} times
 * @returns {Outcome | undefined} Nothing where all came.
 */
const missing = (read, count, { began, now, piece }) => {
  if (read.opened < 0) return { outcome: 'not_opened', after_ms: now - began, timed_out: read.waiting };
  if (read.status !== 200) return { outcome: 'not_opened', after_ms: read.opened - began, timed_out: false, status: read.status || undefined };
  if (read.parts.length >= count) return undefined;
  if (read.ended && read.bytes && !read.parts.length) return { outcome: 'different', detail: 'another answer than the stream' };
  if (read.waiting) return { outcome: 'silent', waited_ms: piece };
  return { outcome: 'cut', after_ms: now - read.opened, bytes: read.bytes };
};

/**
 * One small piece a beat: whether they come one by one.
 * @param {Tools} tools
 * @param {Waits} waits
 * @param {'stream' | 'sse'} name
 * @param {number} beat In milliseconds.
 * @returns {Promise<{ outcome: Outcome, late: number, allowed: number }>}
 */
export const beats = async (tools, waits, name, beat) => {
  const began = tools.now();
  const span = beat * (BEATS - 1);
  const options = name === 'sse' ? { headers: { accept: 'text/event-stream' } } : { method: 'POST' };
  // A hop that holds the head back as well gives it at the end, so the head may take the whole length.
  const piece = waits.answer + span;
  const read = await readAll(tools, tools.url(name, { count: BEATS, beat }), { open: waits.open + span, piece, options });
  const late = lateness(read.parts);
  const outcome = missing(read, BEATS, { began, now: tools.now(), piece })
    ?? (heldBack(read.parts, span, waits) ? { outcome: 'held_back', late_ms: late } : { outcome: 'passed' });
  return { outcome: undisturbed(tools, began, outcome), late, allowed: allowance(span, waits) };
};

/**
 * A long silence before the last piece.
 * @param {Tools} tools
 * @param {Waits} waits
 * @param {number} idle In milliseconds.
 * @returns {Promise<Outcome>}
 */
export const idle = async (tools, waits, idle) => {
  const began = tools.now();
  const piece = idle + waits.answer;
  // Also the head may come only at the end, where a hop holds answers back.
  const url = tools.url('stream', { count: 2, beat: 0, idle });
  const read = await readAll(tools, url, { open: waits.open + idle, piece, options: { method: 'POST' } });
  return missing(read, 2, { began, now: tools.now(), piece }) ?? { outcome: 'passed' };
};
