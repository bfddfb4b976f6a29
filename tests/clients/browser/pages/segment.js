// A shop that bundles @segment/analytics-next from npm.
import { AnalyticsBrowser } from '@segment/analytics-next'

const { lazo, key, batching } = window.shopSettings
const destination = { apiHost: `${lazo.host}/v1`, protocol: 'http' }
if (batching) {
  destination.deliveryStrategy = { strategy: 'batching', config: { size: 10, timeout: 300 } }
}
const analytics = AnalyticsBrowser.load(
  { writeKey: key, cdnURL: lazo.origin },
  { integrations: { 'Segment.io': destination } },
)

window.shop = {
  page: (name) => analytics.page(name),
  identify: (user, traits) => analytics.identify(user, traits),
  track: (event, properties) => analytics.track(event, properties),
  screen: (name) => analytics.screen(name),
  group: (group, traits) => analytics.group(group, traits),
  alias: (to) => analytics.alias(to),
  anonymousId: async () => (await analytics.user()).anonymousId(),
}
