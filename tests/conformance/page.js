// Runs the suite in a page: page.html?client=/path/towpath.js&transport=NAME&only=TEXT
//
// Without `client` it tests the browser's own WebSocket. The harness hands the results to the test.

import { run } from './all.js'
import { run as report } from './harness.js'

const suiteSeconds = 100

report(async () => {
  const asked = new URLSearchParams(location.search)
  let tested = WebSocket
  if (asked.has('client')) {
    const { TowpathWebSocket } = await import(asked.get('client'))
    if (asked.has('transport')) TowpathWebSocket.transports = [asked.get('transport')]
    tested = TowpathWebSocket
  }
  const base = location.origin.replace('http', 'ws')
  return run({ WebSocket: tested, base, page: true, only: asked.get('only') ?? undefined })
}, suiteSeconds)
