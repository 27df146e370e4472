// The npm `ws` server: echoes every message as it came.
//
// --subprotocol NAME  refuse (400) a client that does not offer it
// --origin ORIGIN     refuse (403) any other Origin
// --token TOKEN       refuse (401) a client without `Authorization: Bearer TOKEN`
// --max-payload BYTES close with 1009 above this size
// --deflate           accept permessage-deflate
// --path PATH         refuse (400) any other path
// --greet TEXT        send this first

import { WebSocketServer } from 'ws'
import { httpServer, listen, options } from './listen.mjs'

const values = options({
  subprotocol: { type: 'string' },
  origin: { type: 'string' },
  token: { type: 'string' },
  'max-payload': { type: 'string', default: '104857600' },
  deflate: { type: 'boolean', default: false },
  path: { type: 'string' },
  greet: { type: 'string' },
})

function refusal({ origin, req }) {
  if (values.origin && origin !== values.origin) return [403, 'Forbidden']
  if (values.token && req.headers.authorization !== `Bearer ${values.token}`) return [401, 'Unauthorized']
  const offered = (req.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
  if (values.subprotocol && !offered.includes(values.subprotocol)) return [400, 'Bad Request']
  return null
}

const server = httpServer(values)
const sockets = new WebSocketServer({
  server,
  path: values.path,
  maxPayload: Number(values['max-payload']),
  perMessageDeflate: values.deflate,
  handleProtocols: (offered) => (values.subprotocol ?? offered.values().next().value ?? false),
  verifyClient: (info, done) => {
    const refused = refusal(info)
    if (refused) done(false, ...refused)
    else done(true)
  },
})
sockets.on('connection', (socket) => {
  if (values.greet) socket.send(values.greet)
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
  socket.on('error', () => {})
})
listen(server, values)
