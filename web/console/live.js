/** Live updates over Towpath's own client: whatever transport this network lets through. */
// @ts-ignore: where it stands on the server is no place on the disk.
import { TowpathWebSocket } from '/.towpath/towpath.js';

/** @typedef {{ state: 'connecting' | 'live' | 'lost', transport: string, since: number }} Link */

/** What the server closes with when the login is over. */
const LOGIN_IS_OVER = 4401;

const AGAIN_MS = 5_000;

/**
 * Follows what is new, and comes back when the link was lost.
 * @param {(message: any) => void} told
 * @param {(link: Link) => void} changed
 */
export const follow = (told, changed) => {
  let last = Date.now();
  /** @param {Link['state']} state @param {string} [transport] */
  const say = (state, transport = '') => changed({ state, transport, since: last });
  const start = () => {
    const socket = new TowpathWebSocket('/live');
    say('connecting');
    const report = () => say(socket.state === 'connected' ? 'live' : 'lost', socket.transport);
    for (const type of ['open', 'transportchange', 'reconnecting', 'recovered']) socket.addEventListener(type, report);
    socket.addEventListener('message', (/** @type {MessageEvent} */ event) => {
      last = Date.now();
      told(JSON.parse(event.data));
    });
    socket.addEventListener('close', (/** @type {CloseEvent} */ event) => {
      if (event.code === LOGIN_IS_OVER) return location.reload();
      say('lost');
      setTimeout(async () => {
        // A gateway that was started anew knows no login of before.
        const known = await fetch('/', { method: 'HEAD' }).catch(() => undefined);
        if (known?.status === 401) location.reload();
        else start();
      }, AGAIN_MS);
    });
  };
  start();
};
