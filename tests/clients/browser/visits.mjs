// Plays the visits of two customers to a shop: node visits.mjs CLIENT LAZO KEY [SCREENSHOT]
//
// Ada's page is answered by Lazo, Berta's by a proxy that delivers and then answers with faults. Prints what each page knows itself
// by, and what the faulty proxy saw, as JSON.
import { inBrowser, inContext } from './browser.mjs'
import { openProxy } from './proxy.mjs'
import { openShop } from './shop.mjs'

const [client, lazo, key, screenshot] = process.argv.slice(2)
const [name, batched] = client.split('-')
const batching = batched === 'batching'
const order = {
  revenue: 12.5,
  currency: 'EUR',
  products: [{ product_id: 'p1', name: 'Lamp', price: 12.5, quantity: 1 }],
}

async function play(context, shop, proxy, user) {
  const faulty = proxy.fault !== 'none'
  // One client never sends again, so that with faults nothing of it is ever answered with success.
  const done = faulty && name === 'jitsu' ? 'answered' : 'delivered'
  let page = await context.newPage()
  const call = (method, ...given) => page.evaluate(([to, values]) => void window.shop[to](...values), [method, given])

  await page.goto(shop.origin)
  await call('page', 'Home')
  await call('track', 'Product Viewed', { product_id: 'p1', price: 12.5 })
  await proxy.arrive(done, 2)
  await call('identify', user, { email: `${user}@Example.com`, plan: 'gold' })
  await call('track', 'Order Completed', { ...order, order_id: `order-of-${user}` })
  await proxy.arrive(done, 4)
  if (screenshot && !faulty) await page.screenshot({ path: screenshot })

  await page.reload()
  await call('page', 'Account')
  await proxy.arrive(done, 5)

  // The page is closed before it could send, or before it knew that it had sent; its next visit sends.
  const keeps = name !== 'jitsu' && !batching
  await context.setOffline(keeps && !faulty)
  await call('track', 'Product Added', { product_id: 'p2' })
  if (faulty || name === 'jitsu') await proxy.arrive('answered', 6)
  await page.goto('about:blank')
  await page.close()
  await context.setOffline(false)
  page = await context.newPage()
  await page.goto(shop.origin)
  const anonymousId = await page.evaluate(() => window.shop.anonymousId())
  await proxy.arrive(keeps ? 'delivered' : 'answered', 6)
  const retryAfter = await page.evaluate(async (to) => {
    const answer = await fetch(`${to}/v1/m`, { method: 'POST', body: '{}' })
    return [answer.status, answer.headers.get('retry-after')]
  }, proxy.origin)
  await page.close()
  return { anonymousId, retryAfter }
}

async function visit(browser, user, proxy) {
  const { origin } = proxy
  const shop = await openShop(name, { lazo: { origin, host: new URL(origin).host }, key, batching })
  return inContext(browser, (context) => play(context, shop, proxy, user))
}

const [sound, faulty] = await Promise.all([openProxy(lazo), openProxy(lazo, 'status')])
const [ada, berta] = await inBrowser((browser) =>
  Promise.all([visit(browser, 'ada', sound), visit(browser, 'berta', faulty)]),
)
console.log(JSON.stringify({ ada, berta, proxy: faulty.log }))
process.exit(0)
