/** What the browser tells of the page's life, handed to each connection. Silent where there is no page. */

/** @typedef {{awake(): void, online(online: boolean): void, moved(): void, leave(mayReturn: boolean): void, back(): void}} Watcher */

/** @type {Set<Watcher> | undefined} */
let watchers;

/** @param {(watcher: Watcher, event: any) => void} tell */
const each = tell => /** @param {any} event */ event => [.../** @type {Set<Watcher>} */ (watchers)].forEach(watcher => tell(watcher, event));

const listen = () => {
  const page = /** @type {any} */ (globalThis), { document } = page;
  /** @param {any} target @param {string} type @param {(watcher: Watcher, event: any) => void} tell */
  const on = (target, type, tell) => target?.addEventListener?.(type, each(tell));
  /** @param {Watcher} watcher */
  const awake = watcher => watcher.awake();
  on(page, 'pagehide', (watcher, event) => watcher.leave(event.persisted));
  on(page, 'pageshow', (watcher, event) => event.persisted && watcher.back());
  on(page, 'online', watcher => watcher.online(true));
  on(page, 'offline', watcher => watcher.online(false));
  on(page.navigator?.connection, 'change', watcher => watcher.moved());
  on(document, 'resume', awake);
  on(document, 'visibilitychange', watcher => document.visibilityState === 'visible' && watcher.awake());
};

/**
 * @param {Watcher} watcher
 * @returns {() => void} ends it
 */
export const watch = watcher => {
  if (!watchers) {
    watchers = new Set();
    listen();
  }
  const all = watchers.add(watcher);
  return () => {
    all.delete(watcher);
  };
};
