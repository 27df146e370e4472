// The npm `socket.io` server: an endpoint that is no plain WebSocket echo. The event `same` is acknowledged with what it carried.

import { Server } from 'socket.io'
import { httpServer, listen, options } from './listen.mjs'

const values = options()
const server = httpServer(values)
new Server(server).on('connection', (socket) => {
  socket.on('same', (thing, acknowledge) => acknowledge?.(thing))
})
listen(server, values)
