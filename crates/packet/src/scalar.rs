//! What a bare value says: whether the server masked it.

use crate::Scalar;

/// Asterisks that are taken for a mask. The server writes 32; a lone `*` is a value of its own
/// (`ServiceSettings.AllowCorsFrom`).
const MASK_MIN: usize = 8;

/// Whether the server took the value out.
pub(crate) fn is_masked(text: &str) -> bool {
    text.len() >= MASK_MIN && text.bytes().all(|b| b == b'*')
}

/// A value without a known type, as it is.
pub(crate) fn untyped(scalar: &Scalar) -> Scalar {
    let is_masked = matches!(scalar, Scalar::Text(text) if is_masked(text.untrusted()));
    if is_masked { Scalar::Masked } else { scalar.clone() }
}
