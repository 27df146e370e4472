/**
 * The reliable engine: items go out once each and arrive once each, in order, over any row of transports
 * (docs/protocol.md, section 2). Both ends are alike. Pure: no timers, no sockets; `now` is an argument.
 * It frees nothing because it was written, only because it was acknowledged.
 */
import { ACK, AGAIN, BINARY_MORE, CLOSE, Fault, OPENED, REFUSED, TEXT, envelope, number, numbers } from './envelope.js';

/** What an item costs beyond its payload, so that empty messages are bounded too. */
export const ITEM_BYTES = 16;

/**
 * @typedef {{sequence: number, kind: number, payload: Uint8Array, total: number, message?: Uint8Array}} Item
 * `message` is the whole message that the payload is a piece of.
 */

/** Where the stream of items is, where the last kind does not say it. */
const BETWEEN = 1, ANSWER = 2;

/**
 * Where it is after an item of this kind; 0 if none may be there.
 * @param {number} place
 * @param {number} kind
 */
const after = (place, kind) => {
  if (place === CLOSE) return 0;
  // A backend may vanish within a message, or before it answered.
  if (kind === CLOSE) return CLOSE;
  if (place === ANSWER) return kind === OPENED ? BETWEEN : kind === REFUSED ? kind : 0;
  if (!isMessage(kind) || (place !== BETWEEN && place !== kind - kind % 2 + 1)) return 0;
  return kind % 2 ? kind : BETWEEN;
};

/** @param {number} kind */
const isMessage = kind => kind >= TEXT && kind <= BINARY_MORE;

export class Session {
  /** @type {Map<number, Item>} what was pushed and not acknowledged */
  outbox = new Map();
  /** bytes of messages not acknowledged */
  buffered = 0;
  /** the last item that arrived without a gap */
  received = 0;
  /** the most cost the other side takes, since the session began */
  peerCredit = 0;
  /** when an ack is due, if items arrived or were taken */
  ackAt = Infinity;
  #closing = false;
  #pushed = 0;
  #pushedCost = 0;
  #sent = 0;
  #acknowledged = 0;
  /** @type {Map<number, Item>} items ahead of order */
  #early = new Map();
  #earlyCost = 0;
  #highest = 0;
  #place;
  #arrivedCost = 0;
  /** @type {Item[]} */
  #ready = [];
  #taken = 0;
  #toldCredit;

  /**
   * @param {{window?: number, ackDelay?: number, gateway?: boolean}} [settings] window in bytes of cost; delay in ms;
   * only the gateway says what the backend answered
   */
  constructor({ window = 262144, ackDelay = 50, gateway = false } = {}) {
    this.#place = gateway ? BETWEEN : ANSWER;
    this.window = window;
    this.ackDelay = ackDelay;
    this.#toldCredit = window;
  }

  /** The total cost this side accepts since the session began. */
  get credit() {
    return this.#taken + this.window;
  }

  /**
   * Takes an item to be sent; nothing follows a close.
   * @param {number} kind
   * @param {Uint8Array} payload kept, not copied
   * @param {Uint8Array} [message] the whole message
   * @returns {number} its sequence number
   */
  push(kind, payload, message) {
    if (this.#closing) return this.#pushed;
    this.#closing = kind === CLOSE;
    const sequence = ++this.#pushed;
    this.#pushedCost += payload.length + ITEM_BYTES;
    if (isMessage(kind)) this.buffered += payload.length;
    this.outbox.set(sequence, { sequence, kind, payload, total: this.#pushedCost, message });
    return sequence;
  }

  /**
   * What the other side has; a stale one changes nothing.
   * @param {number} received
   * @param {number} credit
   */
  acknowledge(received, credit) {
    if (received > this.#pushed) throw new Fault('malformed');
    if (credit > this.peerCredit) this.peerCredit = credit;
    while (this.#acknowledged < received) {
      const item = /** @type {Item} */ (this.outbox.get(++this.#acknowledged));
      this.outbox.delete(this.#acknowledged);
      if (isMessage(item.kind)) this.buffered -= item.payload.length;
    }
    if (this.#sent < received) this.#sent = received;
  }

  /**
   * Takes an item or an ack from the other side.
   * @param {number} type
   * @param {Uint8Array} body
   * @param {number} now
   */
  receive(type, body, now) {
    if (type === ACK) {
      const [[received, credit], rest] = numbers(body, 2);
      if (rest.length) throw new Fault('malformed');
      return this.acknowledge(received, credit);
    }
    // The response that carried the last ack did not arrive whole.
    if (type === AGAIN) return void (this.ackAt = now);
    const [[sequence], payload] = numbers(body, 1);
    if (!sequence) throw new Fault('malformed');
    if (sequence > this.received && !this.#early.has(sequence)) {
      const cost = payload.length + ITEM_BYTES;
      this.#highest = Math.max(this.#highest, sequence);
      // Those that are missing have cost something, too; so the number of items ahead of order is bounded.
      const missing = this.#highest - this.received - this.#early.size - 1;
      if (this.#arrivedCost + this.#earlyCost + cost + missing * ITEM_BYTES > this.credit) throw new Fault('flow');
      this.#early.set(sequence, { sequence, kind: type, payload, total: cost });
      this.#earlyCost += cost;
      for (let item; (item = this.#early.get(this.received + 1));) {
        this.#place = after(this.#place, item.kind);
        if (!this.#place) throw new Fault('malformed');
        this.#early.delete(++this.received);
        this.#earlyCost -= item.total;
        this.#arrivedCost += item.total;
        this.#ready.push(item);
      }
    }
    // Also for a repeated one: its ack may have been lost.
    this.ackAt = Math.min(this.ackAt, now + this.ackDelay);
  }

  /** The next item in order. */
  deliver() {
    return this.#ready.shift();
  }

  /**
   * The application has taken an item: the credit grows.
   * @param {number} payloadBytes
   * @param {number} now
   */
  consumed(payloadBytes, now) {
    this.#taken += payloadBytes + ITEM_BYTES;
    const due = this.credit - this.#toldCredit >= this.window / 4 ? now : now + this.ackDelay;
    this.ackAt = Math.min(this.ackAt, due);
  }

  /** Whether there is an item that may be sent now. */
  get sendable() {
    const next = this.outbox.get(this.#sent + 1);
    return !!next && next.total <= this.peerCredit;
  }

  /** The `ack` envelope; none is due after it was written. */
  ack() {
    this.ackAt = Infinity;
    this.#toldCredit = this.credit;
    return envelope(ACK, number(this.received), number(this.credit));
  }

  /** Goes back to the first item that was not acknowledged. */
  rewind() {
    this.#sent = this.#acknowledged;
  }

  /**
   * What is to be sent now: an ack if it is due or items follow, then the items that fit.
   * @param {number} now
   * @param {number} budget bytes
   * @returns {Uint8Array[]}
   */
  transmit(now, budget) {
    /** @type {Uint8Array[]} */
    const parts = [];
    /** @param {Uint8Array} bytes */
    const put = bytes => {
      budget -= bytes.length;
      parts.push(bytes);
    };
    if (this.ackAt <= now || (this.ackAt < Infinity && this.sendable)) put(this.ack());
    while (this.sendable) {
      const { sequence, kind, payload } = /** @type {Item} */ (this.outbox.get(this.#sent + 1));
      const bytes = envelope(kind, number(sequence), payload);
      if (bytes.length > budget) break;
      put(bytes);
      this.#sent++;
    }
    return parts;
  }
}
