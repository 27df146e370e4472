// npm `mqtt`, as built for browsers: publishes at every quality of service and hears itself.

import { collect, inOrder, numbers, play } from './start.mjs'

const count = 30

// It takes its own WebSocket for node unless it finds a page.
globalThis.window = globalThis
globalThis.document = {}
const { default: mqtt } = await import('mqtt/dist/mqtt.esm')

await play(async (url) => {
  const client = await mqtt.connectAsync(url, { keepalive: 10, timerVariant: 'native', reconnectPeriod: 0 })
  const heard = [0, 1, 2].map(() => collect(count))
  client.on('message', (topic, payload) => heard[Number(topic.at(-1))].take(payload.length - 1))
  await client.subscribeAsync('numbers/+', { qos: 2 })
  await Promise.all([0, 1, 2].flatMap((qos) => (
    numbers(count).map((number) => client.publishAsync(`numbers/${qos}`, 'x'.repeat(number + 1), { qos }))
  )))
  for (const [qos, { all }] of heard.entries()) inOrder(await all, count, `quality of service ${qos}`)
  await client.endAsync()
})
