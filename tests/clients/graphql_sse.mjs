// Drives the client library of GraphQL over server-sent events: the subscription on stdin, and on stdout a line of JSON for each
// result, until so many have come as were asked for, or the server has completed the stream.
import { readFileSync } from 'node:fs'

import { createClient } from 'graphql-sse'

const { url, token, query, variables, take } = JSON.parse(readFileSync(0, 'utf8'))
const client = createClient({ url, headers: { authorization: `Bearer ${token}` }, retryAttempts: 0 })

let taken = 0
for await (const result of client.iterate({ query, variables })) {
  console.log(JSON.stringify(result))
  taken += 1
  if (taken === take) break
}
console.log(JSON.stringify({ completed: taken < take }))
client.dispose()
