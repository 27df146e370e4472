// Runs the suite in a page: page.html?client=/path/towpath.js&transport=NAME&only=TEXT&worker
//
// Without `client` it tests the browser's own WebSocket. With `worker` the suite runs in a dedicated worker.
// The harness hands the results to the test.

import { run } from './all.js'
import { run as report } from './harness.js'

const suiteSeconds = 100

const asked = new URLSearchParams(location.search)
const [client, transport, only] = ['client', 'transport', 'only'].map((name) => asked.get(name) ?? undefined)

/** The suite's results in a worker, which knows neither document nor cookies. */
const inWorker = () => new Promise((resolve, reject) => {
  const worker = new Worker('worker.js', { type: 'module' })
  worker.onmessage = ({ data }) => resolve(data)
  worker.onerror = ({ message }) => reject(new Error(message))
  worker.postMessage({ client, transport, only })
})

async function inPage() {
  let tested = WebSocket
  if (client) {
    const { TowpathWebSocket } = await import(client)
    if (transport) TowpathWebSocket.transports = [transport]
    tested = TowpathWebSocket
  }
  return run({ WebSocket: tested, base: location.origin.replace('http', 'ws'), page: true, only })
}

report(asked.has('worker') ? inWorker : inPage, suiteSeconds)
