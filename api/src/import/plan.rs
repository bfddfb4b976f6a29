//! Which column of a file means what, by the mapping first and by its name second.

use super::field::{Field, Subject};
use super::mapping::Mapping;
use super::names;

/// What a file is read by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub(super) subject: Subject,
    pub(super) mapping: Mapping,
}

/// A file that cannot be read by the plan; nothing of it is imported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A field that rows of this subject do not have.
    #[error("{field}: {subject} have no such field")]
    WrongSubject {
        /// The field.
        field: String,
        /// What the rows are.
        subject: &'static str,
    },
    /// The mapping names a column that is not there.
    #[error("the file has no column {column:?}{}", near.as_ref().map(|near| format!("; did you mean {near:?}?")).unwrap_or_default())]
    NoColumn {
        /// The column.
        column: String,
        /// A column that is there and has nearly that name.
        near: Option<String>,
    },
    /// No column and no constant is what each row needs.
    #[error("the header has no column for {0}; name one with --map COLUMN={1}")]
    Missing(&'static str, &'static str),
    /// Two columns mean the same.
    #[error(
        "the columns {one:?} and {other:?} both mean {field}; leave one out with --map COLUMN=ignore"
    )]
    Twice {
        /// The field.
        field: String,
        /// The first column.
        one: String,
        /// The second.
        other: String,
    },
    /// The header is not UTF-8.
    #[error("the header is not UTF-8; save the file as CSV in UTF-8")]
    HeaderUtf8,
    /// The header is over the limit.
    #[error("the first line is longer than 1 MiB; is this a CSV file?")]
    HeaderTooLong,
    /// There is nothing in the file.
    #[error("the file is empty")]
    NoHeader,
}

/// A column of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name, as the file writes it, without blanks around.
    pub name: String,
    /// What it means; nothing if it is not used.
    pub field: Option<Field>,
}

/// The name of the column of a rejected row's line.
pub(super) const LINE: &str = "line";
/// The name of the column of a rejected row's reason.
pub(super) const REASON: &str = "reason";

impl Plan {
    /// A plan for files of a subject.
    ///
    /// # Errors
    /// The mapping names a field that the subject does not have.
    pub fn new(subject: Subject, mapping: Mapping) -> Result<Self, PlanError> {
        let constants = mapping.constants.iter().chain(&mapping.defaults);
        let wrong = mapping
            .columns
            .values()
            .chain(constants.map(|set| &set.field))
            .find(|field| !field.serves(subject));
        if let Some(field) = wrong {
            return Err(PlanError::WrongSubject {
                field: field.to_string(),
                subject: subject.as_str(),
            });
        }
        Ok(Self { subject, mapping })
    }

    /// What a column of this name means.
    pub(super) fn field_of(&self, name: &str) -> Option<Field> {
        if let Some(field) = self.mapped(name) {
            return Some(field.clone());
        }
        let field = names::by_default(self.subject, name)
            // A column that is said to be something takes the place of one that is it by its name alone.
            .filter(|field| field.is_plural() || !self.is_said(field));
        field.or_else(|| self.kept(name))
    }

    /// A text that is the same for equal plans alone.
    pub fn fingerprint(&self) -> String {
        let Mapping {
            columns,
            constants,
            defaults,
            delimiter,
            formats,
            keep_rest,
        } = &self.mapping;
        let values = [constants, defaults].map(|values| {
            let pairs = values
                .iter()
                .map(|set| format!("{:?} {:?}", set.field, set.value));
            pairs.collect::<Vec<_>>()
        });
        format!("{columns:?} {values:?} {delimiter:?} {formats:?} {keep_rest}")
    }

