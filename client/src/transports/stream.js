/** Envelopes as they come, in the body of a long response. */
import { http } from './http.js';

/**
 * Hands on the chunks of a body.
 * @param {Response} response
 * @param {(chunk: Uint8Array) => void} take
 */
export const chunks = async (response, take) => {
  const body = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
  for (let read; !(read = await body.read()).done;) take(read.value);
};

export const stream = http('stream', chunks);
