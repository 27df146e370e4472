// close(), the closing handshake, and connections that fail.

import { define, equal, next, ok, pause, same, throws, watch } from '../suite.js'

const summary = ({ code, reason, wasClean }) => [code, reason, wasClean]

define('codes that are not 1000 or 3000 to 4999 are an InvalidAccessError in every state', async (context) => {
  const wrong = [0, 1, 500, 999, 1001, 1004, 1005, 1006, 1015, 2999, 5000, 65_535, 65_536 + 1000, -1, NaN, 'text', null, Infinity, {}]
  const socket = context.socket('/echo')
  const tryAll = (state) => {
    for (const code of wrong) throws('InvalidAccessError', () => socket.close(code), `${code} when ${state}`)
  }
  tryAll('connecting')
  await next(socket, 'open')
  tryAll('open')
  equal(socket.readyState, 1, 'readyState')
  socket.close()
  tryAll('closing')
  await next(socket, 'close')
  tryAll('closed')
})

define('reasons over 123 bytes of UTF-8 are a SyntaxError', async (context) => {
  const socket = await context.open('/echo')
  throws('SyntaxError', () => socket.close(1000, 'x'.repeat(124)), '124 characters')
  throws('SyntaxError', () => socket.close(1000, 'é'.repeat(62)), '62 characters of 2 bytes')
  throws('SyntaxError', () => socket.close(1000, '\ud807'.repeat(42)), '42 unpaired surrogates')
  equal(socket.readyState, 1, 'readyState')
  socket.close(1000, 'é'.repeat(61) + 'x')
  same(summary(await next(socket, 'close')), [1000, 'é'.repeat(61) + 'x', true], 'with 123 bytes')
})

define('the code is judged before the reason', async (context) => {
  const socket = await context.open('/echo')
  throws('InvalidAccessError', () => socket.close(1001, 'x'.repeat(124)), 'both wrong')
})

const closes = [
  [[], 1005, ''], [[undefined], 1005, ''], [[undefined, undefined], 1005, ''], [[1000], 1000, ''],
  [[1000, 'done'], 1000, 'done'], [[3000, ''], 3000, ''], [[4999, 'é€'], 4999, 'é€'], [['3001'], 3001, ''],
  [[3002.4], 3002, ''], [[1000, null], 1000, 'null'], [[1000, 'a\ud807b'], 1000, 'a\ufffdb'],
]
for (const [given, code, reason] of closes) {
  define(`close(${given.map((value) => JSON.stringify(value) ?? 'undefined')}) ends with ${code}`, async (context) => {
    const socket = await context.open('/echo')
    const seen = watch(socket)
    equal(socket.close(...given), undefined, 'what close() returns')
    equal(socket.readyState, 2, 'readyState')
    same(summary(await next(socket, 'close')), [code, reason, true], 'the close event')
    equal(socket.readyState, 3, 'readyState')
    await pause(30)
    same(seen, ['close'], 'events')
  })
}

for (const [query, code, reason] of [['', 1005, ''], ['?code=1000', 1000, ''], ['?code=4321&reason=bye', 4321, 'bye'],
  ['?code=1001&reason=going', 1001, 'going'], ['?code=1011&reason=oops', 1011, 'oops'], ['?code=1012', 1012, '']]) {
  define(`the backend closes with ${code} ${reason}`, async (context) => {
    const socket = context.socket(`/close${query}`)
    const seen = watch(socket)
    same(summary(await next(socket, 'close')), [code, reason, true], 'the close event')
    await pause(30)
    same(seen, ['open', 'close'], 'events')
  })
}

define('the backend gets the code, the reason, and every message before them', async (context) => {
  const key = `close-${Date.now()}-${Math.random()}`
  const socket = await context.open(`/store?key=${key}`)
  for (let number = 0; number < 50; number += 1) socket.send(String(number))
  socket.send(new Blob([new Uint8Array([1, 2, 3])]))
  socket.send(new Uint8Array([4]))
  socket.close(3210, 'finished')
  same(summary(await next(socket, 'close')), [3210, 'finished', true], 'the close event')
  const reader = context.socket(`/stored?key=${key}`)
  const got = JSON.parse((await next(reader, 'message')).data)
  same(got, {
    messages: [...Array.from({ length: 50 }, (_, number) => String(number)), [1, 2, 3], [4]],
    code: 3210,
    reason: 'finished',
  }, 'what the backend saw')
})

define('messages that come after close() are not shown', async (context) => {
  const socket = await context.open('/echo')
  const seen = watch(socket)
  socket.send('one')
  socket.send('two')
  socket.close()
  same(summary(await next(socket, 'close')), [1005, '', true], 'the close event')
  await pause(30)
  same(seen, ['close'], 'events')
})

