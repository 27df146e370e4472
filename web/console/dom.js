/**
 * Elements from plain values. Texts are always set as text: what is shown came from strangers.
 */

const SVG = 'http://www.w3.org/2000/svg';

/** @typedef {Node | string | number | false | null | undefined} Child */
/** @typedef {Record<string, string | number | boolean | undefined | ((event: any) => void)>} Attributes */

/**
 * @param {Element} element
 * @param {Attributes} attributes functions become listeners; false and undefined are left out
 * @param {Child[]} children
 */
const fill = (element, attributes, children) => {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value !== false && value !== undefined) element.setAttribute(name, value === true ? '' : String(value));
  }
  put(element, children);
};

/** @param {Element} element @param {Child[]} children */
const put = (element, children) =>
  element.append(...children.filter(child => child !== false && child !== null && child !== undefined).map(child => (child instanceof Node ? child : String(child))));

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {Child[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export const el = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  fill(element, attributes, children);
  return element;
};

/**
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {Child[]} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export const svg = (tag, attributes = {}, ...children) => {
  const element = /** @type {SVGElementTagNameMap[Tag]} */ (document.createElementNS(SVG, tag));
  fill(element, attributes, children);
  return element;
};

/** Puts these in place of what an element holds. @param {Element} element @param {Child[]} children */
export const replace = (element, ...children) => {
  element.replaceChildren();
  put(element, children);
};

/**
 * A table in a frame that scrolls by itself.
 * @param {string} caption for those who cannot see where it stands
 * @param {(string | { name: string, number: true })[]} columns
 * @param {Child[][]} rows
 * @param {boolean} [stacks] whether a row becomes a block of its own on a narrow screen
 */
export const table = (caption, columns, rows, stacks) => {
  const names = columns.map(column => (typeof column === 'string' ? column : column.name));
  const looks = columns.map(column => (typeof column === 'string' ? undefined : 'number'));
  // The roles say again what a narrow screen's layout would take away.
  const cell = (/** @type {Child} */ child, /** @type {number} */ at) => el('td', { class: looks[at], role: 'cell', 'data-name': names[at] }, child);
  return el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    el('table', { role: 'table', class: stacks ? 'stacks' : undefined },
      el('caption', { class: 'visually-hidden' }, caption),
      el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' }, ...names.map((name, at) => el('th', { scope: 'col', role: 'columnheader', class: looks[at] }, name)))),
      el('tbody', { role: 'rowgroup' }, ...rows.map(row => el('tr', { role: 'row' }, ...row.map(cell)))),
    ));
};

/** A text of ours in which names stand between backquotes. @param {string} text */
export const prose = text => el('span', {}, ...text.split('`').map((part, at) => (at % 2 ? el('code', {}, part) : part)));

/** A card with its heading. @param {Child} title @param {Child[]} children */
export const card = (title, ...children) => el('section', { class: 'card stack' }, el('h2', {}, title), ...children);

/** What to say and do where there is nothing to show. @param {string} says @param {Child[]} children */
export const empty = (says, ...children) => el('div', { class: 'empty' }, el('p', { class: 'empty-title' }, says), ...children);

/**
 * Draws now and whenever the width of a box changes; in the next frame, since drawing changes its height.
 * @param {Element} box
 * @param {(width: number) => void} draw
 */
export const whenWide = (box, draw) => {
  let known = 0;
  new ResizeObserver(() => requestAnimationFrame(() => {
    const width = box.clientWidth;
    if (!width || width === known) return;
    known = width;
    draw(width);
  })).observe(box);
};
