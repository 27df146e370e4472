// The npm `graphql-ws` server: subprotocol `graphql-transport-ws`.
//
// --token TOKEN  close (4403) a client whose connection_init does not carry { "token": TOKEN }

import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import { roots, schema } from './graphql-schema.mjs'
import { httpServer, listen, options } from './listen.mjs'

const values = options({ token: { type: 'string' } })
const server = httpServer(values)
useServer(
  {
    schema,
    roots,
    onConnect: ({ connectionParams }) => !values.token || connectionParams?.token === values.token,
  },
  new WebSocketServer({ server, path: '/graphql' }),
)
listen(server, values)
