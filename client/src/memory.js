/** What worked here lately, kept for each host. Never needed: a storage that is full or forbidden costs a race. */
import { attempt } from './attempt.js';

const MEMORY_MS = 1800000, KEY = 'towpath ';

/** @typedef {Pick<Storage, 'getItem' | 'setItem'> | null | undefined} Memory */

/** @param {any} storage a Memory @param {string} host @returns {string | undefined} */
export const recall = (storage, host) => attempt(() => {
  const [name, until] = JSON.parse(storage.getItem(KEY + host));
  return until > Date.now() ? name : '';
});

/** @param {any} storage a Memory @param {string} host @param {string} [name] without one, nothing is to be remembered */
export const remember = (storage, host, name = '') =>
  attempt(() => storage.setItem(KEY + host, JSON.stringify([name, Date.now() + MEMORY_MS])));
