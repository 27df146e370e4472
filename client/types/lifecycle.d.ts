export function watch(watcher: Watcher): () => void;
export type Watcher = {
    awake(changed?: boolean): void;
    offline(): void;
    leave(mayReturn: boolean): void;
    back(): void;
};