    /// The name that a column was perhaps meant to have.
    pub fn meant(&self, column: &str) -> Option<&'static str> {
        names::meant(self.subject, column)
    }

    fn mapped(&self, name: &str) -> Option<&Field> {
        self.mapping.columns.get(name).or_else(|| {
            let columns = self.mapping.columns.iter();
            let mut alike = columns.filter(|(column, _)| column.trim().eq_ignore_ascii_case(name));
            alike.next().map(|(_, field)| field)
        })
    }

    fn is_said(&self, field: &Field) -> bool {
        let constants = self.mapping.constants.iter().map(|set| &set.field);
        self.mapping
            .columns
            .values()
            .chain(constants)
            .any(|said| said == field)
    }

    fn kept(&self, name: &str) -> Option<Field> {
        let kept = self.mapping.keep_rest && name.split('.').all(|part| !part.is_empty());
        kept.then(|| match self.subject {
            Subject::Profiles => Field::Trait(name.to_owned(), super::ValueType::AsItIs),
            Subject::Touchpoints | Subject::Purchases => {
                Field::Property(name.to_owned(), super::ValueType::AsItIs)
            }
        })
    }

    /// The columns of a table with this header.
    pub(super) fn columns(&self, header: &[&str]) -> Result<Vec<Column>, PlanError> {
        // The last two columns of a file of rejected rows say what was wrong with them.
        let ours = match header {
            [.., LINE, REASON] => header.len() - 2,
            _ => header.len(),
        };
        let columns: Vec<Column> = header
            .iter()
            .enumerate()
            .map(|(place, name)| Column {
                name: (*name).to_owned(),
                field: if place < ours {
                    self.field_of(name)
                } else {
                    Some(Field::Ignored)
                },
            })
            .collect();
        self.check_named(header)?;
        check_single(&columns)?;
        self.check_complete(&columns)?;
        Ok(columns)
    }

    fn check_named(&self, header: &[&str]) -> Result<(), PlanError> {
        let there = |column: &str| {
            header
                .iter()
                .any(|name| name.eq_ignore_ascii_case(column.trim()))
        };
        let absent = self.mapping.columns.keys().find(|column| !there(column));
        absent.map_or(Ok(()), |column| {
            Err(PlanError::NoColumn {
                column: column.clone(),
                near: names::nearest(column, header.iter().copied()).map(str::to_owned),
            })
        })
    }

    fn check_complete(&self, columns: &[Column]) -> Result<(), PlanError> {
        let constants = self.mapping.constants.iter().chain(&self.mapping.defaults);
        let constants: Vec<&Field> = constants.map(|set| &set.field).collect();
        let has = |wanted: fn(&Field) -> bool| {
            let mut fields = columns.iter().filter_map(|column| column.field.as_ref());
            fields.any(wanted) || constants.iter().any(|field| wanted(field))
        };
        if !has(|field| matches!(field, Field::Identifier(_))) {
            return Err(match self.subject {
                Subject::Purchases => {
                    PlanError::Missing("the customer (customer_id or email)", "customer_id")
                }
                Subject::Profiles | Subject::Touchpoints => {
                    PlanError::Missing("an identifier (email, customer_id, phone, …)", "email")
                }
            });
        }
        if self.subject != Subject::Profiles && !has(|field| *field == Field::Time) {
            return Err(PlanError::Missing("the date (date or timestamp)", "time"));
        }
        match self.subject {
            Subject::Touchpoints if !has(|field| *field == Field::Event) => {
                Err(PlanError::Missing(
                    "the event (event); or one for all rows with --set event=NAME",
                    "event",
                ))
            }
            Subject::Purchases if !has(|field| *field == Field::Amount) => Err(PlanError::Missing(
                "the amount (amount, revenue or total)",
                "amount",
            )),
            _ => Ok(()),
        }
    }
}

