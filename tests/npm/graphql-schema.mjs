// The schema that both generations of GraphQL servers here serve.

import { buildSchema } from 'graphql'

export const schema = buildSchema(`
  type Query { hello: String same(number: Int!): Int }
  type Subscription { count(to: Int): Int }
`)

const countMax = 10_000

export const roots = {
  query: { hello: () => 'world', same: ({ number }) => number },
  subscription: {
    // Without `to` it counts 1, 2, 3; else it gives so many numbers from 0.
    count: async function* count({ to }) {
      const [from, end] = to ? [0, Math.min(to, countMax)] : [1, 4]
      for (let number = from; number < end; number += 1) yield { count: number }
    },
  },
}
