// The schema of Kosmi's chat on servers that nobody here wrote: npm `graphql-ws`, or with `--legacy` `subscriptions-transport-ws`.
//
// It takes the same control below /control/ as `towpath lab kosmi`, as far as the tests need it of both.

import { randomUUID } from 'node:crypto'
import { execute, graphql, subscribe } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { SubscriptionServer } from 'subscriptions-transport-ws'
import { WebSocketServer } from 'ws'
import { change, counts, person, room, roots, say, schema, stranger, subscriptions, tell } from './kosmi-rooms.mjs'
import { httpServer, listen, options } from './listen.mjs'

const values = options({ legacy: { type: 'boolean', default: false } })
const users = new Map()
const sockets = new Set()

/** A token with the claims of the notes. It is known by itself, so its signature is none. */
function token(user, seconds = 31_449_600) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const iat = Math.floor(Date.now() / 1000)
  const claims = { aud: 'kosmi', iss: 'kosmi', typ: 'access', sub: user.id, jti: randomUUID(), iat, nbf: iat - 1, exp: iat + seconds }
  const made = `${part({ alg: 'HS512', typ: 'JWT' })}.${part(claims)}.${part('npm')}`
  users.set(made, { user, until: iat + seconds })
  return made
}

function whose(token) {
  const known = users.get(token)
  return known && known.until > Date.now() / 1000 ? known.user : undefined
}

function logIn() {
  counts.logins += 1
  const user = stranger()
  return { token: token(user), user }
}

const controls = {
  say: ({ room: roomId, name, text, channel }) => ({ id: say({ roomId, channelId: channel, body: text, user: person(name) }).id }),
  edit: ({ room: roomId, id, text }) => ({ id: change(roomId, id, text)?.id }),
  delete: ({ room: roomId, id }) => ({ id: change(roomId, id)?.id }),
  join: ({ room: roomId, name }) => tell('memberJoins', roomId, { id: name, user: person(name) }),
  leave: ({ room: roomId, name }) => tell('memberLeaves', roomId, { id: name, user: person(name) }),
  remove: ({ room: roomId }) => tell('roomDisconnect', roomId, { ok: true }),
  token: ({ name, seconds }) => ({ token: token(person(name), seconds) }),
  drop: () => sockets.forEach((socket) => socket.terminate()),
  close: ({ code, reason }) => sockets.forEach((socket) => socket.close(code, reason)),
  revoke: () => users.clear(),
  counts: () => ({ ...counts, open: sockets.size }),
  room: (_, query) => ({
    messages: room(query.get('room')).map((one) => ({
      id: one.id,
      text: one.body,
      name: one.user.displayName,
      user: one.user.id,
      by_client: one.byClient,
      reply_to: one.replyToMessageId,
    })),
  }),
}

async function answer(request, response) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const body = JSON.parse(Buffer.concat(chunks).toString() || '{}')
  const url = new URL(request.url, 'http://localhost')
  const reply = (status, value) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(value ?? {}))
  }
  const control = url.pathname.startsWith('/control/') && controls[url.pathname.slice('/control/'.length)]
  if (control) return reply(200, control(body, url.searchParams))
  if (url.pathname !== '/' || request.method !== 'POST') return reply(404)
  return reply(200, await graphql({ schema, source: body.query ?? '', rootValue: { anonLogin: logIn } }))
}

/** A guest of this socket, once its token was found good. */
function guest(socket, user) {
  sockets.add(socket)
  counts.connections += 1
  socket.on('close', () => sockets.delete(socket))
  return { user, joined: new Set(), drop: () => socket.terminate() }
}

const server = httpServer(values, (request, response) => answer(request, response).catch(() => response.writeHead(400).end()))

if (values.legacy) {
  SubscriptionServer.create(
    {
      schema,
      execute,
      subscribe,
      rootValue: { ...roots, ...subscriptions },
      onConnect: (parameters, socket) => {
        const user = whose(parameters?.token)
        if (!user) throw new Error('not authorised')
        return guest(socket, user)
      },
      keepAlive: 10_000,
    },
    { server, path: '/gql-ws' },
  )
} else {
  useServer(
    {
      schema,
      roots: { query: roots, mutation: roots, subscription: subscriptions },
      onConnect: (context) => {
        const user = whose(context.connectionParams?.token)
        if (user) context.extra.guest = guest(context.extra.socket, user)
        return Boolean(user)
      },
      context: (context) => context.extra.guest,
    },
    new WebSocketServer({ server, path: '/gql-ws' }),
  )
}
listen(server, values)
