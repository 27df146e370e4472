/** Envelopes in base64 as the data of server-sent events: some middleboxes let only these through unheld. */
import { unbase64 } from '../envelope.js';
import { http } from './http.js';
import { chunks } from './stream.js';

export const sse = http('sse', (response, feed) => {
  const decoder = new TextDecoder();
  let rest = '';
  return chunks(response, chunk => {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
    rest = /** @type {string} */ (lines.pop());
    for (const line of lines) if (line.startsWith('data:')) feed(unbase64(line.slice(5)));
  });
});
