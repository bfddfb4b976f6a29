// A shop that bundles @rudderstack/analytics-js; its settings come from Lazo, too.
import { RudderAnalytics } from '@rudderstack/analytics-js/bundled'

const { lazo, key, batching } = window.shopSettings
const analytics = new RudderAnalytics()
const queueOptions = batching ? { batch: { enabled: true, maxItems: 10, flushInterval: 300 } } : {}
analytics.load(key, lazo.origin, { configUrl: lazo.origin, queueOptions })

window.shop = {
  page: (name) => analytics.page(name),
  identify: (user, traits) => analytics.identify(user, traits),
  track: (event, properties) => analytics.track(event, properties),
  group: (group, traits) => analytics.group(group, traits),
  alias: (to) => analytics.alias(to),
  anonymousId: () => new Promise((resolve) => analytics.ready(() => resolve(analytics.getAnonymousId()))),
}
