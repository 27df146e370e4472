// The constructor's URL and subprotocols: what is refused at once, and what `url` and `protocol` say.

import { define, equal, next, ok, throws } from '../suite.js'

const wrong = [
  'ftp://localhost/', 'mailto:a@b.example', 'about:blank', 'data:,x',
  'ws://', 'ws://localhost:99999/', 'javascript:0', 'blob:x', 'ws://[::1/',
]

define('URLs that are none, or of another scheme, are a SyntaxError', (context) => {
  for (const url of wrong) throws('SyntaxError', () => context.make(url), url)
})

define('a space in the host is a SyntaxError where the URL parser finds it one', (context) => {
  for (const url of ['ws://foo bar.com/', 'wss://foo bar.com/']) {
    // Chromium's parser escapes the space, against the URL standard.
    if (URL.canParse(url)) equal(context.make(url).url, new URL(url).href, url)
    else throws('SyntaxError', () => context.make(url), url)
  }
})

define('a fragment is a SyntaxError, even an empty one', (context) => {
  for (const fragment of ['#', '#part', '/?a=b#part']) {
    throws('SyntaxError', () => context.make(context.url('/echo') + fragment), fragment)
  }
})

define('url is the serialised URL', (context) => {
  const { host } = context.base
  const scheme = context.base.protocol
  const cases = [
    [`${scheme}//${host}`, `${scheme}//${host}/`],
    [`${scheme.toUpperCase()}//${host}/echo`, `${scheme}//${host}/echo`],
    [`${scheme}//${host}/a/../echo?x=ä b`, `${scheme}//${host}/echo?x=%C3%A4%20b`],
    [` ${scheme}//${host}/echo `, `${scheme}//${host}/echo`],
    [`${scheme}//${host}/%20x y`, `${scheme}//${host}/%20x%20y`],
    [`${scheme}//${host}/echo?`, `${scheme}//${host}/echo?`],
  ]
  for (const [given, expected] of cases) equal(context.make(given).url, expected, given)
})

define('a default port is left out of url', (context) => {
  equal(context.make('ws://127.0.0.1:80/echo').url, 'ws://127.0.0.1/echo', 'ws')
  equal(context.make('wss://127.0.0.1:443/echo').url, 'wss://127.0.0.1/echo', 'wss')
})

define('http and https become ws and wss', async (context) => {
  const { host } = context.base
  equal(context.make(`https://${host}/echo`).url, `wss://${host}/echo`, 'https')
  equal(context.make(`http://${host}/echo`).url, `ws://${host}/echo`, 'http')
  const own = context.base.protocol === 'wss:' ? 'https:' : 'http:'
  const socket = context.make(`${own}//${host}/echo`)
  await next(socket, 'open')
  equal(socket.url, `${context.base.protocol}//${host}/echo`, 'url of one that opens')
})

define('a URL object and other objects are taken as text', (context) => {
  equal(context.make(new URL(context.url('/echo'))).url, context.url('/echo'), 'URL')
  equal(context.make({ toString: () => context.url('/echo') }).url, context.url('/echo'), 'object')
})

define('a relative URL is resolved against the page', async (context) => {
  const socket = context.make('/echo?relative')
  equal(socket.url, `${location.protocol.replace('http', 'ws')}//${location.host}/echo?relative`, 'url')
  await next(socket, 'open')
}, { needs: 'page' })

define('the backend sees path and query as given', async (context) => {
  const socket = context.socket('/headers?a=1&b=%2F%20x&c')
  const { data } = await next(socket, 'message')
  equal(JSON.parse(data).url, '/headers?a=1&b=%2F%20x&c', 'its request target')
})

define('user and password go as basic authentication', async (context) => {
  const url = new URL(context.url('/basic'))
  url.username = 'foo'
  url.password = 'bar'
  const socket = context.make(url.href)
  equal(socket.url, url.href, 'url')
  await next(socket, 'open')
})

define('wrong subprotocols are a SyntaxError', (context) => {
  const refused = [
    '', ' ', 'a b', 'a,b', 'a;b', 'a/b', 'a"b', '(a', 'a)', '<', '>', '@', ':', '\\', '[', ']', '?', '=', '{', '}',
    '\t', '\u007f', '\u0000', 'ä', '\u0120', '€', ['a', ''], ['a', 'a'], ['a b'], ['x', 'y', 'x'],
  ]
  for (const protocols of refused) throws('SyntaxError', () => context.make(context.url('/echo'), protocols), JSON.stringify(protocols))
})

define('the URL is judged before the subprotocols', (context) => {
  throws('SyntaxError', () => context.make('ftp://localhost/', 'a b'), 'both wrong')
  throws(TypeError, () => context.make(context.url('/echo'), Symbol('x')), 'a symbol as subprotocol')
})

define('subprotocols that differ in case alone are two', (context) => {
  ok(context.make(context.url('/echo'), ['chat', 'CHAT']), 'made')
})

define('protocol is empty until open, then what the backend chose', async (context) => {
  const socket = context.socket('/echo', ['first', 'second'])
  equal(socket.protocol, '', 'while connecting')
  await next(socket, 'open')
  equal(socket.protocol, 'first', 'when open')
})

define('a subprotocol may be a text, an array, or any iterable', async (context) => {
  equal((await context.open('/echo', 'alone')).protocol, 'alone', 'a text')
  equal((await context.open('/echo', new Set(['one', 'two']))).protocol, 'one', 'a set')
  equal((await context.open('/echo', [])).protocol, '', 'an empty array')
})

define('a backend that chooses none leaves protocol empty', async (context) => {
  const socket = context.socket('/echo?none', 'alone')
  const event = await new Promise((resolve) => {
    socket.onopen = resolve
    socket.onclose = resolve
  })
  // Browsers differ here: the standard lets it open, RFC 6455 lets a client refuse.
  if (event.type === 'open') equal(socket.protocol, '', 'protocol')
  else equal(event.code, 1006, 'close code')
})

define('a subprotocol that nobody offered fails the connection', async (context) => {
  const socket = context.socket('/unoffered')
  const { code, wasClean } = await next(socket, 'close')
  equal(code, 1006, 'code')
  equal(wasClean, false, 'wasClean')
})

define('every character that a subprotocol may hold passes', async (context) => {
  const name = "!#$%&'*+-.^_`|~09azAZ"
  equal((await context.open('/echo', [name])).protocol, name, 'protocol')
})

define('extensions is a text, empty while connecting', async (context) => {
  const socket = context.socket('/echo')
  equal(socket.extensions, '', 'while connecting')
  await next(socket, 'open')
  equal(typeof socket.extensions, 'string', 'when open')
})
