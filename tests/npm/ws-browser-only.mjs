// A `ws` echo that browsers reach and other programs do not, for one reason at a time.
//
// --cookie NAME  refuse (403) a handshake without this cookie; every page sets it
// --grease       with --cert and --key: refuse (403) a TLS hello that holds no GREASE value (RFC 8701)

import { connect, createServer } from 'node:net'
import { WebSocketServer } from 'ws'
import { httpServer, listen, options } from './listen.mjs'

const values = options({
  cookie: { type: 'string' },
  grease: { type: 'boolean', default: false },
})

/** Whether the first cipher suite of a ClientHello is a GREASE value, as Chromium's is. */
function greases(hello) {
  const session = 5 + 4 + 2 + 32
  const first = session + 1 + hello[session] + 2
  return (hello[first] & 0x0f) === 0x0a && hello[first] === hello[first + 1]
}

const server = httpServer(values)
server.prependListener('request', (_request, response) => {
  if (values.cookie) response.setHeader('set-cookie', `${values.cookie}=0123456789`)
})
const sockets = new WebSocketServer({
  server,
  verifyClient: ({ req }, done) => {
    const refused =
      (values.cookie && !(req.headers.cookie ?? '').includes(`${values.cookie}=`)) ||
      (values.grease && !browsers.has(req.socket.remotePort))
    if (refused) done(false, 403)
    else done(true)
  },
})
sockets.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
  socket.on('error', () => {})
})

/** Ports under which the inner server sees the clients whose hello was a browser's. */
const browsers = new Set()
const front = createServer((socket) => {
  socket.once('data', (hello) => {
    const inner = connect(server.address().port, '127.0.0.1', () => {
      if (greases(hello)) browsers.add(inner.localPort)
      inner.write(hello)
      socket.pipe(inner).pipe(socket)
    })
    inner.on('error', () => socket.destroy())
  })
  socket.on('error', () => {})
})
if (values.grease) {
  server.listen(0, '127.0.0.1', () => listen(front, values))
} else {
  listen(server, values)
}
