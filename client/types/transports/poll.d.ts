export const poll: (link: Link) => {
    flush: () => void;
    close(soft?: boolean): void;
};
