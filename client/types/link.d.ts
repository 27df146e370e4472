export namespace TRANSPORTS {
    export { websocket };
    export { stream };
    export { sse };
    export { poll };
}
export function createLink(owner: Link["owner"], name: TransportName, first?: boolean, ping?: boolean): Link;
export type TransportName = keyof typeof TRANSPORTS;
export type Link = {
    owner: import("./connection.js").Connection;
    name: TransportName;
    /**
     * whether it may go into use as it attaches
     */
    first?: boolean | undefined;
    /**
     * whether it is proven only by a pong
     */
    ping?: boolean | undefined;
    generation: number;
    /**
     * whether the gateway took it into use when it attached
     */
    used: boolean;
    closed: boolean;
    /**
     * what it attached with
     */
    secret?: object | undefined;
    /**
     * whether the response in hand ended on purpose
     */
    again: boolean;
    /**
     * the attachment's key, once it is attached
     */
    key?: Uint8Array<ArrayBufferLike> | undefined;
    /**
     * when something must have come
     */
    silentAt: number;
    /**
     * when a pong must have come
     */
    pongAt: number;
    /**
     * what reports tell of it, nearly in their words; the times are those of the clock
     */
    trace: Record<string, any>;
    /**
     * what a later request for the downlink begins with;
     * `cut` if the response before was: an ack may be lost with it
     */
    renew: (request: number, cut: boolean) => Uint8Array;
    with: (request: number) => Uint8Array;
    /**
     * what goes up now, if anything, in so many bytes
     */
    take: (budget: number) => Uint8Array | undefined;
    /**
     * a taker of what came down, for one response or
     * one socket; `aside` if it is the answer to a `send`, which says nothing of the downlink
     */
    reader: (aside?: boolean) => (chunk: Uint8Array) => void;
    /**
     * nothing can come for a while, until what it gives is called
     */
    pause: () => () => void;
    /**
     * something came
     */
    heard: () => void;
    /**
     * asks for a sign of life
     */
    ask: () => void;
    /**
     * asks for the answer itself, and soon: whether data comes through at once and both ways
     */
    prove: () => void;
    say: (bytes: Uint8Array) => void;
    flush: () => void;
    /**
     * remembers when it happened first
     */
    note: (what: string) => void;
    fail: () => void;
    /**
     * `how` it ended, in the words of reports
     */
    close: (soft?: boolean, how?: string) => void;
};
import { websocket } from './transports/websocket.js';
import { stream } from './transports/stream.js';
import { sse } from './transports/sse.js';
import { poll } from './transports/poll.js';
