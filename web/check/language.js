/**
 * Which language the page speaks: the reader's choice, else the first of the browser's that there is. Pure but for the storage.
 */
import de from '../text/de.js';
import en from '../text/en.js';

/** @typedef {import('./verdict.js').Texts} Texts */

/** @type {Record<string, { name: string, texts: Texts }>} */
export const LANGUAGES = { en: { name: 'English', texts: en }, de: { name: 'Deutsch', texts: de } };

const KEY = 'towpath-check-language';

/** @type {(wanted: readonly string[]) => string} */
export const choose = wanted => wanted.map(tag => tag.toLowerCase().split('-')[0]).find(tag => Object.hasOwn(LANGUAGES, tag)) ?? 'en';

/** The choice of an earlier visit. Storage may be forbidden; then there is none. */
export const remembered = () => {
  try {
    const tag = localStorage.getItem(KEY);
    return tag ? [tag] : [];
  } catch {
    return [];
  }
};

/** @param {string} tag */
export const remember = tag => {
  try {
    localStorage.setItem(KEY, tag);
  } catch {
    // Then the choice lasts as long as the page.
  }
};
