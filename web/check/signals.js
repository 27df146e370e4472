/**
 * What the page itself notices while it is tested: policies, sleep, network changes.
 *
 * It never tests anything and keeps no address beyond the page's origin.
 */

/**
 * @typedef {object} Signals
 * @property {() => Record<string, unknown>} page The `page` of the report.
 * @property {(since: number) => boolean} disturbed Whether timers could not be trusted since then (`performance.now`).
 * @property {() => void} stop
 */

const TICK_MS = 500;
/** A timer that is later than this says that the device slept or the tab was frozen. */
const SLEPT_MS = 5000;
/** A timer that is later than this makes times of the same moment worthless. */
const SLOWED_MS = 400;

/** Whether a function is the browser's own. @type {(value: unknown) => boolean} */
const native = value => /\{\s*\[native code\]\s*\}\s*$/.test(Function.prototype.toString.call(value));

/**
 * @param {Window & typeof globalThis} window
 * @returns {Signals}
 */
export const watch = window => {
  const { document, navigator, performance, location } = window;
  const seen = { csp: /** @type {string | undefined} */ (undefined), slept: false, changed: false, hidden: false };
  let disturbedAt = -Infinity;
  let ticked = performance.now();
  const over = new AbortController();
  /** @type {(target: EventTarget, type: string, listener: (event: any) => void) => void} */
  const on = (target, type, listener) => target.addEventListener(type, listener, { signal: over.signal });
  on(document, 'securitypolicyviolation', event => {
    if (/connect-src|default-src/.test(event.effectiveDirective)) seen.csp ??= event.effectiveDirective;
  });
  for (const type of ['online', 'offline']) on(window, type, () => { seen.changed = true; });
  const hidden = () => {
    if (!document.hidden) return;
    seen.hidden = true;
    disturbedAt = performance.now();
  };
  on(document, 'visibilitychange', hidden);
  hidden();
  const timer = setInterval(() => {
    const now = performance.now();
    const late = now - ticked - TICK_MS;
    if (late > SLEPT_MS) seen.slept = true;
    if (late > SLOWED_MS || document.hidden) disturbedAt = now;
    ticked = now;
  }, TICK_MS);
  return {
    page: () => {
      const requests = /** @type {PerformanceResourceTiming[]} */ (performance.getEntriesByType('resource'));
      const version = requests.find(({ name }) => name.includes('/.towpath/probe/'))?.nextHopProtocol;
      return {
        user_agent: navigator.userAgent,
        origin: location.origin,
        online: navigator.onLine,
        hidden: seen.hidden,
        secure: location.protocol === 'https:',
        native_websocket: native(window.WebSocket),
        csp_directive: seen.csp,
        http_version: version || undefined,
        slept: seen.slept,
        network_changed: seen.changed,
      };
    },
    disturbed: since => disturbedAt >= since || document.hidden,
    stop: () => {
      over.abort();
      clearInterval(timer);
    },
  };
};
