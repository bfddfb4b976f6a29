//! Receiving a body in steps: never more than the limits, and never more than there is memory for.

use axum::body::Body;
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use http_body_util::BodyExt;

use super::{Ingest, Limits};
use crate::error::{ApiError, Code};
use crate::touchpoint::reading::{BodyProblem, inflate};
use crate::writer::Holder;

/// How much memory is asked for at once while a body arrives.
const STEP_BYTES: usize = 8 * 1024;

/// By how much a share may be rounded up.
const ROUNDING_BYTES: usize = 1024;

/// The memory that a request was given, until it is answered.
pub(super) struct Admitted<'a, I: Ingest> {
    ingest: &'a I,
    holder: Holder,
    bytes: usize,
    charged: usize,
    shares: Vec<I::Share>,
}

impl<'a, I: Ingest> Admitted<'a, I> {
    pub(super) fn new(ingest: &'a I, holder: Holder) -> Self {
        Self {
            ingest,
            holder,
            bytes: 0,
            charged: 0,
            shares: Vec::new(),
        }
    }

    /// Asks for what is missing to `bytes` in all. A request that is over what its holder ever gets is too large, however long its
    /// client waits.
    pub(super) fn grow_to(&mut self, bytes: usize) -> Result<(), ApiError> {
        let missing = bytes.saturating_sub(self.bytes);
        if missing > 0 {
            let charged = self
                .charged
                .saturating_add(missing.saturating_add(ROUNDING_BYTES));
            if charged > self.ingest.memory(self.holder) {
                return Err(BodyProblem::TooLarge.into());
            }
            self.shares.push(self.ingest.admit(missing, self.holder)?);
            self.charged = charged;
            self.bytes = bytes;
        }
        Ok(())
    }
}

/// Receives a body and inflates it.
pub(super) async fn receive<I: Ingest>(
    body: Body,
    headers: &HeaderMap,
    limits: &Limits,
    admitted: &mut Admitted<'_, I>,
) -> Result<Bytes, ApiError> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limits.body_bytes) {
        return Err(BodyProblem::TooLarge.into());
    }
    let arrived = tokio::time::timeout(limits.body_time, collect(body, limits, admitted));
    let body = arrived
        .await
        .map_err(|_| ApiError::new(Code::RequestTimeout, "The body did not arrive in time."))??;
    let encoding = headers
        .get(header::CONTENT_ENCODING)
        .map(|encoding| encoding.to_str());
    let encoding = encoding
        .transpose()
        .map_err(|_| BodyProblem::UnknownEncoding)?;
    Ok(inflate(body, encoding, limits.body_bytes)?)
}

async fn collect<I: Ingest>(
    mut body: Body,
    limits: &Limits,
    admitted: &mut Admitted<'_, I>,
) -> Result<Bytes, ApiError> {
    let mut collected = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| ApiError::new(Code::BadRequest, "The body broke off."))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if collected.len() + data.len() > limits.body_bytes {
            return Err(BodyProblem::TooLarge.into());
        }
        admitted.grow_to((collected.len() + data.len()).next_multiple_of(STEP_BYTES))?;
        collected.extend_from_slice(&data);
    }
    Ok(collected.into())
}

impl From<BodyProblem> for ApiError {
    fn from(problem: BodyProblem) -> Self {
        let code = match problem {
            BodyProblem::TooLarge | BodyProblem::TooMany { .. } => Code::PayloadTooLarge,
            BodyProblem::UnknownEncoding => Code::UnsupportedMediaType,
            BodyProblem::NotGzip
            | BodyProblem::NotJson { .. }
            | BodyProblem::NotAnObject
            | BodyProblem::NoBatch
            | BodyProblem::BadBatch
            | BodyProblem::BadShared { .. } => Code::BadRequest,
        };
        Self::new(code, problem.to_string())
    }
}
