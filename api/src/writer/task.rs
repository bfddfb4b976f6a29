//! The writer's loop: group, commit, answer; and what to do when a commit fails.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lazo_domain::touchpoint::{Disposition, Refusal, RefusalCode};
use sea_orm::DbErr;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::command::{Command, Reply};
use super::line::Line;
use super::outage::Outage;
use super::{Context, RETRY_AFTER, batch, by_hand, consent, stand};
use crate::error::Error;
use crate::touchpoint::{Answer, Content, Incoming};

/// How often a passing error is retried before the requests are told to come back.
const TRIES: u32 = 3;

/// A request that waits for its answers.
struct Waiting {
    items: Vec<Incoming>,
    reply: Reply<Vec<Answer>>,
}

/// Where commands come from: what people and shops send, and what is due by itself.
pub(super) struct Inlet {
    commands: mpsc::Receiver<Command>,
    due: mpsc::Receiver<Command>,
    /// Whether the last command was one that was due: then whoever else waits comes first.
    was_due: bool,
}

impl Inlet {
    pub(super) fn new(commands: mpsc::Receiver<Command>, due: mpsc::Receiver<Command>) -> Self {
        Self {
            commands,
            due,
            was_due: false,
        }
    }

    /// The next command, in turns where both kinds wait. Once the writer is to stop it takes no new ones, and ends when those it has
    /// are answered.
    async fn receive(&mut self, stop: &CancellationToken) -> Option<Command> {
        if !std::mem::replace(&mut self.was_due, false)
            && let Ok(due) = self.due.try_recv()
        {
            self.was_due = true;
            return Some(due);
        }
        tokio::select! {
            biased;
            command = self.commands.recv() => return command,
            Some(due) = self.due.recv() => {
                self.was_due = true;
                return Some(due);
            }
            () = stop.cancelled(), if !self.commands.is_closed() => self.commands.close(),
        }
        self.commands.recv().await
    }
}

pub(super) async fn run(
    context: Context,
    mut inlet: Inlet,
    batch: usize,
    line: Arc<Line>,
    stop: CancellationToken,
) {
    let outage = Outage::default();
    let mut next = None;
    loop {
        let command = match next.take() {
            Some(command) => Some(command),
            None => inlet.receive(&stop).await,
        };
        let Some(command) = command else {
            return;
        };
        let commands = &mut inlet.commands;
        let in_time = match command {
            Command::Record { items, reply } => {
                let mut count = items.len();
                let mut waiting = vec![Waiting { items, reply }];
                while count < batch && next.is_none() {
                    match commands.try_recv() {
                        Ok(Command::Record { items, reply }) => {
                            count += items.len();
                            waiting.push(Waiting { items, reply });
                        }
                        Ok(other) => next = Some(other),
                        Err(_) => break,
                    }
                }
                let (items, replies): (Vec<_>, Vec<_>) = waiting
                    .into_iter()
                    .map(|Waiting { items, reply }| (items, reply))
                    .unzip();
                let sizes: Vec<usize> = items.iter().map(Vec::len).collect();
                let items: Vec<&Incoming> = items.iter().flatten().collect();
                let began = Instant::now();
                // On the heap, as it is large beside what goes on around it.
                let work = Box::pin(async {
                    let answers = record(&context, &outage, &items).await;
                    line.moved(count, began.elapsed(), count >= batch);
                    answers
                });
                let answer = |answers| answer_each(sizes.into_iter().zip(replies), answers);
                outage.in_time(count, commands, &stop, work, answer).await
            }
            Command::Edit { edit, reply } => {
                let work = noted(&outage, by_hand::edit(&context, &edit));
                let answer = |outcome| answer(reply, outcome);
                outage.in_time(1, commands, &stop, work, answer).await
            }
            Command::Merge { merge, reply } => {
                let work = noted(&outage, by_hand::merge(&context, &merge));
                let answer = |outcome| answer(reply, outcome);
                outage.in_time(1, commands, &stop, work, answer).await
            }
            Command::Unmerge { unmerge, reply } => {
                let work = noted(&outage, by_hand::unmerge(&context, &unmerge));
                let answer = |outcome| answer(reply, outcome);
                outage.in_time(1, commands, &stop, work, answer).await
            }
            Command::Consent {
                consent: decided,
                reply,
            } => {
                let work = noted(&outage, Box::pin(consent::record(&context, &decided)));
                let answer = |outcome| answer(reply, outcome);
                outage.in_time(1, commands, &stop, work, answer).await
            }
            Command::Stand { step, reply } => {
                let work = noted(&outage, stand::stand(&context, &step));
                let answer = |outcome| answer(reply, outcome);
                outage.in_time(1, commands, &stop, work, answer).await
            }
        };
        if !in_time {
            next = None;
        }
    }
}

