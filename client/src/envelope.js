/**
 * Envelopes: the unit that every transport moves (docs/protocol.md, section 1).
 * Pure: bytes in, bytes out. It never looks at what an envelope means.
 */

export const ATTACH = 1, ATTACHED = 2, WITH = 3, USE = 4, ACK = 5, PING = 6, PONG = 7, SUPERSEDED = 8, AGAIN = 9, END = 10, PADDING = 11;
export const TEXT = 16, TEXT_MORE = 17, BINARY = 18, BINARY_MORE = 19, OPENED = 20, REFUSED = 21, CLOSE = 22;

/** The most bytes of one envelope, head included. */
export const ENVELOPE_BYTES_MAX = 65536;

/**
 * Says what is wrong with the bytes or with the peer.
 * @param {string} [outcome] the name the protocol gives it
 * @returns {never}
 */
export const fault = (outcome = 'malformed') => {
  throw new Error(outcome);
};

const encoder = new TextEncoder();

/** @param {string} text */
export const utf8 = text => encoder.encode(text);

/** @param {Uint8Array} bytes */
export const text = bytes => new TextDecoder().decode(bytes);

/** @param {Uint8Array} bytes */
export const json = bytes => JSON.parse(text(bytes));

/** The code in the payload of a `close`. @param {Uint8Array} payload */
export const closeCode = payload => (payload.length ? payload[0] * 256 + payload[1] : 1005);

/** Bytes of base64 or base64url. @param {string} letters */
export const unbase64 = letters =>
  Uint8Array.from(atob(letters.replace(/-/g, '+').replace(/_/g, '/')), letter => letter.charCodeAt(0));

/** The bytes of all parts together. @param {ArrayLike<number>[]} parts */
export const size = parts => parts.reduce((sum, part) => sum + part.length, 0);

/**
 * Joins byte strings.
 * @param {ArrayLike<number>[]} parts
 */
export const join = parts => {
  const whole = new Uint8Array(size(parts));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

/**
 * A number as unsigned LEB128. No bit operators: these stop at 32 bits.
 * @param {number} value
 */
export const number = value => {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push(value % 128 + 128);
  bytes.push(value);
  return bytes;
};

/**
 * Reads a number; `undefined` where the bytes end before it does.
 * @param {Uint8Array} bytes
 * @param {number} at
 * @returns {[value: number, next: number] | undefined}
 */
export const readNumber = (bytes, at) => {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return;
    value += byte % 128 * 128 ** i;
    if (value >= 2 ** 53) break;
    if (byte < 128) return [value, at + i + 1];
  }
  return fault();
};

/**
 * Reads `count` numbers that must fill the body up to its end, or up to the rest, which is returned last.
 * @param {Uint8Array} body
 * @param {number} count
 * @returns {[number[], Uint8Array]}
 */
export const numbers = (body, count) => {
  const values = [];
  let at = 0;
  while (values.length < count) {
    const [value, next] = readNumber(body, at) || fault();
    values.push(value);
    at = next;
  }
  return [values, body.subarray(at)];
};

/**
 * One envelope.
 * @param {number} type
 * @param {...(ArrayLike<number>)} body
 */
export const envelope = (type, ...body) =>
  join([[type], number(size(body)), ...body]);

/**
 * Takes bytes however they are cut and hands on whole envelopes.
 * @param {(type: number, body: Uint8Array) => void} take
 * @returns {(chunk: Uint8Array) => void}
 */
export const reader = take => {
  /** @type {Uint8Array} */
  let rest = new Uint8Array();
  return chunk => {
    let bytes = rest.length ? join([rest, chunk]) : chunk;
    for (;;) {
      const head = readNumber(bytes, 1);
      if (!head) break;
      const end = head[0] + head[1];
      if (end > ENVELOPE_BYTES_MAX) fault();
      if (bytes.length < end) break;
      const type = bytes[0], body = bytes.subarray(head[1], end);
      // Set before the call, so that a throw of the taker leaves no envelope to be read twice.
      rest = bytes = bytes.subarray(end);
      if (type > CLOSE && type < 32) fault();
      take(type, body);
    }
    rest = bytes;
  };
};
