// Carries numbered messages both ways at once, rests, carries as many again, and tells how each fared, as JSON.
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
import { Agent, ProxyAgent, WebSocket as Plain, setGlobalDispatcher } from 'undici'

const patienceSeconds = 75

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
const count = Number(values.count)
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))

const tls = values.ca ? { ca: readFileSync(values.ca) } : {}
const dispatcher = (allowH2) => (values.proxy
  ? new ProxyAgent({ uri: values.proxy, requestTls: tls, allowH2 })
  : new Agent({ connect: tls, allowH2 }))
setGlobalDispatcher(dispatcher(values.h2))
const upgrading = dispatcher(false)
class Native extends Plain {
  constructor(url, protocols = []) {
    super(url, { protocols, dispatcher: upgrading })
  }
}

async function make() {
  if (!values.client) return new Native(`${values.url}?count=${count}`)
  const { TowpathWebSocket } = await import(pathToFileURL(values.client))
  TowpathWebSocket.WebSocket = Native
  if (values.transport) TowpathWebSocket.transports = [values.transport]
  return new TowpathWebSocket(`${values.url}?count=${count}`)
}

/** What arrived of one direction's numbers. */
function judge(got, sent) {
  const seen = new Set(got)
  const reordered = got.filter((number, index) => index > 0 && number < got[index - 1] && got.indexOf(number) === index).length
  return { lost: sent - seen.size, doubled: got.length - seen.size, reordered }
}

const down = []
const echoed = []
let sent = 0
let first = null
let ended = null
const transports = []
const began = performance.now()
const socket = await make()
socket.binaryType = 'arraybuffer'
const wake = new EventTarget()
socket.addEventListener('transportchange', () => transports.push(socket.transport))
socket.addEventListener('close', ({ code, reason }) => {
  ended = `closed with ${code} ${reason}`
  wake.dispatchEvent(new Event('change'))
})
socket.addEventListener('message', ({ data }) => {
  first ??= Math.round(performance.now() - began)
  if (typeof data === 'string' && data.startsWith('down ')) down.push(Number(data.slice(5)))
  else echoed.push(Number(typeof data === 'string' ? data : new TextDecoder().decode(data)))
  wake.dispatchEvent(new Event('change'))
})

/** Met when this many came both ways, or nothing more can come. */
const arrived = (total) => new Promise((resolve) => {
  const look = () => {
    if (ended === null && (down.length < total || echoed.length < total)) return
    wake.removeEventListener('change', look)
    resolve()
  }
  wake.addEventListener('change', look)
  look()
})

async function send() {
  for (let index = 0; index < count; index += 1) {
    socket.send(index % 2 ? new TextEncoder().encode(String(sent)) : String(sent))
    sent += 1
    if (index % 10 === 9) await pause(0.02)
  }
}

let carriedSeconds = null
async function scenario() {
  await new Promise((resolve) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('close', resolve)
  })
  if (ended) return
  await Promise.all([send(), arrived(count)])
  await pause(Number(values.rest))
  if (ended) return
  socket.send('more')
  await Promise.all([send(), arrived(2 * count)])
  carriedSeconds = Math.round((performance.now() - began) / 1000)
  // What comes doubled comes late.
  await pause(0.5)
  if (ended) return
  socket.close(1000, 'done')
  await new Promise((resolve) => socket.addEventListener('close', resolve))
}
const late = pause(patienceSeconds).then(() => { ended ??= `not over after ${patienceSeconds} s` })
await Promise.race([scenario(), late])
const [up, back] = [judge(echoed, sent), judge(down, 2 * count)]
console.log(JSON.stringify({
  transport: socket.transport ?? 'websocket', transports, first_ms: first, seconds: carriedSeconds, ended,
  sent: sent + 2 * count, lost: up.lost + back.lost, doubled: up.doubled + back.doubled, reordered: up.reordered + back.reordered,
}))
process.exit(0)