/// A caller that has gone away needs no answer.
fn answer<T>(reply: Reply<T>, outcome: Result<T, DbErr>) {
    let _ = reply.send(outcome.map_err(Error::from));
}

/// Answers each request with its share of the answers; one that lacks an answer is told to come back.
fn answer_each(
    requests: impl Iterator<Item = (usize, Reply<Vec<Answer>>)>,
    answers: Vec<Option<Answer>>,
) {
    let mut answers = answers.into_iter();
    for (size, reply) in requests {
        let own: Option<Vec<Answer>> = answers
            .by_ref()
            .take(size)
            .collect::<Vec<_>>()
            .into_iter()
            .collect();
        let _ = reply.send(own.ok_or(Error::Unavailable {
            retry_after: RETRY_AFTER,
        }));
    }
}

/// Stores items and gives back an answer to each that was.
async fn record(context: &Context, outage: &Outage, items: &[&Incoming]) -> Vec<Option<Answer>> {
    let mut answers: Vec<Option<Answer>> = vec![None; items.len()];
    let whole: Range<usize> = 0..items.len();
    let mut open = vec![whole];
    let mut failure: Option<DbErr> = None;
    // Each range is committed whole, or split and tried again: at most twice as many tries as items.
    while let Some(range) = open.pop() {
        if failure.as_ref().is_some_and(is_passing) {
            break;
        }
        match commit(context, outage, &items[range.clone()]).await {
            Ok(committed) => {
                for (place, answer) in range.zip(committed) {
                    answers[place] = Some(answer);
                }
            }
            Err(error) if is_passing(&error) => failure = Some(error),
            Err(error) if range.len() == 1 => {
                tracing::warn!(
                    error = Error::from(error).for_the_log(),
                    "an item that the database refuses goes to quarantine"
                );
                match commit(context, outage, &[&poison(items[range.start])]).await {
                    Ok(mut held) => answers[range.start] = held.pop(),
                    Err(error) => failure = Some(error),
                }
            }
            Err(_) => {
                let middle = range.start + range.len() / 2;
                open.push(middle..range.end);
                open.push(range.start..middle);
            }
        }
    }
    if let Some(error) = &failure {
        tracing::error!(
            error = Error::from(error.clone()).for_the_log(),
            items = items.len(),
            "a batch was not stored"
        );
    }
    answers
}

/// Whether the same may succeed later.
pub(super) fn is_passing(error: &DbErr) -> bool {
    Error::from(error.clone()).is_passing()
}

/// Does what a person asks for, and notes whether the database failed.
async fn noted<T>(
    outage: &Outage,
    work: impl Future<Output = Result<T, DbErr>>,
) -> Result<T, DbErr> {
    let outcome = work.await;
    outage.note(outcome.as_ref().is_err_and(is_passing));
    outcome
}

async fn commit(
    context: &Context,
    outage: &Outage,
    items: &[&Incoming],
) -> Result<Vec<Answer>, DbErr> {
    let mut tries = 1;
    loop {
        match noted(outage, commit_once(context, items)).await {
            Err(error) if is_passing(&error) && tries < TRIES => {
                tokio::time::sleep(Duration::from_millis(50) * tries).await;
                tries += 1;
            }
            outcome => return outcome,
        }
    }
}

#[tracing::instrument(name = "transaction", level = "debug", parent = None, skip_all, fields(items = items.len()))]
async fn commit_once(context: &Context, items: &[&Incoming]) -> Result<Vec<Answer>, DbErr> {
    let measured = context.meters.begin();
    let transaction = context.db.begin().await?;
    let (answers, changes) =
        batch::record(&transaction, context, items, context.clock.now()).await?;
    context.commit(transaction, changes).await?;
    measured.committed(&answers);
    Ok(answers)
}

/// The item as one that cannot be used.
fn poison(item: &Incoming) -> Incoming {
    let mut held = item.clone();
    if let Content::Touchpoint(touchpoint) = &item.content {
        held.content = Content::Refused {
            refusal: Refusal {
                disposition: Disposition::Quarantined,
                code: RefusalCode::StorageRefused,
                reason: "The database refuses to store this item.".to_owned(),
                message_id: Some(touchpoint.message_id.clone()),
            },
            digest: touchpoint.digest,
        };
    }
    held
}
