// What every server here does alike: read options, listen on loopback, say the port, end with its parent.

import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

/**
 * Reads the command line: the options that every server knows (`--host`, `--port`, `--cert`, `--key`) and its own.
 * @param {Record<string, import('node:util').ParseArgsOptionConfig>} own
 */
export function options(own = {}) {
  const common = {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '0' },
    cert: { type: 'string' },
    key: { type: 'string' },
  }
  return parseArgs({ options: { ...common, ...own } }).values
}

function shortText(_request, response) {
  response.writeHead(200, { 'content-type': 'text/plain' })
  response.end('a WebSocket endpoint lives here\n')
}

/** An HTTP server that answers plain requests with a short text or by `answer`; with `--cert` and `--key` it speaks TLS. */
export function httpServer(values, answer = shortText) {
  if (!values.cert) return createServer(answer)
  return createTlsServer({ cert: readFileSync(values.cert), key: readFileSync(values.key) }, answer)
}

/** Listens on loopback unless told otherwise, prints `listening PORT`, and ends the process when standard input closes. */
export function listen(server, values) {
  server.listen(Number(values.port), values.host, () => console.log(`listening ${server.address().port}`))
  // A test that dies closes the pipe, so no server outlives its test.
  process.stdin.resume()
  process.stdin.on('end', () => process.exit(0))
}
