//! What is altered, removed or moved in the audit log is found.

use proptest::collection::vec;
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

use crate::consent::tests::sample::day;
use crate::hash::Hash256;
use crate::privacy::audit::{Broken, Event, Fault, Head, Link, Verifier, hashable, verify};

type Chain = Vec<(Value, Link)>;

fn chain(payloads: impl IntoIterator<Item = Value>) -> Chain {
    let mut head = Head::default();
    let payloads = payloads.into_iter();
    payloads
        .map(|payload| {
            let link = head.link(&payload).unwrap();
            head = link.into();
            (payload, link)
        })
        .collect()
}

fn three() -> Chain {
    chain([
        json!({"actor":"user:1","at":"2026-01-02T03:04:05Z","op":"consent.give","seq":1,"subject":"s1"}),
        json!({"actor":"user:1","at":"2026-01-02T03:05:00Z","op":"consent.withdraw","seq":2,"subject":"s1"}),
        json!({"actor":"svc:mailer","at":"2026-01-02T03:06:00Z","op":"suppress.add","seq":3,"subject":"s1"}),
    ])
}

fn check(chain: &Chain, kept: Option<Head>) -> Result<Head, Broken> {
    verify(chain.iter().map(|(payload, link)| (payload, link)), kept)
}

#[test]
fn each_entry_is_bound_to_the_one_before() {
    let links: Vec<_> = three()
        .iter()
        .map(|(_, link)| link.hash.to_string())
        .collect();
    let expected = [
        "0effca17d50cc96dce4f3addbb2f3bb6eb6755c5cb3c0bd27c1f3b2eb0ef431b",
        "9e42fa10b25d23a5c765c9190cc447747e41dcc6e9b250e5f233d8b4dcc62e66",
        "40109550d302b1d0ef744127d84ad285bcaef1d34e65aac1211f0d81eaadebc3",
    ];
    assert_eq!(links, expected);
    let head = check(&three(), None).unwrap();
    assert_eq!((head.seq, head.hash.to_string().as_str()), (3, expected[2]));
}

#[rstest]
#[case::altered(|chain: &mut Chain| chain[1].0["actor"] = json!("user:2"), 2, Fault::Altered)]
#[case::a_field_added(|chain: &mut Chain| chain[0].0["more"] = json!(true), 1, Fault::Altered)]
#[case::a_fraction(|chain: &mut Chain| chain[0].0["more"] = json!(0.5), 1, Fault::Altered)]
#[case::removed(|chain: &mut Chain| drop(chain.remove(1)), 2, Fault::Missing)]
#[case::the_first_removed(|chain: &mut Chain| drop(chain.remove(0)), 1, Fault::Missing)]
#[case::moved(|chain: &mut Chain| chain.swap(0, 1), 1, Fault::Missing)]
#[case::twice(|chain: &mut Chain| chain.insert(1, chain[0].clone()), 2, Fault::Unlinked)]
#[case::hashed_anew(|chain: &mut Chain| {
    chain[1].0["actor"] = json!("user:2");
    chain[1].1 = Head::from(chain[0].1).link(&chain[1].0).unwrap();
}, 3, Fault::Unlinked)]
#[case::the_last_one_removed(|chain: &mut Chain| drop(chain.pop()), 3, Fault::Missing)]
#[case::exchanged_with_their_numbers(|chain: &mut Chain| {
    chain.swap(0, 1);
    let (first, second) = chain.split_at_mut(1);
    std::mem::swap(&mut first[0].1.seq, &mut second[0].1.seq);
}, 1, Fault::Altered)]
fn the_first_entry_that_is_wrong_is_named(
    #[case] tamper: fn(&mut Chain),
    #[case] seq: u64,
    #[case] fault: Fault,
) {
    let mut chain = three();
    let kept = Head::from(chain[2].1);
    tamper(&mut chain);
    assert_eq!(check(&chain, Some(kept)), Err(Broken { seq, fault }));
}

#[test]
fn a_chain_that_was_written_anew_does_not_end_as_the_one_that_was_kept() {
    let kept = Head::from(three()[1].1);
    let mut payloads: Vec<_> = three().into_iter().map(|(payload, _)| payload).collect();
    payloads[0]["actor"] = json!("nobody");
    let anew = chain(payloads);
    assert!(check(&anew, None).is_ok());
    let broken = Broken {
        seq: 2,
        fault: Fault::Unlinked,
    };
    assert_eq!(check(&anew, Some(kept)), Err(broken));
    assert!(check(&three(), Some(kept)).is_ok());
}

#[test]
fn a_chain_is_verified_from_a_known_end_on() {
    let chain = three();
    let mut verifier = Verifier::after(chain[1].1.into());
    let (payload, link) = &chain[2];
    assert_eq!(verifier.check(payload, link), Ok(()));
    assert_eq!(verifier.end(None), Ok((*link).into()));
}

#[test]
fn an_event_names_its_place_and_leaves_out_what_it_does_not_say() {
    let event = Event {
        at: day(0),
        actor: "tok_1",
        op: "profile.read",
        subject: "prf_1",
        details: Value::Null,
    };
    let expected = json!({
        "actor": "tok_1",
        "at": "2026-01-01T00:00:00.000Z",
        "op": "profile.read",
        "seq": 7,
        "subject": "prf_1",
    });
    assert_eq!(event.payload(7), expected);
    let details = json!({"fields": ["email"]});
    let more = Event {
        details: details.clone(),
        ..event
    };
    assert_eq!(more.payload(7)["details"], details);
}

proptest! {
    #[test]
    fn whatever_is_changed_shows(ops in vec("[a-z]{1,8}", 1..8), which: prop::sample::Index, bit in 0_u8..8, byte in 0_usize..32) {
        let payloads = (1_u64..).zip(&ops).map(|(seq, op)| json!({"op": op, "seq": seq}));
        let whole = chain(payloads);
        let head = check(&whole, None).unwrap();
        prop_assert_eq!(head.seq, u64::try_from(ops.len()).unwrap());
        let place = which.index(whole.len());
        let mut altered = whole.clone();
        let flip = |hash: &mut Hash256| hash.0[byte] ^= 1 << bit;
        flip(&mut altered[place].1.hash);
        prop_assert!(check(&altered, Some(head)).is_err());
        let mut removed = whole;
        removed.remove(place);
        prop_assert!(check(&removed, Some(head)).is_err());
    }
}

#[test]
fn a_number_without_a_canonical_spelling_is_hashed_as_text() {
    let value = json!({ "half": 0.5, "many": [1.0, u64::MAX], "whole": 7, "text": "0.5" });
    let hashable = hashable(value);
    let many = json!(["1.0", "18446744073709551615"]);
    assert_eq!(
        hashable,
        json!({ "half": "0.5", "many": many, "whole": 7, "text": "0.5" })
    );
    assert!(Head::default().link(&hashable).is_ok());
}
