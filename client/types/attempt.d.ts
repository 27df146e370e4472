export function attempt<T>(step: () => T): T | undefined;
