export function createChoice(allowed: string[], remembered?: string): {
    retry: (now: number) => void;
    tick: (now: number) => void;
    /** What is to be done now. */
    act: () => Action[];
    /** the transport in use */
    readonly current: string;
    readonly remembered: string;
    /** When to call `tick` if nothing happens before. */
    readonly deadline: number;
    /** The session begins. @param {number} now */
    start(now: number): void;
    /** An attempt is proven. @param {string} name @param {number} now */
    proven(name: string, now: number): void;
    /** An attempt failed before it was proven, or the transport in use died. @param {string} name @param {number} now */
    failed(name: string, now: number): void;
    /**
     * An attempt was overtaken: an answer and no failure. A better one than the one in use is tried again.
     * @param {string} name
     * @param {number} now
     */
    superseded(name: string, now: number): void;
    /** The browser says whether there is a network. @param {boolean} online @param {number} now */
    online(online: boolean, now: number): void;
    /** The device woke up. @param {number} now */
    woke(now: number): void;
    /** What was seen before says nothing about another network. @param {number} now */
    networkChanged(now: number): void;
};
/**
 * `start`: attach over it, with `use` if `first`, and say `proven` only after a pong if `ping`. `wait`: call `retry`
 * after so many milliseconds, and up to a quarter more.
 */
export type Action = {
    action: "start" | "cancel" | "use" | "remember" | "forget" | "wait";
    name?: string;
    first?: boolean;
    ping?: boolean;
    wait?: number;
};
/**
 * one that is not proven yet
 */
export type Attempt = {
    name: string;
    first: boolean;
    started: number;
};
export type Choice = ReturnType<typeof createChoice>;
