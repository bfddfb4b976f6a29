//! What a parsed document asks for, with its fragments expanded.
//!
//! Each fragment is measured once, so this is linear in the document however often fragments spread
//! one another. The library's own limits expand fragments again at each spread.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned,
    parser::types::{
        Directive, ExecutableDocument, Field, FragmentDefinition, FragmentSpread,
        OperationDefinition, OperationType, Selection, SelectionSet,
    },
};

use super::{limits::Limits, page_size::page_size};
use crate::error::{ApiError, Code};

/// The sums over one selection set. Sums saturate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums {
    nodes: usize,
    fields: usize,
    /// Fields, those inside a page as often as it may have items.
    cost: usize,
    pages: usize,
    depth: usize,
    directives: usize,
    /// Nesting of the lists by which introspection leads from types to further types.
    lists: usize,
    /// Fields of the selection set itself, and how many of them are data or ask for the schema.
    level: usize,
    level_data: usize,
    level_schema: usize,
    /// Whether the selection set itself asks for the items of a connection.
    level_items: bool,
}

impl Sums {
    fn beside(self, other: Self) -> Self {
        Self {
            nodes: self.nodes.saturating_add(other.nodes),
            fields: self.fields.saturating_add(other.fields),
            cost: self.cost.saturating_add(other.cost),
            pages: self.pages.saturating_add(other.pages),
            depth: self.depth.max(other.depth),
            directives: self.directives.saturating_add(other.directives),
            lists: self.lists.max(other.lists),
            level: self.level.saturating_add(other.level),
            level_data: self.level_data.saturating_add(other.level_data),
            level_schema: self.level_schema.saturating_add(other.level_schema),
            level_items: self.level_items || other.level_items,
        }
    }

    fn with_node(self, directives: usize) -> Self {
        Self {
            nodes: self.nodes.saturating_add(1),
            directives: self.directives.saturating_add(directives),
            ..self
        }
    }

    fn inside(self, field: &Field) -> Self {
        let page_size = page_size(field, self.level_items);
        let field = field.name.node.as_str();
        let schema = matches!(field, "__schema" | "__type");
        let data = !schema && field != "__typename";
        let list = matches!(
            field,
            "types" | "fields" | "inputFields" | "interfaces" | "possibleTypes"
        );
        Self {
            fields: self.fields.saturating_add(1),
            cost: self
                .cost
                .saturating_mul(page_size.unwrap_or(1))
                .saturating_add(1),
            pages: self.pages.saturating_add(usize::from(page_size.is_some())),
            depth: self.depth.saturating_add(1),
            lists: self.lists.saturating_add(usize::from(list)),
            level: 1,
            level_data: usize::from(data),
            level_schema: usize::from(schema),
            level_items: matches!(field, "nodes" | "edges"),
            ..self
        }
    }
}

/// What the guard knows about an operation.
pub(super) struct Operation {
    pub(super) name: Option<Name>,
    pub(super) ty: OperationType,
    /// The number of fields, with fragments expanded and pages as long as they may be.
    pub(super) cost: usize,
}

/// Measures each operation, or says which limit or rule the document breaks.
pub(super) fn measure(
    document: &ExecutableDocument,
    limits: &Limits,
) -> Result<Vec<Operation>, ApiError> {
    at_most(
        document.operations.iter().len(),
        limits.operations,
        "operations",
    )?;

    let mut meter = Meter {
        fragments: &document.fragments,
        measured: HashMap::new(),
    };
    // Those that no operation spreads as well: the library walks them too.
    for (name, fragment) in &document.fragments {
        refuse_all(&fragment.node.directives)?;
        meter.fragment(name)?;
    }
    document
        .operations
        .iter()
        .map(|(name, operation)| {
            let sums = measure_operation(&operation.node, &mut meter, limits)?;
            Ok(Operation {
                name: name.cloned(),
                ty: operation.node.ty,
                cost: sums.cost,
            })
        })
        .collect()
}

