export function post(link: Link, endpoint: string, body: Uint8Array, more?: RequestInit): Promise<Response | undefined>;
export function http(endpoint: string, read: (response: Response, feed: (chunk: Uint8Array) => void) => Promise<number | void>): (/** @param {Link} link */ link: Link) => {
    flush: () => void;
    /** @param {boolean} [soft] lets go out what is going out */
    close(soft?: boolean): void;
};
/**
 * What `stream`, `sse` and `poll` have in common: a row of POST requests that carry the downlink, and
 * `send` requests beside them, several at a time and repeated unchanged until they have succeeded.
 */
export type Link = import("../link.js").Link;
