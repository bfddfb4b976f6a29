// Drives the two older libraries of Node, which have one interface: the first event goes out at once and alone, and each call
// tells by a callback what became of its batch.
import { fail, play, scenario } from './scenario.mjs'

/** What both are made with. Without an `errorHandler` both end the whole process when a batch is refused. */
export const options = {
  flushAt: scenario.flushAt,
  flushInterval: 200,
  retryCount: 8,
  ...(scenario.handlesErrors && { errorHandler: fail }),
}

export async function drive(client) {
  let pending = []
  await play(
    (name, message) => pending.push(new Promise((resolve) => client[name](message, resolve))),
    async () => {
      while (client.queue.length > 0) await client.flush()
      await Promise.all(pending)
      pending = []
    },
  )
}
