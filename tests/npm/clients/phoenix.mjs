// npm `phoenix`: joins a channel, pushes with replies, hears broadcasts, leaves.

import { collect, inOrder, numbers, play } from './start.mjs'
import { Socket } from 'phoenix'

const count = 40

const reply = (push) => new Promise((resolve, reject) => {
  push.receive('ok', resolve)
  push.receive('error', (error) => reject(new Error(JSON.stringify(error))))
  push.receive('timeout', () => reject(new Error('timeout')))
})

await play(async (url) => {
  const socket = new Socket(url, { heartbeatIntervalMs: 5000, params: { token: 'abc' } })
  socket.onError((error) => console.error('phoenix:', error?.message ?? error))
  socket.connect()
  const channel = socket.channel('room:lobby', { name: 'test' })
  const heard = collect(count)
  channel.on('shout', ({ number }) => heard.take(number))
  await reply(channel.join())
  const answers = await Promise.all(numbers(count).map(async (number) => (await reply(channel.push('same', { number }))).number))
  inOrder(answers, count, 'replies')
  channel.push('shout', { to: count })
  inOrder(await heard.all, count, 'broadcasts')
  const back = (await reply(channel.push('bytes', new Uint8Array([1, 2, 250]).buffer)))
  if (back.length !== 3) throw new Error(`binary push: ${JSON.stringify(back)}`)
  await reply(channel.leave())
  await new Promise((resolve) => socket.disconnect(resolve, 1000, 'done'))
})
