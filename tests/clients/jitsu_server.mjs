// Drives the unmodified @jitsu/js on a server: one instance for each person, as what it is told once sticks to it.
import { jitsuAnalytics } from '@jitsu/js'
import { fail, play, scenario } from './scenario.mjs'

const { host, writeKey, timeout } = scenario
const instances = new Map()

function instance(person) {
  if (!instances.has(person)) {
    const made = jitsuAnalytics({
      host,
      writeKey: `${writeKey}:secret`,
      s2s: true,
      errorPolicy: fail,
      ...(timeout && { fetchTimeoutMs: timeout }),
    })
    instances.set(person, made)
  }
  return instances.get(person)
}

const calls = {
  identify: (jitsu, { userId, traits }, options) => jitsu.identify(userId, traits, options),
  track: (jitsu, { event, properties }, options) => jitsu.track(event, properties, options),
  page: (jitsu, { name, properties }, options) => jitsu.page({ name, ...properties }, options),
  group: (jitsu, { groupId, traits }, options) => jitsu.group(groupId, traits, options),
}

let pending = []
await play(
  (name, message) => {
    const { userId, anonymousId } = message
    const options = { ...(userId && { userId }), ...(anonymousId && { anonymousId }) }
    pending.push(calls[name](instance(userId || anonymousId), message, options))
  },
  async () => {
    await Promise.all(pending)
    pending = []
  },
)