define('what the backend sends before its close comes before it', async (context) => {
  const socket = context.socket('/first?count=40&close')
  const seen = watch(socket)
  same(summary(await next(socket, 'close')), [4001, 'that was all', true], 'the close event')
  equal(seen.filter((kind) => kind === 'message').length, 40, 'messages')
  equal(seen.at(-1), 'close', 'the last event')
})

define('a goodbye is answered and then the backend closes', async (context) => {
  const socket = await context.open('/echo')
  const seen = watch(socket)
  socket.send('Goodbye')
  same(summary(await next(socket, 'close')), [1000, '', true], 'the close event')
  same(seen, ['message', 'close'], 'events')
})

define('close() again, and in the close event, does nothing', async (context) => {
  const socket = await context.open('/echo')
  const seen = watch(socket)
  socket.onclose = () => {
    equal(socket.readyState, 3, 'readyState')
    socket.close(3333)
    equal(socket.readyState, 3, 'readyState after close()')
  }
  socket.close(3000)
  socket.close(3001)
  equal(socket.readyState, 2, 'readyState')
  same(summary(await next(socket, 'close')), [3000, '', true], 'the close event')
  await pause(50)
  same(seen, ['close'], 'events')
})

define('close() in the open event', async (context) => {
  const socket = context.socket('/echo')
  socket.onopen = () => socket.close(3003, 'at once')
  same(summary(await next(socket, 'close')), [3003, 'at once', true], 'the close event')
})

define('close() in a message event hears no more messages', async (context) => {
  const socket = context.socket('/first?count=3')
  const seen = watch(socket)
  socket.onmessage = () => socket.close()
  same(summary(await next(socket, 'close')), [1005, '', true], 'the close event')
  same(seen, ['open', 'message', 'close'], 'events')
})

for (const [name, path, wait] of [['at once', '/echo', 0], ['while the backend thinks', '/echo?after=3000', 300], ['while nobody answers', '/hang', 300]]) {
  define(`close() while connecting, ${name}, fails the connection`, async (context) => {
    const socket = context.socket(path)
    const seen = watch(socket)
    if (wait) await pause(wait)
    equal(socket.readyState, 0, 'readyState')
    socket.close(3000, 'unheard')
    equal(socket.readyState, 2, 'readyState after close()')
    same(seen, [], 'events in the same task')
    same(summary(await next(socket, 'close')), [1006, '', false], 'the close event')
    equal(socket.readyState, 3, 'readyState in the end')
    await pause(50)
    same(seen, ['error', 'close'], 'events')
  })
}

define('a backend that vanishes is 1006 and not clean', async (context) => {
  const socket = context.socket('/vanish')
  same(summary(await next(socket, 'close')), [1006, '', false], 'the close event')
})

for (const status of [401, 403, 404, 500, 503]) {
  define(`a refusal with ${status} is an error and 1006`, async (context) => {
    const socket = context.socket(`/refuse?status=${status}`)
    const seen = watch(socket)
    same(summary(await next(socket, 'close')), [1006, '', false], 'the close event')
    same(seen, ['error', 'close'], 'events')
    equal(socket.readyState, 3, 'readyState')
    equal(socket.protocol, '', 'protocol')
  })
}

for (const url of ['ws://name.invalid/', 'ws://127.0.0.1:1/', 'ws://127.0.0.1:9/']) {
  define(`${url} fails with an error and 1006`, async (context) => {
    const socket = context.make(url)
    const seen = watch(socket)
    equal(socket.readyState, 0, 'readyState')
    same(summary(await next(socket, 'close')), [1006, '', false], 'the close event')
    same(seen, ['error', 'close'], 'events')
  })
}

for (const [name, hex] of [['a reserved opcode', '8300'], ['a reserved bit', 'c10178'], ['a masked frame', '81810000000078'],
  ['text that is no UTF-8', '8102c328'], ['a fragment out of place', '800178'], ['a long ping', `897e0080${'00'.repeat(128)}`],
  ['a close frame of one byte', '880103'], ['a close frame with a code that is never sent', '880203ed'],
  ['a close frame with a reason that is no UTF-8', '880403e8c328']]) {
  define(`${name} from the backend is an error and not a clean close`, async (context) => {
    const socket = context.socket(`/raw?hex=${hex}`)
    const seen = watch(socket)
    const { code, wasClean } = await next(socket, 'close')
    equal(code, 1006, 'code')
    equal(wasClean, false, 'wasClean')
    same(seen, ['open', 'error', 'close'], 'events')
  })
}

define('data after the backend\'s close frame is not shown', async (context) => {
  const socket = context.socket('/raw?hex=880203e8810178')
  const seen = watch(socket)
  await next(socket, 'close')
  await pause(30)
  // Whether such a close is clean, browsers do not agree.
  ok(!seen.includes('message'), 'it was shown')
})
