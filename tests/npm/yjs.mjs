// The server that npm's `y-websocket` brings along.

import { createRequire } from 'node:module'
import { WebSocketServer } from 'ws'
import { httpServer, listen, options } from './listen.mjs'

const { setupWSConnection } = createRequire(import.meta.url)('y-websocket/bin/utils')
const values = options()
const server = httpServer(values)
const sockets = new WebSocketServer({ server })
sockets.on('connection', setupWSConnection)
listen(server, values)
