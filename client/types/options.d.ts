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
    /**
     * whether the gateway is told of failures, if it asks for that
     */
    report?: boolean | undefined;
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
    /**
     * what the gateway found out from a report
     */
    report: (answer: object) => void;
};
