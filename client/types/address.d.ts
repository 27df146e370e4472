export function address(application: URL, endpoint: string, scheme: string): string;
