// Runs the suite in a worker for the page that made it.

import { run } from './all.js'

onmessage = async ({ data: { client, transport, only } }) => {
  let tested = WebSocket
  if (client) {
    const { TowpathWebSocket } = await import(client)
    if (transport) TowpathWebSocket.transports = [transport]
    tested = TowpathWebSocket
  }
  postMessage(await run({ WebSocket: tested, base: location.origin.replace('http', 'ws'), page: false, only }))
}
