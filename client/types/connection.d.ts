export function connect(url: URL, protocols: string[], { transports, WebSocket, storage }: Options, host: Host): {
    url: URL;
    WebSocket: any;
    session: Session;
    /** @type {Link | undefined} the attachment in use */
    link: Link | undefined;
    piece: number;
    body: number;
    heartbeat: number;
    arm: () => void;
    stop: () => void;
    /**
     * Sends one message.
     * @param {number} kind TEXT or BINARY
     * @param {Uint8Array} message
     */
    send(kind: number, message: Uint8Array): void;
    /**
     * Says goodbye behind everything sent before.
     * @param {Uint8Array} payload
     */
    close(payload: Uint8Array): void;
    /** Nobody waits for this session any more; it only delivers its goodbye. @param {Uint8Array} payload */
    abandon(payload: Uint8Array): void;
    /** @param {number} payloadBytes the application has taken so much */
    consumed(payloadBytes: number): void;
    /** The envelope that begins an attachment; made as late as possible. @param {Link} link */
    attach(link: Link): Uint8Array<ArrayBuffer>;
    /**
     * Takes an envelope from an attachment.
     * @param {Link} link
     * @param {number} type
     * @param {Uint8Array} body
     */
    receive(link: Link, type: number, body: Uint8Array): void;
    /** The peer breaks the protocol. @param {Link} link @param {string} outcome */
    fault(link: Link, outcome: string): void;
    /**
     * An attachment ended by itself.
     * @param {Link} link
     * @param {boolean} [overtaken] because another was taken into use
     */
    failed(link: Link, overtaken?: boolean): void;
};
export type TransportName = import("./link.js").TransportName;
export type Item = import("./session.js").Item;
export type Options = {
    /**
     * which, in order of preference
     */
    transports?: ("stream" | "websocket" | "sse" | "poll")[] | undefined;
    /**
     * the constructor to use underneath
     */
    WebSocket?: any;
    /**
     * where to remember what works
     */
    storage?: import("./memory.js").Memory;
};
export type Host = {
    /**
     * the next item in order
     */
    item: (item: Item) => void;
    /**
     * the session ended, and not by `close`
     */
    end: (outcome: string, retry?: number) => void;
    /**
     * another one is in use, or none
     */
    transport: (name: string) => void;
};
export type Connection = ReturnType<typeof connect>;
import { Session } from './session.js';
import { Link } from './link.js';
