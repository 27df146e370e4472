/** Small bars in table cells: how much of the most, or a share. The number stands beside it. */
import { svg } from '../dom.js';

/**
 * @param {number} value
 * @param {number} most
 * @param {string} [key] its colour
 */
export const sparkBar = (value, most, key = 'key-websocket') => {
  const width = 64;
  const filled = most > 0 ? Math.max(value > 0 ? 2 : 0, (Math.min(value, most) / most) * width) : 0;
  return svg('svg', { class: 'spark', width, height: 10, 'aria-hidden': 'true' },
    svg('rect', { class: 'spark-ground', width, height: 10, rx: 3 }),
    svg('rect', { class: `fill ${key}`, width: filled, height: 10, rx: 3 }));
};
