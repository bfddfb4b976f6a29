// A shop that bundles @jitsu/js.
import { jitsuAnalytics } from '@jitsu/js'

const { lazo, key } = window.shopSettings
// The library takes only keys with a colon in them; Lazo passes over what follows it. It looks for the domain of its cookies in the
// name of the host, and this one has an address alone.
const analytics = jitsuAnalytics({ host: lazo.origin, writeKey: `${key}:page`, cookieDomain: location.hostname })

window.shop = {
  page: (name) => analytics.page({ name }),
  identify: (user, traits) => analytics.identify(user, traits),
  track: (event, properties) => analytics.track(event, properties),
  group: (group, traits) => analytics.group(group, traits),
  anonymousId: () => document.cookie.match(/__eventn_id=([^;]+)/)[1],
}
