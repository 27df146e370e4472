// What the backend sees of the page, and what it gives the page: cookies and Origin.

import { define, equal, next, ok } from '../suite.js'

const asked = async (context, path = '/headers') => {
  const socket = context.socket(path)
  const { data } = await next(socket, 'message')
  socket.close()
  return JSON.parse(data).headers
}

define('the backend sees the page\'s Origin', async (context) => {
  equal((await asked(context)).origin, location.origin, 'Origin')
}, { needs: 'page' })

define('the backend sees a WebSocket handshake of version 13', async (context) => {
  const headers = await asked(context)
  equal(headers['sec-websocket-version'], '13', 'version')
  equal(headers.upgrade?.toLowerCase(), 'websocket', 'Upgrade')
  ok(/\bupgrade\b/i.test(headers.connection), 'Connection')
  equal(atob(headers['sec-websocket-key']).length, 16, 'bytes of the key')
})

define('the backend sees the subprotocols in their order', async (context) => {
  const socket = context.socket('/headers', ['one', 'two'])
  const { data } = await next(socket, 'message')
  equal(JSON.parse(data).headers['sec-websocket-protocol'].replaceAll(' ', ''), 'one,two', 'subprotocols')
})

define('the backend sees the cookies of its path and no others', async (context) => {
  document.cookie = 'seen=1; Path=/'
  document.cookie = 'elsewhere=1; Path=/other'
  document.cookie = 'here=1; Path=/headers'
  const cookies = (await asked(context)).cookie ?? ''
  ok(cookies.includes('seen=1'), `seen in ${cookies}`)
  ok(cookies.includes('here=1'), `here in ${cookies}`)
  ok(!cookies.includes('elsewhere'), `elsewhere in ${cookies}`)
}, { needs: 'page' })

define('a cookie that the backend sets is kept', async (context) => {
  const name = `set${Math.floor(Math.random() * 1e9)}`
  await context.open(`/echo?cookie=${encodeURIComponent(`${name}=yes; Path=/`)}`)
  ok(document.cookie.includes(`${name}=yes`), `not in ${document.cookie}`)
  ok(((await asked(context)).cookie ?? '').includes(`${name}=yes`), 'the next handshake has it')
}, { needs: 'page' })

define('a cookie for HTTP only is kept, sent, and hidden from the page', async (context) => {
  const name = `hidden${Math.floor(Math.random() * 1e9)}`
  await context.open(`/echo?cookie=${encodeURIComponent(`${name}=yes; Path=/; HttpOnly`)}`)
  ok(!document.cookie.includes(name), 'the page sees it')
  ok(((await asked(context)).cookie ?? '').includes(`${name}=yes`), 'the next handshake has it')
}, { needs: 'page' })
