// npm `reconnecting-websocket`: messages queued before it is open, an echo, and a new socket after the server's close.

import { collect, inOrder, made, numbers, play } from './start.mjs'
import Reconnecting from 'reconnecting-websocket'

const count = 40

await play(async (url) => {
  const socket = new Reconnecting(url, ['chat'], { minReconnectionDelay: 10, maxRetries: 3 })
  const echo = async (what) => {
    const heard = collect(count)
    const hear = ({ data }) => heard.take(Number(data))
    socket.addEventListener('message', hear)
    for (const number of numbers(count)) socket.send(String(number))
    inOrder(await heard.all, count, what)
    socket.removeEventListener('message', hear)
  }
  await echo('queued before open')
  if (socket.protocol !== 'chat') throw new Error(`subprotocol ${socket.protocol}`)
  const closed = new Promise((resolve) => socket.addEventListener('close', resolve, { once: true }))
  socket.send('Goodbye')
  const { code } = await closed
  if (code !== 1000) throw new Error(`closed with ${code}`)
  await echo('after the server closed')
  if (made !== 2) throw new Error(`${made} sockets`)
  socket.close()
})
