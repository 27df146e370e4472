/** What the browser tells of the page's life, handed to each connection. Silent where there is no page. */

/**
 * @typedef {object} Watcher
 * @property {() => void} awake the page is shown again, or the device woke up
 * @property {(online: boolean) => void} online
 * @property {(mayReturn: boolean) => void} leave
 * @property {() => void} back
 * @property {(event: any) => void} forbidden a content security policy was violated
 */

/** @type {Set<Watcher>} those that are told; each puts itself in and takes itself out */
export const watchers = new Set();

/** The window hears of its document's events as well. @param {string} type @param {(watcher: Watcher, event: any) => void} tell */
const on = (type, tell) =>
  globalThis.addEventListener?.(type, event => [...watchers].forEach(watcher => tell(watcher, event)), true);

on('pagehide', (watcher, event) => watcher.leave(event.persisted));
on('pageshow', (watcher, event) => event.persisted && watcher.back());
on('online', watcher => watcher.online(true));
on('offline', watcher => watcher.online(false));
on('resume', watcher => watcher.awake());
on('visibilitychange', watcher => document.hidden || watcher.awake());
on('securitypolicyviolation', (watcher, event) => watcher.forbidden(event));
