// A page with a wrong key, or one that sends what cannot be read between what can: node mistakes.mjs CLIENT LAZO KEY [bad-event]
//
// Prints what it sent and what it was answered, as JSON.
import { inBrowser, inContext } from './browser.mjs'
import { openShop } from './shop.mjs'
import { Watch } from './watch.mjs'

/** Longer than each client waits before it sends something again for the first time. */
const QUIET = 3_500

const [client, lazo, key, mistake] = process.argv.slice(2)
const [name, batched] = client.split('-')
let deep = 1
for (let level = 0; level < 40; level += 1) deep = { deeper: deep }

async function err(context, shop) {
  const watch = new Watch(context)
  const page = await context.newPage()
  const call = (method, ...given) => page.evaluate(([to, values]) => void window.shop[to](...values), [method, given])
  await page.goto(shop.origin)
  await call('page', 'Home')
  await call('identify', 'ada', { plan: 'gold' })
  await call('track', 'Product Viewed', { number: mistake === 'bad-event' ? deep : 1 })
  await call('track', 'Product Added', { number: 2 })
  await watch.reaches('ended', 4)
  await watch.quiet(QUIET)
  await page.close()
  return watch.sends
}

const host = new URL(lazo).host
const shop = await openShop(name, { lazo: { origin: lazo, host }, key, batching: batched === 'batching' })
const sends = await inBrowser((browser) => inContext(browser, (context) => err(context, shop)))
console.log(JSON.stringify(sends))
process.exit(0)
