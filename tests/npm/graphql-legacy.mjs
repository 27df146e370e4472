// The npm `subscriptions-transport-ws` server: the older subprotocol, named `graphql-ws`.
//
// --token TOKEN  answer connection_error to a client whose connection_init does not carry { "token": TOKEN }

import { execute, subscribe } from 'graphql'
import { SubscriptionServer } from 'subscriptions-transport-ws'
import { roots, schema } from './graphql-schema.mjs'
import { httpServer, listen, options } from './listen.mjs'

const values = options({ token: { type: 'string' } })
const server = httpServer(values)
SubscriptionServer.create(
  {
    schema,
    execute,
    subscribe,
    // This library has one root for all kinds of operations.
    rootValue: { ...roots.query, ...roots.subscription },
    onConnect: (parameters) => {
      if (values.token && parameters?.token !== values.token) throw new Error('not authorised')
      return true
    },
  },
  { server, path: '/graphql' },
)
listen(server, values)