fn measure_operation<'a>(
    operation: &'a OperationDefinition,
    meter: &mut Meter<'a>,
    limits: &Limits,
) -> Result<Sums, ApiError> {
    at_most(
        operation.variable_definitions.len(),
        limits.variables,
        "variables",
    )?;
    refuse_all(&operation.directives)?;
    for variable in &operation.variable_definitions {
        refuse_all(&variable.node.directives)?;
    }

    let sums = meter.selection_set(&operation.selection_set.node)?;
    at_most(sums.nodes, limits.nodes, "selections")?;
    at_most(sums.directives, limits.directives, "directives")?;
    at_most(sums.level, limits.root_fields, "root fields")?;
    if operation.ty == OperationType::Mutation {
        at_most(sums.level, limits.mutations, "mutations")?;
    }
    if operation.ty == OperationType::Subscription && !has_one_field(&operation.selection_set.node)
    {
        return Err(invalid(
            "A subscription has one field, without fragments and directives around it.",
        ));
    }
    let asks_schema = sums.level_schema > 0;
    let depth = if asks_schema && sums.level_data == 0 {
        limits.introspection_depth
    } else {
        limits.depth
    };
    at_most(sums.depth, depth, "levels of fields")?;
    at_most(sums.fields, limits.fields, "fields")?;
    if asks_schema {
        at_most(
            sums.fields,
            limits.introspection_fields,
            "fields with introspection",
        )?;
        at_most(
            sums.lists,
            limits.introspection_lists,
            "nested lists of introspection",
        )?;
    }
    at_most(sums.pages, limits.pages, "pages")?;
    affordable(sums.cost, limits.cost)?;
    Ok(sums)
}

/// Whether the set is one field that is always there. The library passes over what else there may be at the root of a subscription.
fn has_one_field(set: &SelectionSet) -> bool {
    match set.items.as_slice() {
        [only] => match &only.node {
            Selection::Field(field) => {
                let is_own = !field.node.name.node.starts_with("__");
                is_own && field.node.directives.is_empty()
            }
            Selection::FragmentSpread(_) | Selection::InlineFragment(_) => false,
        },
        _ => false,
    }
}

struct Meter<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    /// `None` while the fragment is being measured: who meets that has found a cycle.
    measured: HashMap<&'a str, Option<Sums>>,
}

impl<'a> Meter<'a> {
    fn selection_set(&mut self, set: &'a SelectionSet) -> Result<Sums, ApiError> {
        set.items.iter().try_fold(Sums::default(), |sum, item| {
            let sums = match &item.node {
                Selection::Field(field) => self.field(&field.node)?,
                Selection::InlineFragment(inline) => self
                    .selection_set(&inline.node.selection_set.node)?
                    .with_node(known(&inline.node.directives)?),
                Selection::FragmentSpread(spread) => self.spread(&spread.node)?,
            };
            Ok(sum.beside(sums))
        })
    }

    fn field(&mut self, field: &'a Field) -> Result<Sums, ApiError> {
        let sums = self.selection_set(&field.selection_set.node)?;
        Ok(sums.with_node(known(&field.directives)?).inside(field))
    }

    fn spread(&mut self, spread: &'a FragmentSpread) -> Result<Sums, ApiError> {
        let sums = self.fragment(&spread.fragment_name.node)?;
        Ok(sums.with_node(known(&spread.directives)?))
    }

    fn fragment(&mut self, name: &'a Name) -> Result<Sums, ApiError> {
        match self.measured.get(name.as_str()) {
            Some(Some(sums)) => return Ok(*sums),
            Some(None) => return Err(invalid("Fragments must not form cycles.")),
            None => {}
        }
        // The library tells of a fragment that is not defined; here its spread counts as a node.
        let Some(fragment) = self.fragments.get(name) else {
            return Ok(Sums::default());
        };
        self.measured.insert(name.as_str(), None);
        let sums = self.selection_set(&fragment.node.selection_set.node)?;
        self.measured.insert(name.as_str(), Some(sums));
        Ok(sums)
    }
}

/// The number of directives, all of which may stand on a selection. The library does not look at
/// those of `__typename`.
fn known(directives: &[Positioned<Directive>]) -> Result<usize, ApiError> {
    let is_known = |directive: &Positioned<Directive>| {
        matches!(directive.node.name.node.as_str(), "skip" | "include")
    };
    if directives.iter().all(is_known) {
        Ok(directives.len())
    } else {
        Err(invalid(
            "Unknown directive: only @skip and @include may be used.",
        ))
    }
}

/// No directive may stand on an operation, a fragment's definition or a variable.
fn refuse_all(directives: &[Positioned<Directive>]) -> Result<(), ApiError> {
    if directives.is_empty() {
        Ok(())
    } else {
        Err(invalid("Directives may stand on selections only."))
    }
}

fn at_most(number: usize, limit: usize, what: &str) -> Result<(), ApiError> {
    if number <= limit {
        return Ok(());
    }
    let message = format!("The document is too complex: at most {limit} {what}.");
    Err(ApiError::new(Code::QueryTooComplex, message))
}

fn affordable(cost: usize, limit: usize) -> Result<(), ApiError> {
    if cost <= limit {
        return Ok(());
    }
    let message = format!(
        "The document is too complex: it costs {cost} and at most {limit} is allowed; ask for smaller pages."
    );
    Err(ApiError::new(Code::QueryTooComplex, message))
}

fn invalid(message: &'static str) -> ApiError {
    ApiError::new(Code::GraphqlValidationFailed, message)
}
