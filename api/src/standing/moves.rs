//! How one profile moves: from where it stood to where it stands, at each instant at which time changed it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::evaluate::earliest;
use lazo_domain::condition::{Because, Facts};
use lazo_domain::consent::Consents;
use lazo_domain::id::{ProfileId, SegmentId, TouchpointId};
use lazo_domain::lifecycle;
use lazo_domain::profile::typed_rows_of;
use lazo_domain::standing::{Definitions, Standing};

use super::Cause;
use super::facts::{Read, facts};
use super::memory::Known;
use super::settle::{Settled, Subject};
use super::store::{Changed, History, Member, Own, Score, ScoreEntry, Scores, Transition};

/// How many instants of the past are looked at one after another where nobody did when they came.
const MAX_INSTANTS: usize = 64;

/// How long before a membership ends that is known to last longer it is stored anew, in milliseconds.
const LEAD: i64 = 60_000;

/// Whose move it is, by what, and when.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) profile: ProfileId,
    pub(super) cause: Cause,
    pub(super) touchpoint: Option<TouchpointId>,
    pub(super) at: Timestamp,
}

impl Place {
    /// That it became a member of a segment.
    fn enters(
        self,
        definitions: &Definitions,
        segment: SegmentId,
        because: Option<Because>,
    ) -> Transition {
        let defined = definitions.segment(segment);
        Transition {
            segment,
            profile: self.profile,
            entered: true,
            at: self.at,
            segment_version: defined.map_or(0, |segment| segment.version),
            cause: self.cause,
            touchpoint: self.touchpoint,
            because,
        }
    }

    /// That it is a member of a segment no longer. Where time had ended it already, it ended then.
    pub(super) fn leaves(
        self,
        definitions: &Definitions,
        segment: SegmentId,
        member: Member,
        because: Option<Because>,
    ) -> Transition {
        let ended = member.valid_until.filter(|until| *until <= self.at);
        Transition {
            entered: false,
            at: ended.unwrap_or(self.at).max(member.since),
            cause: ended.map_or(self.cause, |_| Cause::Time),
            touchpoint: self.touchpoint.filter(|_| ended.is_none()),
            ..self.enters(definitions, segment, because)
        }
    }
}

/// A profile that is decided.
pub(super) struct Moves<'a> {
    settled: Settled<'a>,
    subject: &'a Subject<'a>,
    read: &'a Read,
    consents: &'a Consents,
    facts: Facts<'a>,
    members: BTreeMap<SegmentId, Member>,
    scores: Scores,
    place: Place,
}

impl<'a> Moves<'a> {
    pub(super) fn new(
        settled: Settled<'a>,
        subject: &'a Subject<'a>,
        read: &'a Read,
        consents: &'a Consents,
    ) -> Self {
        let now = settled.now;
        let namespaces = subject.namespaces.iter().copied();
        Self {
            facts: facts(subject.row, namespaces, read, settled.locale),
            members: read.members.clone(),
            scores: read.scores.clone(),
            place: Place {
                profile: subject.row.id,
                cause: subject.cause,
                touchpoint: subject.came.last,
                at: subject.decided_at(now),
            },
            settled,
            subject,
            read,
            consents,
        }
    }

    /// Decides the profile, and notes what of it is to be stored. Returns what is known of it then.
    pub(super) fn decide(mut self, changed: &mut Changed) -> Known {
        let now = self.settled.now;
        let mut instants = 1;
        let standing = loop {
            let before: BTreeSet<SegmentId> = self.members.keys().copied().collect();
            let at = self.place.at;
            let definitions = self.settled.definitions;
            self.facts.consents = self.consents.facts(at);
            let standing =
                Standing::decide(definitions, &mut self.facts, &self.read.pins, &before, at);
            self.enter_and_leave(&standing, changed);
            self.score(&standing, changed);
            self.place.at = match standing.next {
                Some(next) if next <= now && instants < MAX_INSTANTS => next,
                _ if at < now && instants <= MAX_INSTANTS => now,
                _ => break standing,
            };
            self.place.cause = Cause::Time;
            instants += 1;
        };
        self.keep(&standing, changed)
    }

    fn enter_and_leave(&mut self, standing: &Standing, changed: &mut Changed) {
        let definitions = self.settled.definitions;
        let transitions = &mut changed.members.transitions;
        let mut left = std::mem::take(&mut self.members);
        for membership in &standing.memberships {
            let segment = membership.segment;
            let because = membership.because.clone();
            let cause = if membership.pinned {
                Cause::Person
            } else {
                self.place.cause
            };
            let place = Place {
                cause,
                ..self.place
            };
            let valid_until = membership.decision.until;
            match (left.remove(&segment), membership.decision.holds) {
                (Some(Member { since, .. }), true) => {
                    self.members.insert(segment, Member { since, valid_until });
                }
                (None, true) => {
                    let since = place.at;
                    self.members.insert(segment, Member { since, valid_until });
                    transitions.push(place.enters(definitions, segment, because));
                }
                (Some(member), false) => {
                    transitions.push(place.leaves(definitions, segment, member, because));
                }
                (None, false) => {}
            }
        }
        // These segments are archived.
        for (segment, member) in left {
            let place = Place {
                cause: Cause::Definition,
                ..self.place
            };
            transitions.push(place.leaves(definitions, segment, member, None));
        }
    }

