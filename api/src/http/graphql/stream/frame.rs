//! The parts of a stream of server-sent events (<https://html.spec.whatwg.org/multipage/server-sent-events.html>), as the protocol
//! GraphQL over server-sent events, "distinct connections mode", names them
//! (<https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md>).

use bytes::Bytes;

/// A comment, which shows that the connection lives. No empty line follows: that would end an event, and clients differ in
/// what they make of one that never began.
pub(super) const HEARTBEAT: Bytes = Bytes::from_static(b":\n");

/// No more events come.
const COMPLETE: &[u8] = b"event: complete\ndata:\n\n";

/// An event, and where the stream is after it. JSON has no line breaks outside of texts, and escapes those inside.
pub(super) fn next(json: &[u8], cursor: Option<&str>) -> Bytes {
    let mut frame = Vec::with_capacity(json.len() + 256);
    if let Some(cursor) = cursor {
        frame.extend_from_slice(b"id: ");
        frame.extend_from_slice(cursor.as_bytes());
        frame.push(b'\n');
    }
    frame.extend_from_slice(b"event: next\ndata: ");
    frame.extend_from_slice(json);
    frame.extend_from_slice(b"\n\n");
    frame.into()
}

/// The end, after a last event without a place of its own where there is one.
pub(super) fn complete(last: Option<&[u8]>) -> Bytes {
    let mut frame = last.map_or_else(Vec::new, |json| next(json, None).to_vec());
    frame.extend_from_slice(COMPLETE);
    frame.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_has_its_place_its_name_and_its_data_on_a_line_each() {
        assert_eq!(
            next(b"{\"data\":1}", Some("abc")),
            "id: abc\nevent: next\ndata: {\"data\":1}\n\n"
        );
        assert_eq!(
            complete(Some(b"{}")),
            "event: next\ndata: {}\n\nevent: complete\ndata:\n\n"
        );
        assert_eq!(complete(None), "event: complete\ndata:\n\n");
    }
}
