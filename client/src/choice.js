/**
 * Which transport to try when, and what to remember of it (docs/protocol.md, section 8). Facts with the time go in,
 * actions come out. Pure: it opens nothing, stores nothing and draws no random number.
 */

const STAGGER = 200, ATTEMPT = 10000, GRACE = 2000, EARLY = 5000, SLEEP = 5000, PROBE = 60000, PROBE_MAX = 3600000;
/** Waits between rounds in which nothing worked; the last one for a while, then twice as long each time. */
const WAITS = [0, 100, 200, 400], WAIT_FLAT = 5000, WAIT_MAX = 10000;

/**
 * @typedef {{
 *   action: 'start' | 'cancel' | 'use' | 'remember' | 'forget' | 'wait',
 *   transport?: string, in_use?: boolean, ping?: boolean, milliseconds?: number,
 * }} Action
 * `start`: attach over it, with `use` if `in_use`, and say `proven` only after a pong if `ping`. `wait`: call `retry`
 * after so long, and up to a quarter more.
 */
/** @typedef {{transport: string, in_use: boolean, started: number}} Attempt */

export class Choice {
  /** the transport in use */
  current = '';
  /** @type {Attempt[]} those that are not proven yet */
  attempts = [];
  #last = '';
  #proven = 0;
  /** @type {Record<string, number>} */
  #strikes = {};
  /** @type {Record<string, number> | undefined} those that stay if nothing works */
  #before;
  /** @type {string[]} to be started in this race */
  #queue = [];
  #startAt = 0;
  /** @type {{transport: string, counted: boolean}[]} seen to fail in this race, and whether it has its strike */
  #failed = [];
  #graceUntil = 0;
  #waiting = false;
  #rounds = 1;
  #wait = 0;
  #lostAt = 0;
  #probeAt = Infinity;
  #probeEvery = PROBE;
  #offline = false;
  #quietUntil = 0;
  /** @type {Action[]} */
  #actions = [];

  /**
   * @param {string[]} allowed in order of preference
   * @param {string | null} [remembered] what worked here lately
   */
  constructor(allowed, remembered) {
    this.allowed = allowed;
    this.remembered = remembered && allowed.includes(remembered) ? remembered : '';
  }

  /** The session begins. @param {number} now */
  start(now) {
    this.#lostAt = now;
    this.#race(now);
    return this.#flush();
  }

  /** An attempt is proven. @param {string} transport @param {number} now */
  proven(transport, now) {
    const attempt = this.#drop(transport);
    if (attempt) this.#win(attempt, now);
    return this.#flush();
  }

