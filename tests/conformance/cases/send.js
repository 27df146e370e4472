// send(), bufferedAmount and binaryType.

import { define, equal, messages, next, ok, pause, same, throws } from '../suite.js'

const bytesOf = (data) => [...new Uint8Array(data)]

/** What an echo gives for what was sent. */
const texts = {
  'an empty text': ['', ''],
  'a text': ['hello', 'hello'],
  'null as text': [null, 'null'],
  'undefined as text': [undefined, 'undefined'],
  'a number as text': [4.5, '4.5'],
  'an object as text': [{ toString: () => 'mine' }, 'mine'],
  'an array as text': [[1, 2], '1,2'],
  'text beyond ASCII': ['¥¥¥ åäö € 日本', '¥¥¥ åäö € 日本'],
  'a paired surrogate': ['\ud801\udc7e', '\ud801\udc7e'],
  'an unpaired surrogate': ['a\ud807b\udc00', 'a\ufffdb\ufffd'],
  'a zero character': ['a\u0000b', 'a\u0000b'],
  'a byte order mark': ['\ufeffa', '\ufeffa'],
}
for (const [name, [given, expected]] of Object.entries(texts)) {
  define(`send() of ${name}`, async (context) => {
    const socket = await context.open('/echo')
    equal(socket.send(given), undefined, 'what send() returns')
    equal((await next(socket, 'message')).data, expected, 'the echo')
  })
}

const source = Uint8Array.from({ length: 64 }, (_, index) => index * 4 + 1).buffer
const views = {
  'an ArrayBuffer': source,
  'an empty ArrayBuffer': new ArrayBuffer(0),
  'a Uint8Array': new Uint8Array(source),
  'a Uint8Array with offset': new Uint8Array(source, 3),
  'a Uint8Array with offset and length': new Uint8Array(source, 3, 7),
  'an Int8Array': new Int8Array(source, 1),
  'an Int16Array with offset': new Int16Array(source, 2),
  'a Uint16Array with offset and length': new Uint16Array(source, 2, 3),
  'an Int32Array': new Int32Array(source),
  'a Uint32Array with offset': new Uint32Array(source, 4),
  'a Float32Array': new Float32Array([1.5, -2.25]),
  'a Float64Array': new Float64Array([1.1, Number.MAX_VALUE]),
  'a BigUint64Array': new BigUint64Array([2n ** 60n]),
  'a DataView': new DataView(source, 5, 9),
}
for (const [name, given] of Object.entries(views)) {
  define(`send() of ${name}`, async (context) => {
    const socket = await context.open('/echo')
    socket.send(given)
    const { data } = await next(socket, 'message')
    ok(data instanceof ArrayBuffer, 'the echo is an ArrayBuffer')
    const expected = ArrayBuffer.isView(given)
      ? new Uint8Array(given.buffer, given.byteOffset, given.byteLength)
      : new Uint8Array(given)
    same(bytesOf(data), [...expected], 'its bytes')
  })
}

define('send() of a Blob', async (context) => {
  const socket = await context.open('/echo')
  socket.send(new Blob(['par', 'ts', new Uint8Array([0, 255])]))
  same(bytesOf((await next(socket, 'message')).data), [...new TextEncoder().encode('parts'), 0, 255], 'bytes')
})

define('Blobs keep their place among the others', async (context) => {
  const socket = await context.open('/echo')
  const big = new Uint8Array(200_000).fill(7)
  socket.send('first')
  socket.send(new Blob([big]))
  socket.send('second')
  socket.send(new Blob(['tiny']))
  socket.send(new Uint8Array([1]))
  socket.send(new Blob([]))
  socket.send('last')
  const got = (await messages(socket, 7)).map((data) => (typeof data === 'string' ? data : data.byteLength))
  same(got, ['first', 200_000, 'second', 4, 1, 0, 'last'], 'order')
})

define('a buffer is sent as it was when send() was called', async (context) => {
  const socket = await context.open('/echo')
  const buffer = new Uint8Array([1, 2, 3])
  socket.send(buffer)
  buffer.fill(9)
  socket.send(buffer.buffer)
  buffer.fill(8)
  const [first, second] = await messages(socket, 2)
  same([bytesOf(first), bytesOf(second)], [[1, 2, 3], [9, 9, 9]], 'bytes')
})

for (const bytes of [125, 126, 127, 65_535, 65_536, 65_537, 1_048_576]) {
  define(`a message of ${bytes} bytes comes back whole, as text and as binary`, async (context) => {
    const socket = await context.open('/echo')
    const text = 'abcdefghij'.repeat(Math.ceil(bytes / 10)).slice(0, bytes)
    socket.send(text)
    equal((await next(socket, 'message')).data === text, true, 'text')
    const binary = Uint8Array.from({ length: bytes }, (_, index) => (index * 31) & 255)
    socket.send(binary)
    const back = new Uint8Array((await next(socket, 'message')).data)
    equal(back.length, bytes, 'length')
    ok(back.every((byte, index) => byte === binary[index]), 'binary')
  })
}

define('a message of 9 MB from the backend comes whole', async (context) => {
  const socket = context.socket('/size?bytes=9000000&binary')
  const { data } = await next(socket, 'message')
  equal(data.byteLength, 9_000_000, 'bytes')
})

