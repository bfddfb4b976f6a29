//! The deleted stay deleted.

use rstest::rstest;

use super::sample::suppression;
use crate::consent::tests::sample::{day, offers, purpose};
use crate::consent::{Category, rights};
use crate::identity::Namespace;
use crate::privacy::{
    Arrival, Covered, Suppression, SuppressionKey, SuppressionKeys, SuppressionReason, arrival,
    mailbox,
};
use crate::touchpoint::Channel;

fn bytes() -> [u8; 32] {
    let mut bytes = [0; 32];
    for (byte, value) in bytes.iter_mut().zip(0..) {
        *byte = value;
    }
    bytes
}

fn namespace(name: &str) -> Namespace {
    Namespace::new(name).unwrap()
}

#[rstest]
#[case(
    "email",
    "ana.garcia@example.com",
    "4d1b40a3bffbcf99f7ac8ab7da27a1cd44358b3df19cd70d5a864d334c8d2058"
)]
#[case(
    "phone",
    "+34612345678",
    "d15a35bc83cd1b89d0f9701c2bb8ef2d7f4da3ed7e50b3bf5f5c30d141e1fde3"
)]
fn a_hash_is_keyed_and_names_deployment_and_namespace(
    #[case] name: &str,
    #[case] value: &str,
    #[case] expected: &str,
) {
    let key = SuppressionKey::new(1, bytes());
    let hash = key.hash("tenant-1", &namespace(name), value);
    assert_eq!(hash.to_string(), expected);
    assert_ne!(key.hash("tenant-2", &namespace(name), value), hash);
    assert_ne!(key.hash("tenant-1", &namespace("x"), value), hash);
    let other = SuppressionKey::new(1, [7; 32]);
    assert_ne!(other.hash("tenant-1", &namespace(name), value), hash);
}

#[test]
fn a_key_shows_nothing_of_itself() {
    let shown = format!("{:?}", SuppressionKey::new(3, bytes()));
    assert_eq!(shown, "SuppressionKey(3)");
}

#[rstest]
#[case("ana.garcia+shop@gmail.com", Some("anagarcia@gmail.com"))]
#[case("a.b@googlemail.com", Some("ab@gmail.com"))]
#[case("ana.garcia+x@outlook.com", Some("ana.garcia@outlook.com"))]
#[case("ana.garcia+x@example.com", None)]
#[case("+x@gmail.com", None)]
#[case("nothing", None)]
fn an_address_that_a_provider_reads_in_its_own_way_names_one_mailbox(
    #[case] address: &str,
    #[case] expected: Option<&str>,
) {
    assert_eq!(mailbox(&Namespace::email(), address).as_deref(), expected);
    assert_eq!(mailbox(&namespace("instagram"), address), None);
}

fn keys(current: u32, former: &[u32]) -> SuppressionKeys {
    let key = |id: u32| SuppressionKey::new(id, [u8::try_from(id).unwrap(); 32]);
    let former = former.iter().copied().map(key).collect();
    SuppressionKeys::new("shop".to_owned(), key(current), former)
}

#[test]
fn what_was_suppressed_under_another_spelling_or_a_former_key_is_found() {
    let stored = keys(1, &[]).stored(&Namespace::email(), "ana.garcia@gmail.com");
    assert_eq!(stored.len(), 2);
    let found = |keys: SuppressionKeys, address: &str| {
        let sought = keys.sought(&Namespace::email(), address);
        sought.iter().any(|hash| stored.contains(hash))
    };
    assert!(found(keys(1, &[]), "ana.garcia@gmail.com"));
    assert!(found(keys(1, &[]), "anagarcia+new@googlemail.com"));
    assert!(found(keys(2, &[1]), "anagarcia@gmail.com"));
    assert!(!found(keys(2, &[]), "anagarcia@gmail.com"));
    assert!(!found(keys(1, &[]), "ana@gmail.com"));
}

#[rstest]
#[case::everything(Covered::Everything, None, true, true)]
#[case::marketing(Covered::Marketing, None, true, false)]
#[case::the_purpose(Covered::Purpose(offers().key), None, true, false)]
#[case::the_channel(Covered::Everything, Some(Channel::Email), true, true)]
#[case::another_channel(Covered::Everything, Some(Channel::Phone), false, false)]
fn a_suppression_covers_its_scope(
    #[case] of: Covered,
    #[case] channel: Option<Channel>,
    #[case] covers_offers: bool,
    #[case] covers_service: bool,
) {
    let row = suppression(SuppressionReason::Complaint, of, channel, day(5));
    let covers = |purpose: &_| row.covers(purpose, Some(Channel::Email), day(10));
    assert_eq!(covers(&offers()), covers_offers);
    assert_eq!(covers(&purpose(Category::Service)), covers_service);
    assert!(!covers(&rights()));
    assert!(!row.covers(&offers(), Some(Channel::Email), day(4)));
}

#[test]
fn an_erased_person_is_refused_on_arrival_until_they_come_back_themselves() {
    let row = |reason| suppression(reason, Covered::Everything, None, day(5));
    let erased = row(SuppressionReason::Erasure);
    let bounced = Suppression {
        expires_at: Some(day(8)),
        ..row(SuppressionReason::HardBounce)
    };
    let arrives = |rows: &[Suppression], now| arrival(rows, day(now));
    assert_eq!(arrives(&[], 6), Arrival::Free);
    let both = [bounced, erased.clone()];
    assert_eq!(arrives(&both, 6), Arrival::Refused);
    assert_eq!(
        arrives(&both[..1], 6),
        Arrival::Suppressed(SuppressionReason::HardBounce)
    );
    assert_eq!(arrives(&both[..1], 8), Arrival::Free);
    let back = Suppression {
        lifted_at: Some(day(7)),
        ..erased
    };
    assert_eq!(arrives(std::slice::from_ref(&back), 6), Arrival::Refused);
    assert_eq!(arrives(&[back], 7), Arrival::Free);
}
