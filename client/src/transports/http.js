/**
 * What `stream`, `sse` and `poll` have in common: a row of POST requests that carry the downlink, and
 * `send` requests beside them, several at a time and repeated unchanged until they have succeeded.
 * @typedef {import('../link.js').Link} Link
 */
import { address } from '../address.js';
import { join } from '../envelope.js';
import { turn } from '../turn.js';
import { enter, exit } from './gate.js';

const SENDS_MAX = 3, TRIES_MAX = 3, SEND_TIMEOUT = 15000, SEND_AGAIN = 100;

/**
 * Makes a request; gives nothing where it came to nothing.
 * @param {Link} link
 * @param {string} endpoint
 * @param {Uint8Array} body
 * @param {RequestInit} [more]
 */
export const post = (link, endpoint, body, more) => fetch(address(link.owner.url, endpoint, 'http'), {
  method: 'POST',
  body: /** @type {any} */ (body),
  headers: { 'Content-Type': 'text/plain' },
  credentials: 'include',
  cache: 'no-store',
  redirect: 'error',
  ...more,
}).catch(() => undefined);

/** The response if it is ours, and not the page of some portal. @param {Link} link @param {Response | undefined} response */
const ours = (link, response) => {
  const good = response?.status === 200 && /octet|event/.test(`${response.headers.get('content-type')}`);
  link.trace.status = good ? undefined : response?.status;
  if (good) link.note('opened');
  return good && response;
};

/**
 * @param {string} endpoint
 * @param {(response: Response, feed: (chunk: Uint8Array) => void) => Promise<number | void>} read says whether
 * the response is whole, if its end can say so
 */
export const http = (endpoint, read) => /** @param {Link} link */ link => {
  /** @type {Set<() => void>} aborts each `send` that is under way */
  const sending = new Set();
  let downlink = new AbortController(), bodyMax = 0, busy = 0, left = false, over = false;

  const leave = () => {
    if (!link.key) return false;
    left = true;
    downlink.abort();
    return true;
  };

  const down = async () => {
    for (let request = 0, failures = 0, cut = false; ; request++) {
      const resume = link.pause();
      await enter(leave);
      if (link.closed) return exit(leave);
      resume();
      let progress = 0, whole;
      left = link.again = false;
      downlink = new AbortController();
      try {
        const body = request ? link.renew(request, cut) : link.owner.attach(link);
        const response = ours(link, await post(link, endpoint, body, { signal: downlink.signal }));
        if (response) {
          const feed = link.reader();
          whole = await read(response, chunk => {
            progress ||= chunk.length;
            feed(chunk);
          });
        }
      } catch {
        // A response that was cut counts by what it brought, like any other.
      }
      exit(leave);
      if (link.closed) return;
      failures = progress || left ? 0 : failures + 1;
      if (!link.key || failures > 1) return link.fail();
      cut = !(whole || link.again);
      // The application takes what came first, so that the ack can say so.
      await turn();
    }
  };

  /** @param {Uint8Array} body */
  const trySend = async body => {
    for (let tries = 1; !over; tries++) {
      const timeout = new AbortController(), abort = () => timeout.abort(), timer = setTimeout(abort, SEND_TIMEOUT);
      sending.add(abort);
      try {
        const response = await post(link, 'send', body, { signal: timeout.signal });
        if (response?.status === 413 && bodyMax > 2 * link.owner.told.piece) {
          bodyMax /= 2;
          return link.owner.engine.rewind();
        }
        const answer = ours(link, response);
        if (answer) return link.reader(true)(new Uint8Array(await answer.arrayBuffer()));
      } catch {
        // Repeated below: the gateway knows by the numbers what it had already.
      } finally {
        clearTimeout(timer);
        sending.delete(abort);
      }
      if (tries === TRIES_MAX) return link.fail();
      await new Promise(resolve => setTimeout(resolve, SEND_AGAIN * tries));
    }
  };

  /** @param {Uint8Array} bytes */
  const send = async bytes => {
    busy++;
    await trySend(join([link.with(0), bytes]));
    busy--;
    flush();
  };

  const flush = () => {
    bodyMax ||= link.owner.told.body;
    for (let bytes; link.key && busy < SENDS_MAX && (bytes = link.take(bodyMax - 32));) send(bytes);
  };

  down();
  return {
    flush,
    /** @param {boolean} [soft] lets go out what is going out */
    close(soft) {
      downlink.abort();
      exit(leave);
      if (soft) return;
      over = true;
      for (const abort of sending) abort();
    },
  };
};
