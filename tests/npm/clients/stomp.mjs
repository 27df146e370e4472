// npm `@stomp/stompjs`: one publishes, the other hears.

import { collect, inOrder, numbers, play } from './start.mjs'
import { Client } from '@stomp/stompjs'

const count = 40

const connected = (brokerURL) => new Promise((resolve, reject) => {
  const client = new Client({ brokerURL, reconnectDelay: 0, heartbeatIncoming: 0, heartbeatOutgoing: 0 })
  client.onConnect = () => resolve(client)
  client.onStompError = ({ headers, body }) => reject(new Error(`${headers.message} ${body}`))
  client.onWebSocketClose = ({ code, reason }) => reject(new Error(`closed with ${code} ${reason}`))
  client.activate()
})

await play(async (url) => {
  const [publisher, subscriber] = await Promise.all([connected(url), connected(url)])
  const heard = collect(count)
  // The broker gives no receipts, so that one greeting after the other is sent until the subscription is there.
  const greeted = new Promise((resolve) => {
    subscriber.subscribe('/topic/numbers', ({ body }) => {
      if (body === 'hello') resolve()
      else heard.take(JSON.parse(body).number)
    })
  })
  const greeting = setInterval(() => publisher.publish({ destination: '/topic/numbers', body: 'hello' }), 50)
  await greeted
  clearInterval(greeting)
  for (const number of numbers(count)) {
    publisher.publish({ destination: '/topic/numbers', body: JSON.stringify({ number, text: 'abc'.repeat(number) }) })
  }
  inOrder(await heard.all, count, 'messages')
  await Promise.all([publisher.deactivate(), subscriber.deactivate()])
})
