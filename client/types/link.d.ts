export namespace TRANSPORTS {
    export { websocket };
    export { stream };
    export { sse };
    export { poll };
}
export class Link {
    /**
     * @param {import('./connection.js').Connection} owner
     * @param {TransportName} name
     * @param {boolean} [first] whether it may go into use as it attaches
     * @param {boolean} [ping] whether it is proven only by a pong
     */
    constructor(owner: import("./connection.js").Connection, name: TransportName, first?: boolean, ping?: boolean);
    generation: number;
    /** whether the gateway took it into use when it attached */
    used: boolean;
    closed: boolean;
    /** @type {object | undefined} what it attached with */
    secret: object | undefined;
    /** whether the response in hand ended on purpose */
    again: boolean;
    /** @type {Uint8Array | undefined} the attachment's key, once it is attached */
    key: Uint8Array | undefined;
    /** when something must have come */
    silentAt: number;
    /** when a pong must have come */
    pongAt: number;
    owner: {
        url: URL;
        WebSocket: any;
        session: import("./session.js").Session;
        link: Link | undefined;
        piece: number;
        body: number;
        heartbeat: number;
        arm: () => void;
        stop: () => void;
        send(kind: number, message: Uint8Array): void;
        close(payload: Uint8Array): void;
        abandon(payload: Uint8Array): void;
        consumed(payloadBytes: number): void;
        attach(link: Link): Uint8Array<ArrayBuffer>;
        receive(link: Link, type: number, body: Uint8Array): void;
        fault(link: Link, outcome: string): void;
        failed(link: Link, overtaken?: boolean): void;
    };
    name: "stream" | "websocket" | "sse" | "poll";
    first: boolean | undefined;
    ping: boolean | undefined;
    /**
     * The endpoint's address: the application's own path, then the endpoint. `fetch` takes no credentials in it.
     * @param {string} endpoint
     * @param {string} scheme
     */
    url(endpoint: string, scheme: string): string;
    /** The first envelope. */
    attach(): Uint8Array<ArrayBuffer>;
    /**
     * What a later request for the downlink begins with.
     * @param {number} request
     * @param {boolean} cut the response before was: an ack may be lost with it
     */
    renew(request: number, cut: boolean): Uint8Array<ArrayBuffer>;
    /** @param {number} request */
    with(request: number): Uint8Array<ArrayBuffer>;
    /**
     * What goes up now, if anything.
     * @param {number} budget bytes
     */
    take(budget: number): Uint8Array<ArrayBuffer> | undefined;
    /**
     * A taker of what came down, for one response or one socket.
     * @param {boolean} [aside] it is the answer to a `send`, and says nothing of the downlink
     */
    reader(aside?: boolean): (/** @param {Uint8Array} chunk */ chunk: Uint8Array) => void;
    /** Nothing can come for a while. @returns {() => void} now it can */
    pause(): () => void;
    /** Something came. */
    heard(): void;
    /**
     * Asks for a sign of life within so many milliseconds.
     * @param {number} [patience]
     */
    ask(patience?: number): void;
    /** Asks for the answer itself, and soon: whether data comes through at once and both ways. */
    prove(): void;
    /** @param {Uint8Array} bytes */
    say(bytes: Uint8Array): void;
    flush(): void;
    fail(): void;
    /** @param {boolean} [soft] */
    close(soft?: boolean): void;
    #private;
}
export type TransportName = keyof typeof TRANSPORTS;
import { websocket } from './transports/websocket.js';
import { stream } from './transports/stream.js';
import { sse } from './transports/sse.js';
import { poll } from './transports/poll.js';
