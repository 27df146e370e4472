// npm `y-websocket`: two documents that meet only through the server, and what one user knows of the other.

import { inOrder, made, numbers, play } from './start.mjs'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'

const count = 40

const synced = (provider) => new Promise((resolve) => {
  if (provider.synced) resolve()
  else provider.once('sync', resolve)
})
const until = (condition, target, event) => new Promise((resolve) => {
  const look = () => {
    if (!condition()) return
    target.off(event, look)
    resolve()
  }
  target.on(event, look)
  look()
})

await play(async (url) => {
  const join = () => {
    const document = new Y.Doc()
    // Within one process documents would meet over a BroadcastChannel instead.
    return { document, provider: new WebsocketProvider(url, 'room', document, { disableBc: true }) }
  }
  const [one, two] = [join(), join()]
  await Promise.all([synced(one.provider), synced(two.provider)])
  const [here, there] = [one.document.getArray('list'), two.document.getArray('list')]
  for (const number of numbers(count)) here.push([number])
  await until(() => there.length === count, two.document, 'update')
  inOrder(there.toArray(), count, 'one way')
  two.document.getText('text').insert(0, 'back '.repeat(20_000))
  await until(() => one.document.getText('text').length === 100_000, one.document, 'update')
  one.provider.awareness.setLocalStateField('name', 'one')
  await until(() => [...two.provider.awareness.getStates().values()].some(({ name }) => name === 'one'), two.provider.awareness, 'change')
  one.provider.destroy()
  two.provider.destroy()
  if (made !== 2) throw new Error(`${made} sockets: the library had to connect again`)
})
