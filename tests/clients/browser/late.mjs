// A customer meets a server that takes long to answer: node late.mjs CLIENT LAZO KEY
//
// The page is loaded anew while all its answers are out. Prints what it sent and what it was answered, as JSON.
import { inBrowser, inContext } from './browser.mjs'
import { openProxy } from './proxy.mjs'
import { openShop } from './shop.mjs'
import { Watch } from './watch.mjs'

const [client, lazo, key] = process.argv.slice(2)
const [name, batched] = client.split('-')

async function wait(context, shop, proxy) {
  const watch = new Watch(context)
  const page = await context.newPage()
  const call = (method, ...given) => page.evaluate(([to, values]) => void window.shop[to](...values), [method, given])
  await page.goto(shop.origin)
  await call('page', 'Home')
  await call('identify', 'ada', { plan: 'gold' })
  await call('track', 'Product Viewed', { product_id: 'p1' })
  await proxy.arrive('answered', 3)
  await page.reload()
  await call('track', 'Product Added', { product_id: 'p1' })
  await proxy.arrive('answered', 4)
  // Longer than an answer takes, and than it takes the client that sends again what no page waits for any more.
  await watch.quiet(13_000)
  await page.close()
  return watch.sends
}

const proxy = await openProxy(lazo, 'late')
const { origin } = proxy
const shop = await openShop(name, { lazo: { origin, host: new URL(origin).host }, key, batching: batched === 'batching' })
const sends = await inBrowser((browser) => inContext(browser, (context) => wait(context, shop, proxy)))
console.log(JSON.stringify(sends))
process.exit(0)
