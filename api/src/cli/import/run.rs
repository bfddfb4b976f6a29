//! An import under way: rows are read and decoded while the writer stores those before them.

use std::collections::VecDeque;
use std::sync::Arc;

use lazo_domain::clock::Timestamp;
use lazo_entity::source;
use tokio::task::JoinHandle;

use super::Opened;
use super::batch::{Batch, Collected, Fate, record};
use super::progress::Progress;
use super::rejects::RejectsFile;
use super::state::{State, StateFile};
use super::tally::{Tally, column_words};
use crate::app::App;
use crate::cli::output::{Failure, Output};
use crate::import::{Place, Reason};
use crate::touchpoint::{Answer, Content, Incoming, Status};

/// How many batches are with the writer at a time.
const IN_FLIGHT: usize = 2;

/// What the writer will answer to a batch.
type Answers = JoinHandle<Result<Vec<Answer>, Failure>>;

/// An import of one file.
pub(super) struct Import<'a, 'o> {
    pub(super) app: &'a App,
    pub(super) source: Arc<source::Model>,
    pub(super) rows: Opened,
    /// The bytes of the file, where they are known.
    pub(super) size: Option<u64>,
    /// How many rows are stored at a time.
    pub(super) batch: usize,
    /// Whether nothing is to be stored.
    pub(super) is_dry: bool,
    pub(super) rejects: Option<RejectsFile>,
    pub(super) state: Option<StateFile>,
    pub(super) output: &'a mut Output<'o>,
}

/// What changes while an import runs.
struct Under<'a, 'o> {
    import: Import<'a, 'o>,
    tally: Tally,
    sent: VecDeque<(Batch, Answers)>,
    now: Timestamp,
    sample: Option<Vec<u8>>,
}

impl Import<'_, '_> {
    /// Reads the file to its end, after the rows that an interrupted import did, and says what became of them.
    pub(super) async fn run(self, before: Option<State>) -> Result<Tally, Failure> {
        let mut under = Under {
            now: self.app.now(),
            import: self,
            tally: Tally::default(),
            sent: VecDeque::new(),
            sample: None,
        };
        if let Some(before) = before {
            under.skip(&before)?;
            under.tally = before.tally;
        } else {
            // From here on an interruption is one, even before the first rows are stored.
            under.note_place(under.import.rows.place())?;
        }
        let mut progress = Progress::start(under.import.size);
        let first = under.import.rows.count();
        let mut collected = Collected::default();
        while let Some(row) = under.import.rows.next_row()? {
            collected.add(row);
            if collected.is_full(under.import.batch) {
                under.send(std::mem::take(&mut collected)).await?;
                let rows = &under.import.rows;
                progress.show(rows.count(), rows.bytes(), under.import.output)?;
            }
        }
        if !collected.is_empty() {
            under.send(collected).await?;
        }
        while let Some((batch, answers)) = under.sent.pop_front() {
            under.settle(batch, joined(answers).await?)?;
        }
        let speed = progress.end(under.import.rows.count() - first);
        under.finish(&speed)
    }
}

impl Under<'_, '_> {
    /// Reads the rows that are done once more, to see that they are those that were done.
    fn skip(&mut self, before: &State) -> Result<(), Failure> {
        while self.import.rows.count() < before.rows() && self.import.rows.next_row()?.is_some() {}
        if before.is_at(&self.import.rows.place()) {
            return Ok(());
        }
        Err(Failure::new(format!(
            "--resume: the file was changed: it does not begin with the {} rows that were imported before the interruption. Run \
             without --resume: rows that are in are duplicates and change nothing.",
            before.rows()
        )))
    }

    /// Decodes rows and sends them to the writer, and waits for an earlier batch if there are enough.
    async fn send(&mut self, collected: Collected) -> Result<(), Failure> {
        // The rows of a later batch are later, so that of two rows without a time the second one counts.
        self.now = self.import.app.now().max(self.now.plus_millis(1));
        let place = self.import.rows.place();
        let quarantines = !self.import.is_dry && self.import.rejects.is_none();
        let (app, source) = (self.import.app, &self.import.source);
        let (mut batch, items) = collected.decode(app, source, self.now, place, quarantines);
        if self.import.is_dry {
            for item in &items {
                if let Content::Touchpoint(touchpoint) = &item.content {
                    self.tally.count_name(&touchpoint.name);
                }
            }
            if self.sample.is_none() {
                self.sample = items.first().map(|item| item.raw.clone());
            }
            let answers = items.iter().map(would_be).collect();
            return self.settle(batch, answers);
        }
        if self.import.rejects.is_none() {
            // Nobody will ask for the rows as they came.
            for row in &mut batch.rows {
                row.original = crate::import::Original::Lost;
            }
        }
        if self.sent.len() >= IN_FLIGHT
            && let Some((earlier, answers)) = self.sent.pop_front()
        {
            self.settle(earlier, joined(answers).await?)?;
        }
        let answers = tokio::spawn(record(self.import.app.clone(), items));
        self.sent.push_back((batch, answers));
        Ok(())
    }

