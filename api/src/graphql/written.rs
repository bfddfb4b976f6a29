//! Objects that are written as JSON while they are resolved.
//!
//! The library resolves each field of an object in a boxed future of its own and collects the values in a hash table. Where an
//! answer is many small fields that are all at hand, that is most of the work: here they are resolved in their order, by the same
//! resolvers, and written one behind the other.
//!
//! What is written travels through the library as [`Value::Binary`], which neither a request nor stored JSON can contain: a client
//! cannot make up text that is taken for it. Whoever executes a document says by [`Straight`] that they know it, and that nothing is
//! to be merged into what is written.
//!
//! Copying a document and walking through it, which the library does for each request, takes it about as long as all else. A document
//! whose root fields are all written is therefore executed without what these select, which is looked up where it is written.

use std::borrow::Cow;
use std::sync::Arc;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, Field, Selection, SelectionSet,
};
use async_graphql::registry::Registry;
use async_graphql::resolver_utils::resolve_list;
use async_graphql::{ContextSelectionSet, ObjectType, OutputType, Positioned, ServerResult, Value};

/// Stands in the data of a request whose answer goes out by [`write_value`], and whose document has neither fragments nor
/// directives nor two selections of one name beside each other.
#[derive(Clone, Debug, Default)]
pub struct Straight {
    /// The document, if it is executed without what its root fields select.
    whole: Option<Arc<ExecutableDocument>>,
}

impl Straight {
    /// For [`bare`] execution of a document.
    pub fn behind(whole: Arc<ExecutableDocument>) -> Self {
        Self { whole: Some(whole) }
    }

    /// What a root field selects, if the library does not know it.
    fn left_out(&self, field: &Field) -> Option<&Positioned<SelectionSet>> {
        let (_, operation) = self.whole.as_ref()?.operations.iter().next()?;
        let key = &field.response_key().node;
        let mut roots = fields_of(&operation.node.selection_set.node);
        let root = roots.find(|root| root.node.response_key().node == *key)?;
        Some(&root.node.selection_set)
    }
}

/// A document of one operation without what its root fields select.
pub fn bare(document: &ExecutableDocument) -> ExecutableDocument {
    let mut bare = document.clone();
    let operation = match &mut bare.operations {
        DocumentOperations::Single(operation) => Some(operation),
        DocumentOperations::Multiple(operations) => operations.values_mut().next(),
    };
    for root in operation
        .into_iter()
        .flat_map(|operation| &mut operation.node.selection_set.node.items)
    {
        if let Selection::Field(field) = &mut root.node {
            field.node.selection_set.node.items.clear();
        }
    }
    bare
}

/// Whether all root fields were written, so that the document can be executed [`bare`].
pub fn is_written(data: &Value) -> bool {
    let Value::Object(members) = data else {
        return false;
    };
    members
        .values()
        .all(|member| matches!(member, Value::Binary(_)))
}

/// An object that can be written.
pub trait AtHand: ObjectType {
    /// Whether this field asks the database, so that it is resolved at the same time as its neighbours.
    fn asks(_field: &str) -> bool {
        false
    }
}

/// An object that is written where its fields are at hand.
pub struct Written<T>(pub T);

impl<T: AtHand> OutputType for Written<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let Some(ctx) = straight(ctx, field) else {
            return self.0.resolve(ctx, field).await;
        };
        if fields(&ctx).any(|field| T::asks(&field.node.name.node)) {
            return self.0.resolve(&ctx, field).await;
        }
        let mut json = Vec::with_capacity(512);
        write_object(&ctx, &self.0, &mut json).await?;
        Ok(Value::Binary(json.into()))
    }
}

/// A list of objects that is written where nothing but their own values is asked for.
pub struct WrittenList<T>(pub Vec<T>);

