/**
 * What it has beyond `WebSocket`.
 * @typedef {object} Additions
 * @property {string} transport the one in use: `websocket`, `stream`, `sse`, `poll`, or empty while there is none
 * @property {string} session its public name, which is its short code in reports; empty before the gateway gave it
 * @property {State} state whether data can travel now; `readyState` stays OPEN while a lost transport is replaced
 * @property {((event: Event) => void) | null} ontransportchange
 * @property {((event: Event) => void) | null} onreconnecting
 * @property {((event: Event) => void) | null} onrecovered
 * @property {((event: Event) => void) | null} onreport
 */
/** @typedef {WebSocket & Additions} TowpathSocket */
/**
 * @typedef {Omit<typeof WebSocket, 'prototype'> & {
 *   new (url: string | URL, protocols?: string | string[], options?: Options): TowpathSocket,
 *   prototype: TowpathSocket,
 *   transports: Options['transports'],
 *   WebSocket: Options['WebSocket'],
 *   storage: Options['storage'],
 *   report: Options['report'],
 * }} TowpathConstructor
 */
/** A `WebSocket` whose session survives its transports. */
export const TowpathWebSocket: TowpathConstructor;
export default TowpathWebSocket;
export type Options = import("./options.js").Options;
export type Item = import("./session.js").Item;
export type State = "connecting" | "connected" | "reconnecting" | "closed";
/**
 * What it has beyond `WebSocket`.
 */
export type Additions = {
    /**
     * the one in use: `websocket`, `stream`, `sse`, `poll`, or empty while there is none
     */
    transport: string;
    /**
     * its public name, which is its short code in reports; empty before the gateway gave it
     */
    session: string;
    /**
     * whether data can travel now; `readyState` stays OPEN while a lost transport is replaced
     */
    state: State;
    ontransportchange: ((event: Event) => void) | null;
    onreconnecting: ((event: Event) => void) | null;
    onrecovered: ((event: Event) => void) | null;
    onreport: ((event: Event) => void) | null;
};
export type TowpathSocket = WebSocket & Additions;
export type TowpathConstructor = Omit<typeof WebSocket, "prototype"> & {
    new (url: string | URL, protocols?: string | string[], options?: Options): TowpathSocket;
    prototype: TowpathSocket;
    transports: Options["transports"];
    WebSocket: Options["WebSocket"];
    storage: Options["storage"];
    report: Options["report"];
};
