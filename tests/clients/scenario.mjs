// What the programs that drive Node's client libraries share: the scenario on stdin, its calls in their order, and on stdout,
// as the last line, which errors the library told of.
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

export const scenario = JSON.parse(readFileSync(0, 'utf8'))
export const errors = []

/** Plays the calls 2 ms apart, as no shop makes two calls for one person at once. */
export async function play(call, flush) {
  for (const { call: name, ...message } of scenario.calls) {
    if (name === 'flush') {
      await flush()
    } else {
      call(name, withDates(message))
      await sleep(2)
    }
  }
  await flush()
  console.log(JSON.stringify({ errors }))
}

export function fail(error) {
  errors.push(String(error?.reason?.message ?? error?.message ?? error))
}

function withDates(message) {
  const { timestamp, traits } = message
  return {
    ...message,
    ...(timestamp && { timestamp: new Date(timestamp) }),
    ...(traits?.createdAt && { traits: { ...traits, createdAt: new Date(traits.createdAt) } }),
  }
}
