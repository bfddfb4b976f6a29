// What pages send and what they are answered, as the browser itself tells it.
import { messageIds } from './messages.mjs'

const PATIENCE = 60_000

const pause = (milliseconds) => new Promise((over) => setTimeout(over, milliseconds))

export class Watch {
  /** Each request with messages: their ids, and the status of the answer; null where none came, undefined while it may come. */
  sends = []
  #last = Date.now()

  constructor(context) {
    context.on('request', async (request) => {
      const ids = request.method() === 'POST' ? messageIds(request.postData() ?? '') : []
      if (ids.length === 0) return
      const send = { ids, status: undefined }
      this.#last = Date.now()
      this.sends.push(send)
      const answer = await request.response().catch(() => null)
      send.status = answer?.status() ?? null
    })
  }

  /** How many messages were sent by a request of which this holds. */
  messages(holds) {
    return new Set(this.sends.filter(holds).flatMap(({ ids }) => ids)).size
  }

  /** How many messages were answered with success. */
  taken() {
    return this.messages(({ status }) => status === 200)
  }

  /** How many messages were sent, to whatever end. */
  ended() {
    return this.messages(({ status }) => status !== undefined)
  }

  /** Waits until so many messages were `taken`, or have `ended`. */
  async reaches(which, count) {
    const end = Date.now() + PATIENCE
    while (this[which]() < count) {
      if (Date.now() > end) throw new Error(`${this[which]()} of ${count} messages: ${JSON.stringify(this.sends)}`)
      await pause(20)
    }
  }

  /** Waits until nothing was sent for so long. */
  async quiet(milliseconds) {
    const end = Date.now() + PATIENCE
    while (Date.now() - this.#last < milliseconds) {
      if (Date.now() > end) throw new Error(`the page sends for ever: ${JSON.stringify(this.sends)}`)
      await pause(20)
    }
  }
}
