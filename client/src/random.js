/** What must not be guessed, and what must not collide. */

/** What opens a session: 22 letters of base64url. That two letters became one costs less than a bit of 128. */
export const nonce = () =>
  btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16)))).replace(/\W/g, '_').slice(0, 22);

/** What joins all attempts of a connection in reports: eight of `[a-z0-9]`. It is no secret. */
export const attemptId = () => ((1 + Math.random()) * 36 ** 8).toString(36).slice(1, 9);
