// Makes every call that a client library has: node calls.mjs CLIENT LAZO KEY
//
// Ada's page calls; Berta's is opened by a link that names her, in the manner of Segment's library. Prints what each sent and was
// answered, and what the library knows the browser by, as JSON.
import { inBrowser, inContext } from './browser.mjs'
import { openShop } from './shop.mjs'
import { Watch } from './watch.mjs'

const LINK = '?ajs_uid=berta&ajs_trait_plan=silver&ajs_event=Campaign%20Opened&ajs_prop_kind=email&ajs_aid=device-berta'

const [client, lazo, key] = process.argv.slice(2)
const [name, batched] = client.split('-')
const library = name === 'snippet' ? 'segment' : name
const host = new URL(lazo).host
const shop = await openShop(name, { lazo: { origin: lazo, host }, key, batching: batched === 'batching' })

async function callAll(context) {
  const watch = new Watch(context)
  const page = await context.newPage()
  let made = 0
  const call = async (method, ...given) => {
    await page.evaluate(([to, values]) => void window.shop[to](...values), [method, given])
    made += 1
    await watch.reaches('taken', made)
  }
  await page.goto(shop.origin)
  await call('page', 'Home')
  if (library !== 'jitsu') await call('alias', 'ada')
  await call('identify', 'ada', { plan: 'gold' })
  // It arrives as an alias of Ada onto herself.
  if (library === 'segment') await call('alias', 'adele')
  if (library === 'segment') await call('screen', 'Main')
  await call('group', 'club', { name: 'The club' })
  await call('track', 'Product Viewed', { product_id: 'p1' })
  const anonymousId = await page.evaluate(() => window.shop.anonymousId())
  await page.close()
  return { sends: watch.sends, anonymousId }
}

async function follow(context) {
  const watch = new Watch(context)
  const page = await context.newPage()
  await page.goto(`${shop.origin}/${LINK}`)
  // RudderStack's library makes calls that came before it was ready first, and then what the link says.
  const said = library === 'jitsu' ? 0 : 2
  await watch.reaches('taken', said)
  await page.evaluate(() => void window.shop.page('Landing'))
  await watch.reaches('taken', said + 1)
  await page.close()
  return { sends: watch.sends }
}

const [ada, berta] = await inBrowser((browser) =>
  Promise.all([inContext(browser, callAll), inContext(browser, follow)]),
)
console.log(JSON.stringify({ ada, berta }))
process.exit(0)