impl<T: AtHand> OutputType for WrittenList<T> {
    fn type_name() -> Cow<'static, str> {
        <Vec<T> as OutputType>::type_name()
    }

    fn qualified_type_name() -> String {
        <Vec<T> as OutputType>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Vec<T> as OutputType>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        // Objects below the items are loaded for all items together.
        let is_flat = |field: &Positioned<Field>| field.node.selection_set.node.items.is_empty();
        let Some(ctx) = straight(ctx, field) else {
            return resolve_list(ctx, field, &self.0, Some(self.0.len())).await;
        };
        if !fields(&ctx).all(is_flat) {
            return resolve_list(&ctx, field, &self.0, Some(self.0.len())).await;
        }
        let mut json = Vec::with_capacity(self.0.len().saturating_mul(64));
        json.push(b'[');
        for (place, item) in self.0.iter().enumerate() {
            if place > 0 {
                json.push(b',');
            }
            let ctx = ctx.with_index(place);
            write_object(&ctx, item, &mut json)
                .await
                .map_err(|error| ctx.set_error_path(error))?;
        }
        json.push(b']');
        Ok(Value::Binary(json.into()))
    }
}

/// The selection set of a field of a straight document; none where the document is another.
fn straight<'a>(
    ctx: &ContextSelectionSet<'a>,
    field: &Positioned<Field>,
) -> Option<ContextSelectionSet<'a>> {
    let straight = ctx.data_opt::<Straight>()?;
    let is_left_out = ctx.item.node.items.is_empty();
    let left_out = is_left_out
        .then(|| straight.left_out(&field.node))
        .flatten();
    Some(ctx.with_selection_set(left_out.unwrap_or(ctx.item)))
}

/// The selected fields, which is all that is selected in a straight document.
fn fields<'a>(ctx: &ContextSelectionSet<'a>) -> impl Iterator<Item = &'a Positioned<Field>> {
    fields_of(&ctx.item.node)
}

fn fields_of(set: &SelectionSet) -> impl Iterator<Item = &Positioned<Field>> {
    set.items
        .iter()
        .filter_map(|selection| match &selection.node {
            Selection::Field(field) => Some(field),
            Selection::FragmentSpread(_) | Selection::InlineFragment(_) => None,
        })
}

async fn write_object<T: ObjectType>(
    ctx: &ContextSelectionSet<'_>,
    object: &T,
    json: &mut Vec<u8>,
) -> ServerResult<()> {
    let mut before = b'{';
    for field in fields(ctx) {
        json.push(before);
        before = b',';
        write_name(&field.node.response_key().node, json);
        if field.node.name.node == "__typename" {
            write_text(&object.introspection_type_name(), json);
        } else {
            let value = object.resolve_field(&ctx.with_field(field)).await?;
            write_value(&value.unwrap_or_default(), json);
        }
    }
    json.push(b'}');
    Ok(())
}

/// Writes a value as JSON.
pub fn write_value(value: &Value, json: &mut Vec<u8>) {
    match value {
        Value::Null => json.extend_from_slice(b"null"),
        Value::Boolean(true) => json.extend_from_slice(b"true"),
        Value::Boolean(false) => json.extend_from_slice(b"false"),
        Value::Number(number) => write(number, json),
        Value::String(text) => write_text(text, json),
        Value::Enum(name) => write_text(name, json),
        Value::Binary(written) => json.extend_from_slice(written),
        Value::List(items) => {
            json.push(b'[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    json.push(b',');
                }
                write_value(item, json);
            }
            json.push(b']');
        }
        Value::Object(members) => {
            json.push(b'{');
            for (place, (name, member)) in members.iter().enumerate() {
                if place > 0 {
                    json.push(b',');
                }
                // Those of stored JSON may be of any text.
                write_text(name, json);
                json.push(b':');
                write_value(member, json);
            }
            json.push(b'}');
        }
    }
}

/// Writes a name of the document, which has nothing to escape, as the name of a member.
fn write_name(name: &str, json: &mut Vec<u8>) {
    json.push(b'"');
    json.extend_from_slice(name.as_bytes());
    json.extend_from_slice(b"\":");
}

fn write_text(text: &str, json: &mut Vec<u8>) {
    write(text, json);
}

fn write<T: serde::Serialize + ?Sized>(value: &T, json: &mut Vec<u8>) {
    // A number or a text can always be written, and a vector takes all.
    let _ = serde_json::to_writer(json, value);
}
