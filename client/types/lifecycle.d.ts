export function watch(watcher: Watcher): () => void;
export type Watcher = {
    awake(): void;
    online(online: boolean): void;
    leave(mayReturn: boolean): void;
    back(): void;
};
