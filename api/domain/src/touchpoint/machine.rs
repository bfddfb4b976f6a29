//! Whether a person did what a touchpoint tells, or a machine: scanners of links and prefetchers open emails that nobody looked at.

use serde_json::{Map, Value};

use super::Kind;

/// The events of emails that machines cause, too.
const OPENED: &str = "Email Opened";
const CLICKED: &str = "Email Link Clicked";

/// Properties by which senders of email say that a machine did it.
///
/// `sg_machine_open`: <https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event>; `machine_open` and
/// `is_suspected_bot_click`: <https://www.braze.com/docs/user_guide/data/distribution/braze_currents>; `is_bot`:
/// <https://ahasend.com/docs/api-reference/webhooks/message-opened>. The other two are the same in the other manner of writing.
const FLAGS: [&str; 6] = [
    "sg_machine_open",
    "machine_open",
    "machineOpen",
    "is_bot",
    "isBot",
    "is_suspected_bot_click",
];

/// Where Mailgun tells of the client; its `bot` is empty if none was found
/// (<https://documentation.mailgun.com/docs/mailgun/user-manual/tracking-messages/open-click-bot-detect>).
const CLIENT: [&str; 2] = ["client-info", "client_info"];

/// Where user agents are told of.
const AGENTS: [&str; 5] = [
    "userAgent",
    "user_agent",
    "useragent",
    "user-agent",
    "UserAgent",
];

/// What Apple's Mail Privacy Protection calls itself when it fetches images, whether or not somebody reads the email
/// (see Mailgun's example above).
const PREFETCHER: &str = "mozilla/5.0";

/// Parts of the user agents of crawlers, scanners of links, previews and tools, in lower case: those of
/// <https://github.com/monperrus/crawler-user-agents> and <https://github.com/omrilotan/isbot> that are met in emails.
const PARTS: [&str; 19] = [
    "apache-httpclient",
    "barracuda",
    "crawler",
    "curl/",
    "facebookexternalhit",
    "go-http-client",
    "headlesschrome",
    "libwww-perl",
    "mimecast",
    "node-fetch",
    "phantomjs",
    "preview",
    "proofpoint",
    "python-requests",
    "python-urllib",
    "scanner",
    "spider",
    "urlscan",
    "wget/",
];

/// A make of telephones, whose name ends as those of bots do.
const TELEPHONE: &str = "cubot";

/// Whether a machine opened an email or followed a link of it, as its sender or its user agent says.
///
/// The image proxies of Gmail and Yahoo fetch for a person who opens the email, so what they say counts.
pub(super) fn did_it(
    kind: Kind,
    name: &str,
    properties: &Map<String, Value>,
    context: &Map<String, Value>,
) -> bool {
    let is = |event: &str| kind == Kind::Track && event.eq_ignore_ascii_case(name);
    let (opened, clicked) = (is(OPENED), is(CLICKED));
    if !opened && !clicked {
        return false;
    }
    let client = CLIENT
        .iter()
        .find_map(|name| properties.get(*name)?.as_object());
    let flagged = FLAGS.iter().any(|flag| is_true(properties.get(*flag)));
    let found = client.is_some_and(|client| is_said(client.get("bot")));
    let agent = [Some(properties), client, Some(context)]
        .into_iter()
        .flatten()
        .find_map(|place| AGENTS.iter().find_map(|name| place.get(*name)?.as_str()));
    flagged || found || agent.is_some_and(|agent| is_machine(agent, opened))
}

/// Some senders write truth values as text.
fn is_true(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(truth)) => *truth,
        Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
        _ => false,
    }
}

fn is_said(value: Option<&Value>) -> bool {
    value
        .and_then(Value::as_str)
        .is_some_and(|text| !text.trim().is_empty())
}

fn is_machine(agent: &str, opened: bool) -> bool {
    let agent = agent.trim().to_ascii_lowercase();
    let mut words = agent.split(|character: char| !character.is_ascii_alphanumeric());
    let is_bot =
        |word: &str| word != TELEPHONE && (word.ends_with("bot") || word.ends_with("bots"));
    (opened && agent == PREFETCHER)
        || words.any(is_bot)
        || PARTS.iter().any(|part| agent.contains(part))
}
