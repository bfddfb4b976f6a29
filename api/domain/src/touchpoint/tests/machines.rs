//! What a machine did is nothing that a person did.

use rstest::rstest;
use serde_json::{Value, json};

use super::accept;

const OPENED: &str = "Email Opened";
const CLICKED: &str = "Email Link Clicked";
const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148";
const GMAIL: &str =
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)";
const YAHOO: &str = "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html";
const CUBOT: &str = "Mozilla/5.0 (Linux; Android 12; CUBOT P60) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36";

fn person_did(event: &str, properties: &Value, context: &Value) -> bool {
    let item = json!({ "type": "track", "event": event, "userId": "u1", "properties": properties, "context": context });
    accept(&item).active
}

#[rstest]
#[case::says_nothing(OPENED, json!({}), true)]
#[case::sendgrid_of_a_machine(OPENED, json!({ "sg_machine_open": true }), false)]
#[case::sendgrid_of_a_person(OPENED, json!({ "sg_machine_open": false }), true)]
#[case::braze_of_a_machine(OPENED, json!({ "machine_open": "true" }), false)]
#[case::braze_of_nothing(OPENED, json!({ "machine_open": null }), true)]
#[case::braze_of_a_click(CLICKED, json!({ "is_suspected_bot_click": true }), false)]
#[case::ahasend_of_a_scanner(CLICKED, json!({ "is_bot": true }), false)]
#[case::the_other_manner_of_writing(OPENED, json!({ "machineOpen": true }), false)]
#[case::the_other_manner_of_a_bot(OPENED, json!({ "isBot": true }), false)]
#[case::mailgun_of_apple(OPENED, json!({ "client-info": { "bot": "apple", "user-agent": SAFARI } }), false)]
#[case::mailgun_of_gmails_prefetcher(OPENED, json!({ "client-info": { "bot": "gmail", "user-agent": GMAIL } }), false)]
#[case::mailgun_of_a_firewall(CLICKED, json!({ "client-info": { "bot": "generic" } }), false)]
#[case::mailgun_of_a_person(CLICKED, json!({ "client-info": { "bot": "", "user-agent": SAFARI } }), true)]
#[case::mailgun_of_a_crawler(CLICKED, json!({ "client-info": { "bot": "", "user-agent": "Googlebot/2.1" } }), false)]
#[case::a_flag_that_is_no_truth_value(OPENED, json!({ "is_bot": 1, "machine_open": [true] }), true)]
fn what_a_sender_flags_is_what_a_machine_did(
    #[case] event: &str,
    #[case] properties: Value,
    #[case] person: bool,
) {
    assert_eq!(person_did(event, &properties, &json!({})), person);
    let elsewhere = person_did("Product Viewed", &properties, &json!({}));
    assert!(elsewhere, "flags are of emails alone");
}

#[rstest]
#[case::a_telephone(SAFARI, true, true)]
#[case::gmails_image_proxy_fetches_for_a_person(GMAIL, true, true)]
#[case::yahoos_image_proxy_fetches_for_a_person(YAHOO, true, true)]
#[case::a_make_of_telephones(CUBOT, true, true)]
#[case::apples_prefetcher_opens_and_does_not_click("Mozilla/5.0", false, true)]
#[case::a_search_engine(
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    false,
    false
)]
#[case::a_messenger(
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    false,
    false
)]
#[case::another_messenger("TelegramBot (like TwitterBot)", false, false)]
#[case::a_social_network("facebookexternalhit/1.1", false, false)]
#[case::a_preview(
    "Mozilla/5.0 (Windows NT 6.1) AppleWebKit/537.36 BingPreview/1.0b",
    false,
    false
)]
#[case::a_scanner(
    "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/126.0 Safari/537.36",
    false,
    false
)]
#[case::a_gateway("BarracudaCentral Link Scanner", false, false)]
#[case::a_script("python-requests/2.32.3", false, false)]
#[case::a_tool("curl/8.5.0", false, false)]
#[case::nothing("", true, true)]
fn user_agents_tell_machines_from_people(
    #[case] agent: &str,
    #[case] opens: bool,
    #[case] clicks: bool,
) {
    let (none, said) = (json!({}), json!({ "userAgent": agent }));
    for (event, person) in [(OPENED, opens), (CLICKED, clicks), ("email opened", opens)] {
        assert_eq!(person_did(event, &none, &said), person, "{event}");
        for name in ["useragent", "user_agent", "UserAgent"] {
            let properties = json!({ name: agent });
            assert_eq!(person_did(event, &properties, &none), person, "{name}");
        }
    }
    assert!(person_did("Product Viewed", &none, &said));
}
