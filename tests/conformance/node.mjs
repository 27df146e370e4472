// Runs the suite in node: node.mjs --base ws://HOST:PORT [--client PATH/towpath.js --transport NAME] [--only TEXT]
//
// Without --client it tests node's own WebSocket, which needs `node --experimental-websocket` before node 22.

import { parseArgs } from 'node:util'
import { pathToFileURL } from 'node:url'
import { WebSocket as Plain } from '../npm/node_modules/undici/index.js'
import { run } from './all.js'

const { values } = parseArgs({
  options: {
    base: { type: 'string' },
    client: { type: 'string' },
    transport: { type: 'string' },
    only: { type: 'string' },
  },
})

const native = globalThis.WebSocket
let tested = native
if (values.client) {
  const { TowpathWebSocket } = await import(pathToFileURL(values.client))
  TowpathWebSocket.WebSocket = native
  if (values.transport) TowpathWebSocket.transports = [values.transport]
  tested = TowpathWebSocket
}
const results = await run({ WebSocket: tested, base: values.base, page: false, only: values.only })
console.log(`results ${JSON.stringify({ results })}`)
process.exit(results.some(({ outcome }) => outcome === 'failed') ? 1 : 0)
