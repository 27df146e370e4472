/** @typedef {['start' | 'use' | 'cancel' | 'remember', string] | ['forget'] | ['wait', number]} Command */
export class Choice {
    /**
     * @param {string[]} transports in order of preference
     * @param {string | null} [remembered] what worked here lately
     */
    constructor(transports: string[], remembered?: string | null);
    /** the transport in use */
    current: string;
    /** @type {Map<string, number>} attempts under way, and since when */
    attempts: Map<string, number>;
    transports: string[];
    remembered: string | null | undefined;
    /** A new session: the race begins. @param {number} now */
    begin(now: number): Command[];
    /** An attempt has carried data both ways. @param {string} transport @param {number} now */
    proven(transport: string, now: number): Command[];
    /** An attempt ended without proof. @param {string} transport @param {number} now @param {number} [random] */
    failed(transport: string, now: number, random?: number): Command[];
    /** The transport in use died. @param {number} now */
    lost(now: number): Command[];
    /** The network came back or changed, or the page was shown again. @param {number} now */
    hurry(now: number): Command[];
    /** Until then no failure counts: the machine is offline or just woke up. @param {number} until */
    deaf(until: number): Command[];
    /** Time has passed. @param {number} now @param {number} [random] from 0 to 1, for the jitter */
    tick(now: number, random?: number): Command[];
    /** When `tick` is wanted next. */
    get deadline(): number;
    #private;
}
export type Command = ["start" | "use" | "cancel" | "remember", string] | ["forget"] | ["wait", number];
