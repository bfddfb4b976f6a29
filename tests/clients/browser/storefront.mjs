// A page that speaks to the storefront by fetch: node storefront.mjs LAZO KEY TOKEN ORIGIN_PORT...
//
// Opens the same page on each of the ports given, which are origins of their own, records a touchpoint and asks for the viewer.
// Prints by port what the page got, as JSON.
import { inBrowser, inContext } from './browser.mjs'
import { openShop } from './shop.mjs'

const [lazo, key, token, ...ports] = process.argv.slice(2)

// Runs in the page.
async function speak({ lazo, key, token, port }) {
  const ask = async (query, variables) => {
    const answer = await fetch(`${lazo}/storefront/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    })
    return { status: answer.status, body: await answer.json() }
  }
  const touchpoint = { type: 'TRACK', event: 'Lamp Lit', messageId: `lamp-${port}`, properties: { watts: 9 } }
  const record = `mutation($input: TouchpointsRecordInput!) {
    touchpointsRecord(input: $input) { items { messageId status code } userErrors { field code } } }`
  try {
    const input = { sourceKey: key, touchpoints: [touchpoint, touchpoint] }
    const recorded = await ask(record, { input })
    const viewer = await ask('{ viewer { touchpoints(first: 10) { nodes { name channel properties } } } }')
    return { recorded, viewer }
  } catch (error) {
    // A browser tells a page no more of an answer that it may not read.
    return { error: String(error) }
  }
}

const results = await inBrowser((browser) =>
  inContext(browser, async (context) => {
    const results = {}
    for (const port of ports) {
      const shop = await openShop('plain', {}, Number(port))
      const page = await context.newPage()
      await page.goto(shop.origin)
      results[port] = await page.evaluate(speak, { lazo, key, token, port })
      // The same from a frame without an origin, whose requests say `null`.
      const frame = await page.evaluateHandle(async () => {
        const frame = document.createElement('iframe')
        frame.sandbox = 'allow-scripts'
        frame.srcdoc = '<!doctype html><title>A frame</title>'
        const loaded = new Promise((done) => (frame.onload = done))
        document.body.append(frame)
        await loaded
        return frame
      })
      const inner = await frame.asElement().contentFrame()
      results[`${port} in a sandbox`] = await inner.evaluate(speak, { lazo, key, token, port: `${port}-sandbox` })
    }
    return results
  }),
)
console.log(JSON.stringify(results))
process.exit(0)
