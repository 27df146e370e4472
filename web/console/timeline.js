/** From observations to lanes of bars and ticks on one axis of time. Pure. */
import { ending, lostUpgrade, tells, testName, titled } from './facts.js';
import { TRANSPORTS, transportName } from './words.js';

/**
 * @typedef {object} Bar a span, or a moment where `to` equals `from`
 * @property {number} id of its observation
 * @property {number} from in milliseconds
 * @property {number} to
 * @property {'good' | 'bad' | 'idle' | 'live'} state
 * @property {{ at: number, kind: 'opened' | 'proven' }[]} marks
 * @property {boolean} tick whether it is a moment
 * @property {string} title
 * @property {string} says
 * @property {string} end how it ended, in few words
 */
/**
 * @typedef {object} Lane
 * @property {'page' | 'gateway'} side
 * @property {string} name
 * @property {Bar[]} bars
 */

/** Ends that are nobody's fault. */
const CALM = new Set(['cancelled', 'overtaken', 'superseded']);
const GOOD = new Set(['closed', 'passed']);

/** @param {string} end @returns {Bar['state']} */
const stateOf = end => (end === 'open' ? 'live' : GOOD.has(end) ? 'good' : CALM.has(end) || end === 'not_run' ? 'idle' : 'bad');

/** @param {Record<string, any>} fact */
const common = fact => ({ id: fact.id, title: titled(fact), says: tells(fact) });

/** @type {Record<string, (fact: Record<string, any>, reported: number) => Bar>} */
const BARS = {
  attempt: (fact, reported) => {
    const from = fact.at_ms;
    const marks = /** @type {Bar['marks']} */ ([['opened', fact.opened_ms], ['proven', fact.proven_ms]]
      .filter(([, at]) => at != null).map(([kind, at]) => ({ kind, at: from + at })));
    const known = Math.max(from, ...marks.map(({ at }) => at));
    const to = fact.ended_ms != null ? from + fact.ended_ms : fact.end.end === 'open' ? Math.max(reported, known) : known;
    return { ...common(fact), from, to, state: stateOf(fact.end.end), marks, tick: false, end: ending(fact) };
  },
  attachment: fact => {
    const from = Math.max(0, fact.at_ms - fact.age_ms);
    const marks = /** @type {Bar['marks']} */ (fact.first_up_ms == null ? [] : [{ kind: 'proven', at: from + fact.first_up_ms }]);
    return { ...common(fact), from, to: fact.at_ms, state: stateOf(fact.end.end), marks, tick: false, end: ending(fact) };
  },
  arrival: fact => ({
    ...common(fact),
    from: fact.at_ms,
    to: fact.at_ms,
    state: fact.status >= 400 || lostUpgrade(fact) ? 'bad' : 'good',
    marks: [],
    tick: true,
    end: `answered ${fact.status}`,
  }),
  page_test: fact => ({
    ...common(fact),
    from: fact.at_ms,
    to: fact.at_ms + fact.elapsed_ms,
    state: stateOf(fact.outcome.outcome),
    marks: [],
    tick: false,
    end: ending(fact),
  }),
};

/**
 * Lanes in the order of transports, the page's above the gateway's; tests of the check page first, one lane each.
 * @param {Record<string, any>[]} observations
 * @returns {{ lanes: Lane[], most: number }}
 */
export const timeline = observations => {
  // What the page says holds until it said so.
  const reported = Math.max(0, ...observations.filter(({ fact }) => fact === 'page').map(({ at_ms }) => at_ms));
  const drawn = observations.filter(({ fact }) => Object.hasOwn(BARS, fact));
  const lanes = /** @type {Lane[]} */ ([]);
  const made = new Map();
  /** @param {Lane['side']} side @param {string} name @param {string} key */
  const lane = (side, name, key) => {
    if (!made.has(key)) {
      made.set(key, { side, name, bars: [] });
      lanes.push(made.get(key));
    }
    return /** @type {Lane} */ (made.get(key));
  };
  for (const fact of drawn.filter(({ fact }) => fact === 'page_test')) lane('page', testName(fact), `test ${fact.id}`).bars.push(BARS.page_test(fact, reported));
  for (const transport of TRANSPORTS)
    for (const side of /** @type {const} */ (['page', 'gateway'])) {
      const own = drawn.filter(fact => fact.transport === transport && (fact.fact === 'attempt') === (side === 'page'));
      for (const fact of own) lane(side, transportName(transport), `${transport} ${side}`).bars.push(BARS[fact.fact](fact, reported));
    }
  const most = Math.max(1, ...lanes.flatMap(({ bars }) => bars.map(({ to }) => to)));
  return { lanes, most };
};

/**
 * Whether the beginning needs more room than an even scale gives it.
 * @param {Lane[]} lanes
 * @param {number} most
 */
export const wantsStretching = (lanes, most) =>
  lanes.some(({ bars }) => bars.some(({ from, to, tick }) => !tick && to > from && (to - from) * 25 < most));
