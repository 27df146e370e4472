export function enter(leave: Leave): Promise<any>;
export function exit(leave: Leave): void;
/**
 * ends a held downlink, which may then come back, or says that it cannot
 */
export type Leave = () => boolean;
