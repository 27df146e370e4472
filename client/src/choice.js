/**
 * Which transport to try when, and what to remember of it (docs/protocol.md, section 8). Pure: it is told what
 * happened at which time and answers with commands. It never opens anything itself.
 */

const BEAT = 200, GRACE = 2000, ATTEMPT = 10000, EARLY = 5000, PROBE = 60000, PROBE_MAX = 3600000;
const RETRY = 100, RETRY_QUICK = 400, RETRY_MAX = 10000;

/** @typedef {['start' | 'use' | 'cancel' | 'remember', string] | ['forget'] | ['wait', number]} Command */

export class Choice {
  /** the transport in use */
  current = '';
  /** @type {Map<string, number>} attempts under way, and since when */
  attempts = new Map();
  /** @type {Record<string, number>} */
  #strikes = {};
  /** @type {Set<string>} failures that count once something works */
  #failures = new Set();
  /** @type {string[]} */
  #waiting = [];
  /** @type {Command[]} */
  #commands = [];
  #beatAt = 0;
  #retryAt = Infinity;
  #retryDelay = 0;
  #lostAt = 0;
  #provenAt = 0;
  #settleAt = Infinity;
  #graceUntil = Infinity;
  #probeAt = Infinity;
  #probeDelay = PROBE;
  #deafUntil = -Infinity;

  /**
   * @param {string[]} transports in order of preference
   * @param {string | null} [remembered] what worked here lately
   */
  constructor(transports, remembered) {
    this.transports = transports;
    this.remembered = remembered;
  }

  /** A new session: the race begins. @param {number} now */
  begin(now) {
    this.#lostAt = now;
    this.#round(now);
    return this.#flush();
  }

  /** An attempt has carried data both ways. @param {string} transport @param {number} now */
  proven(transport, now) {
    const since = this.attempts.get(transport);
    if (since === undefined) return [];
    const beaten = [...this.#failures].some(other => this.#better(other, transport));
    for (const other of this.#failures) this.#strike(other);
    this.#failures.clear();
    this.attempts.delete(transport);
    this.current = transport;
    this.#provenAt = now;
    this.#settleAt = now + EARLY;
    this.#waiting = [];
    this.#retryAt = Infinity;
    this.#retryDelay = 0;
    this.#graceUntil = now + Math.max(GRACE, 4 * (now - since));
    this.#probeAt = transport === this.transports[0] ? Infinity : now + this.#probeDelay;
    this.#commands.push(['use', transport]);
    for (const other of [...this.attempts.keys()]) if (!this.#better(other, transport)) this.#cancel(other);
    if (beaten) this.#remember();
    return this.#flush();
  }

  /** An attempt ended without proof. @param {string} transport @param {number} now @param {number} [random] */
  failed(transport, now, random = 0) {
    if (this.attempts.delete(transport)) this.#fail(transport, now, random);
    return this.#flush();
  }

  /** The transport in use died. @param {number} now */
  lost(now) {
    if (now - this.#provenAt < EARLY && now >= this.#deafUntil) this.#failures.add(this.current);
    this.current = '';
    this.#settleAt = this.#probeAt = Infinity;
    return this.begin(now);
  }

  /** The network came back or changed, or the page was shown again. @param {number} now */
  hurry(now) {
    this.#probeDelay = PROBE;
    if (this.current) {
      if (this.#probeAt < Infinity) this.#probe(now);
    } else {
      for (const transport of [...this.attempts.keys()]) this.#cancel(transport);
      this.#retryDelay = 0;
      this.#lostAt = now;
      this.#round(now);
    }
    return this.#flush();
  }

  /** Until then no failure counts: the machine is offline or just woke up. @param {number} until */
  deaf(until) {
    this.#deafUntil = until;
    return this.#flush();
  }

  /** Time has passed. @param {number} now @param {number} [random] from 0 to 1, for the jitter */
  tick(now, random = 0) {
    if (now >= this.#settleAt) {
      this.#settleAt = Infinity;
      this.#strikes[this.current] = 0;
      if (this.current === this.transports[0]) {
        this.#probeDelay = PROBE;
        if (this.remembered) this.#commands.push(['forget']);
        this.remembered = null;
      }
    }
    if (now >= this.#retryAt) this.#round(now);
    for (const [transport, since] of [...this.attempts])
      if (now >= (this.current ? this.#graceUntil : since + ATTEMPT)) {
        this.#cancel(transport);
        this.#fail(transport, now, random);
      }
    if (now >= this.#probeAt) this.#probe(now);
    if (this.#waiting.length && now >= this.#beatAt) this.#next(now);
    return this.#flush();
  }

  /** When `tick` is wanted next. */
  get deadline() {
    const { attempts, current } = this;
    return Math.min(
      this.#settleAt,
      this.#retryAt,
      this.#probeAt,
      this.#waiting.length ? this.#beatAt : Infinity,
      !attempts.size ? Infinity : current ? this.#graceUntil : Math.min(...attempts.values()) + ATTEMPT,
    );
  }

  /** @param {string} one @param {string} other */
  #better(one, other) {
    return this.transports.indexOf(one) < this.transports.indexOf(other);
  }

  /** @param {string} transport */
  #strike(transport) {
    this.#strikes[transport] = (this.#strikes[transport] || 0) + 1;
  }

  #remember() {
    this.remembered = this.current;
    this.#commands.push(['remember', this.current]);
  }

  /** @param {string} transport */
  #cancel(transport) {
    this.attempts.delete(transport);
    this.#commands.push(['cancel', transport]);
  }

  /** @param {string} transport @param {number} now */
  #start(transport, now) {
    this.attempts.set(transport, now);
    this.#commands.push(['start', transport]);
  }

  /** @param {string} transport @param {number} now @param {number} random */
  #fail(transport, now, random) {
    const counts = now >= this.#deafUntil;
    if (this.current) {
      if (!counts) return;
      this.#strike(transport);
      this.#remember();
    } else {
      if (counts) this.#failures.add(transport);
      if (this.#waiting.length) this.#next(now);
      else if (!this.attempts.size) {
        // Nothing works at all: that says nothing about any of them.
        this.#failures.clear();
        const most = now - this.#lostAt < EARLY ? RETRY_QUICK : RETRY_MAX;
        this.#retryDelay = Math.min(this.#retryDelay * 2 || RETRY, most);
        const wait = Math.round(this.#retryDelay * (1 + random / 4));
        this.#retryAt = now + wait;
        this.#commands.push(['wait', wait]);
      }
    }
  }

  /** @param {number} now */
  #round(now) {
    this.#retryAt = Infinity;
    /** @param {string} transport */
    const place = transport => ((this.#strikes[transport] || 0) > 1 ? 2 : transport === this.remembered ? 0 : 1);
    this.#waiting = this.transports
      .filter(transport => !this.attempts.has(transport))
      .sort((one, other) => place(one) - place(other));
    this.#next(now);
  }

  /** @param {number} now */
  #next(now) {
    this.#beatAt = now + BEAT;
    for (let transport; (transport = this.#waiting.shift());) {
      this.#start(transport, now);
      if (this.#strikes[transport] !== 1) break;
    }
  }

  /** @param {number} now */
  #probe(now) {
    this.#probeAt = now + this.#probeDelay;
    this.#probeDelay = Math.min(this.#probeDelay * 2, PROBE_MAX);
    this.#graceUntil = now + ATTEMPT;
    for (const transport of this.transports)
      if (this.#better(transport, this.current) && !this.attempts.has(transport)) this.#start(transport, now);
  }

  #flush() {
    return this.#commands.splice(0);
  }
}
