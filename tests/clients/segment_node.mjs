// Drives the unmodified @segment/analytics-node: node segment_node.mjs ADDRESS KEY
import { Analytics } from '@segment/analytics-node'

const [host, writeKey] = process.argv.slice(2)
const analytics = new Analytics({ host, writeKey, flushAt: 4, maxRetries: 2 })
const errors = []
analytics.on('error', (error) => errors.push(error))

const ada = { userId: 'ada', anonymousId: 'device-ada' }
analytics.page({ anonymousId: 'device-ada', name: 'Home', category: 'Shop', properties: { url: 'https://shop.example/' } })
analytics.identify({ ...ada, traits: { email: 'Ada@Example.com', age: 36, nothing: null } })
analytics.track({ userId: 'ada', event: 'Product Viewed', properties: { product_id: 'p1', price: 12.5 } })
analytics.track({
  userId: 'ada',
  event: 'Order Completed',
  messageId: 'order-o1',
  timestamp: new Date('2026-01-15T10:00:00.000Z'),
  properties: { order_id: 'o1', revenue: 12.5, currency: 'EUR', products: [{ product_id: 'p1', quantity: 1, price: 12.5 }] },
})
analytics.screen({ userId: 'ada', name: 'Main' })
analytics.group({ userId: 'ada', groupId: 'club', traits: { name: 'The club' } })
analytics.alias({ userId: 'ada', previousId: 'device-old' })
analytics.track({ userId: 'berta', event: 'Signed Up' })
// A program that runs again sends the same message again: it counts once.
analytics.track({ userId: 'ada', event: 'Product Added', messageId: 'repeated' })
analytics.track({ userId: 'ada', event: 'Product Added', messageId: 'repeated' })

await analytics.closeAndFlush({ timeout: 20_000 })
if (errors.length > 0) {
  console.error(errors)
  process.exit(1)
}
