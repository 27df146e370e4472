// Plays the scenario of `tests/carry-real` in node and prints how it went, as JSON.
//
// --url URL         where the backend's /both is
// --client FILE     the module that exports TowpathWebSocket; without it the run is a control over a plain WebSocket
// --transport NAME  the only transport to use; all by default
// --proxy URL       a forward proxy to go through
// --ca FILE         the authorities to trust
// --h2              speak HTTP/2 where the server does; WebSockets stay on HTTP/1.1, as in a browser
// --count N         messages each way before the rest and after it
// --rest SECONDS    how long nothing is sent

import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { pathToFileURL } from 'node:url'
import { Agent, ProxyAgent, WebSocket as Plain, fetch, setGlobalDispatcher } from 'undici'
import { carry } from '../../carry-real/scenario.js'

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    client: { type: 'string' },
    transport: { type: 'string' },
    proxy: { type: 'string' },
    ca: { type: 'string' },
    h2: { type: 'boolean', default: false },
    count: { type: 'string', default: '100' },
    rest: { type: 'string', default: '7' },
  },
})

const tls = values.ca ? { ca: readFileSync(values.ca) } : {}
const dispatcher = (allowH2) => (values.proxy
  ? new ProxyAgent({ uri: values.proxy, requestTls: tls, allowH2 })
  : new Agent({ connect: tls, allowH2 }))
// Node's own does not know this library's dispatchers.
globalThis.fetch = fetch
setGlobalDispatcher(dispatcher(values.h2))
const upgrading = dispatcher(false)
class Native extends Plain {
  constructor(url, protocols = []) {
    super(url, { protocols, dispatcher: upgrading })
  }
}

let tested = Native
if (values.client) {
  tested = (await import(pathToFileURL(values.client))).TowpathWebSocket
  tested.WebSocket = Native
  if (values.transport) tested.transports = [values.transport]
}
const count = Number(values.count)
const make = () => new tested(`${values.url}?count=${count}`)
console.log(JSON.stringify(await carry({ make, count, rest: Number(values.rest) })))
process.exit(0)
