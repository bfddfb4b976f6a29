// The shop: pages on an origin of their own, one for each client library.
import { build } from 'esbuild'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'

const here = import.meta.dirname
const snippetFiles = join(here, 'node_modules/@segment/analytics-next/dist/umd')

async function bundle(name) {
  const built = await build({
    entryPoints: [join(here, 'pages', `${name}.js`)],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  })
  return built.outputFiles[0].text
}

function html(settings, name) {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>The shop</title>
<link rel="icon" href="data:,">
<h1>The shop</h1><p>This page speaks to Lazo by <code>${name}</code>.</p>
<script>window.shopSettings = ${JSON.stringify(settings)}</script>
<script>${name === 'plain' ? '' : `document.write('<script src="/${name}.js"></' + 'script>')`}</script></html>`
}

// Where a request for a file of the snippet leads, if it is one.
function snippetFile(path) {
  if (/^\/analytics\.js\/v1\/[^/]+\/analytics\.min\.js$/.test(path)) return 'standalone.js'
  return /^\/analytics-next\/bundles\/([\w.-]+\.js)$/.exec(path)?.[1]
}

/** Serves the page of one client library, or the plain page that has none, at that port or a free one. */
export async function openShop(name, settings, port = 0) {
  const script = name === 'plain' ? '' : await bundle(name)
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://shop')
    const file = snippetFile(pathname)
    if (file) {
      response.setHeader('content-type', 'text/javascript')
      response.end(await readFile(join(snippetFiles, file)))
    } else if (name === 'snippet' && pathname.startsWith('/v1/projects/')) {
      // The snippet has one address for its files and for its settings.
      response.setHeader('content-type', 'application/json')
      response.end(await (await fetch(`${settings.lazo.origin}${pathname}`)).text())
    } else if (pathname === `/${name}.js`) {
      response.setHeader('content-type', 'text/javascript; charset=utf-8')
      response.end(script)
    } else if (pathname === '/') {
      response.setHeader('content-type', 'text/html; charset=utf-8')
      response.end(html(settings, name))
    } else {
      response.writeHead(404).end()
    }
  })
  await new Promise((listening) => server.listen(port, '127.0.0.1', listening))
  return { origin: `http://127.0.0.1:${server.address().port}`, close: () => server.close() }
}
