/** What a connection is given, and whom it tells. Types only. */

/** @typedef {import('./link.js').TransportName} TransportName */
/** @typedef {import('./session.js').Item} Item */
/**
 * @typedef {object} Options
 * @property {TransportName[]} [transports] which, in order of preference
 * @property {any} [WebSocket] the constructor to use underneath
 * @property {import('./memory.js').Memory} [storage] where to remember what works
 * @property {boolean} [report] whether the gateway is told of failures, if it asks for that
 */
/**
 * @typedef {object} Host
 * @property {(item: Item) => void} item the next item in order
 * @property {(outcome: string, retry?: number) => void} end the session ended, and not by `close`
 * @property {(name: string) => void} transport another one is in use, or none
 * @property {(answer: object) => void} report what the gateway found out from a report
 */

export {};
