// The interface's shape: constructor, prototype, constants, attributes.

import { define, equal, next, ok, same, throws } from '../suite.js'

const constants = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 }
const readOnly = ['url', 'readyState', 'bufferedAmount', 'extensions', 'protocol']
const handlers = ['onopen', 'onmessage', 'onerror', 'onclose']
const methods = { send: 1, close: 0 }

for (const [name, value] of Object.entries(constants)) {
  define(`constant ${name} is on the class, the prototype and each socket`, (context) => {
    const { WebSocket } = context
    equal(WebSocket[name], value, 'on the class')
    equal(WebSocket.prototype[name], value, 'on the prototype')
    for (const holder of [WebSocket, WebSocket.prototype]) {
      const found = Object.getOwnPropertyDescriptor(holder, name)
      same(found, { value, writable: false, enumerable: true, configurable: false }, 'its property')
    }
    const made = context.make(context.base.href)
    equal(made[name], value, 'on a socket')
  })

  define(`constant ${name} can be neither set nor deleted`, ({ WebSocket }) => {
    throws(TypeError, () => { WebSocket[name] = 7 }, 'assignment in strict code')
    throws(TypeError, () => { delete WebSocket[name] }, 'deletion in strict code')
    equal(WebSocket[name], value, 'afterwards')
  })
}

define('the class is a constructor of one required argument and nothing else', ({ WebSocket, base }) => {
  equal(typeof WebSocket, 'function', 'its type')
  equal(WebSocket.name, 'WebSocket', 'its name')
  const { writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(WebSocket, 'prototype')
  same([writable, enumerable, configurable], [false, false, false], 'its prototype')
  equal(WebSocket.prototype.constructor, WebSocket, 'the constructor of its prototype')
  equal(WebSocket.length, 1, 'required arguments')
  throws(TypeError, () => WebSocket(base.href), 'a call without new')
  throws(TypeError, () => new WebSocket(), 'no argument')
})

define('a third argument of any type is no error', (context) => {
  for (const stray of ['stray', 7, null, undefined]) {
    const socket = context.make(context.url('/echo'), [], stray)
    ok(socket instanceof context.WebSocket, `with ${stray}`)
  }
})

define('a socket is an EventTarget and names itself', (context) => {
  const socket = context.socket('/echo')
  ok(socket instanceof EventTarget, 'instance of EventTarget')
  ok(socket instanceof context.WebSocket, 'instance of its class')
  equal(Object.getPrototypeOf(context.WebSocket.prototype), EventTarget.prototype, 'the prototype of its prototype')
  equal(Object.prototype.toString.call(socket), '[object WebSocket]', 'its string')
  same(
    Object.getOwnPropertyDescriptor(context.WebSocket.prototype, Symbol.toStringTag),
    { value: 'WebSocket', writable: false, enumerable: false, configurable: true }, 'the tag',
  )
})

define('read-only attributes are getters on the prototype', (context) => {
  const socket = context.socket('/echo')
  for (const name of readOnly) {
    const found = Object.getOwnPropertyDescriptor(context.WebSocket.prototype, name)
    ok(found, `${name} is missing`)
    equal(typeof found.get, 'function', `${name}'s getter`)
    equal(found.set, undefined, `${name}'s setter`)
    ok(found.enumerable && found.configurable, `${name} is enumerable and configurable`)
    ok(!Object.hasOwn(socket, name), `${name} is not the socket's own`)
    const before = socket[name]
    throws(TypeError, () => { socket[name] = 'other' }, `assignment to ${name} in strict code`)
    equal(socket[name], before, `${name} afterwards`)
  }
})

define('settable attributes are accessors on the prototype', (context) => {
  for (const name of [...handlers, 'binaryType']) {
    const found = Object.getOwnPropertyDescriptor(context.WebSocket.prototype, name)
    ok(found, `${name} is missing`)
    equal(typeof found.get, 'function', `${name}'s getter`)
    equal(typeof found.set, 'function', `${name}'s setter`)
    ok(found.enumerable && found.configurable, `${name} is enumerable and configurable`)
  }
})

define('methods are on the prototype with their required arguments', (context) => {
  for (const [name, length] of Object.entries(methods)) {
    const found = Object.getOwnPropertyDescriptor(context.WebSocket.prototype, name)
    ok(found, `${name} is missing`)
    equal(typeof found.value, 'function', `${name}'s type`)
    equal(found.value.length, length, `${name}'s required arguments`)
    ok(found.enumerable && found.configurable && found.writable, `${name} can be seen and replaced`)
  }
})

define('getters and methods refuse what is no socket', ({ WebSocket }) => {
  for (const name of [...readOnly, ...handlers, 'binaryType']) {
    const { get } = Object.getOwnPropertyDescriptor(WebSocket.prototype, name)
    throws(TypeError, () => get.call({}), `${name} of a plain object`)
    throws(TypeError, () => WebSocket.prototype[name], `${name} of the prototype`)
  }
  throws(TypeError, () => WebSocket.prototype.send.call({}, 'x'), 'send of a plain object')
  throws(TypeError, () => WebSocket.prototype.close.call({}), 'close of a plain object')
})

define('a socket keeps nothing that can be listed', (context) => {
  same(Object.keys(context.socket('/echo')), [], 'own enumerable properties')
})

define('send() needs an argument', async (context) => {
  const socket = await context.open('/echo')
  throws(TypeError, () => socket.send(), 'send() of nothing')
})

define('a getter put on the prototype by the page is used', (context) => {
  for (const name of readOnly) {
    const prototype = context.WebSocket.prototype
    const found = Object.getOwnPropertyDescriptor(prototype, name)
    try {
      Object.defineProperty(prototype, name, { get: () => 'mine', configurable: true })
      equal(context.socket('/echo')[name], 'mine', name)
    } finally {
      Object.defineProperty(prototype, name, found)
    }
  }
})

define('a subclass can be made', async (context) => {
  class Own extends context.WebSocket {
    get own() {
      return 'own'
    }
  }
  const socket = new Own(context.url('/echo'))
  try {
    ok(socket instanceof context.WebSocket, 'instance of the class')
    equal(socket.own, 'own', 'its own getter')
    await next(socket, 'open')
  } finally {
    socket.close()
  }
})
