/**
 * @typedef {{
 *   action: 'start' | 'cancel' | 'use' | 'remember' | 'forget' | 'wait',
 *   transport?: string, in_use?: boolean, ping?: boolean, milliseconds?: number,
 * }} Action
 * `start`: attach over it, with `use` if `in_use`, and say `proven` only after a pong if `ping`. `wait`: call `retry`
 * after so long, and up to a quarter more.
 */
/** @typedef {{transport: string, in_use: boolean, started: number}} Attempt */
export class Choice {
    /**
     * @param {string[]} allowed in order of preference
     * @param {string | null} [remembered] what worked here lately
     */
    constructor(allowed: string[], remembered?: string | null);
    /** the transport in use */
    current: string;
    /** @type {Attempt[]} those that are not proven yet */
    attempts: Attempt[];
    allowed: string[];
    remembered: string;
    /** The session begins. @param {number} now */
    start(now: number): Action[];
    /** An attempt is proven. @param {string} transport @param {number} now */
    proven(transport: string, now: number): Action[];
    /** An attempt failed before it was proven, or the transport in use died. @param {string} transport @param {number} now */
    failed(transport: string, now: number): Action[];
    /**
     * An attempt was overtaken: an answer and no failure. A better one than the one in use is tried again.
     * @param {string} transport
     * @param {number} now
     */
    superseded(transport: string, now: number): Action[];
    /** The wait is over, or there is reason to try at once. @param {number} now */
    retry(now: number): Action[];
    /** The browser says whether there is a network. @param {boolean} online @param {number} now */
    online(online: boolean, now: number): Action[];
    /** The device woke up. @param {number} now */
    woke(now: number): Action[];
    /** What was seen before says nothing about another network. @param {number} now */
    networkChanged(now: number): Action[];
    /** Time has passed. @param {number} now */
    tick(now: number): Action[];
    /** When to call `tick` if nothing happens before. */
    get deadline(): number;
    #private;
}
/**
 * `start`: attach over it, with `use` if `in_use`, and say `proven` only after a pong if `ping`. `wait`: call `retry`
 * after so long, and up to a quarter more.
 */
export type Action = {
    action: "start" | "cancel" | "use" | "remember" | "forget" | "wait";
    transport?: string;
    in_use?: boolean;
    ping?: boolean;
    milliseconds?: number;
};
export type Attempt = {
    transport: string;
    in_use: boolean;
    started: number;
};
