// A shop that has Segment's snippet in its page, with the library served by the shop itself: calls made before the library is there
// wait in a list.
const { lazo, key } = window.shopSettings
const analytics = (window.analytics = [])
analytics.methods = ['page', 'screen', 'identify', 'track', 'group', 'alias', 'ready', 'user']
for (const method of analytics.methods) {
  analytics[method] = (...call) => {
    if (window.analytics.initialized) return window.analytics[method](...call)
    analytics.push([method, ...call])
    return analytics
  }
}
analytics._writeKey = key
analytics._cdn = location.origin
analytics._loadOptions = { integrations: { 'Segment.io': { apiHost: `${lazo.host}/v1`, protocol: 'http' } } }
const script = document.createElement('script')
script.async = true
script.src = `/analytics.js/v1/${key}/analytics.min.js`
document.head.append(script)

window.shop = {
  page: (name) => window.analytics.page(name),
  identify: (user, traits) => window.analytics.identify(user, traits),
  track: (event, properties) => window.analytics.track(event, properties),
  screen: (name) => window.analytics.screen(name),
  group: (group, traits) => window.analytics.group(group, traits),
  alias: (to) => window.analytics.alias(to),
  anonymousId: () => new Promise((resolve) => window.analytics.ready(() => resolve(window.analytics.user().anonymousId()))),
}
