//! Items of the Segment protocol, as another platform exports them: taken as they are, but for their clocks.

use lazo_domain::touchpoint::{Kind, read_instant};
use serde_json::{Map, Value, json};

use super::digest::{Occurrences, hex};
use super::draft::content_of;
use super::field::Subject;
use super::reason::Reason;

/// The fields that say when an item happened, the best first. An export's `timestamp` was corrected by the platform that received it.
const TIMES: [&str; 4] = [
    "timestamp",
    "originalTimestamp",
    "original_timestamp",
    "receivedAt",
];
/// The fields by which a sender's clock is corrected at the time of sending, which is long past.
const SENDING: [&str; 5] = [
    "originalTimestamp",
    "original_timestamp",
    "sentAt",
    "sent_at",
    "receivedAt",
];

/// The kind of an object that is an item of the protocol.
pub(super) fn kind_of(object: &Map<String, Value>) -> Option<Kind> {
    ["type", "action"]
        .into_iter()
        .find_map(|field| object.get(field)?.as_str()?.trim().parse().ok())
}

/// The item as it is imported: with an id, and with the time at which it happened and no other.
pub(super) fn item(
    subject: Subject,
    kind: Kind,
    mut object: Map<String, Value>,
    occurrences: &mut Occurrences,
) -> Result<Value, Reason> {
    check_kind(subject, kind, &object)?;
    let is_given = |value: &&Value| !value.is_null() && **value != json!("");
    let time = TIMES
        .iter()
        .find_map(|field| object.get(*field).filter(is_given))
        .cloned();
    match &time {
        None if subject != Subject::Profiles => return Err(Reason::Empty("the time")),
        // An identify without a time is a list of customers, and nobody was there when it was written.
        None => {
            let context = object.entry("context").or_insert_with(|| json!({}));
            if let Value::Object(context) = context {
                context.entry("active").or_insert(Value::Bool(false));
            }
        }
        // Left as it is, it would count as happening now.
        Some(time) if read_instant(time).is_none() => {
            return Err(Reason::Date("timestamp".to_owned()));
        }
        Some(_) => {}
    }
    let exported: Map<String, Value> = SENDING
        .iter()
        .filter_map(|field| Some(((*field).to_owned(), object.remove(*field)?)))
        .collect();
    if !exported.is_empty() {
        object.insert("exported".to_owned(), Value::Object(exported));
    }
    if let Some(time) = time {
        object.insert("timestamp".to_owned(), time);
    }
    let has_id = ["messageId", "message_id"]
        .iter()
        .any(|field| object.get(*field).as_ref().is_some_and(is_given));
    let mut item = Value::Object(object);
    if !has_id {
        let content = content_of(&item);
        let name = match kind {
            Kind::Track | Kind::Page | Kind::Screen => {
                format!("{}-{}", hex(&content), occurrences.count(content))
            }
            Kind::Identify | Kind::Group | Kind::Alias => hex(&content),
        };
        item["messageId"] = json!(format!("{}-{name}", subject.one()));
    }
    Ok(item)
}

fn check_kind(subject: Subject, kind: Kind, object: &Map<String, Value>) -> Result<(), Reason> {
    let fits = match subject {
        Subject::Touchpoints => true,
        Subject::Profiles => kind == Kind::Identify,
        Subject::Purchases => {
            let event = object.get("event").and_then(Value::as_str);
            kind == Kind::Track
                && event.is_some_and(|event| super::draft::order_event(event).is_some())
        }
    };
    if fits {
        return Ok(());
    }
    Err(Reason::OtherKind {
        found: kind.as_str(),
        wanted: subject.one(),
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn import(subject: Subject, item_: Value) -> Result<Value, Reason> {
        let Value::Object(object) = item_ else {
            panic!("an object")
        };
        let kind = kind_of(&object).unwrap();
        item(subject, kind, object, &mut Occurrences::default())
    }

    #[test]
    fn the_clock_of_an_export_does_not_move_the_past_to_now() {
        let exported = json!({
            "type": "track", "event": "A", "userId": "u", "messageId": "m", "timestamp": "2020-01-01T00:00:02Z",
            "originalTimestamp": "2020-01-01T00:00:00Z", "sentAt": "2020-01-01T00:00:01Z", "receivedAt": "2020-01-01T00:00:03Z",
        });
        let item = import(Subject::Touchpoints, exported).unwrap();
        assert_eq!(item["timestamp"], "2020-01-01T00:00:02Z");
        assert_eq!(
            (item.get("sentAt"), item.get("originalTimestamp")),
            (None, None)
        );
        assert_eq!(item["exported"]["sentAt"], "2020-01-01T00:00:01Z");
        assert_eq!(item["messageId"], "m");
    }

    #[test]
    fn an_identify_without_a_time_moves_nobodys_last_visit() {
        let item = import(
            Subject::Profiles,
            json!({"type": "identify", "userId": "u", "traits": {"a": 1}}),
        )
        .unwrap();
        assert_eq!(item["context"]["active"], false);
        assert!(item["messageId"].as_str().unwrap().starts_with("profile-"));
    }

    #[rstest]
    #[case::another_kind(Subject::Profiles, json!({"type": "track", "event": "A"}), "an item of type TRACK is no profile")]
    #[case::no_order(Subject::Purchases, json!({"type": "track", "event": "A"}), "an item of type TRACK is no purchase")]
    #[case::no_time(Subject::Touchpoints, json!({"type": "track", "event": "A"}), "no value for the time")]
    #[case::unreadable_time(Subject::Touchpoints, json!({"type": "page", "timestamp": "May"}), "column timestamp: not a date")]
    fn what_does_not_fit_is_told(
        #[case] subject: Subject,
        #[case] item: Value,
        #[case] told: &str,
    ) {
        let reason = import(subject, item).unwrap_err().to_string();
        assert!(reason.starts_with(told), "{reason}");
    }
}