  /** An attempt failed before it was proven, or the transport in use died. @param {string} transport @param {number} now */
  failed(transport, now) {
    if (this.#drop(transport)) this.#fail(transport, now);
    else if (transport === this.current) this.#die(now);
    return this.#flush();
  }

  /**
   * An attempt was overtaken: an answer and no failure. A better one than the one in use is tried again.
   * @param {string} transport
   * @param {number} now
   */
  superseded(transport, now) {
    if (this.#drop(transport)) {
      if (!this.current) this.#goOn(now);
      else if (this.#rank(transport) < this.#rank(this.current)) this.#begin(transport, false, true, now);
    }
    return this.#flush();
  }

  /** The wait is over, or there is reason to try at once. @param {number} now */
  retry(now) {
    if (this.#waiting) this.#race(now);
    return this.#flush();
  }

  /** The browser says whether there is a network. @param {boolean} online @param {number} now */
  online(online, now) {
    this.#offline = !online;
    return online ? this.retry(now) : [];
  }

  /** The device woke up. @param {number} now */
  woke(now) {
    this.#quietUntil = now + SLEEP;
    return this.retry(now);
  }

  /** What was seen before says nothing about another network. @param {number} now */
  networkChanged(now) {
    this.#strikes = {};
    this.#before = undefined;
    this.#probeEvery = PROBE;
    if (this.#probeAt < Infinity) this.#probeAt = now;
    if (this.#waiting) this.#race(now);
    return this.tick(now);
  }

  /** Time has passed. @param {number} now */
  tick(now) {
    for (let over; (over = this.attempts.find(attempt => this.#ends(attempt) <= now));) {
      this.#drop(over.transport);
      this.#cancel(over.transport);
      this.#fail(over.transport, now);
    }
    if (this.#queue.length && this.#startAt <= now) this.#next(now);
    if (this.#probeAt <= now) this.#probe(now);
    return this.#flush();
  }

  /** When to call `tick` if nothing happens before. */
  get deadline() {
    return Math.min(
      this.#probeAt,
      this.#queue.length ? this.#startAt : Infinity,
      ...this.attempts.map(attempt => this.#ends(attempt)),
    );
  }

  /** @param {number} now */
  #counts(now) {
    return !this.#offline && now >= this.#quietUntil;
  }

  /** @param {string} transport */
  #rank(transport) {
    return this.allowed.indexOf(transport);
  }

  /** @param {string} transport */
  #struck(transport) {
    return this.#strikes[transport] || 0;
  }

  /** @param {string} transport */
  #strike(transport) {
    this.#strikes[transport] = this.#struck(transport) + 1;
  }

  /** @param {string} transport */
  #drop(transport) {
    const at = this.attempts.findIndex(attempt => attempt.transport === transport);
    return at < 0 ? undefined : this.attempts.splice(at, 1)[0];
  }

  /** @param {string} transport */
  #cancel(transport) {
    this.#actions.push({ action: 'cancel', transport });
  }

  /** First what worked last or is remembered, then by preference; what was struck twice comes last. @param {number} now */
  #race(now) {
    this.#waiting = false;
    this.#probeAt = Infinity;
    const first = [this.#last, this.remembered].find(one => one && this.#struck(one) < 2);
    /** @param {string} one */
    const place = one => (one === first ? 0 : this.#struck(one) < 2 ? 1 : 2);
    this.#queue = this.allowed
      .filter(one => !this.attempts.some(attempt => attempt.transport === one))
      .sort((one, other) => place(one) - place(other));
    this.#startAt = now;
    this.#next(now);
  }

  /** Starts the next of the queue, and with one that has a strike the one behind it. @param {number} now */
  #next(now) {
    for (let transport; (transport = this.#queue.shift());) {
      this.#begin(transport, !this.attempts.length, false, now);
      this.#startAt = now + STAGGER;
      if (this.#struck(transport) !== 1) break;
    }
  }

  /** @param {string} transport @param {boolean} in_use @param {boolean} ping @param {number} started */
  #begin(transport, in_use, ping, started) {
    this.attempts.push({ transport, in_use, started });
    this.#actions.push({ action: 'start', transport, in_use, ping });
  }

  /** @param {Attempt} attempt @param {number} now */
  #win({ transport, in_use, started }, now) {
    const rank = this.#rank(transport);
    this.#queue = [];
    this.#waiting = false;
    if (!this.#last) this.#rounds = 0;
    this.#last = this.current = transport;
    this.#proven = now;
    if (!in_use) this.#actions.push({ action: 'use', transport });
    this.attempts = this.attempts.filter(attempt => {
      const better = this.#rank(attempt.transport) < rank;
      attempt.in_use = false;
      if (!better) this.#cancel(attempt.transport);
      return better;
    });
    this.#graceUntil = now + Math.max(GRACE, 4 * (now - started));
    this.#probeAt = rank ? now + this.#probeEvery : Infinity;
    this.#before = undefined;
    for (const failed of this.#failed) {
      if (!failed.counted) this.#strike(failed.transport);
      failed.counted = true;
    }
    if (this.remembered && rank < this.#rank(this.remembered)) {
      this.remembered = '';
      this.#actions.push({ action: 'forget' });
    }
    this.#remember();
  }

  /** Remembers what is in use if a better one was seen to fail. */
  #remember() {
    const { current } = this;
    if (!this.#failed.some(({ transport }) => this.#rank(transport) < this.#rank(current))) return;
    this.remembered = current;
    this.#actions.push({ action: 'remember', transport: current });
  }

  /** @param {string} transport @param {number} now */
  #fail(transport, now) {
    if (this.#counts(now)) {
      this.#failed.push({ transport, counted: !!this.current });
      if (this.current) {
        this.#strike(transport);
        this.#remember();
      }
    }
    if (!this.current) this.#goOn(now);
  }

  /** Nothing is in use, and an attempt is gone. @param {number} now */
  #goOn(now) {
    if (this.#queue.length) this.#next(now);
    else if (!this.attempts.length && !this.#waiting) {
      // Nothing works: that says nothing about any of them.
      this.#failed = [];
      this.#strikes = this.#before || this.#strikes;
      this.#before = undefined;
      this.#waitOrRace(now);
    }
  }

  /** @param {number} now */
  #die(now) {
    const { current } = this;
    this.current = '';
    this.#failed = [];
    this.#lostAt = now;
    if (now >= this.#proven + EARLY) {
      this.#strikes[current] = this.#rounds = 0;
      if (!this.#rank(current)) this.#probeEvery = PROBE;
    } else {
      this.#rounds = Math.min(this.#rounds, WAITS.length - 1);
      if (this.#counts(now)) {
        this.#before ||= { ...this.#strikes };
        this.#strike(current);
        this.#failed.push({ transport: current, counted: true });
      }
    }
    this.#probeAt = Infinity;
    this.#waitOrRace(now);
  }

  /** @param {number} now */
  #waitOrRace(now) {
    const wait = WAITS[this.#rounds++];
    if (wait !== undefined) this.#wait = wait;
    else if (now >= this.#lostAt + WAIT_FLAT) this.#wait = Math.min(this.#wait * 2, WAIT_MAX);
    if (!this.#wait) return this.#race(now);
    this.#waiting = true;
    this.#actions.push({ action: 'wait', milliseconds: this.#wait });
  }

  /** One that was started after the win is tried for itself. @param {Attempt} attempt */
  #ends({ started }) {
    const whole = started + ATTEMPT;
    return this.current && started <= this.#proven ? Math.min(whole, this.#graceUntil) : whole;
  }

  /** Tries the better ones again as candidates. @param {number} now */
  #probe(now) {
    this.#probeAt = now + this.#probeEvery;
    this.#probeEvery = Math.min(this.#probeEvery * 2, PROBE_MAX);
    this.#failed = [];
    for (const transport of this.allowed.slice(0, this.#rank(this.current)))
      if (!this.attempts.some(attempt => attempt.transport === transport)) this.#begin(transport, false, true, now);
  }

  #flush() {
    return this.#actions.splice(0);
  }
}
