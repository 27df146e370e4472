// A backend with one path for each thing that the conformance suite asks of a WebSocket, made on npm's `ws`.
//
// It also serves the suite's pages under /conformance/ and those of `tests/carry-real` under /carry/.

import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { extname, join, normalize } from 'node:path'
import { WebSocketServer } from 'ws'
import { httpServer, listen, options } from './listen.mjs'

const values = options()
const folder = (path) => fileURLToPath(new URL(path, import.meta.url))
const folders = { conformance: folder('../conformance/'), carry: folder('../carry-real/') }
const kinds = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.mjs': 'text/javascript' }
const harness = folder('../src/support/browser/harness.js')

/** What clients said on `/store`, by key; one entry per run of the case. */
const stored = new Map()

const server = httpServer(values)
server.removeAllListeners('request')
server.on('request', (request, response) => {
  serve(request, response).catch((error) => {
    response.writeHead(404, { 'content-type': 'text/plain' })
    response.end(`${error.message}\n`)
  })
})

async function serve(request, response) {
  const { pathname } = new URL(request.url, 'http://backend')
  const path = place(pathname)
  const bytes = await readFile(path)
  response.writeHead(200, { 'content-type': kinds[extname(path)] ?? 'application/octet-stream', 'cache-control': 'no-store' })
  response.end(bytes)
}

/** The file behind a path. */
function place(pathname) {
  const [, first, ...rest] = pathname.split('/')
  const name = normalize(rest.join('/'))
  if (name === 'harness.js') return harness
  if (!folders[first] || name.startsWith('..')) throw new Error('nothing here')
  return join(folders[first], name)
}

const choose = (offered, request) => {
  const asked = new URL(request.url, 'http://backend').searchParams
  if (asked.has('none')) return false
  return offered.values().next().value ?? false
}
const sockets = new WebSocketServer({ noServer: true, handleProtocols: choose, maxPayload: 64 * 1024 * 1024 })

/** What a path does before the handshake is answered; returns whether it has answered itself. */
const doors = {
  '/refuse': (socket, asked) => {
    const status = asked.get('status') ?? '403'
    const text = 'refused by the backend'
    socket.end(`HTTP/1.1 ${status} No\r\nContent-Type: text/plain\r\nContent-Length: ${text.length}\r\nConnection: close\r\n\r\n${text}`)
    return true
  },
  '/hang': () => true,
  '/basic': (socket, _asked, request) => {
    if (request.headers.authorization === `Basic ${btoa('foo:bar')}`) return false
    socket.end('HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="suite"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    return true
  },
}

server.on('upgrade', (request, socket, head) => {
  socket.on('error', () => {})
  const { pathname, searchParams } = new URL(request.url, 'http://backend')
  if (doors[pathname]?.(socket, searchParams, request)) return
  if (pathname === '/unoffered') {
    // `ws` would not choose what was not offered, so that its answer is amended on the way out.
    const write = socket.write.bind(socket)
    socket.write = (data, ...rest) => write(String(data).replace('\r\n\r\n', '\r\nSec-WebSocket-Protocol: unoffered\r\n\r\n'), ...rest)
  }
  const accept = () => sockets.handleUpgrade(request, socket, head, (client) => {
    client.on('error', () => {})
    rooms[pathname]?.(client, searchParams, request, socket)
  })
  setTimeout(accept, Number(searchParams.get('after') ?? 0))
})

sockets.on('headers', (headers, request) => {
  const set = new URL(request.url, 'http://backend').searchParams.get('cookie')
  if (set) headers.push(`Set-Cookie: ${set}`)
})

const echo = (client) => client.on('message', (data, isBinary) => {
  client.send(data, { binary: isBinary })
  if (!isBinary && String(data) === 'Goodbye') client.close(1000)
})

/** What a path does with an open socket. */
const rooms = {
  '/echo': echo,
  '/basic': echo,
  '/unoffered': echo,
  '/headers': (client, _asked, request) => {
    client.send(JSON.stringify({ url: request.url, headers: request.headers }))
    echo(client)
  },
  '/first': (client, asked) => {
    for (let number = 0; number < Number(asked.get('count')); number += 1) {
      if (number % 2) client.send(Buffer.from(String(number)))
      else client.send(String(number))
    }
    if (asked.has('close')) client.close(4001, 'that was all')
  },
  // Numbers from 0, one every few milliseconds, beside an echo; the word `more` asks for as many again.
  '/both': (client, asked) => {
    const count = Number(asked.get('count'))
    let number = 0
    const run = () => {
      const end = number + count
      const timer = setInterval(() => {
        client.send(`down ${number}`)
        number += 1
        if (number === end || client.readyState !== client.OPEN) clearInterval(timer)
      }, 5)
    }
    client.on('message', (data, isBinary) => (String(data) === 'more' ? run() : client.send(data, { binary: isBinary })))
    run()
  },
  '/size': (client, asked) => {
    const bytes = Buffer.alloc(Number(asked.get('bytes')), 'a')
    client.send(bytes, { binary: asked.has('binary') })
  },
  '/close': (client, asked) => {
    if (asked.has('code')) client.close(Number(asked.get('code')), asked.get('reason') ?? '')
    else client.close()
  },
  '/vanish': (_client, _asked, _request, socket) => socket.destroy(),
  '/fragments': (client) => {
    client.send('one ', { fin: false })
    client.send('two ', { fin: false })
    client.ping('between')
    client.send('three', { fin: true })
  },
  '/ping': (client) => {
    client.on('pong', (data) => client.send(`pong ${data}`))
    client.ping('hello')
  },
  // Firefox shows no `open` where the fault comes together with the handshake.
  '/raw': (_client, asked, _request, socket) => setTimeout(() => socket.write(Buffer.from(asked.get('hex'), 'hex')), 100),
  '/slow': (client, asked) => {
    client.pause()
    setTimeout(() => client.resume(), Number(asked.get('pause')))
    let bytes = 0
    client.on('message', (data) => {
      bytes += data.length
      client.send(String(bytes))
    })
  },
  '/store': (client, asked) => {
    const messages = []
    const ended = new Promise((resolve) => {
      client.on('close', (code, reason) => resolve({ messages, code, reason: String(reason) }))
    })
    stored.set(asked.get('key'), ended)
    client.on('message', (data, isBinary) => messages.push(isBinary ? [...data] : String(data)))
  },
  '/stored': async (client, asked) => client.send(JSON.stringify(await stored.get(asked.get('key')))),
}

listen(server, values)
