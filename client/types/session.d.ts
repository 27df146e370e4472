/** What an item costs beyond its payload, so that empty messages are bounded too. */
export const ITEM_BYTES: 16;
export function createSession({ window, ackDelay, gateway }?: {
    window?: number;
    ackDelay?: number;
    gateway?: boolean;
}): {
    /** @type {Map<number, Item>} what was pushed and not acknowledged */
    outbox: Map<number, Item>;
    /** bytes of messages not acknowledged */
    buffered: number;
    /** the last item that arrived without a gap */
    received: number;
    /** when an ack is due, if items arrived or were taken */
    ackAt: number;
    /** The total cost this side accepts since the session began. */
    readonly credit: number;
    /**
     * Takes an item to be sent; nothing follows a close.
     * @param {number} kind
     * @param {Uint8Array} payload kept, not copied
     * @param {Uint8Array} [message] the whole message
     * @returns {number} its sequence number
     */
    push(kind: number, payload: Uint8Array, message?: Uint8Array): number;
    /**
     * What the other side has; a stale one changes nothing.
     * @param {number} received
     * @param {number} credit
     */
    acknowledge(received: number, credit: number): void;
    /**
     * Takes an item or an ack from the other side.
     * @param {number} type
     * @param {Uint8Array} body
     * @param {number} now
     */
    receive(type: number, body: Uint8Array, now: number): void;
    /** The next item to be sent, if it may be sent now. */
    next(): Item | undefined;
    /** The next item in order. */
    deliver: () => Item | undefined;
    /**
     * The application has taken an item: the credit grows.
     * @param {number} payloadBytes
     * @param {number} now
     */
    consumed(payloadBytes: number, now: number): void;
    /** The `ack` envelope; none is due after it was written. */
    ack(): Uint8Array<ArrayBuffer>;
    /** Goes back to the first item that was not acknowledged. */
    rewind(): void;
    /**
     * What is to be sent now: an ack if it is due or items follow, then the items that fit.
     * @param {number} now
     * @param {number} budget bytes
     * @returns {Uint8Array[]}
     */
    transmit(now: number, budget: number): Uint8Array[];
};
/**
 * `message` is the whole message that the payload is a piece of.
 */
export type Item = {
    sequence: number;
    kind: number;
    payload: Uint8Array;
    total: number;
    message?: Uint8Array;
};
export type Session = ReturnType<typeof createSession>;
