export function chunks(response: Response, take: (chunk: Uint8Array) => void): Promise<void>;
export const stream: (link: Link) => {
    flush: () => void;
    close(soft?: boolean): void;
};
