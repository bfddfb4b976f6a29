// Drives the unmodified analytics-node, the library before @segment/analytics-node.
import Analytics from 'analytics-node'
import { drive, options } from './callbacks.mjs'
import { scenario } from './scenario.mjs'

await drive(new Analytics(scenario.writeKey, { host: scenario.host, ...options }))
