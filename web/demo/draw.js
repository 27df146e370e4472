/** Elements with text. What is shown may come from anywhere, so that it is text and never markup. */

/**
 * @param {string} name
 * @param {Record<string, string>} [attributes]
 * @param {(string | Node | null | undefined)[]} children
 */
export const element = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children.filter(child => child !== null && child !== undefined));
  return made;
};

/** @param {number} milliseconds */
export const seconds = milliseconds => `${(milliseconds / 1000).toFixed(1)} s`;
