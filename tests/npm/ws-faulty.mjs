// The npm `ws` server, ill in one way at a time. It echoes otherwise.
//
// --close CODE        close with this code right after the socket opened
// --reason TEXT       the reason that goes with it
// --close-on-message  close only when the first message comes
// --destroy           end the TCP stream without a close frame right after the socket opened
// --max-age MS        end every socket at this age
// --user-agent WORD   refuse (403) a User-Agent without this word
// --same-site         refuse (403) an Origin other than the Host asked for
// --cookie NAME       refuse (401) a client without this cookie
// --set-cookie NAME   set this cookie on every page
// --no-ping           never answer a ping
// --hang              never answer a handshake
// --status CODE       refuse every handshake with this status
// --delay MS          answer the handshake only after this time
// --data-idle MS      end a socket on which no message came for this time; pings do not count
// --text-only         close (1003) when a binary message comes
// --need-header NAME  refuse (403) a handshake without this header
// --mute              open, and never answer a message

import { WebSocketServer } from 'ws'
import { httpServer, listen, options } from './listen.mjs'

const values = options({
  close: { type: 'string' },
  reason: { type: 'string', default: '' },
  'close-on-message': { type: 'boolean', default: false },
  destroy: { type: 'boolean', default: false },
  'max-age': { type: 'string' },
  'user-agent': { type: 'string' },
  'set-cookie': { type: 'string' },
  'same-site': { type: 'boolean', default: false },
  cookie: { type: 'string' },
  'no-ping': { type: 'boolean', default: false },
  hang: { type: 'boolean', default: false },
  status: { type: 'string' },
  mute: { type: 'boolean', default: false },
  delay: { type: 'string', default: '0' },
  'data-idle': { type: 'string' },
  'text-only': { type: 'boolean', default: false },
  'need-header': { type: 'string' },
})

function refusal(headers) {
  if (values.status) return [Number(values.status)]
  if (values['user-agent'] && !(headers['user-agent'] ?? '').includes(values['user-agent'])) return [403]
  if (values['need-header'] && !headers[values['need-header']]) return [403]
  if (values['same-site'] && headers.origin !== `http://${headers.host}`) return [403]
  if (values.cookie && !(headers.cookie ?? '').includes(`${values.cookie}=`)) return [401]
  return null
}

const server = httpServer(values)
if (values['set-cookie']) {
  server.prependListener('request', (_request, response) => response.setHeader('set-cookie', `${values['set-cookie']}=1; Path=/`))
}
const sockets = new WebSocketServer({
  server,
  autoPong: !values['no-ping'],
  verifyClient: ({ req }, done) => {
    if (values.hang) return
    const refused = refusal(req.headers)
    setTimeout(() => (refused ? done(false, ...refused) : done(true)), Number(values.delay))
  },
})

sockets.on('connection', (socket) => {
  socket.on('error', () => {})
  const end = () => socket.close(Number(values.close), values.reason)
  if (values.close && !values['close-on-message']) end()
  if (values.destroy) socket.terminate()
  if (values['max-age']) setTimeout(() => socket.terminate(), Number(values['max-age']))
  const idle = values['data-idle'] && setTimeout(() => socket.terminate(), Number(values['data-idle']))
  socket.on('message', (data, isBinary) => {
    idle?.refresh()
    if (values.close) end()
    else if (values['text-only'] && isBinary) socket.close(1003, 'text only')
    else if (!values.mute) socket.send(data, { binary: isBinary })
  })
})
listen(server, values)
