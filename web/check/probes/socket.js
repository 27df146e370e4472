/**
 * One WebSocket to the gateway's probe, as something that can be waited for.
 *
 * It never judges what came; every wait has a limit.
 */

/**
 * @typedef {import('../tools.js').Tools} Tools
 * @typedef {import('../tools.js').Outcome} Outcome
 * @typedef {string | ArrayBuffer} Data
 */

export class Probe {
  /** @type {{ data: Data, at: number }[]} */
  #messages = [];
  #bytes = 0;
  #openedAt = -1;
  /** @type {{ code: number, at: number } | undefined} */
  #closed;
  /** Called when anything happened. @type {() => void} */
  #wake = () => {};
  #tools;
  #began;
  /** @type {WebSocket | undefined} */
  #socket;

  /**
   * @param {Tools} tools
   * @param {Record<string, string | number>} query
   */
  constructor(tools, query) {
    this.#tools = tools;
    this.#began = tools.now();
    try {
      this.#socket = this.#open(tools.url('websocket', query));
    } catch {
      this.#closed = { code: 0, at: this.#began };
    }
  }

  /** @param {URL} url */
  #open(url) {
    const socket = new this.#tools.WebSocket(url, 'towpath-probe.1');
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => {
      this.#openedAt = this.#tools.now();
      this.#wake();
    });
    socket.addEventListener('message', ({ data }) => {
      this.#bytes += typeof data === 'string' ? data.length : data.byteLength;
      this.#messages.push({ data, at: this.#tools.now() });
      this.#wake();
    });
    socket.addEventListener('close', ({ code }) => {
      this.#closed ??= { code, at: this.#tools.now() };
      this.#wake();
    });
    return socket;
  }

  /** What was agreed about compression and the like. */
  get extensions() {
    return this.#socket?.extensions ?? '';
  }

  /** Waits until `ready`, the end of the socket, the time allowed or the user's stop. @type {(wait: number, ready: () => boolean) => Promise<void>} */
  async #until(wait, ready) {
    const limit = this.#tools.within(wait);
    while (!ready() && !this.#closed && !limit.signal.aborted) {
      await new Promise(resolve => {
        this.#wake = () => resolve(undefined);
        limit.signal.addEventListener('abort', this.#wake, { once: true });
      });
    }
    limit.end();
  }

  /**
   * What is wrong with its opening; nothing once it is open.
   * @param {number} wait
   * @returns {Promise<Outcome | undefined>}
   */
  async opened(wait) {
    await this.#until(wait, () => this.#openedAt >= 0);
    if (this.#openedAt >= 0) return undefined;
    return { outcome: 'not_opened', after_ms: (this.#closed?.at ?? this.#tools.now()) - this.#began, timed_out: !this.#closed };
  }

  /** @param {string | Uint8Array<ArrayBuffer>} data */
  send(data) {
    if (!this.#closed) this.#socket?.send(data);
  }

  /**
   * The next message, or what came instead of it.
   * @param {number} wait
   * @returns {Promise<{ data: Data, at: number } | { instead: Outcome }>}
   */
  async message(wait) {
    await this.#until(wait, () => this.#messages.length > 0);
    const message = this.#messages.shift();
    return message ?? { instead: this.cut() ?? { outcome: 'silent', waited_ms: wait } };
  }

  /** How it was cut, where it was. @returns {Outcome | undefined} */
  cut() {
    if (!this.#closed) return undefined;
    const after_ms = this.#closed.at - Math.max(this.#openedAt, this.#began);
    return { outcome: 'cut', code: this.#closed.code || undefined, after_ms, bytes: this.#bytes };
  }

  /** Lets time pass, and says how it was cut meanwhile. @type {(wait: number) => Promise<Outcome | undefined>} */
  async survives(wait) {
    await this.#until(wait, () => false);
    return this.cut();
  }

  close() {
    this.#closed ??= { code: 1000, at: this.#tools.now() };
    this.#socket?.close(1000);
  }
}
