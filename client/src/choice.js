/**
 * Which transport to try when, and what to remember of it (docs/protocol.md, section 8). Facts with the time go in,
 * actions come out. Pure: it opens nothing, stores nothing and draws no random number. The twin of
 * core/session/src/choice.rs; both replay vectors/choice.json.
 */

const STAGGER = 200, ATTEMPT = 10000, GRACE = 2000, EARLY = 5000, SLEEP = 5000, PROBE = 60000, PROBE_MAX = 3600000;
/** Waits between rounds in which nothing worked; the last one for a while, then twice as long each time. */
const WAITS = [0, 100, 200, 400], WAIT_FLAT = 5000, WAIT_MAX = 10000;

/**
 * `start`: attach over it, with `use` if `first`, and say `proven` only after a pong if `ping`. `wait`: call `retry`
 * after so many milliseconds, and up to a quarter more.
 * @typedef {{
 *   action: 'start' | 'cancel' | 'use' | 'remember' | 'forget' | 'wait',
 *   name?: string, first?: boolean, ping?: boolean, wait?: number,
 * }} Action
 */
/** @typedef {{name: string, first: boolean, started: number}} Attempt one that is not proven yet */
/** @typedef {ReturnType<typeof createChoice>} Choice */

/**
 * @param {string[]} allowed in order of preference
 * @param {string} [remembered] what worked here lately
 */