fn check_single(columns: &[Column]) -> Result<(), PlanError> {
    let single = |column: &&Column| {
        column
            .field
            .as_ref()
            .is_some_and(|field| !field.is_plural())
    };
    for (place, other) in columns
        .iter()
        .enumerate()
        .filter(|(_, column)| single(column))
    {
        let one = columns
            .iter()
            .take(place)
            .find(|one| one.field == other.field);
        if let (Some(one), Some(field)) = (one, &other.field) {
            return Err(PlanError::Twice {
                field: field.to_string(),
                one: one.name.clone(),
                other: other.name.clone(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::mapping::{ColumnField, FieldValue};
    use super::*;

    fn plan(subject: Subject, maps: &[&str], sets: &[&str]) -> Plan {
        let mut mapping = Mapping::default();
        for map in maps {
            let ColumnField { column, field } = map.parse().unwrap();
            mapping.columns.insert(column, field);
        }
        mapping.constants = sets
            .iter()
            .map(|set| set.parse::<FieldValue>().unwrap())
            .collect();
        Plan::new(subject, mapping).unwrap()
    }

    fn fields(plan: &Plan, header: &[&str]) -> Result<Vec<String>, String> {
        let columns = plan.columns(header).map_err(|error| error.to_string())?;
        Ok(columns
            .into_iter()
            .map(|column| {
                column
                    .field
                    .map_or_else(|| "-".to_owned(), |field| field.to_string())
            })
            .collect())
    }

    #[rstest]
    #[case::by_name(&[], &["E-Mail", "customer_id", "First name", "note"], &["email", "customer_id", "trait.firstName", "-"])]
    #[case::mapped(&["Note=trait.note", "E-Mail=ignore"], &["e-mail", "customer_id", "note"], &["ignore", "customer_id", "trait.note"])]
    #[case::mapped_takes_the_place(&["kdnr=customer_id"], &["kdnr", "customer_id"], &["customer_id", "-"])]
    #[case::several_emails(&["second=email"], &["email", "second"], &["email", "email"])]
    #[case::rejected_rows(&[], &["email", "line", "reason"], &["email", "ignore", "ignore"])]
    fn columns_are_known(
        #[case] maps: &[&str],
        #[case] header: &[&str],
        #[case] expected: &[&str],
    ) {
        assert_eq!(
            fields(&plan(Subject::Profiles, maps, &[]), header).unwrap(),
            expected
        );
    }

    #[rstest]
    #[case::no_identifier(Subject::Profiles, &[], &["name"], "no column for an identifier")]
    #[case::no_customer(Subject::Purchases, &[], &["date", "amount"], "no column for the customer")]
    #[case::no_date(Subject::Purchases, &[], &["email", "amount"], "no column for the date")]
    #[case::no_amount(Subject::Purchases, &[], &["email", "date"], "no column for the amount")]
    #[case::no_event(Subject::Touchpoints, &[], &["email", "date"], "--set event=NAME")]
    #[case::twice(Subject::Purchases, &[], &["email", "date", "amount", "dollars"], "\"amount\" and \"dollars\" both mean amount")]
    #[case::absent(Subject::Profiles, &["emale=email"], &["email"], "no column \"emale\"; did you mean \"email\"?")]
    fn a_header_that_will_not_do_is_told(
        #[case] subject: Subject,
        #[case] maps: &[&str],
        #[case] header: &[&str],
        #[case] told: &str,
    ) {
        let error = fields(&plan(subject, maps, &[]), header).unwrap_err();
        assert!(error.contains(told), "{error}");
    }

    #[test]
    fn a_constant_is_as_good_as_a_column() {
        let plan = plan(Subject::Touchpoints, &[], &["event=Newsletter Opened"]);
        assert_eq!(
            fields(&plan, &["email", "date"]).unwrap(),
            ["email", "time"]
        );
    }

    #[test]
    fn columns_without_a_meaning_are_kept_on_demand() {
        let mut plan = plan(Subject::Profiles, &[], &[]);
        plan.mapping.keep_rest = true;
        assert_eq!(
            fields(&plan, &["email", "Shoe size"]).unwrap(),
            ["email", "trait.Shoe size"]
        );
    }

    #[test]
    fn a_field_of_another_subject_is_refused() {
        let mut mapping = Mapping::default();
        mapping.columns.insert("a".to_owned(), Field::Amount);
        let error = Plan::new(Subject::Profiles, mapping).unwrap_err();
        assert_eq!(error.to_string(), "amount: profiles have no such field");
    }
}
