//! The whole decision table, as one file to read: `decisions.txt`.

use std::fmt::Write;

use super::sample::{Facts, research, soft_offers};
use super::situations::SITUATIONS;
use crate::consent::tests::sample::{day, decision, purpose};
use crate::consent::{Actor, Category, DecisionKind, Purpose, rights};
use crate::identity::Trust;
use crate::privacy::{Reason, decide};
use crate::touchpoint::Channel;

use DecisionKind::{Asked, Denied, Granted, Withdrawn};

const NOW: i64 = 100;

const FILE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/src/privacy/tests/decisions.txt"
);

/// What was decided about the purpose; grants are explicit, confirmed and made on day 50 where nothing else is said.
const CONSENTS: [(&str, &[(DecisionKind, i64)]); 9] = [
    ("nothing", &[]),
    ("asked", &[(Asked, 99)]),
    ("given", &[(Granted, 50)]),
    ("confirmed", &[(Granted, 50)]),
    ("by guardian", &[(Granted, 50)]),
    ("denied", &[(Denied, 50)]),
    ("asked anew", &[(Denied, 50), (Asked, 99)]),
    ("withdrawn", &[(Granted, 50), (Withdrawn, 60)]),
    ("expired", &[(Granted, -300)]),
];

/// The questions: every kind of purpose, without a channel, and on channels that matter to it.
fn questions() -> Vec<(Purpose, Option<Channel>)> {
    let email = Some(Channel::Email);
    vec![
        (purpose(Category::Service), None),
        (purpose(Category::Service), email),
        (purpose(Category::Content), email),
        (soft_offers(), None),
        (soft_offers(), email),
        (soft_offers(), Some(Channel::Phone)),
        (soft_offers(), Some(Channel::Web)),
        (purpose(Category::Personalization), None),
        (purpose(Category::Profiling), None),
        (purpose(Category::Analytics), None),
        (purpose(Category::Advertising), None),
        (research(), None),
        (rights(), None),
    ]
}

fn consented(purpose: &Purpose, name: &str, decisions: &[(DecisionKind, i64)]) -> Facts {
    let numbered = (1..).zip(decisions);
    let decisions = numbered.map(|(number, (kind, at))| {
        let mut decision = decision(number, *kind, day(*at));
        decision.purpose = purpose.key.clone();
        decision.confirmed = *kind == Granted && name != "given";
        if name == "by guardian" {
            decision.actor = Actor::Guardian;
        }
        (decision, Trust::Verified)
    });
    Facts {
        decisions: decisions.collect(),
        ..Facts::nobody()
    }
}

/// What is allowed stands in capitals, so that it is seen at a glance.
fn cell(allow: bool, reason: Reason) -> String {
    let code = reason.code();
    let code = code.replace("LEGITIMATE_", "").replace("CONSENT_", "");
    if allow {
        format!("+{}", code.to_uppercase())
    } else {
        code.to_lowercase()
    }
}

fn table() -> String {
    let mut text = String::from(
        "Whether data of a person may be used for a purpose, by what else is known of them (down) and what they decided (across).\n\
         Allowed: +REASON. Denied: the reason in lower case; missing, pending, denied, withdrawn and expired are those of consent.\n\
         Grants were made on day 50 and confirmed, but those that were only \"given\"; the rest on day 70, \"before\" on day 40; now is day 100.\n",
    );
    for (purpose, channel) in questions() {
        let on = channel.map_or("without a channel", Channel::as_str);
        write!(text, "\n{} {on}\n{:28}", purpose.key, "").unwrap();
        for (name, _) in CONSENTS {
            write!(text, "{name:14}").unwrap();
        }
        for (situation, change) in SITUATIONS {
            text = text.trim_end().to_owned();
            write!(text, "\n{situation:28}").unwrap();
            for (name, decisions) in CONSENTS {
                let mut facts = consented(&purpose, name, decisions);
                change(&mut facts, &purpose);
                let purposes = std::slice::from_ref(&purpose);
                let decision = facts.ask(purposes, day(NOW), |person| {
                    decide(person, &purpose, channel, day(NOW))
                });
                write!(text, "{:14}", cell(decision.allow, decision.reason)).unwrap();
            }
        }
        text = text.trim_end().to_owned();
        text.push('\n');
    }
    text
}

#[test]
fn the_decision_table_is_as_it_is_written_down() {
    let table = table();
    if std::env::var_os("UPDATE_DECISIONS").is_some_and(|asked| asked == "1") {
        std::fs::write(FILE, &table).unwrap();
    }
    let written = std::fs::read_to_string(FILE).unwrap_or_default();
    assert!(
        table == written,
        "decisions.txt is out of date: run this test with UPDATE_DECISIONS=1, which writes it anew, and read what changed"
    );
}
