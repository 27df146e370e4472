/**
 * Envelopes as binary messages of a WebSocket. Its own close ends the attachment, never the session.
 * @typedef {import('../link.js').Link} Link
 */

import { address } from '../address.js';
import { later } from '../turn.js';

/** The most bytes of one message. */
const MESSAGE_BYTES_MAX = 65536;

/** @param {Link} link */
export const websocket = link => {
  /** @type {WebSocket} */
  const socket = new link.owner.WebSocket(address(link.owner.url, 'websocket', 'ws') + '?' + link.owner.attempt, 'towpath.1');
  const feed = link.reader();
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => {
    link.note('opened');
    socket.send(link.owner.attach(link));
  };
  socket.onmessage = event => feed(new Uint8Array(event.data));
  // Only a close has a code, and mostly follows; not where a policy forbids the connection.
  socket.onerror = () => later(link.fail);
  socket.onclose = ({ code }) => {
    link.trace.code = code;
    link.fail();
  };
  return {
    flush() {
      for (let bytes; link.key && (bytes = link.take(MESSAGE_BYTES_MAX));) socket.send(bytes);
    },
    close() {
      socket.close();
    },
  };
};
