/**
 * What `stream`, `sse` and `poll` have in common: a row of POST requests that carry the downlink, and
 * `send` requests beside them, several at a time and repeated unchanged until they have succeeded.
 * @typedef {import('../link.js').Link} Link
 */
import { WITH, envelope, join } from '../envelope.js';
import { turn } from '../turn.js';

const SENDS_MAX = 3, TRIES_MAX = 3, SEND_TIMEOUT = 15000, SEND_AGAIN = 100;

/**
 * @param {Link} link
 * @param {string} endpoint
 * @param {Uint8Array} body
 * @param {RequestInit} [more]
 */
export const post = (link, endpoint, body, more) => {
  const { href, headers } = link.request(endpoint);
  return fetch(href, { method: 'POST', body: /** @type {any} */ (body), headers, credentials: 'include', cache: 'no-store', redirect: 'error', ...more });
};

/**
 * @param {string} endpoint
 * @param {(response: Response, feed: (chunk: Uint8Array) => void) => Promise<void>} read
 */
export const http = (endpoint, read) => /** @param {Link} link */ link => {
  const downlink = new AbortController(), uplink = new AbortController();
  let bodyMax = 0, busy = 0;

  const down = async () => {
    let body = link.attach();
    for (let request = 1, failures = 0; !link.closed; request++) {
      let progress = false;
      try {
        const response = await post(link, endpoint, body, { signal: downlink.signal });
        if (response.status === 200) {
          const feed = link.reader();
          await read(response, chunk => {
            progress ||= chunk.length > 0;
            feed(chunk);
          });
        }
      } catch {
        // A response that was cut counts by what it brought, like any other.
      }
      if (link.closed) return;
      failures = progress ? 0 : failures + 1;
      if (!link.key || failures > 1) return link.fail();
      // The application takes what came first, so that the ack can say so.
      await turn();
      body = link.renew(request);
    }
  };

  /** @param {Uint8Array} body */
  const send = async body => {
    for (let tries = 1; !uplink.signal.aborted; tries++) {
      const timeout = new AbortController(), abort = () => timeout.abort();
      const timer = setTimeout(abort, SEND_TIMEOUT);
      uplink.signal.addEventListener('abort', abort);
      try {
        const response = await post(link, 'send', body, { signal: timeout.signal });
        if (response.status === 413 && bodyMax > 2 * link.owner.piece) {
          bodyMax /= 2;
          link.owner.session.rewind();
          return;
        }
        if (response.status === 200) return link.reader()(new Uint8Array(await response.arrayBuffer()));
      } catch {
        // Repeated below: the gateway knows by the numbers what it had already.
      } finally {
        clearTimeout(timer);
        uplink.signal.removeEventListener('abort', abort);
      }
      if (tries === TRIES_MAX) return link.fail();
      await new Promise(resolve => setTimeout(resolve, SEND_AGAIN * tries));
    }
  };

  const flush = () => {
    bodyMax ||= link.owner.body;
    for (let bytes; link.key && busy < SENDS_MAX && (bytes = link.take(bodyMax - 32));) {
      busy++;
      send(join([envelope(WITH, link.key, [0]), bytes])).then(() => {
        busy--;
        flush();
      });
    }
  };

  down();
  return {
    flush,
    /** @param {boolean} [soft] lets go out what is going out */
    close(soft) {
      downlink.abort();
      if (!soft) uplink.abort();
    },
  };
};
