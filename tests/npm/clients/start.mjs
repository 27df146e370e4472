// What every client library's run does alike: put the class under test in the place of the global WebSocket, play,
// and say `complete` or end with what went wrong.
//
// Run with `node --import start.mjs`, so that it is done before the library is loaded.
//
// --url URL         where the library connects
// --client FILE     the module that exports TowpathWebSocket; without it the run is a control over a plain WebSocket
// --transport NAME  the only transport it may use

import { parseArgs } from 'node:util'
import { pathToFileURL } from 'node:url'
import { WebSocket as Plain } from 'undici'

const patienceSeconds = 60

const { values } = parseArgs({
  options: { url: { type: 'string' }, client: { type: 'string' }, transport: { type: 'string' } },
})

/** How many sockets the library made: none would mean that it went another way. */
export let made = 0

let tested = Plain
if (values.client) {
  const { TowpathWebSocket } = await import(pathToFileURL(values.client))
  TowpathWebSocket.WebSocket = Plain
  if (values.transport) TowpathWebSocket.transports = [values.transport]
  tested = TowpathWebSocket
}
// Every page has one, and libraries built for pages look at it.
globalThis.navigator ??= { userAgent: 'node', onLine: true }
globalThis.WebSocket = class WebSocket extends tested {
  constructor(...given) {
    super(...given)
    made += 1
  }
}

/** Numbers from 0 as a library under test should carry them. */
export const numbers = (count) => Array.from({ length: count }, (_, number) => number)

/** Plays a library's scenario, which gets the URL and must throw or reject where anything is wrong. */
export async function play(scenario) {
  const late = setTimeout(() => fail(new Error(`not over after ${patienceSeconds} s`)), patienceSeconds * 1000)
  try {
    await scenario(values.url)
    if (made === 0) throw new Error('the library used no global WebSocket')
    clearTimeout(late)
    console.log(`complete, ${made} sockets`)
    process.exit(0)
  } catch (error) {
    fail(error)
  }
}

function fail(error) {
  console.error(error)
  process.exit(1)
}

/** Complete, in order, each once. */
export function inOrder(got, count, what) {
  const wanted = JSON.stringify(numbers(count))
  const had = JSON.stringify(got)
  if (had !== wanted) throw new Error(`${what}: ${had} instead of ${wanted}`)
}

/** A promise that is met when `got` holds `count` things. */
export function collect(count) {
  const got = []
  let finish
  const all = new Promise((resolve) => { finish = resolve })
  const take = (thing) => {
    got.push(thing)
    if (got.length === count) finish(got)
  }
  return { take, all, got }
}
