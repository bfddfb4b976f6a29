//! Reading: from the bytes of a request to its items, each with its own bytes.
//!
//! Clients send JSON under any content type, so only the bytes count. One item that cannot be read never harms its neighbours, and
//! keeps the bytes it came with.

mod inflate;
mod request;
#[cfg(test)]
mod tests;

pub use inflate::inflate;
pub use request::{EnvelopeFields, MAX_SPREAD_BYTES, RawItem, Request, read};

/// Why a whole request cannot be read. The text goes to the client and repeats nothing that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyProblem {
    /// The content encoding is none that we read.
    #[error("Send the body as it is or with `Content-Encoding: gzip`.")]
    UnknownEncoding,
    /// The body says that it is compressed, and is not, or broke off.
    #[error("The body cannot be inflated: it is not gzip, or broke off.")]
    NotGzip,
    /// The body, inflated and with its shared fields laid under each item, is over the limit.
    #[error("The body is too large; send smaller batches.")]
    TooLarge,
    /// The batch has more items than one request may have.
    #[error("The batch has more than {max} items; send smaller batches.")]
    TooMany {
        /// How many it may have.
        max: usize,
    },
    /// The body is no JSON.
    #[error("The body is not JSON (line {line}, column {column}).")]
    NotJson {
        /// The line of the first fault, from 1.
        line: usize,
        /// The byte in that line, from 1.
        column: usize,
    },
    /// The body is JSON, and no object.
    #[error("The body must be one JSON object.")]
    NotAnObject,
    /// There are no items.
    #[error("The field `batch` is missing.")]
    NoBatch,
    /// The items are no list, or there are two lists.
    #[error("The field `batch` must be one list of items.")]
    BadBatch,
    /// A field that all items share cannot be read, nests too deep or holds too many values.
    #[error("The field `{field}` of the request is not an object that can be read.")]
    BadShared {
        /// The field's name.
        field: &'static str,
    },
}
