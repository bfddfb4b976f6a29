// Debian's Chromium, with a profile of its own that is gone afterwards.
import { chromium } from 'playwright-core'

const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Runs `work` with a new browser. */
export async function inBrowser(work) {
  const executablePath = process.env.LAZO_TEST_CHROMIUM || '/usr/bin/chromium'
  const browser = await chromium.launch({ executablePath, args })
  try {
    return await work(browser)
  } finally {
    await browser.close()
  }
}

/** Runs `work` with cookies and storage of its own. A page that fails, or that speaks to another machine, is a failure. */
export async function inContext(browser, work) {
  const context = await browser.newContext()
  const faults = []
  context.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url())
    if (protocol.startsWith('http') && hostname !== '127.0.0.1') faults.push(`the page asked ${hostname}`)
  })
  context.on('weberror', (error) => faults.push(`the page failed: ${error.error()}`))
  const result = await work(context)
  await context.close()
  if (faults.length > 0) throw new Error(faults.join('\n'))
  return result
}
