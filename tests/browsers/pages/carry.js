// Numbered messages both ways over a WebSocket or its like, and what became of them.

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The same as the backend's: lengths differ; some do not fit a packet. */
const text = (side, number) => `${side}:${number}:${'x'.repeat((number * 37) % 600 + (number % 50 ? 0 : 5000))}`;

/** Counts what comes of one side's numbered messages. */
class Tally {
  lost = 0;
  doubled = 0;
  reordered = 0;
  broken = 0;
  #seen = new Set();
  #last = 0;

  constructor(side, count) {
    this.side = side;
    this.count = count;
  }

  /** `isText` must fit the number: odd ones are binary. */
  take(number, whole, isText) {
    if (whole !== text(this.side, number) || isText !== (number % 2 === 0)) {
      this.broken += 1;
    }
    if (this.#seen.has(number)) {
      this.doubled += 1;
    } else if (number < this.#last) {
      this.reordered += 1;
    }
    this.#seen.add(number);
    this.#last = Math.max(this.#last, number);
  }

  get isComplete() {
    return this.#seen.size >= this.count;
  }

  sum() {
    const { doubled, reordered, broken } = this;
    return { lost: this.count - this.#seen.size, doubled, reordered, broken };
  }
}

/**
 * Sends `count` messages, one each `pace` milliseconds, to a backend that echoes them and sends as many of its own.
 * Closes when all came and `lasting` milliseconds are over, or gives up after `seconds`. Never throws for what the network does: it is reported.
 */
export async function carry(Socket, url, { count, pace, seconds, lasting = 0 }) {
  const echoed = new Tally('c', count);
  const told = new Tally('s', count);
  const began = performance.now();
  const report = { opened: null, first: null, transport: null, transports: [], events: [] };
  const since = () => Math.round(performance.now() - began);
  const socket = new Socket(url, ['numbers']);
  socket.binaryType = 'arraybuffer';
  const closed = new Promise((resolve) => {
    socket.addEventListener('close', ({ code, reason, wasClean }) => resolve({ code, reason, wasClean }));
  });
  for (const name of ['open', 'error', 'transportchange', 'reconnecting', 'recovered']) {
    socket.addEventListener(name, () => {
      report.events.push(`${since()} ${name} ${socket.transport ?? ''}`.trim());
      if (socket.transport && report.transports.at(-1) !== socket.transport) {
        report.transports.push(socket.transport);
      }
    });
  }
  for (const name of ['offline', 'online']) {
    globalThis.addEventListener?.(name, () => report.events.push(`${since()} ${name}`));
  }
  const opened = new Promise((resolve) => {
    socket.addEventListener('open', () => {
      report.opened = since();
      resolve();
    });
  });
  const complete = new Promise((resolve) => {
    socket.addEventListener('message', ({ data }) => {
      report.first ??= since();
      const isText = typeof data === 'string';
      const whole = isText ? data : decoder.decode(data);
      const [side, number] = whole.split(':', 2);
      (side === 's' ? told : echoed).take(Number(number), whole, isText);
      if (told.isComplete && echoed.isComplete) {
        resolve();
      }
    });
  });
  const sending = opened.then(async () => {
    for (let number = 1; number <= count && socket.readyState === 1; number += 1) {
      const message = text('c', number);
      socket.send(number % 2 === 0 ? message : encoder.encode(message));
      // Browsers wait at least 4 ms.
      if (pace >= 4 || number % 4 === 0) {
        await pause(pace);
      }
    }
  });
  const given = pause(seconds * 1000);
  await Promise.race([complete.then(() => sending), closed, given]);
  report.done = since();
  report.transport = socket.transport ?? 'native';
  report.protocol = socket.protocol;
  report.buffered = socket.bufferedAmount;
  // A repeated message would come late.
  await pause(Math.max(100, lasting - since()));
  socket.close(1000, 'done');
  report.close = await Promise.race([closed, pause(5000)]) ?? null;
  return { ...report, echoed: echoed.sum(), told: told.sum() };
}