    /// Counts what became of a batch, writes its rejected rows, and notes that it is done.
    fn settle(&mut self, batch: Batch, answers: Vec<Answer>) -> Result<(), Failure> {
        let mut answers = answers.into_iter();
        for row in batch.rows {
            self.tally.rows += 1;
            let reason = match row.fate {
                Fate::Rejected(reason) => Some(reason),
                Fate::Sent => {
                    let answer = answers
                        .next()
                        .ok_or_else(|| Failure::new("The writer left a row without an answer."))?;
                    self.count(row.line, answer)
                }
            };
            if let Some(reason) = reason {
                self.tally.rejected += 1;
                if let Some(rejects) = &mut self.import.rejects {
                    rejects.add(row.line, &row.original, &reason)?;
                }
                self.tally.reasons.add(reason.to_string(), row.line);
            }
        }
        self.note_place(batch.place)
    }

    /// Counts an answer. Gives back why the row is rejected, if it is.
    fn count(&mut self, line: u64, answer: Answer) -> Option<Reason> {
        let code = answer.code.unwrap_or_default();
        let reason = answer.reason.unwrap_or_default();
        let sentence = format!("{code}: {reason}");
        match answer.status {
            Status::Accepted | Status::Duplicate => {
                if answer.code.is_some() {
                    self.tally.notes.add(sentence, line);
                }
                if answer.status == Status::Accepted {
                    self.tally.accepted += 1;
                } else {
                    self.tally.duplicates += 1;
                }
                None
            }
            Status::Quarantined => {
                self.tally.quarantined += 1;
                self.tally
                    .reasons
                    .add(format!("QUARANTINED {sentence}"), line);
                None
            }
            Status::Rejected => Some(Reason::Refused { code, reason }),
        }
    }

    fn note_place(&mut self, place: Place) -> Result<(), Failure> {
        let Some(state) = &self.import.state else {
            return Ok(());
        };
        let rejects = self.import.rejects.as_ref();
        let written = rejects.map(RejectsFile::flushed).transpose()?;
        if let Err(error) = state.save(place, written, &self.tally) {
            // An import needs no note of how far it is: run again, it changes nothing twice.
            let sentence = format!("The import cannot be resumed if it is interrupted: {error}");
            self.import.output.note(sentence)?;
            self.import.state = None;
        }
        Ok(())
    }

    fn finish(self, speed: &str) -> Result<Tally, Failure> {
        let Self {
            import,
            tally,
            sample,
            ..
        } = self;
        let rows = &import.rows;
        for line in column_words(&rows.columns(), rows.items(), rows.plan()) {
            import.output.note(line)?;
        }
        for line in tally.details(import.is_dry) {
            import.output.note(line)?;
        }
        if let Some(sample) = sample {
            import.output.note("The first row becomes:")?;
            import.output.data(String::from_utf8_lossy(&sample))?;
        }
        import.output.note(speed)?;
        import.output.note(tally.summary(import.is_dry))?;
        if let Some(state) = &import.state {
            state.remove()?;
        }
        Ok(tally)
    }
}

/// What a row would be answered if it were stored.
fn would_be(item: &Incoming) -> Answer {
    let mut answer = Answer::plain(item.message_id(), Status::Accepted);
    if let Content::Touchpoint(touchpoint) = &item.content
        && let Some(note) = touchpoint.notes.first()
    {
        answer.code = Some(note.as_str());
        answer.reason = Some(note.sentence().to_owned());
    }
    answer
}

async fn joined(answers: JoinHandle<Result<Vec<Answer>, Failure>>) -> Result<Vec<Answer>, Failure> {
    answers
        .await
        .map_err(|_| Failure::new("A batch of rows was not stored."))?
}
