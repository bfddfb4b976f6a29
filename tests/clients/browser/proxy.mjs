// A proxy that sees what a page sends. A faulty one delivers each message, and answers its first delivery with a fault, or late: the
// client cannot know that it arrived.
import { createServer, request as send } from 'node:http'

import { messageIds } from './messages.mjs'

const OVERLOADED = [503, { 'retry-after': '1' }]
const FAULTS = [[500, {}], OVERLOADED, [429, { 'retry-after': '1' }]]

const LATE = 3_000

const PATIENCE = 45_000

function body(stream) {
  return new Promise((resolve, reject) => {
    const chunks = []
    stream.on('data', (chunk) => chunks.push(chunk))
    stream.on('end', () => resolve(Buffer.concat(chunks)))
    stream.on('error', reject)
  })
}

function forward(target, request, content) {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(target)
    const headers = { ...request.headers, host: `${hostname}:${port}` }
    const outgoing = send({ hostname, port, path: request.url, method: request.method, headers }, resolve)
    outgoing.on('error', reject)
    outgoing.end(content)
  })
}

class Proxy {
  /** The ids of messages that were answered in any way. */
  answered = new Set()
  /** The ids of messages that were answered with success. */
  delivered = new Set()
  /** What preflights asked to send, what requests said in X-Retry-Count, and how many answers were faults. */
  log = { preflights: [], retries: [], faults: 0 }

  constructor(target, fault) {
    this.target = target
    this.fault = fault
  }

  /** Waits until so many messages are among the `answered` or the `delivered`. */
  async arrive(which, count) {
    const end = Date.now() + PATIENCE
    while (this[which].size < count) {
      if (Date.now() > end) throw new Error(`${this[which].size} of ${count} messages were ${which}`)
      await new Promise((later) => setTimeout(later, 20))
    }
  }

  async serve(request, response) {
    const content = await body(request)
    const answer = await forward(this.target, request, content)
    const answered = await body(answer)
    const headers = { ...answer.headers }
    delete headers['transfer-encoding']
    if (request.method === 'OPTIONS') {
      this.log.preflights.push(request.headers['access-control-request-headers'] ?? '')
      // Without it a browser asks once for all that it may ever send, and what it asks for would not show.
      headers['access-control-max-age'] = '0'
    }
    if (request.headers['x-retry-count']) this.log.retries.push(request.headers['x-retry-count'])
    const ids = messageIds(content)
    const isFirst = request.method === 'POST' && (ids.length === 0 || ids.some((id) => !this.answered.has(id)))
    ids.forEach((id) => this.answered.add(id))
    if (this.fault === 'late' && isFirst) {
      this.log.faults += 1
      await new Promise((over) => setTimeout(over, LATE))
    }
    if (this.fault === 'status' && isFirst) {
      const [status, more] = ids.length === 0 ? OVERLOADED : FAULTS[this.log.faults % FAULTS.length]
      this.log.faults += 1
      response.writeHead(status, { ...headers, ...more }).end(answered)
      return
    }
    if (answer.statusCode === 200) ids.forEach((id) => this.delivered.add(id))
    response.writeHead(answer.statusCode, headers).end(answered)
  }
}

/** Listens at a free port, before the server at `target`. The first answer to each message is of another `status`, or `late`. */
export async function openProxy(target, fault = 'none') {
  const proxy = new Proxy(target, fault)
  const server = createServer((request, response) =>
    proxy.serve(request, response).catch((error) => response.destroy(error)),
  )
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
  proxy.origin = `http://127.0.0.1:${server.address().port}`
  return proxy
}
