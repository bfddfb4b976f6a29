/** The message ids in a body, so that a second delivery is known however the client groups it. */
export function messageIds(content) {
  try {
    const sent = JSON.parse(content.toString())
    return (sent.batch ?? [sent]).map((item) => item.messageId).filter(Boolean)
  } catch {
    return []
  }
}
