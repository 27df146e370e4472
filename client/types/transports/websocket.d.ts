export function websocket(link: Link): {
    flush(): void;
    close(): void;
};
/**
 * Envelopes as binary messages of a WebSocket. Its own close ends the attachment, never the session.
 */
export type Link = import("../link.js").Link;
