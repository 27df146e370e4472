// The MQTT broker aedes behind npm's `ws`.

import { Aedes } from 'aedes'
import { WebSocketServer, createWebSocketStream } from 'ws'
import { httpServer, listen, options } from './listen.mjs'

const values = options()
const server = httpServer(values)
const broker = await Aedes.createBroker()
const sockets = new WebSocketServer({ server, handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : false) })
sockets.on('connection', (socket, request) => {
  const stream = createWebSocketStream(socket)
  stream.on('error', () => {})
  broker.handle(stream, request)
})
listen(server, values)
