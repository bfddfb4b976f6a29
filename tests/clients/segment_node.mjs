// Drives the unmodified @segment/analytics-node.
import { Analytics } from '@segment/analytics-node'
import { fail, play, scenario } from './scenario.mjs'

const { host, writeKey, flushAt, timeout } = scenario
const analytics = new Analytics({ host, writeKey, flushAt, flushInterval: 200, ...(timeout && { httpRequestTimeout: timeout }) })
analytics.on('error', fail)

await play(
  (name, message) => analytics[name](message),
  () => analytics.flush({ timeout: 60_000 }),
)
await analytics.closeAndFlush({ timeout: 60_000 })
