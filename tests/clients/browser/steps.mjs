// Two customers walk through a shop until the server is gone, and some steps more: node steps.mjs CLIENT LAZO KEY
//
// Says `under way` when some of what both did was taken, so that the server can be killed then. Prints how many steps each made, what
// the page sent and what it was answered, as JSON.
import { inBrowser, inContext } from './browser.mjs'
import { openShop } from './shop.mjs'
import { Watch } from './watch.mjs'

const STEPS_AFTER = 10
const MOST_STEPS = 90
const PACE = 50

const [client, lazo, key] = process.argv.slice(2)
const [name, batched] = client.split('-')
const underWay = new Set()

function isUnderWay(user) {
  if (underWay.has(user)) return
  underWay.add(user)
  if (underWay.size === 2) console.log('under way')
}

async function walk(context, shop, user) {
  const watch = new Watch(context)
  const page = await context.newPage()
  await page.goto(shop.origin)
  const call = (method, ...given) => page.evaluate(([to, values]) => void window.shop[to](...values), [method, given])

  await call('page', 'Home')
  await call('identify', user, { plan: 'gold' })
  await watch.reaches('taken', 2)
  let steps = 0
  const step = async () => {
    await call('track', 'Step', { number: steps })
    steps += 1
    await page.waitForTimeout(PACE)
  }
  while (!watch.sends.some(({ status }) => status === null)) {
    if (steps === MOST_STEPS) throw new Error('the server was not killed')
    await step()
    if (watch.taken() >= 4) isUnderWay(user)
  }
  for (let after = 0; after < STEPS_AFTER; after += 1) await step()
  // One client never sends again, so that what nobody answered has ended.
  await watch.reaches(name === 'jitsu' ? 'ended' : 'taken', steps + 2)
  await page.close()
  return { steps, sends: watch.sends }
}

const host = new URL(lazo).host
const shop = await openShop(name, { lazo: { origin: lazo, host }, key, batching: batched === 'batching' })
const [ada, berta] = await inBrowser((browser) =>
  Promise.all(['ada', 'berta'].map((user) => inContext(browser, (context) => walk(context, shop, user)))),
)
console.log(JSON.stringify({ ada, berta }))
process.exit(0)
