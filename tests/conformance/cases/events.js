// Events: their kinds and fields, the handler attributes, their order, and the states they are seen in.

import { define, equal, messages, next, ok, pause, same, watch } from '../suite.js'

const kinds = ['open', 'message', 'error', 'close']

define('handler attributes are null at first, keep functions, and turn the rest to null', (context) => {
  const socket = context.socket('/echo')
  for (const kind of kinds) {
    const name = `on${kind}`
    equal(socket[name], null, `${name} at first`)
    const handler = () => {}
    socket[name] = handler
    equal(socket[name], handler, `${name} with a function`)
    for (const other of [2, 'text', true, undefined, null, Symbol('s')]) {
      socket[name] = handler
      socket[name] = other
      equal(socket[name], null, `${name} with ${String(other)}`)
    }
  }
})

define('an object with handleEvent is never called as handler attribute', async (context) => {
  const socket = context.socket('/echo')
  let called = false
  socket.onopen = { handleEvent: () => { called = true } }
  await next(socket, 'open')
  await pause(20)
  ok(!called, 'it was called')
})

define('handler and listeners are called in the order in which they were set, with the socket as this', async (context) => {
  const socket = context.socket('/echo')
  const order = []
  const note = (name) => function hear() {
    order.push(this === socket ? name : 'another this')
  }
  socket.addEventListener('open', note('first'))
  socket.onopen = note('replaced')
  socket.addEventListener('open', note('third'))
  socket.onopen = note('second')
  await next(socket, 'open')
  same(order, ['first', 'second', 'third'], 'order')
})

define('a handler set to null and set again moves to the end', async (context) => {
  const socket = context.socket('/echo')
  const order = []
  socket.onopen = () => order.push('handler')
  socket.addEventListener('open', () => order.push('listener'))
  socket.onopen = null
  socket.onopen = () => order.push('handler')
  await next(socket, 'open')
  same(order, ['listener', 'handler'], 'order')
})

define('a removed listener is not called, and a made-up event reaches handlers', (context) => {
  const socket = context.socket('/echo')
  for (const kind of kinds) {
    let heard = 0
    const hear = () => { heard += 1 }
    socket.addEventListener(kind, hear)
    socket.removeEventListener(kind, hear)
    socket[`on${kind}`] = () => { heard += 10 }
    socket.dispatchEvent(new Event(kind))
    equal(heard, 10, kind)
    socket[`on${kind}`] = null
  }
})

define('open and error are plain events, message and close their own kind', async (context) => {
  const socket = context.socket('/raw?hex=810474657374830000')
  const text = Object.prototype.toString
  const seen = {}
  for (const kind of kinds) {
    socket.addEventListener(kind, (event) => {
      seen[kind] = [text.call(event), event.bubbles, event.cancelable, event.target === socket, event.composed]
    })
  }
  await next(socket, 'close')
  // Node's own events do not all name themselves, and it may have no CloseEvent.
  const named = (kind) => text.call(kind in globalThis ? new globalThis[kind]('x') : new Event('x'))
  same(seen.open, ['[object Event]', false, false, true, false], 'open')
  same(seen.message, [named('MessageEvent'), false, false, true, false], 'message')
  same(seen.error, ['[object Event]', false, false, true, false], 'error')
  same(seen.close, [named('CloseEvent'), false, false, true, false], 'close')
})

define('a message event says where it comes from and nothing more', async (context) => {
  const socket = await context.open('/echo?query')
  socket.send('x')
  const event = await next(socket, 'message')
  ok(event instanceof MessageEvent, 'instance of MessageEvent')
  equal(event.data, 'x', 'data')
  equal(event.origin, context.base.origin === 'null' ? `${context.base.protocol}//${context.base.host}` : context.base.origin, 'origin')
  equal(event.lastEventId, '', 'lastEventId')
  equal(event.source, null, 'source')
  equal(event.ports.length, 0, 'ports')
})

define('a close event carries code, reason and wasClean', async (context) => {
  const socket = await context.open('/close?code=3456&reason=why')
  const event = await next(socket, 'close')
  if (typeof CloseEvent === 'function') ok(event instanceof CloseEvent, 'instance of CloseEvent')
  same([event.code, event.reason, event.wasClean], [3456, 'why', true], 'fields')
})

define('the state is seen from within each event', async (context) => {
  const socket = context.socket('/echo')
  const states = [socket.readyState]
  socket.onopen = () => states.push(socket.readyState)
  socket.onmessage = () => states.push(socket.readyState)
  socket.onclose = () => states.push(socket.readyState)
  await next(socket, 'open')
  socket.send('x')
  await next(socket, 'message')
  socket.close()
  states.push(socket.readyState)
  await next(socket, 'close')
  same(states, [0, 1, 1, 2, 3], 'states')
})

define('nothing happens while the constructor\'s task still runs', async (context) => {
  const socket = context.socket('/first?count=1')
  const until = performance.now() + 200
  while (performance.now() < until) equal(socket.readyState, 0, 'readyState')
  const seen = watch(socket)
  await next(socket, 'message')
  same(seen, ['open', 'message'], 'events')
})

define('each message is a task of its own', async (context) => {
  const socket = context.socket('/first?count=6')
  const order = []
  socket.onmessage = ({ data }) => {
    const name = typeof data === 'string' ? data : 'b'
    order.push(name)
    Promise.resolve().then(() => order.push('after'))
  }
  await messages(socket, 6)
  await pause(0)
  same(order, ['0', 'after', 'b', 'after', '2', 'after', 'b', 'after', '4', 'after', 'b', 'after'], 'order')
})

define('an exception in a listener stops neither the others nor the next messages', async (context) => {
  const socket = context.socket('/first?count=3')
  const target = globalThis.process ?? globalThis
  const [type, on, off] = globalThis.process
    ? ['uncaughtException', 'on', 'off']
    : ['error', 'addEventListener', 'removeEventListener']
  let thrown = 0
  const swallow = (event) => {
    thrown += 1
    event.preventDefault?.()
  }
  target[on](type, swallow)
  try {
    socket.onmessage = () => {
      throw new Error('thrown on purpose')
    }
    const got = await messages(socket, 3)
    equal(got.length, 3, 'messages')
    await pause(20)
    equal(thrown, 3, 'exceptions reported')
  } finally {
    target[off](type, swallow)
  }
})

define('messages that come before anybody listens are not kept', async (context) => {
  const socket = await context.open('/first?count=2')
  await pause(500)
  const seen = watch(socket)
  await pause(100)
  same(seen, [], 'events')
})

define('many sockets at once each get their own', async (context) => {
  const count = 25
  const work = Array.from({ length: count }, async (_, number) => {
    const socket = await context.open('/echo')
    socket.send(String(number))
    const { data } = await next(socket, 'message')
    equal(data, String(number), 'echo')
    socket.close()
    const { wasClean } = await next(socket, 'close')
    return wasClean
  })
  equal((await Promise.all(work)).filter(Boolean).length, count, 'closed cleanly')
})
