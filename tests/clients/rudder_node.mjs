// Drives the unmodified @rudderstack/rudder-sdk-node.
import Analytics from '@rudderstack/rudder-sdk-node'
import { drive, options } from './callbacks.mjs'
import { scenario } from './scenario.mjs'

const client = new Analytics(scenario.writeKey, { dataPlaneUrl: scenario.host, ...options, gzip: scenario.gzip })
const own = (message) => {
  // Its callers give their own time under the name it goes by on the wire.
  const { timestamp, ...rest } = message
  return timestamp ? { ...rest, originalTimestamp: timestamp } : message
}
for (const name of ['identify', 'track', 'page', 'screen', 'group', 'alias']) {
  const call = client[name].bind(client)
  client[name] = (message, done) => call(own(message), done)
}
await drive(client)
