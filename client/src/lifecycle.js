/** What the browser tells of the page's life, handed to each connection. Silent where there is no page. */

/** @typedef {{awake(): void, online(online: boolean): void, leave(mayReturn: boolean): void, back(): void}} Watcher */

/** @type {Set<Watcher>} */
const watchers = new Set();
let listening = false;

const listen = () => {
  const page = /** @type {any} */ (globalThis), { document } = page;
  listening = true;
  /** @param {any} target @param {string} type @param {(watcher: Watcher, event: any) => void} tell */
  const on = (target, type, tell) =>
    target?.addEventListener?.(type, /** @param {any} event */ event => [...watchers].forEach(watcher => tell(watcher, event)));
  on(page, 'pagehide', (watcher, event) => watcher.leave(event.persisted));
  on(page, 'pageshow', (watcher, event) => event.persisted && watcher.back());
  on(page, 'online', watcher => watcher.online(true));
  on(page, 'offline', watcher => watcher.online(false));
  on(document, 'resume', watcher => watcher.awake());
  on(document, 'visibilitychange', watcher => document.hidden || watcher.awake());
};

/**
 * @param {Watcher} watcher
 * @returns {() => void} ends it
 */
export const watch = watcher => {
  if (!listening) listen();
  watchers.add(watcher);
  return () => {
    watchers.delete(watcher);
  };
};
