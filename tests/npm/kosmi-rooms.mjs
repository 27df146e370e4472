// Rooms of the Kosmi schema: what was said, who listens, and the schema itself. Memory only.

import { createHash, randomUUID } from 'node:crypto'
import { GraphQLError, buildSchema } from 'graphql'

export const schema = buildSchema(`
  type User { id: String! displayName: String username: String isAnonymous: Boolean avatarUrl: String }
  type CurrentUser {
    id: String! displayName: String username: String isAnonymous: Boolean avatarUrl: String connectionId: String user: User
  }
  type Member { id: String! role: String user: User }
  type Message {
    id: String! body: String time: Int user: User member: Member reactions: [String] channelId: String roomId: String
    replyToMessageId: String editedAt: Int
  }
  type ChatArchive { forwardCursor: String backCursor: String results: [Message] }
  type Ok { ok: Boolean }
  type Login { token: String user: User }
  type Query {
    currentUser: CurrentUser
    chatArchive(roomId: String!, channelId: String!, cursor: String): ChatArchive
  }
  type Mutation {
    anonLogin: Login
    joinRoom(id: String!, disconnectOtherConnections: Boolean): Ok
    sendMessage(body: String!, roomId: String!, channelId: String, replyToMessageId: String): Ok
    sendMessage2(body: String!, roomId: String!, channelId: String, replyToMessageId: String): Ok
  }
  type Subscription {
    newMessage(roomId: String!, channelId: String!): Message
    messageEdited(roomId: String!, channelId: String): Message
    messageDeleted(roomId: String!, channelId: String): Message
    memberJoins(roomId: String, id: String): Member
    memberLeaves(roomId: String, id: String): Member
    roomDisconnect(id: String!): Ok
  }
`)

export const counts = { connections: 0, open: 0, logins: 0, operations: {} }

const rooms = new Map()
const listeners = new Set()
const now = () => Math.floor(Date.now() / 1000)
const page = 50

/** A person with an account of this name; the same name is the same person. */
export function person(name) {
  const id = createHash('sha256').update(name).digest('hex').slice(0, 32)
  return { id, displayName: name, username: name.toLowerCase(), isAnonymous: false }
}

/** Somebody without an account. */
export function stranger(id = randomUUID()) {
  return { id, displayName: `Anonymous Otter ${id.slice(0, 4)}`, isAnonymous: true }
}

export function room(id) {
  if (!rooms.has(id)) rooms.set(id, [])
  return rooms.get(id)
}

/** Tells the subscriptions to a field in a room. */
export function tell(field, roomId, value) {
  for (const listener of [...listeners]) listener(field, roomId, value)
}

export function say({ roomId, channelId = 'general', body, user, replyToMessageId = null, byClient = false }) {
  const message = { id: randomUUID(), body, time: now(), user, reactions: [], channelId, roomId, replyToMessageId, byClient }
  room(roomId).push(message)
  tell('newMessage', roomId, message)
  return message
}

/** Gives a message a new text, or with none takes it away. */
export function change(roomId, id, body) {
  const message = room(roomId).find((one) => one.id === id)
  if (!message) return undefined
  if (body === undefined) rooms.set(roomId, room(roomId).filter((one) => one !== message))
  else Object.assign(message, { body, editedAt: now() })
  tell(body === undefined ? 'messageDeleted' : 'messageEdited', roomId, message)
  return message
}

/** What is told of a field in a room from now on. It is over with the operation. */
function listen(field, roomId, onTold = () => {}) {
  const waiting = []
  let wake
  const listener = (told, at, value) => {
    if (told !== field || at !== roomId) return
    waiting.push({ [field]: value })
    wake?.()
  }
  listeners.add(listener)
  const over = async () => {
    listeners.delete(listener)
    wake?.()
    return { done: true, value: undefined }
  }
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    async next() {
      while (!waiting.length && listeners.has(listener)) await new Promise((resolve) => (wake = resolve))
      if (!waiting.length) return { done: true, value: undefined }
      setImmediate(onTold)
      return { done: false, value: waiting.shift() }
    },
    return: over,
    throw: over,
  }
}

function known(id) {
  if (!id.startsWith('@') || id === '@nowhere') throw new GraphQLError('ROOM_NOT_FOUND')
  return id
}

function count(name) {
  counts.operations[name] = (counts.operations[name] ?? 0) + 1
}

function send({ roomId, channelId, body, replyToMessageId }, guest) {
  count('sendMessage')
  // It is said to have worked, and nobody sees it.
  if (guest.joined.has(roomId)) say({ roomId, channelId: channelId ?? 'general', body, user: guest.user, replyToMessageId, byClient: true })
  return { ok: true }
}

/** What each root field does. The context is the guest: `user`, `joined`, and `drop()` for its connection. */
export const roots = {
  currentUser: (_, guest) => ({ ...guest.user, connectionId: 'npm', user: guest.user }),
  chatArchive: ({ roomId, channelId, cursor }) => {
    count('chatArchive')
    const all = room(roomId).filter((one) => one.channelId === channelId)
    const end = Math.min(cursor ? Number(cursor) : all.length, all.length)
    const start = Math.max(0, end - page)
    return {
      results: all.slice(start, end),
      backCursor: start > 0 ? String(start) : null,
      forwardCursor: end < all.length ? String(end + page) : null,
    }
  },
  joinRoom: ({ id }, guest) => {
    count('joinRoom')
    guest.joined.add(known(id))
    tell('memberJoins', id, { id: guest.user.id, user: guest.user })
    return { ok: true }
  },
  sendMessage: send,
  sendMessage2: send,
}

export const subscriptions = {
  newMessage: ({ roomId }, guest) => listen('newMessage', known(roomId), guest.joined.has(roomId) ? undefined : guest.drop),
  messageEdited: ({ roomId }) => listen('messageEdited', known(roomId)),
  messageDeleted: ({ roomId }) => listen('messageDeleted', known(roomId)),
  memberJoins: ({ roomId, id }) => listen('memberJoins', roomId ?? id),
  memberLeaves: ({ roomId, id }) => listen('memberLeaves', roomId ?? id),
  roomDisconnect: ({ id }) => listen('roomDisconnect', known(id)),
}
