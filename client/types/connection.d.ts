export function connect(url: URL, protocols: string[], { transports, WebSocket, storage, report }: import("./options.js").Options, host: import("./options.js").Host): {
    url: URL;
    WebSocket: any;
    engine: {
        outbox: Map<number, import("./session.js").Item>;
        buffered: number;
        received: number;
        ackAt: number;
        readonly credit: number;
        push(kind: number, payload: Uint8Array, message?: Uint8Array): number;
        acknowledge(received: number, credit: number): void;
        receive(type: number, body: Uint8Array, now: number): void;
        next(): import("./session.js").Item | undefined;
        deliver: () => import("./session.js").Item | undefined;
        consumed(payloadBytes: number, now: number): void;
        ack(): Uint8Array<ArrayBuffer>;
        rewind(): void;
        transmit(now: number, budget: number): Uint8Array[];
    };
    /** @type {Link | undefined} the attachment in use */
    link: Link | undefined;
    /** what the gateway says in `attached`, or may say */
    told: {
        session: string;
        piece: number;
        body: number;
        heartbeat: number;
        resume: number;
        report: boolean;
    };
    /** @type {Record<string, any>[]} all attempts: the first ones and the last ones */
    timeline: Record<string, any>[];
    /** what joins all attempts in reports; no secret */
    attempt: string;
    arm: () => void;
    /** Sends one message. @param {number} kind TEXT or BINARY @param {Uint8Array} message */
    send(kind: number, message: Uint8Array): void;
    /** Says goodbye behind everything sent before. @param {Uint8Array} payload */
    close(payload: Uint8Array): void;
    /** Nobody waits for this session any more; it only delivers its goodbye. @param {Uint8Array} payload */
    abandon(payload: Uint8Array): void;
    /** @param {number} payloadBytes the application has taken so much */
    consumed(payloadBytes: number): void;
    /** The envelope that begins an attachment; made as late as possible. @param {Link} link */
    attach(link: Link): Uint8Array<ArrayBuffer>;
    /** Takes an envelope from an attachment. @param {Link} link @param {number} type @param {Uint8Array} body */
    receive(link: Link, type: number, body: Uint8Array): void;
    /** The peer breaks the protocol. @param {Link} link @param {string} outcome */
    fault(link: Link, outcome: string): void;
    /**
     * An attachment ended by itself.
     * @param {Link} link
     * @param {string} [how] in the words of reports
     */
    failed(link: Link, how?: string): void;
    /** The page is shown again, or the device woke up. */
    awake(): void;
    /** @param {boolean} online */
    online(online: boolean): void;
    /** @param {boolean} mayReturn */
    leave(mayReturn: boolean): void;
    /** @param {SecurityPolicyViolationEvent} event */
    forbidden(event: SecurityPolicyViolationEvent): void;
    back(): void;
};
export type Link = import("./link.js").Link;
export type Item = import("./session.js").Item;
export type Connection = ReturnType<typeof connect>;
