//! Listing and reading in one go.

use crate::{Container, Member, MemberReader, Named, OpenError, Session, list, list_bytes};
use model::Issues;

/// Whether a visit goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// With the next member.
    Continue,
    /// It ends here.
    Stop,
}

/// A member while it is visited.
#[derive(Debug)]
pub struct Source<'a> {
    /// Its container.
    pub container: &'a Container,
    /// The member: name, head, size.
    pub member: &'a Member,
    /// Its bytes from the first on; what is left unread is passed over.
    pub reader: &'a mut MemberReader,
}

/// What became of a visit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Members that were listed.
    pub n_members: u64,
    /// Unpacked bytes that were read.
    pub bytes: u64,
    /// Issues by source (`bundle.zip`, `bundle.zip!mattermost.log`), only where there are any.
    pub issues: Vec<(String, Issues)>,
}

/// Lists an input and gives each readable member, in order, to `each`.
pub fn visit(
    named: &Named,
    session: &Session,
    each: &mut dyn FnMut(Source<'_>) -> Flow,
) -> Result<Summary, OpenError> {
    Ok(visit_all(&list(named, session)?, each))
}

/// As [`visit`], for bytes in memory.
pub fn visit_bytes(
    label: &str,
    bytes: Vec<u8>,
    session: &Session,
    each: &mut dyn FnMut(Source<'_>) -> Flow,
) -> Summary {
    visit_all(&list_bytes(label, bytes, session), each)
}

fn visit_all(containers: &[Container], each: &mut dyn FnMut(Source<'_>) -> Flow) -> Summary {
    let mut summary = Summary::default();
    let mut flow = Flow::Continue;
    for container in containers {
        if !container.issues.is_empty() {
            summary.issues.push((container.label.clone(), container.issues.clone()));
        }
        for (idx, member) in container.members.iter().enumerate() {
            summary.n_members += 1;
            let mut issues = member.issues.clone();
            if member.unopened.is_none() && flow == Flow::Continue {
                let mut reader = container.open(idx);
                flow = each(Source { container, member, reader: &mut reader });
                summary.bytes += reader.bytes_read();
                issues.merge(reader.issues());
            }
            if !issues.is_empty() {
                summary.issues.push((member.source.clone(), issues));
            }
        }
    }
    summary
}
