/**
 * What a minute shows: connections without traffic, and one that is never idle beside them.
 */
import { echo } from './sockets.js';
import { Probe } from './socket.js';

/**
 * @typedef {import('../tools.js').Tools} Tools
 * @typedef {import('../tools.js').Outcome} Outcome
 * @typedef {import('../patience.js').Waits} Waits
 */

const BUSY_BEAT_MS = 1000;

/**
 * Says nothing for so long, then one message.
 * @param {Tools} tools
 * @param {Waits} waits
 * @param {number} silence In milliseconds.
 * @returns {Promise<Outcome>}
 */
export const idle = async (tools, waits, silence) => {
  const probe = new Probe(tools, { mode: 'silent' });
  try {
    return await probe.opened(waits.open)
      ?? await probe.survives(silence)
      ?? await echo(probe, 'still there', waits.answer);
  } finally {
    probe.close();
  }
};

/**
 * A message a second for so long: dies with the idle ones where age counts, and not silence.
 * @param {Tools} tools
 * @param {Waits} waits
 * @param {number} lasts In milliseconds.
 * @returns {Promise<Outcome>}
 */
export const busy = async (tools, waits, lasts) => {
  const probe = new Probe(tools, { mode: 'echo' });
  try {
    const wrong = await probe.opened(waits.open);
    if (wrong) return wrong;
    const end = tools.now() + lasts;
    while (tools.now() < end && !tools.stopped) {
      const answer = await echo(probe, `at ${tools.now()}`, waits.answer);
      if (answer.outcome !== 'passed') return answer;
      const cut = await probe.survives(Math.min(BUSY_BEAT_MS, Math.max(0, end - tools.now())));
      if (cut) return cut;
    }
    return { outcome: 'passed' };
  } finally {
    probe.close();
  }
};
