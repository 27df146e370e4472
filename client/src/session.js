/**
 * The reliable engine: items go out once each and arrive once each, in order, over any row of transports
 * (docs/protocol.md, section 2). Both ends are alike. Pure: no timers, no sockets; `now` is an argument.
 * It frees nothing because it was written, only because it was acknowledged.
 */
import { ACK, AGAIN, BINARY_MORE, CLOSE, OPENED, REFUSED, TEXT, envelope, fault, number, numbers, size } from './envelope.js';

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

/** @typedef {ReturnType<typeof createSession>} Session */

/**
 * @param {{window?: number, ackDelay?: number, gateway?: boolean}} [settings] window in bytes of cost; delay in ms;
 * only the gateway says what the backend answered
 */
export const createSession = ({ window = 262144, ackDelay = 50, gateway = false } = {}) => {
  let closing = false, pushed = 0, pushedCost = 0, sent = 0, acknowledged = 0;
  let earlyCost = 0, highest = 0, place = gateway ? BETWEEN : ANSWER, arrivedCost = 0, taken = 0, toldCredit = window;
  /** the most cost the other side takes, since the session began */
  let peerCredit = 0;
  /** @type {Map<number, Item>} items ahead of order */
  const early = new Map();
  /** @type {Item[]} */
  const ready = [];

  /** @param {number} now @param {number} wait */
  const due = (now, wait) => {
    self.ackAt = Math.min(self.ackAt, now + wait);
  };

  const self = {
    /** @type {Map<number, Item>} what was pushed and not acknowledged */
    outbox: new Map(),
    /** bytes of messages not acknowledged */
    buffered: 0,
    /** the last item that arrived without a gap */
    received: 0,
    /** when an ack is due, if items arrived or were taken */
    ackAt: Infinity,

    /** The total cost this side accepts since the session began. */
    get credit() {
      return taken + window;
    },

    /**
     * Takes an item to be sent; nothing follows a close.
     * @param {number} kind
     * @param {Uint8Array} payload kept, not copied
     * @param {Uint8Array} [message] the whole message
     * @returns {number} its sequence number
     */
    push(kind, payload, message) {
      if (closing) return pushed;
      closing = kind === CLOSE;
      const sequence = ++pushed;
      pushedCost += payload.length + ITEM_BYTES;
      if (isMessage(kind)) self.buffered += payload.length;
      self.outbox.set(sequence, { sequence, kind, payload, total: pushedCost, message });
      return sequence;
    },

    /**
     * What the other side has; a stale one changes nothing.
     * @param {number} received
     * @param {number} credit
     */
    acknowledge(received, credit) {
      if (received > pushed) fault();
      peerCredit = Math.max(peerCredit, credit);
      while (acknowledged < received) {
        const { kind, payload } = /** @type {Item} */ (self.outbox.get(++acknowledged));
        self.outbox.delete(acknowledged);
        if (isMessage(kind)) self.buffered -= payload.length;
      }
      sent = Math.max(sent, received);
    },

    /**
     * Takes an item or an ack from the other side.
     * @param {number} type
     * @param {Uint8Array} body
     * @param {number} now
     */
    receive(type, body, now) {
      if (type === ACK) {
        const [[received, credit], rest] = numbers(body, 2);
        if (rest.length) fault();
        return self.acknowledge(received, credit);
      }
      // The response that carried the last ack did not arrive whole.
      if (type === AGAIN) return due(now, 0);
      const [[sequence], payload] = numbers(body, 1);
      if (!sequence) fault();
      if (sequence > self.received && !early.has(sequence)) {
        const cost = payload.length + ITEM_BYTES;
        highest = Math.max(highest, sequence);
        // Those that are missing have cost something, too; so the number of items ahead of order is bounded.
        const missing = highest - self.received - early.size - 1;
        if (arrivedCost + earlyCost + cost + missing * ITEM_BYTES > self.credit) fault('flow');
        early.set(sequence, { sequence, kind: type, payload, total: cost });
        earlyCost += cost;
        for (let item; (item = early.get(self.received + 1));) {
          place = after(place, item.kind);
          if (!place) fault();
          early.delete(++self.received);
          earlyCost -= item.total;
          arrivedCost += item.total;
          ready.push(item);
        }
      }
      // Also for a repeated one: its ack may have been lost.
      due(now, ackDelay);
    },

    /** The next item to be sent, if it may be sent now. */
    next() {
      const item = self.outbox.get(sent + 1);
      return item && item.total <= peerCredit ? item : undefined;
    },

    /** The next item in order. */
    deliver: () => ready.shift(),

    /**
     * The application has taken an item: the credit grows.
     * @param {number} payloadBytes
     * @param {number} now
     */
    consumed(payloadBytes, now) {
      taken += payloadBytes + ITEM_BYTES;
      due(now, self.credit - toldCredit >= window / 4 ? 0 : ackDelay);
    },

    /** The `ack` envelope; none is due after it was written. */
    ack() {
      self.ackAt = Infinity;
      toldCredit = self.credit;
      return envelope(ACK, number(self.received), number(toldCredit));
    },

    /** Goes back to the first item that was not acknowledged. */
    rewind() {
      sent = acknowledged;
    },

    /**
     * What is to be sent now: an ack if it is due or items follow, then the items that fit.
     * @param {number} now
     * @param {number} budget bytes
     * @returns {Uint8Array[]}
     */
    transmit(now, budget) {
      const parts = self.ackAt <= now || (self.ackAt < Infinity && self.next()) ? [self.ack()] : [];
      budget -= size(parts);
      for (let item; (item = self.next());) {
        const bytes = envelope(item.kind, number(item.sequence), item.payload);
        budget -= bytes.length;
        if (budget < 0) break;
        parts.push(bytes);
        sent++;
      }
      return parts;
    },
  };
  return self;
};
