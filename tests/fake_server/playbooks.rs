//! Playbooks: the plugin's routes lie under `/plugins/playbooks/api/v0`.

use super::State;
use super::http::{Request, Response};

/// A server without the plugin, as far as runs go.
pub(super) fn route(_state: &mut State, request: &Request) -> Option<Response> {
    let missing = request.path.starts_with("/plugins/playbooks/");
    missing.then(|| Response::text(404, "text/plain", "404 page not found\n"))
}
