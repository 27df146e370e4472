export function recall(storage: Memory, host: string): string | undefined;
export function remember(storage: Memory, host: string, name: string): void | undefined;
export type Memory = Pick<Storage, "getItem" | "setItem" | "removeItem"> | null | undefined;
