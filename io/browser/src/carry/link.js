// Opens sockets in a page of ours and shuttles their messages over one link. Records are described in record.rs.
// Runs in an empty document: there is no page script beside it. It must never use a timer, which a page in the
// background has slowed, and never read faster than it was granted.
(({ address, token, binding, windowBytes, messageCost, batchBytes }) => new Promise((ready, failed) => {
  "use strict";
  const [OPEN, TEXT, BINARY, CREDIT, CLOSE, ABANDON, OPENED, CLOSED] = [1, 2, 3, 4, 5, 6, 7, 8];
  const HEADER = 9;
  const ROOM = 65536;
  const encoder = new TextEncoder();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const sockets = new Map();
  let link;
  if (!globalThis.WebSocketStream) {
    // Nothing else lets a page stop a server that sends faster than we read.
    failed(new Error("it has no WebSocketStream, which Chromium has since version 124"));
    return;
  }

  // What goes up. The first record of a turn leaves at once; while more keep coming, each turn sends one batch.
  let batch = new Uint8Array(ROOM);
  let view = new DataView(batch.buffer);
  let used = 0;
  let busy = false;
  const turn = new MessageChannel();
  const flush = () => {
    if (link.readyState === 1) link.send(batch.subarray(0, used));
    used = 0;
    if (batch.length > 16 * ROOM) makeRoom(ROOM);
  };
  turn.port1.onmessage = () => {
    if (used > 0) {
      flush();
      turn.port2.postMessage(0);
    } else {
      busy = false;
    }
  };
  const makeRoom = (bytes) => {
    if (batch.length >= bytes && batch.length <= 16 * ROOM) return;
    const larger = new Uint8Array(Math.max(bytes, ROOM));
    larger.set(batch.subarray(0, used));
    batch = larger;
    view = new DataView(batch.buffer);
  };
  const begin = (kind, number, room) => {
    makeRoom(used + HEADER + room);
    batch[used] = kind;
    view.setUint32(used + 1, number);
    return used + HEADER;
  };
  const finish = (bytes) => {
    view.setUint32(used + 5, bytes);
    used += HEADER + bytes;
    if (!busy) {
      flush();
      busy = true;
      turn.port2.postMessage(0);
    } else if (used >= batchBytes) {
      flush();
    }
  };
  const sendText = (kind, number, text, max) => {
    const at = begin(kind, number, text.length * 3);
    const { written } = encoder.encodeInto(text, batch.subarray(at));
    if (written <= max) finish(written);
    return written;
  };
  const sendBytes = (kind, number, bytes) => {
    const at = begin(kind, number, bytes.length);
    batch.set(bytes, at);
    finish(bytes.length);
    return bytes.length;
  };
  const sendNumber = (number, value) => {
    // First of all the place, since making room for it may bring another view.
    const at = begin(CREDIT, number, 4);
    view.setUint32(at, value);
    finish(4);
  };
  // How it ended: 0 without a close frame, 1 with one, 2 by us.
  const sendClosed = (socket, manner, code, reason) => {
    if (!sockets.delete(socket.number)) return;
    const text = encoder.encode(reason);
    const at = begin(CLOSED, socket.number, 3 + text.length);
    batch[at] = manner;
    view.setUint16(at + 1, code);
    batch.set(text, at + 3);
    finish(3 + text.length);
  };

  const receive = (socket, value) => {
    if (socket.closing) return;
    let bytes;
    if (typeof value === "string") {
      bytes = value.length > socket.max ? value.length : sendText(TEXT, socket.number, value, socket.max);
    } else {
      const content = ArrayBuffer.isView(value)
        ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : new Uint8Array(value);
      bytes = content.length > socket.max ? content.length : sendBytes(BINARY, socket.number, content);
    }
    socket.credit -= bytes + messageCost;
    if (bytes > socket.max) {
      sendClosed(socket, 2, 1006, `a message of the server is over the limit of ${socket.max} bytes`);
      closeStream(socket);
    }
  };
  const closeStream = (socket, info) => {
    socket.closing = true;
    socket.wake();
    socket.stream.close(info);
  };
  const read = async (socket, reader) => {
    for (;;) {
      if (socket.credit <= 0 && !socket.closing) await new Promise((wake) => { socket.wake = wake; });
      const { value, done } = await reader.read();
      if (done) return;
      receive(socket, value);
    }
  };
  const open = async (number, { url, subprotocols, max }) => {
    const socket = {
      number, max, credit: windowBytes, returned: 0, written: null, writer: null, closing: false,
      stream: null, wake: () => {},
    };
    sockets.set(number, socket);
    try {
      // The name is how its handshake is recognised from outside.
      const name = `towpath${number}`;
      const named = { [name]: () => new WebSocketStream(url, { protocols: subprotocols }) };
      socket.stream = named[name]();
      socket.stream.closed.catch(() => {});
      const { readable, writable, protocol } = await socket.stream.opened;
      socket.writer = writable.getWriter();
      socket.writer.closed.catch(() => {});
      sendText(OPENED, number, JSON.stringify({ subprotocol: protocol }), Infinity);
      await read(socket, readable.getReader());
      const { closeCode, reason } = await socket.stream.closed;
      sendClosed(socket, 1, closeCode ?? 1005, reason ?? "");
    } catch (error) {
      const told = socket.writer && "reason" in error ? error.reason : String(error.message ?? error);
      sendClosed(socket, 0, error.closeCode ?? 1006, told);
    }
  };
  const send = (socket, chunk, bytes) => {
    if (!socket.writer) return;
    socket.written = socket.writer.write(chunk).then(() => {
      socket.returned += bytes + messageCost;
      if (socket.returned >= windowBytes / 2 && sockets.has(socket.number)) {
        sendNumber(socket.number, socket.returned);
        socket.returned = 0;
      }
    }, () => {});
  };
  const close = async (socket, code, reason) => {
    await socket.written;
    closeStream(socket, code === 0 ? {} : { closeCode: code, reason });
  };

  const take = (message) => {
    const incoming = new DataView(message);
    for (let at = 0; at < message.byteLength;) {
      const kind = incoming.getUint8(at);
      const number = incoming.getUint32(at + 1);
      const length = incoming.getUint32(at + 5);
      const payload = new Uint8Array(message, at + HEADER, length);
      at += HEADER + length;
      const socket = sockets.get(number);
      if (kind === OPEN) open(number, JSON.parse(decoder.decode(payload)));
      else if (!socket) continue;
      else if (kind === TEXT) send(socket, decoder.decode(payload), length);
      else if (kind === BINARY) send(socket, payload, length);
      else if (kind === CREDIT) {
        socket.credit += incoming.getUint32(at - length);
        if (socket.credit > 0) socket.wake();
      } else if (kind === CLOSE) close(socket, incoming.getUint16(at - length), decoder.decode(payload.subarray(2)));
      else if (kind === ABANDON) {
        sockets.delete(number);
        socket.closing = true;
        socket.wake();
        socket.stream?.close();
      }
    }
  };

  const end = () => {
    // Nobody is there for whom the sockets and this page would be kept.
    for (const socket of sockets.values()) socket.stream?.close();
    sockets.clear();
    window.close();
  };
  if (binding) {
    // In pieces, so that neither side has to make one huge text of a large message.
    const PIECE = 8 * ROOM;
    const toText = (bytes) => bytes.toBase64?.() ?? btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
    const toBytes = (text) => Uint8Array.fromBase64?.(text) ?? Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const send = (bytes) => {
      for (let at = 0; at < bytes.length; at += PIECE) window[binding](toText(bytes.subarray(at, at + PIECE)));
    };
    let pieces = [];
    window.towpathDown = async (text, last) => {
      pieces.push(toBytes(text));
      if (!last) return;
      const whole = new Blob(pieces.splice(0)).arrayBuffer();
      take(await whole);
    };
    link = { readyState: 1, send };
    ready();
    return;
  }
  let opened = false;
  link = new WebSocket(address);
  link.binaryType = "arraybuffer";
  link.onopen = () => {
    opened = true;
    link.send(Uint8Array.from(token));
    ready();
  };
  link.onmessage = ({ data }) => take(data);
  link.onclose = (event) => {
    if (opened) end();
    else failed(new Error(`the link to the program closed with ${event.code}`));
  };
}))