export const createChoice = (allowed, remembered = '') => {
  /** the one in use, and the one that worked last */
  let current = '', last = '';
  let provenAt = 0, startAt = 0, graceUntil = 0, lostAt = 0, quietUntil = 0, probeAt = Infinity;
  let probeEvery = PROBE, rounds = 1, lastWait = 0, waiting = false, offline = false;
  /** @type {Attempt[]} */
  let attempts = [];
  /** @type {Record<string, number>} */
  let strikes = {};
  /** @type {Record<string, number> | undefined} those that stay if nothing works */
  let before;
  /** @type {string[]} to be started in this race */
  let queue = [];
  /** @type {{name: string, counted: boolean}[]} seen to fail in this race, and whether it has its strike */
  let failures = [];
  /** @type {Action[]} */
  const actions = [];

  /** @param {string} name */
  const rank = name => allowed.indexOf(name);
  /** @param {string} name */
  const struck = name => strikes[name] || 0;
  /** Lower is better; one that died early again and again takes no sound one's place. @param {string} name */
  const standing = name => rank(name) + (struck(name) < 2 ? 0 : 9);
  /** @param {string} name */
  const strike = name => {
    strikes[name] = struck(name) + 1;
  };
  /** @param {number} now */
  const counts = now => !offline && now >= quietUntil;
  /** @param {string} name */
  const drop = name => {
    const one = attempts.find(attempt => attempt.name === name);
    attempts = attempts.filter(attempt => attempt !== one);
    return one;
  };
  /** @param {string} name */
  const cancel = name => actions.push({ action: 'cancel', name });

  /** @param {string} name @param {boolean} first @param {boolean} ping @param {number} started */
  const begin = (name, first, ping, started) => {
    attempts.push({ name, first, started });
    actions.push({ action: 'start', name, first, ping });
  };

  /** Starts the next of the queue, and with one that has a strike the one behind it. @param {number} now */
  const next = now => {
    for (let name; (name = queue.shift());) {
      begin(name, !attempts.length, false, now);
      startAt = now + STAGGER;
      if (struck(name) !== 1) break;
    }
  };

  /** First what worked last or is remembered, then by preference; what was struck twice comes last. @param {number} now */
  const race = now => {
    waiting = false;
    probeAt = Infinity;
    const best = [last, remembered].find(name => rank(name) >= 0 && struck(name) < 2);
    /** @param {string} name */
    const place = name => (name === best ? -1 : standing(name));
    queue = allowed
      .filter(name => !attempts.some(attempt => attempt.name === name))
      .sort((one, other) => place(one) - place(other));
    next(now);
  };

  /** @param {number} now */
  const waitOrRace = now => {
    const wait = WAITS[rounds++];
    if (wait !== undefined) lastWait = wait;
    else if (now >= lostAt + WAIT_FLAT) lastWait = Math.min(lastWait * 2, WAIT_MAX);
    if (!lastWait) return race(now);
    waiting = true;
    actions.push({ action: 'wait', wait: lastWait });
  };

  /** Remembers what is in use if a better one was seen to fail. */
  const remember = () => {
    if (failures.some(({ name }) => rank(name) < rank(current)))
      actions.push({ action: 'remember', name: remembered = current });
  };

  /** @param {Attempt} attempt @param {number} now */
  const win = ({ name, first, started }, now) => {
    queue = [];
    waiting = false;
    if (!last) rounds = 0;
    last = current = name;
    provenAt = now;
    if (!first) actions.push({ action: 'use', name });
    attempts = attempts.filter(attempt => {
      attempt.first = false;
      return standing(attempt.name) < standing(name) || !cancel(attempt.name);
    });
    graceUntil = now + Math.max(GRACE, 4 * (now - started));
    probeAt = rank(name) ? now + probeEvery : Infinity;
    before = undefined;
    for (const failure of failures) {
      if (!failure.counted) strike(failure.name);
      failure.counted = true;
    }
    if (rank(name) < rank(remembered)) {
      remembered = '';
      actions.push({ action: 'forget' });
    }
    remember();
  };

  /** Nothing is in use, and an attempt is gone. @param {number} now */
  const goOn = now => {
    if (queue.length) next(now);
    else if (!attempts.length && !waiting) {
      // Nothing works: that says nothing about any of them.
      failures = [];
      strikes = before || strikes;
      before = undefined;
      waitOrRace(now);
    }
  };

  /** @param {string} name @param {number} now */
  const fail = (name, now) => {
    if (counts(now)) {
      failures.push({ name, counted: !!current });
      if (current) {
        strike(name);
        remember();
      }
    }
    if (!current) goOn(now);
  };

  /** @param {number} now */
  const die = now => {
    failures = [];
    lostAt = now;
    if (now >= provenAt + EARLY) {
      strikes[current] = rounds = 0;
      if (!rank(current)) probeEvery = PROBE;
    } else {
      // It did work: only rounds in which nothing does wait longer and longer.
      rounds = Math.min(rounds, WAITS.length - 1);
      if (counts(now)) {
        before ||= { ...strikes };
        strike(current);
        failures.push({ name: current, counted: true });
      }
    }
    current = '';
    probeAt = Infinity;
    waitOrRace(now);
  };

  /** One that was started after the win is tried for itself. @param {Attempt} attempt */
  const ends = ({ started }) =>
    current && started <= provenAt ? Math.min(started + ATTEMPT, graceUntil) : started + ATTEMPT;

  /** Tries the better ones again as candidates. @param {number} now */
  const probe = now => {
    probeAt = now + probeEvery;
    probeEvery = Math.min(probeEvery * 2, PROBE_MAX);
    failures = [];
    for (const name of allowed.slice(0, rank(current)))
      if (!attempts.some(attempt => attempt.name === name)) begin(name, false, true, now);
  };

  /** The wait is over, or there is reason to try at once. @param {number} now */
  const retry = now => {
    if (waiting) race(now);
  };

  /** Time has passed. @param {number} now */
  const tick = now => {
    for (let over; (over = attempts.find(attempt => ends(attempt) <= now));) {
      drop(over.name);
      cancel(over.name);
      fail(over.name, now);
    }
    if (queue.length && startAt <= now) next(now);
    if (probeAt <= now) probe(now);
  };

  return {
    retry,
    tick,
    /** What is to be done now. */
    act: () => actions.splice(0),
    /** the transport in use */
    get current() {
      return current;
    },
    get remembered() {
      return remembered;
    },
    /** When to call `tick` if nothing happens before. */
    get deadline() {
      return Math.min(probeAt, queue.length ? startAt : Infinity, ...attempts.map(ends));
    },
    /** The session begins. @param {number} now */
    start(now) {
      lostAt = now;
      race(now);
    },
    /** An attempt is proven. @param {string} name @param {number} now */
    proven(name, now) {
      const attempt = drop(name);
      if (attempt) win(attempt, now);
    },
    /** An attempt failed before it was proven, or the transport in use died. @param {string} name @param {number} now */
    failed(name, now) {
      if (drop(name)) fail(name, now);
      else if (name === current) die(now);
    },
    /**
     * An attempt was overtaken: an answer and no failure. A better one than the one in use is tried again.
     * @param {string} name
     * @param {number} now
     */
    superseded(name, now) {
      if (drop(name)) {
        if (!current) goOn(now);
        else if (standing(name) < standing(current)) begin(name, false, true, now);
      }
    },
    /** The browser says whether there is a network. @param {boolean} online @param {number} now */
    online(online, now) {
      offline = !online;
      if (online) retry(now);
    },
    /** The device woke up. @param {number} now */
    woke(now) {
      quietUntil = now + SLEEP;
      retry(now);
    },
    /** What was seen before says nothing about another network. @param {number} now */
    networkChanged(now) {
      strikes = {};
      before = undefined;
      probeEvery = PROBE;
      if (probeAt < Infinity) probeAt = now;
      retry(now);
      tick(now);
    },
  };
};
