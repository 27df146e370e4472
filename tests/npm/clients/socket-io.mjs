// npm `socket.io-client`, as built for browsers and told to use a WebSocket alone: acknowledged events and binary ones.

import { inOrder, numbers, play } from './start.mjs'
import browser from 'socket.io-client/dist/socket.io.js'

const { io } = browser
const count = 40

await play(async (url) => {
  const socket = io(url.replace('ws', 'http'), { transports: ['websocket'], reconnection: false })
  await new Promise((resolve, reject) => {
    socket.on('connect', resolve)
    socket.on('connect_error', reject)
  })
  const answers = await Promise.all(numbers(count).map((number) => socket.emitWithAck('same', number)))
  inOrder(answers, count, 'acknowledged events')
  const bytes = await socket.emitWithAck('same', new Uint8Array([1, 2, 3]))
  if (new Uint8Array(bytes)[2] !== 3) throw new Error(`binary: ${bytes}`)
  socket.disconnect()
})
