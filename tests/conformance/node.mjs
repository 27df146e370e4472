// Runs the suite in node: node.mjs --base ws://HOST:PORT [--client PATH/towpath.js --transport NAME] [--only TEXT]
//
// It prints what failed. Without --client it tests the WebSocket of npm's `undici`.

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

let tested = Plain
if (values.client) {
  const { TowpathWebSocket } = await import(pathToFileURL(values.client))
  TowpathWebSocket.WebSocket = Plain
  if (values.transport) TowpathWebSocket.transports = [values.transport]
  tested = TowpathWebSocket
}
const results = await run({ WebSocket: tested, base: values.base, page: false, only: values.only })
const failed = results.filter(({ outcome }) => outcome === 'failed')
for (const { name, message } of failed) console.log(`${name}: ${message}`)
console.log(`${results.length} cases`)
process.exit(failed.length ? 1 : 0)
