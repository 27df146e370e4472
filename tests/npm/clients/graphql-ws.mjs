// npm `graphql-ws`: queries up and down, a subscription, and the library's own close.

import { inOrder, numbers, play } from './start.mjs'
import { createClient } from 'graphql-ws'

const count = 30

await play(async (url) => {
  const client = createClient({ url, lazy: false, retryAttempts: 0 })
  const ask = async (payload) => {
    const results = []
    for await (const result of client.iterate(payload)) results.push(result)
    return results
  }
  const answers = await Promise.all(numbers(count).map(async (number) => {
    const [{ data }] = await ask({ query: 'query ($number: Int!) { same(number: $number) }', variables: { number } })
    return data.same
  }))
  inOrder(answers, count, 'queries')
  const counted = await ask({ query: `subscription { count(to: ${count}) }` })
  inOrder(counted.map(({ data }) => data.count), count, 'subscription')
  await client.dispose()
})
