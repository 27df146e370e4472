export function later(task: () => void): any;
export function turn(): Promise<void>;
