//! What the doctor found: a line for each topic.

use std::fmt::{self, Display};

use serde_json::{Value as Json, json};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// As it should be.
    Ok,
    /// It works, and should be mended.
    Warning,
    /// It does not work, or data are in danger.
    Error,
}

impl Level {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

#[derive(Debug)]
struct Problem {
    level: Level,
    what: String,
    mend: String,
}

/// What was found about one topic.
#[derive(Debug)]
pub(super) struct Finding {
    topic: &'static str,
    facts: Vec<String>,
    problems: Vec<Problem>,
}

impl Finding {
    pub(super) fn about(topic: &'static str) -> Self {
        Self {
            topic,
            facts: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// A topic that could not be looked into, because another is in the way.
    pub(super) fn skipped(topic: &'static str, because: &str) -> Self {
        let mut finding = Self::about(topic);
        finding.warning("not looked into", because);
        finding
    }

    /// Something worth telling.
    pub(super) fn fact(&mut self, fact: impl Into<String>) {
        self.facts.push(fact.into());
    }

    /// Something that should be mended, and how.
    pub(super) fn warning(&mut self, what: impl Into<String>, mend: impl Into<String>) {
        self.problem(Level::Warning, what, mend);
    }

    /// Something that has to be mended, and how.
    pub(super) fn error(&mut self, what: impl Into<String>, mend: impl Into<String>) {
        self.problem(Level::Error, what, mend);
    }

    fn problem(&mut self, level: Level, what: impl Into<String>, mend: impl Into<String>) {
        self.problems.push(Problem {
            level,
            what: what.into(),
            mend: mend.into(),
        });
    }

    pub(super) fn level(&self) -> Level {
        let worst = self.problems.iter().map(|problem| problem.level).max();
        worst.unwrap_or(Level::Ok)
    }

    pub(super) fn json(&self) -> Json {
        let problems: Vec<Json> = self
            .problems
            .iter()
            .map(|problem| {
                let Problem { level, what, mend } = problem;
                json!({ "level": level.as_str(), "problem": what, "mend": mend })
            })
            .collect();
        json!({
            "topic": self.topic,
            "level": self.level().as_str(),
            "facts": self.facts,
            "problems": problems,
        })
    }
}

impl Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problems = self
            .problems
            .iter()
            .map(|Problem { what, mend, .. }| format!("{what}: {mend}"));
        let parts: Vec<String> = self.facts.iter().cloned().chain(problems).collect();
        let (level, topic) = (self.level().as_str(), self.topic);
        // One line each, whatever a driver or a file name brings.
        let text = parts.join("; ").replace(['\n', '\r'], " ");
        write!(f, "{level:<8} {topic:<12} {text}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_problem_is_the_level_and_a_finding_is_one_line() {
        let mut finding = Finding::about("disk");
        finding.fact("1 GB free");
        assert_eq!(finding.to_string(), "ok       disk         1 GB free");
        finding.error("it is\nfull", "delete something");
        finding.warning("it is slow", "buy another");
        assert_eq!(finding.level(), Level::Error);
        assert_eq!(
            finding.to_string(),
            "error    disk         1 GB free; it is full: delete something; it is slow: buy another"
        );
        assert_eq!(finding.json()["problems"][1]["level"], "warning");
    }
}
