/**
 * The list of tests: name, state, and what came of each, in the reader's language.
 */
import { element } from './element.js';
import { REASONS } from './plan.js';

/**
 * @typedef {import('./run.js').Shown} Shown
 * @typedef {import('./plan.js').Row} Row
 * @typedef {import('./verdict.js').Texts} Texts
 */

const SYMBOLS = { waiting: '○', running: '●', passed: '✓', failed: '✕', skipped: '–' };

/** The name of a test. @type {(row: Row, texts: Texts) => string} */
export const nameOf = ({ kind }, texts) => {
  const name = /** @type {string | ((value: string) => string)} */ (texts.tests[/** @type {keyof Texts['tests']} */ (kind.test)]);
  if (typeof name === 'string') return name;
  return name(kind.bytes ? texts.size(kind.bytes) : texts.time(kind.idle_ms ?? kind.lasts_ms ?? 0));
};

/** The same where no heading stands above it. @type {(row: Row, texts: Texts) => string} */
export const fullNameOf = (row, texts) => (['socket', 'large'].includes(row.group) ? `WebSocket: ${nameOf(row, texts)}` : nameOf(row, texts));

/** What came of a test, with its value and what was allowed. @type {(shown: Shown, texts: Texts) => string} */
export const outcomeOf = ({ outcome, elapsed = 0, late, allowed = 0 }, { outcome: texts, reasons }) => {
  switch (outcome?.outcome) {
    case 'passed': return late === undefined ? texts.passed(elapsed) : texts.punctual(late, allowed);
    case 'not_opened':
      if (outcome.timed_out) return texts.timedOut(outcome.after_ms);
      return outcome.status ? texts.refused(outcome.status, outcome.after_ms) : texts.failed(outcome.after_ms);
    case 'cut': return texts.cut(outcome.after_ms, outcome.code);
    case 'silent': return texts.silent(outcome.waited_ms);
    case 'held_back': return texts.heldBack(outcome.late_ms, allowed);
    case 'different': return texts.different(outcome.detail);
    case 'not_run': {
      const key = Object.entries(REASONS).find(([, reason]) => reason === outcome.reason)?.[0];
      return key ? reasons[/** @type {keyof typeof REASONS} */ (key)] : outcome.reason;
    }
    default: return '';
  }
};

/** One line of the list. @type {(shown: Shown, texts: Texts) => HTMLElement} */
const line = (shown, texts) => element('li', { class: `test test-${shown.state}`, id: `test-${shown.row.id}` },
  element('span', { class: 'test-symbol', 'aria-hidden': 'true' }, SYMBOLS[shown.state]),
  element('span', { class: 'test-name' }, nameOf(shown.row, texts)),
  element('span', { class: 'test-state' }, texts.tests.state[shown.state]),
  element('span', { class: 'test-outcome number' }, shown.state === 'running' ? '' : outcomeOf(shown, texts)));

/** The list in groups. @type {(rows: Iterable<Shown>, texts: Texts) => HTMLElement[]} */
export const list = (rows, texts) => {
  return [...grouped(rows)].map(([group, shown]) => element('div', { class: 'group' },
    element('h3', { id: `group-${group}` }, texts.tests.group[group]),
    element('ul', { class: 'tests card', 'aria-labelledby': `group-${group}` }, shown.map(shown => line(shown, texts)))));
};

/** @param {Iterable<Shown>} rows */
const grouped = rows => {
  /** @type {Map<import('./plan.js').Group, Shown[]>} */
  const groups = new Map();
  for (const shown of rows) groups.set(shown.row.group, [...groups.get(shown.row.group) ?? [], shown]);
  return groups;
};

/** Draws one test anew. @type {(shown: Shown, texts: Texts) => void} */
export const update = (shown, texts) => document.getElementById(`test-${shown.row.id}`)?.replaceWith(line(shown, texts));
