/**
 * What the tests stand on: a clock, addresses, bounded waits, and the browser's own ways to connect.
 *
 * It is handed to every test, so that tests of the tests can put their own in place.
 */

/**
 * @typedef {{ outcome: 'passed' }
 *   | { outcome: 'not_opened', after_ms: number, timed_out: boolean, status?: number }
 *   | { outcome: 'cut', code?: number, after_ms: number, bytes: number }
 *   | { outcome: 'silent', waited_ms: number }
 *   | { outcome: 'held_back', late_ms: number }
 *   | { outcome: 'different', detail: string }
 *   | { outcome: 'not_run', reason: string }} Outcome As in the report.
 *
 * @typedef {object} Limit
 * @property {AbortSignal} signal
 * @property {() => boolean} expired Whether the time ran out, and it was not the user who stopped.
 * @property {() => void} end
 *
 * @typedef {object} Tools
 * @property {() => number} now Whole milliseconds since the run began.
 * @property {(name: string, query?: Record<string, string | number>) => URL} url An address below `probe/`.
 * @property {(wait: number) => Limit} within
 * @property {(wait: number) => Promise<void>} pause Ends early where the user stops.
 * @property {boolean} stopped Whether the user stopped.
 * @property {(signal: AbortSignal) => void} stopBy By what the user stops from now on.
 * @property {(since: number) => boolean} disturbed Whether timers could not be trusted since then.
 * @property {typeof fetch} fetch
 * @property {typeof WebSocket} WebSocket
 */

/**
 * @param {object} given
 * @param {URL} given.base The folder `/.towpath/`.
 * @param {string} given.attempt The id that all requests of the run carry.
 * @param {import('./signals.js').Signals} given.signals
 * @param {Window & typeof globalThis} given.window
 * @returns {Tools}
 */
export const tools = ({ base, attempt, signals, window }) => {
  const start = window.performance.now();
  let stopped = new AbortController().signal;
  /** @type {Tools} */
  const made = {
    now: () => Math.round(window.performance.now() - start),
    url: (name, query = {}) => {
      const url = new URL(`probe/${name}`, base);
      for (const [key, value] of Object.entries({ attempt, ...query })) url.searchParams.set(key, String(value));
      if (name === 'websocket') url.protocol = url.protocol.replace('http', 'ws');
      return url;
    },
    within: wait => {
      const over = new AbortController();
      const by = stopped;
      let expired = false;
      const stop = () => over.abort();
      const timer = setTimeout(() => {
        expired = true;
        over.abort();
      }, wait);
      by.addEventListener('abort', stop);
      if (by.aborted) stop();
      return {
        signal: over.signal,
        expired: () => expired,
        end: () => {
          clearTimeout(timer);
          by.removeEventListener('abort', stop);
        },
      };
    },
    pause: async wait => {
      const { signal, end } = made.within(wait);
      await new Promise(resolve => {
        signal.addEventListener('abort', resolve);
        if (signal.aborted) resolve(undefined);
      });
      end();
    },
    get stopped() {
      return stopped.aborted;
    },
    stopBy: signal => {
      stopped = signal;
    },
    disturbed: since => signals.disturbed(start + since),
    fetch: window.fetch.bind(window),
    WebSocket: window.WebSocket,
  };
  return made;
};
