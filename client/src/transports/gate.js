/**
 * Over HTTP/1.1 a browser has six connections to a host for all that a page does. Downlinks that are held open
 * must leave some of them to what goes up, so that sessions beyond that number take turns.
 */

const HELD_MAX = 4, TURN = 200;

/** @typedef {() => void} Leave ends a held downlink, which may then come back */

/** @type {Set<Leave>} */
const held = new Set();
/** @type {(() => void)[]} */
const queue = [];
/** @type {any} */
let timer;

const admit = () => {
  while (queue.length && held.size < HELD_MAX) /** @type {() => void} */ (queue.shift())();
  if (!timer && (queue.length || held.size > HELD_MAX))
    timer = setTimeout(() => {
      timer = undefined;
      const [leave] = held;
      leave?.();
      admit();
    }, TURN);
};

/** Counts a downlink that is open already. @param {Leave} leave */
export const hold = leave => {
  held.add(leave);
  admit();
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
