// The schema that both generations of GraphQL servers here serve.

import { buildSchema } from 'graphql'

export const schema = buildSchema('type Query { hello: String } type Subscription { count: Int }')

export const roots = {
  query: { hello: () => 'world' },
  subscription: {
    count: async function* count() {
      for (let number = 1; number <= 3; number += 1) yield { count: number }
    },
  },
}
