export function recall(storage: Memory, host: string): any;
export function remember(storage: Memory, host: string, name: string): void;
export type Memory = Pick<Storage, "getItem" | "setItem" | "removeItem"> | null | undefined;
