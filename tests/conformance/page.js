// Runs the suite in a page: page.html?client=/path/towpath.js&transport=NAME&only=TEXT
//
// Without `client` it tests the browser's own WebSocket. The results are posted beside the page.

import { run } from './all.js'

const asked = new URLSearchParams(location.search)
const report = (body) => fetch('results', { method: 'POST', body: JSON.stringify(body) })

try {
  let tested = WebSocket
  if (asked.has('client')) {
    const { TowpathWebSocket } = await import(asked.get('client'))
    if (asked.has('transport')) TowpathWebSocket.transports = [asked.get('transport')]
    tested = TowpathWebSocket
  }
  const base = location.origin.replace('http', 'ws')
  const results = await run({ WebSocket: tested, base, page: true, only: asked.get('only') ?? undefined })
  await report({ of: location.search, results })
} catch (error) {
  await report({ of: location.search, results: [{ name: 'the suite itself', outcome: 'failed', message: String(error) }] })
}
