/** What the browser tells of the page's life, handed to each connection. Silent where there is no page. */
/**
 * @typedef {object} Watcher
 * @property {() => void} awake the page is shown again, or the device woke up
 * @property {(online: boolean) => void} online
 * @property {(mayReturn: boolean) => void} leave
 * @property {() => void} back
 * @property {(event: any) => void} forbidden a content security policy was violated
 */
/** @type {Set<Watcher>} those that are told; each puts itself in and takes itself out */
export const watchers: Set<Watcher>;
export type Watcher = {
    /**
     * the page is shown again, or the device woke up
     */
    awake: () => void;
    online: (online: boolean) => void;
    leave: (mayReturn: boolean) => void;
    back: () => void;
    /**
     * a content security policy was violated
     */
    forbidden: (event: any) => void;
};
