export function recall(storage: any, host: string): string | undefined;
export function remember(storage: any, host: string, name?: string): any;
export type Memory = Pick<Storage, "getItem" | "setItem"> | null | undefined;
