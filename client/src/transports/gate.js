/**
 * Over HTTP/1.1 a browser has six connections to a host for all that a page does. Downlinks that are held open
 * must leave some of them to what goes up, so that sessions beyond that number take turns.
 */

const HELD_MAX = 4, TURN = 200;

/** @typedef {() => boolean} Leave ends a held downlink, which may then come back, or says that it cannot */

/** @type {Set<Leave>} */
const held = new Set();
/** @type {(() => void)[]} */
const queue = [];
/** @type {any} */
let timer;

const admit = () => {
  while (queue.length && held.size < HELD_MAX) /** @type {() => void} */ (queue.shift())();
  if (queue.length && !timer)
    timer = setTimeout(() => {
      timer = undefined;
      // Each that may leave goes behind those that wait.
      [...held].some(leave => leave());
      admit();
    }, TURN);
};

/** Waits for a place. @param {Leave} leave */
export const enter = leave => new Promise(resolve => {
  queue.push(() => resolve(held.add(leave)));
  admit();
});

/** @param {Leave} leave */
export const exit = leave => {
  held.delete(leave);
  admit();
};
