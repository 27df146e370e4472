// Carries numbered messages both ways at once, rests, carries as many again, and tells how each fared.
//
// It runs in a page and in node, over any socket with the WebSocket interface to the backend's /both.

const patienceSeconds = 75

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))

/** What arrived of one direction's numbers. */
function judge(got, sent) {
  const seen = new Set()
  const flaws = { lost: 0, doubled: 0, reordered: 0 }
  let last = -1
  for (const number of got) {
    if (seen.has(number)) flaws.doubled += 1
    else if (number < last) flaws.reordered += 1
    seen.add(number)
    last = Math.max(last, number)
  }
  return { ...flaws, lost: sent - seen.size }
}

/** One run over a socket made by `make`. */
class Run {
  down = []
  echoed = []
  sent = 0
  first = null
  seconds = null
  ended = null
  /** what carries in the end */
  transport = ''
  transports = []
  #change = new EventTarget()
  #began = performance.now()

  constructor(make, count, rest) {
    this.count = count
    this.rest = rest
    this.socket = make()
    this.socket.binaryType = 'arraybuffer'
    this.socket.addEventListener('transportchange', () => this.transports.push(this.socket.transport))
    this.socket.addEventListener('close', ({ code, reason }) => this.end(`closed with ${code} ${reason}`))
    this.socket.addEventListener('message', ({ data }) => this.#hear(data))
  }

  end(how) {
    this.ended ??= how
    this.#change.dispatchEvent(new Event('change'))
  }

  #hear(data) {
    this.first ??= Math.round(performance.now() - this.#began)
    if (typeof data === 'string' && data.startsWith('down ')) this.down.push(Number(data.slice(5)))
    else this.echoed.push(Number(typeof data === 'string' ? data : new TextDecoder().decode(data)))
    this.#change.dispatchEvent(new Event('change'))
  }

  /** Met when this many came both ways, or nothing more can come. */
  #arrived(total) {
    return new Promise((resolve) => {
      const look = () => {
        if (this.ended === null && (this.down.length < total || this.echoed.length < total)) return
        this.#change.removeEventListener('change', look)
        resolve()
      }
      this.#change.addEventListener('change', look)
      look()
    })
  }

  async #send() {
    for (let index = 0; index < this.count; index += 1) {
      this.socket.send(index % 2 ? new TextEncoder().encode(String(this.sent)) : String(this.sent))
      this.sent += 1
      if (index % 10 === 9) await pause(0.02)
    }
  }

  async play() {
    await new Promise((resolve) => {
      this.socket.addEventListener('open', resolve)
      this.socket.addEventListener('close', resolve)
    })
    if (this.ended) return
    await Promise.all([this.#send(), this.#arrived(this.count)])
    await pause(this.rest)
    if (this.ended) return
    this.socket.send('more')
    await Promise.all([this.#send(), this.#arrived(2 * this.count)])
    this.seconds = Math.round((performance.now() - this.#began) / 1000)
    this.transport = this.socket.transport ?? 'websocket'
    // What comes doubled comes late.
    await pause(0.5)
    if (this.ended) return
    const closed = new Promise((resolve) => this.socket.addEventListener('close', resolve))
    this.socket.close(1000, 'done')
    await closed
  }

  report() {
    const [up, back] = [judge(this.echoed, this.sent), judge(this.down, 2 * this.count)]
    return {
      transport: this.transport,
      transports: this.transports,
      first_ms: this.first,
      seconds: this.seconds,
      ended: this.ended,
      sent: this.sent + 2 * this.count,
      lost: up.lost + back.lost,
      doubled: up.doubled + back.doubled,
      reordered: up.reordered + back.reordered,
    }
  }
}

/**
 * @param {{ make: () => WebSocket, count: number, rest: number }} how `count` messages each way before a rest of
 *   `rest` seconds, and as many after it
 */
export async function carry({ make, count, rest }) {
  const run = new Run(make, count, rest)
  const late = pause(patienceSeconds).then(() => run.end(`not over after ${patienceSeconds} s`))
  await Promise.race([run.play(), late])
  return run.report()
}
