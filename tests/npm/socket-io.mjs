// The npm `socket.io` server: an endpoint that is no plain WebSocket echo.

import { Server } from 'socket.io'
import { httpServer, listen, options } from './listen.mjs'

const values = options()
const server = httpServer(values)
new Server(server)
listen(server, values)
