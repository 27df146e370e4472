// A small harness for the conformance suite: cases are functions, a failed assertion throws.
//
// It runs in a page, a worker or node, against any constructor that claims the WebSocket interface.
// It must never pass a case that did not run to its end.

const caseSeconds = 12

/** All cases in the order in which their files define them: `{ name, run, needs }`. */
export const cases = []

/**
 * @param {string} name what holds when the case passes
 * @param {(context: Context) => unknown} run
 * @param {{ needs?: 'page' }} [options] `page`: only where there are cookies and a document
 */
export function define(name, run, { needs } = {}) {
  cases.push({ name, run, needs })
}

export function ok(condition, message) {
  if (!condition) throw new Error(message)
}

export function equal(actual, expected, message) {
  ok(Object.is(actual, expected), `${message}: ${show(actual)} instead of ${show(expected)}`)
}

export function same(actual, expected, message) {
  equal(JSON.stringify(actual), JSON.stringify(expected), message)
}

/** `kind` is a DOMException's name, or a constructor such as TypeError. */
export function throws(kind, run, message) {
  let thrown
  try {
    run()
  } catch (error) {
    thrown = error
  }
  ok(thrown, `${message}: nothing was thrown`)
  if (typeof kind !== 'string') {
    ok(thrown instanceof kind, `${message}: ${thrown} instead of ${kind.name}`)
    return
  }
  ok(thrown instanceof DOMException, `${message}: ${thrown} is no DOMException`)
  equal(thrown.name, kind, message)
}

export const show = (value) => {
  if (value === undefined) return 'undefined'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > 120 ? `${text.slice(0, 120)}… (${text.length})` : text
}

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** What a case gets: the class under test and short ways to use it. Sockets that a case leaves open are closed. */
class Context {
  #opened = []

  constructor({ WebSocket, base }) {
    this.base = new URL(base)
    const opened = this.#opened
    // A subclass would hide what the class's own prototype looks like, so that construction is only watched.
    this.WebSocket = WebSocket
    this.make = (...given) => {
      const socket = new WebSocket(...given)
      opened.push(socket)
      return socket
    }
  }

  url(path) {
    return new URL(path, this.base).href
  }

  /** A socket to a path of the backend, not yet open. */
  socket(path, protocols) {
    const socket = protocols === undefined ? this.make(this.url(path)) : this.make(this.url(path), protocols)
    socket.binaryType = 'arraybuffer'
    return socket
  }

  /** The same, open. */
  async open(path, protocols) {
    const socket = this.socket(path, protocols)
    await next(socket, 'open')
    return socket
  }

  end() {
    for (const socket of this.#opened) socket.close()
  }
}

/** The next event of a kind. A close or an error that comes instead is a failure. */
export function next(socket, kind) {
  return new Promise((resolve, reject) => {
    const stop = new AbortController()
    const listen = (type, hear) => socket.addEventListener(type, (event) => {
      stop.abort()
      hear(event)
    }, { signal: stop.signal })
    listen(kind, resolve)
    if (kind === 'open' || kind === 'message') {
      listen('close', (event) => reject(new Error(`closed with ${event.code} ${show(event.reason)} before ${kind}`)))
    }
  })
}

/** Keeps the names of a socket's events in order. */
export function watch(socket) {
  const seen = []
  for (const type of ['open', 'message', 'error', 'close']) socket.addEventListener(type, () => seen.push(type))
  return seen
}

/** The next `count` messages' data. */
export function messages(socket, count) {
  return new Promise((resolve, reject) => {
    const got = []
    const hear = ({ data }) => {
      got.push(data)
      if (got.length < count) return
      socket.removeEventListener('message', hear)
      resolve(got)
    }
    socket.addEventListener('message', hear)
    socket.addEventListener('close', ({ code, reason }) => {
      reject(new Error(`closed with ${code} ${show(reason)} after ${got.length} of ${count} messages`))
    })
  })
}

/**
 * Runs all cases one after the other.
 * @param {{ WebSocket: typeof WebSocket, base: string, page: boolean, only?: string }} where
 * @returns {Promise<{ name: string, outcome: 'passed' | 'failed' | 'skipped', message: string }[]>}
 */
export async function run(where) {
  const results = []
  for (const { name, run: play, needs } of cases) {
    if (where.only && !name.includes(where.only)) continue
    if (needs === 'page' && !where.page) {
      results.push({ name, outcome: 'skipped', message: 'needs a page' })
      continue
    }
    const context = new Context(where)
    let timer
    const late = new Promise((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`not over after ${caseSeconds} s`)), caseSeconds * 1000)
    })
    const began = performance.now()
    try {
      await Promise.race([(async () => play(context))(), late])
      results.push({ name, outcome: 'passed', message: '', milliseconds: Math.round(performance.now() - began) })
    } catch (error) {
      results.push({ name, outcome: 'failed', message: String(error?.message ?? error) })
    } finally {
      clearTimeout(timer)
      context.end()
    }
  }
  return results
}
