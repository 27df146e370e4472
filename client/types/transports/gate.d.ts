export function hold(leave: Leave): void;
export function enter(leave: Leave): Promise<any>;
export function exit(leave: Leave): void;
/**
 * ends a held downlink, which may then come back
 */
export type Leave = () => void;
