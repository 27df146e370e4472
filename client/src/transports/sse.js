/** Envelopes in base64 as the data of server-sent events: some middleboxes let only these through unheld. */
import { http } from './http.js';
import { chunks } from './stream.js';

export const sse = http('sse', (response, feed) => {
  const decoder = new TextDecoder();
  let line = '';
  return chunks(response, chunk => {
    const lines = (line + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
    line = /** @type {string} */ (lines.pop());
    for (const text of lines)
      if (text.startsWith('data:')) feed(Uint8Array.from(atob(text.slice(5).trim()), letter => letter.charCodeAt(0)));
  });
});
