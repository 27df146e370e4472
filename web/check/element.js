/**
 * Makes elements. Text is only ever set as text: what is shown may come from a hostile network.
 */

/**
 * @typedef {Node | string | false | undefined | null} Child
 * @param {string} name
 * @param {Record<string, string | boolean | ((event: Event) => void) | undefined>} [properties] Attributes; functions are listeners.
 * @param {...(Child | Child[])} children
 * @returns {HTMLElement}
 */
export const element = (name, properties = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (typeof value === 'function') made.addEventListener(key, value);
    else if (value === true) made.setAttribute(key, '');
    else if (value !== false && value !== undefined) made.setAttribute(key, value);
  }
  for (const child of children.flat()) if (child) made.append(child);
  return made;
};

/** A text of the catalogue, with what stands between backticks as code. @type {(text: string) => Child[]} */
export const withCode = text => text.split('`').map((part, at, all) => (at % 2 && at < all.length - 1 ? element('code', {}, part) : part));

/** The element of the page's own HTML. @type {(id: string) => HTMLElement} */
export const byId = id => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element ${id}`);
  return found;
};

/** Puts children into a part of the page, and shows it if there are any. @type {(id: string, ...children: (Child | Child[])[]) => void} */
export const fill = (id, ...children) => {
  const part = byId(id);
  const shown = children.flat().filter(child => !!child);
  part.replaceChildren(.../** @type {(Node | string)[]} */ (shown));
  part.hidden = !shown.length;
};

/** @type {(label: string, click: (event: Event) => void, kind?: string, more?: Record<string, string | boolean | undefined>) => HTMLElement} */
export const button = (label, click, kind = '', more = {}) =>
  element('button', { type: 'button', class: `button ${kind}`.trim(), click, ...more }, label);
