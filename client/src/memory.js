/** What worked here lately, kept for each host. Never needed: a storage that is full or forbidden costs a race. */
import { attempt } from './attempt.js';

const MEMORY_MS = 1800000, KEY = 'towpath ';

/** @typedef {Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null | undefined} Memory */

/** @param {Memory} storage @param {string} host @returns {string | undefined} */
export const recall = (storage, host) => attempt(() => {
  const [name, until] = JSON.parse(/** @type {string} */ (storage?.getItem(KEY + host)));
  return until > Date.now() ? name : '';
});

/** @param {Memory} storage @param {string} host @param {string} name empty: forget it */
export const remember = (storage, host, name) => attempt(() => (name
  ? storage?.setItem(KEY + host, JSON.stringify([name, Date.now() + MEMORY_MS]))
  : storage?.removeItem(KEY + host)));