    fn score(&mut self, standing: &Standing, changed: &mut Changed) {
        let at = self.place.at;
        let mut left = std::mem::take(&mut self.scores);
        let mut entries = Vec::new();
        for (model, scored) in &standing.scores {
            let before = left.remove(model);
            let is_same = before.as_ref().is_some_and(|before| {
                (before.value, &before.grade) == (scored.value, &scored.grade)
            });
            let is_nothing = before.is_none() && scored.value.is_none();
            if !is_same && !is_nothing {
                entries.push((*model, scored.value, scored.grade.clone()));
            }
            self.scores.insert(*model, Score::from(scored));
        }
        entries.extend(left.into_keys().map(|model| (model, None, None)));
        for (model, value, grade) in entries {
            changed.scores.entries.push(ScoreEntry {
                profile: self.place.profile,
                model,
                value: value.map(|value| value.at(at).get()),
                grade,
                at,
                cause: self.place.cause,
                touchpoint: self.place.touchpoint,
            });
        }
    }

    /// Notes what is stored otherwise than it stands.
    fn keep(mut self, standing: &Standing, changed: &mut Changed) -> Known {
        let (row, now) = (self.subject.row, self.settled.now);
        let mut next = standing.next;
        let mut moved = self.keep_members(&mut next, changed);
        moved |= self.keep_scores(changed);
        let computed = self
            .settled
            .definitions
            .computed()
            .iter()
            .zip(&standing.computed);
        let values = computed.filter_map(|(one, (_, known))| {
            let value = known.value.value.as_ref()?;
            Some((one.definition.name.as_str(), value))
        });
        let values = typed_rows_of(values);
        let computed = values.iter();
        let computed = computed.map(|row| ((row.name.clone(), row.position), row.clone()));
        let computed = computed.collect();
        moved |= changed
            .computed
            .compare(row.id, &self.read.computed, values);
        moved |= changed
            .consents
            .compare(row.id, &self.read.consents, self.consents);
        let (stage, level) = (standing.stage.value, standing.level.value);
        let stood = (stage, level) == (row.stage, row.level);
        moved |= !stood;
        let history = if !stood || (row.summary.orders > 0 && self.subject.cause != Cause::Time) {
            self.keep_history(changed)
        } else {
            self.read.history.clone()
        };
        // What is decided early does no harm, and so an instant that is to come stays where it is until it has come.
        let due = row.next_evaluation_at.filter(|due| *due > now);
        let next = match (due, next) {
            (Some(due), Some(next)) if due <= next => Some(due),
            (_, next) => next,
        };
        // What a touchpoint changes has counted a change already.
        let counts = moved
            && matches!(
                self.subject.cause,
                Cause::Time | Cause::Definition | Cause::Person
            );
        if !stood || counts || next != row.next_evaluation_at {
            changed.own.push(Own {
                profile: row.id,
                stage,
                level,
                next,
                counts,
            });
        }
        Known {
            version: row.version + i64::from(counts),
            definitions: self.settled.definitions.version(),
            read: Read {
                touchpoints: self.read.touchpoints.clone(),
                purchases: Arc::clone(&self.read.purchases),
                members: self.members,
                pins: self.read.pins.clone(),
                scores: self.scores,
                computed,
                decisions: Arc::clone(&self.read.decisions),
                consents: self.consents.clone(),
                history,
            },
        }
    }

    /// Notes the members that are stored otherwise than they are. Returns whether there are such, and puts off until when the others
    /// have to be stored anew.
    ///
    /// With each touchpoint a membership may last longer than was known, and would be written anew. It is left as it is while what is
    /// stored holds for long enough, and profiles are decided again before it ends.
    fn keep_members(&mut self, next: &mut Option<Timestamp>, changed: &mut Changed) -> bool {
        let (before, profile) = (&self.read.members, self.place.profile);
        let now = self.settled.now;
        let mut moved = false;
        for (segment, member) in &mut self.members {
            let stored = before.get(segment).copied();
            if stored == Some(*member) {
                continue;
            }
            let lasts = stored.filter(|stored| stored.outlasts(*member, now));
            if let Some(stored) = lasts {
                *member = stored;
                let ends = stored.valid_until.map(|until| until.plus_millis(-LEAD));
                *next = earliest(*next, ends);
                continue;
            }
            let changed = match stored {
                None => &mut changed.members.entered,
                Some(_) => &mut changed.members.members,
            };
            changed.push((profile, *segment, *member));
            moved = true;
        }
        for segment in before.keys().filter(|id| !self.members.contains_key(id)) {
            changed.members.gone.push((profile, *segment));
            moved = true;
        }
        moved
    }

    fn keep_scores(&self, changed: &mut Changed) -> bool {
        let (before, profile) = (&self.read.scores, self.place.profile);
        let mut moved = false;
        for (model, score) in &self.scores {
            let stored = before.get(model);
            if stored == Some(score) {
                continue;
            }
            let changed = match stored {
                None => &mut changed.scores.scored,
                Some(_) => &mut changed.scores.scores,
            };
            changed.push((profile, *model, score.clone(), self.settled.now));
            moved = true;
        }
        for model in before.keys().filter(|id| !self.scores.contains_key(id)) {
            changed.scores.gone.push((profile, *model));
            moved = true;
        }
        moved
    }

    fn keep_history(&self, changed: &mut Changed) -> Vec<(String, Timestamp, String)> {
        let (rules, now) = (self.settled.definitions.lifecycle(), self.settled.now);
        let history = History {
            profile: self.place.profile,
            stages: lifecycle::stages(&self.facts, rules, now),
            levels: lifecycle::levels(&self.facts, rules, now),
        };
        let rows = history.rows();
        if rows != self.read.history {
            changed.histories.push(history);
        }
        rows
    }
}
