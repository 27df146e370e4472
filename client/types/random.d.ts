export function nonce(): string;
export function attemptId(): string;
