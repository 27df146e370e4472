export class Connection {
    /**
     * @param {URL} url
     * @param {string[]} protocols
     * @param {Options} options
     * @param {Host} host
     */
    constructor(url: URL, protocols: string[], options: Options, host: Host);
    session: Session;
    /** @type {Link | undefined} the attachment in use */
    link: Link | undefined;
    piece: number;
    body: number;
    heartbeat: number;
    url: URL;
    protocols: string[];
    host: Host;
    WebSocket: any;
    storage: Pick<Storage, "getItem" | "removeItem" | "setItem"> | null | undefined;
    transports: ("stream" | "poll" | "sse" | "websocket")[];
    unwatch: () => void;
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
    /** Ends everything here. The last ack still goes out. */
    stop(): void;
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
    /** Sets the timer to what comes next. */
    arm(): void;
    /** The page is shown again, or the device woke up. */
    awake(): void;
    /** The browser says whether there is a network. @param {boolean} online */
    online(online: boolean): void;
    /** Another network. */
    moved(): void;
    /**
     * The page goes away.
     * @param {boolean} mayReturn whether the browser may bring it back
     */
    leave(mayReturn: boolean): void;
    /** The browser brought the page back. */
    back(): void;
    #private;
}
export type TransportName = import("./link.js").TransportName;
export type Options = {
    /**
     * which, in order of preference
     */
    transports?: ("stream" | "poll" | "sse" | "websocket")[] | undefined;
    /**
     * the constructor to use underneath
     */
    WebSocket?: any;
    /**
     * where to remember what works
     */
    storage?: Pick<Storage, "getItem" | "removeItem" | "setItem"> | null | undefined;
};
export type Host = {
    /**
     * the next item in order
     */
    item: (item: import("./session.js").Item) => void;
    /**
     * the session ended, and not by `close`
     */
    end: (outcome: string, retry?: number) => void;
    /**
     * another one is in use, or none
     */
    transport: (transport: string, reconnecting: boolean) => void;
};
import { Session } from './session.js';
import { Link } from './link.js';
