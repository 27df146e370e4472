export const sse: (link: Link) => {
    flush: () => void;
    close(soft?: boolean): void;
};
