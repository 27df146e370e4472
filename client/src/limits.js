/** How long a connection waits for what, and how much it says at its end. */

/** How long everything may fail before the first connection is given up, and how long it may hang. */
export const CONNECT_MS = 2000, CONNECT_MS_MAX = 30000;
/** How long a session that nobody waits for is given for its goodbye. */
export const GOODBYE_MS = 10000;
/** A timer that is so late has slept. */
export const SLEPT_MS = 5000;
/** A transport that dies so soon is worth a report; another, when it happens again. */
export const EARLY_MS = 5000;
/** What browsers send after a page is gone. */
export const KEEPALIVE_BYTES_MAX = 60000;
