/** Short codes as people say and type them. Pure. */

const LOOKALIKES = /** @type {Record<string, string>} */ ({ o: '0', i: '1', l: '1', u: 'v' });

/**
 * The code that somebody means: without case, dashes, blanks and letters that a code never has.
 * @param {string} text
 * @returns {string | undefined} eight letters and digits; nothing where it cannot be one
 */
export const meant = text => {
  const plain = text.toLowerCase().normalize('NFKC').replace(/^.*\/case\//, '').replace(/[\s\-–—_.,:'"]/g, '');
  const code = [...plain].map(letter => LOOKALIKES[letter] ?? letter).join('');
  return /^[0-9a-hjkmnp-tv-z]{8}$/.test(code) ? code : undefined;
};

/** The code in its two groups. @param {string} code */
export const grouped = code => (code.length === 8 ? `${code.slice(0, 4)}-${code.slice(4)}` : code);
