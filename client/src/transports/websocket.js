/**
 * Envelopes as binary messages of a WebSocket. Its own close ends the attachment, never the session.
 * @typedef {import('../link.js').Link} Link
 */

/** The most bytes of one message. */
const MESSAGE_BYTES_MAX = 65536;

/** @param {Link} link */
export const websocket = link => {
  /** @type {WebSocket} */
  const socket = new link.owner.WebSocket(link.url('websocket', 'ws'), 'towpath.1');
  const feed = link.reader();
  const lost = () => link.fail();
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => socket.send(link.attach());
  socket.onmessage = event => feed(new Uint8Array(event.data));
  socket.onclose = socket.onerror = lost;
  return {
    flush() {
      for (let bytes; link.key && (bytes = link.take(MESSAGE_BYTES_MAX));) socket.send(bytes);
    },
    close() {
      socket.close();
    },
  };
};
