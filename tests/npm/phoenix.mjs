// A hand-made server of Phoenix's channel protocol, version 2.0.0: Phoenix itself needs Erlang.
//
// It knows joining, leaving, heartbeats, replies, broadcasts and binary pushes; nothing else.

import { WebSocketServer } from 'ws'
import { httpServer, listen, options } from './listen.mjs'

const values = options()
const server = httpServer(values)
const sockets = new WebSocketServer({ server, path: '/socket/websocket' })

const events = {
  phx_join: () => ({}),
  phx_leave: () => ({}),
  heartbeat: () => ({}),
  same: (payload) => payload,
  bytes: (payload) => ({ length: payload.length }),
  shout: (payload, say) => {
    for (let number = 0; number < payload.to; number += 1) say('shout', { number })
    return {}
  },
}

/** A binary push: kind 0, four lengths less one for the payload's, four texts, the payload. */
function unpack(data) {
  const lengths = [data[1], data[2], data[3], data[4]]
  let at = 5
  const texts = lengths.map((length) => data.subarray(at, (at += length)).toString())
  return [...texts, data.subarray(at)]
}

sockets.on('connection', (socket, request) => {
  const asked = new URL(request.url, 'http://backend').searchParams
  if (asked.get('vsn') !== '2.0.0') return socket.close(1003, 'version')
  socket.on('message', (data, isBinary) => {
    const [joined, reference, topic, event, payload] = isBinary ? unpack(data) : JSON.parse(data)
    const say = (name, body) => socket.send(JSON.stringify([joined, null, topic, name, body]))
    const response = events[event]?.(payload, say)
    const status = response ? 'ok' : 'error'
    socket.send(JSON.stringify([joined, reference, topic, 'phx_reply', { status, response: response ?? {} }]))
  })
})
listen(server, values)