define('a message of fragments with a ping in between is one message', async (context) => {
  const socket = context.socket('/fragments')
  equal((await next(socket, 'message')).data, 'one two three', 'data')
})

define('a ping of the backend is answered and not shown', async (context) => {
  const socket = context.socket('/ping')
  equal((await next(socket, 'message')).data, 'pong hello', 'data')
})

define('thousand messages come back in order, each once', async (context) => {
  const socket = await context.open('/echo')
  const count = 1000
  const got = messages(socket, count)
  for (let number = 0; number < count; number += 1) {
    if (number % 3 === 0) socket.send(new Uint16Array([number]))
    else socket.send(String(number))
  }
  const numbers = (await got).map((data) => (typeof data === 'string' ? Number(data) : new Uint16Array(data)[0]))
  same(numbers, Array.from({ length: count }, (_, number) => number), 'numbers')
})

define('send() while connecting is an InvalidStateError', (context) => {
  const socket = context.socket('/echo')
  for (const data of ['x', new Uint8Array(1), new Blob(['x'])]) throws('InvalidStateError', () => socket.send(data), 'send()')
  equal(socket.bufferedAmount, 0, 'bufferedAmount')
})

define('send() after close() is silent and sends nothing', async (context) => {
  const socket = await context.open('/echo')
  let heard = 0
  socket.onmessage = () => { heard += 1 }
  socket.close()
  equal(socket.send('x'), undefined, 'while closing')
  await next(socket, 'close')
  equal(socket.send('x'), undefined, 'when closed')
  await pause(50)
  equal(heard, 0, 'messages')
})

define('bufferedAmount grows at once by the bytes of UTF-8 and falls between tasks', async (context) => {
  const socket = await context.open('/echo')
  equal(socket.bufferedAmount, 0, 'at first')
  let total = 0
  for (const [text, bytes] of [['x', 1], ['å', 2], ['匶', 3], ['\ud801\udc7e', 4], ['\ud807', 3], ['', 0]]) {
    socket.send(text)
    total += bytes
    equal(socket.bufferedAmount, total, `after ${JSON.stringify(text)}`)
  }
  socket.send(new ArrayBuffer(10))
  socket.send(new Uint16Array(5).subarray(1, 3))
  socket.send(new Blob(['12345']))
  equal(socket.bufferedAmount, total + 19, 'after binary ones')
  const until = performance.now() + 100
  while (performance.now() < until) equal(socket.bufferedAmount, total + 19, 'in the same task')
  await messages(socket, 9)
  equal(socket.bufferedAmount, 0, 'when all came back')
})

define('bufferedAmount counts what is sent after close and never falls then', async (context) => {
  const socket = await context.open('/echo')
  socket.close()
  socket.send('four')
  equal(socket.bufferedAmount, 4, 'while closing')
  await next(socket, 'close')
  equal(socket.bufferedAmount, 4, 'when closed')
  socket.send(new Uint8Array(6))
  await pause(20)
  equal(socket.bufferedAmount, 10, 'after more')
})

define('bufferedAmount of 65,000 characters', async (context) => {
  const socket = await context.open('/echo')
  socket.send('x'.repeat(65_000))
  equal(socket.bufferedAmount, 65_000, 'at once')
  equal((await next(socket, 'message')).data.length, 65_000, 'echo')
  equal(socket.bufferedAmount, 0, 'in the end')
})

define('a backend that does not read shows in bufferedAmount, and loses nothing', async (context) => {
  const socket = await context.open('/slow?pause=1500')
  const size = 1 << 20
  const count = 24
  for (let number = 0; number < count; number += 1) socket.send(new Uint8Array(size))
  await pause(400)
  ok(socket.bufferedAmount > 0, 'bufferedAmount is 0 although nobody reads')
  const got = await messages(socket, count)
  equal(got.at(-1), String(size * count), 'bytes that arrived')
})

define('binaryType is blob at first and takes only its two values', (context) => {
  const socket = context.make(context.url('/echo'))
  equal(socket.binaryType, 'blob', 'at first')
  for (const wrong of ['nonsense', '', 'ArrayBuffer', null, undefined, 7]) {
    socket.binaryType = wrong
    equal(socket.binaryType, 'blob', `after ${wrong}`)
  }
  socket.binaryType = 'arraybuffer'
  equal(socket.binaryType, 'arraybuffer', 'the other')
  socket.binaryType = 'nonsense'
  equal(socket.binaryType, 'arraybuffer', 'after nonsense')
  socket.binaryType = 'blob'
  equal(socket.binaryType, 'blob', 'back')
})

define('binaryType decides when a message is shown, and texts are texts in any case', async (context) => {
  const socket = await context.open('/echo')
  socket.binaryType = 'blob'
  socket.send(new Uint8Array([1, 2]))
  const { data } = await next(socket, 'message')
  ok(data instanceof Blob, 'a Blob')
  equal(data.type, '', 'its type')
  same(bytesOf(await data.arrayBuffer()), [1, 2], 'its bytes')
  socket.send('text')
  equal((await next(socket, 'message')).data, 'text', 'a text')
  socket.send(new Uint8Array([3]))
  socket.binaryType = 'arraybuffer'
  ok((await next(socket, 'message')).data instanceof ArrayBuffer, 'an ArrayBuffer')
})
