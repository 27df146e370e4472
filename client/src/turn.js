/**
 * Macrotasks in order: one message per task, as WebSocket does it. No `setTimeout`: browsers slow it down in
 * hidden pages.
 */

/** @type {(() => void)[]} */
const waiting = [];
const run = () => /** @type {() => void} */ (waiting.shift())();

/** @type {MessageChannel | undefined} */
let channel;

/**
 * Runs `task` in a task of its own, after those asked for before it.
 * @param {() => void} task
 */
export const later = task => {
  waiting.push(task);
  const { setImmediate } = /** @type {any} */ (globalThis);
  if (setImmediate) return setImmediate(run);
  channel ||= new MessageChannel();
  channel.port1.onmessage = run;
  channel.port2.postMessage(0);
};

/** Resolves after all tasks asked for so far. @returns {Promise<void>} */
export const turn = () => new Promise(later);
