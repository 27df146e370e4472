/**
 * A short code in words for the telephone. Pure.
 */

/**
 * @param {string} code For example `k3m9-p2xq`.
 * @param {{ alphabet: Record<string, string>, letter: (letter: string, word: string) => string }} texts
 * @returns {string[]} One entry a sign, without the hyphen.
 */
export const spoken = (code, texts) => [...code.toUpperCase()]
  .filter(sign => /[A-Z0-9]/.test(sign))
  .map(sign => (texts.alphabet[sign] ? texts.letter(sign, texts.alphabet[sign]) : sign));
