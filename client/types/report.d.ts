declare function _default(application: URL, look: () => View, tell: (answer: Answer) => void): void;
export default _default;
/**
 * What the connection shows: when it began, whether the gateway asks, its proof, id and attempts, how it ended, the
 * constructor underneath, whether the device slept or changed its network, and what a policy forbade.
 */
export type View = [startedAt: number, wanted: boolean, session: object, attempt: string, timeline: Record<string, any>[], ended: {
    outcome?: string;
    code?: number;
} | undefined, WebSocket: any, slept: boolean, networkChanged: boolean, violation: SecurityPolicyViolationEvent | undefined];
export type Answer = {
    code: string;
    verdict: "healthy" | "fault" | "cannot_tell";
    findings: object[];
    context: object[];
    /**
     * names of transports
     */
    works: string[];
    /**
     * the prefix of the client's address
     */
    network: string;
};
