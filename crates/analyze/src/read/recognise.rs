//! What a member is, by its content: the highest score over all lists of formats wins.

use input::Member;
use model::{Format, Head};
use packet::{MemberKind, PacketReader};

/// Who reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    Packet(MemberKind),
    Slow,
    Metrics,
    Dba,
    Incident,
    None,
}

/// What a member was recognised as.
#[derive(Clone, Debug)]
pub(super) struct Recognised {
    pub(super) reader: Reader,
    pub(super) kind: &'static str,
    pub(super) format: &'static str,
    /// For what has no reader: why it is not read.
    pub(super) why_not: &'static str,
    /// A second format that fits as well.
    pub(super) tie: Option<&'static str>,
}

/// The score of what names itself by its header and by its file's name: no other list claims more.
const UNMISTAKABLE: u8 = 95;
/// From this score on a file holds answers to the DBA's sheet, by the names of its questions.
const DBA_SURE: u8 = 90;

/// Kinds that are known and have no reader yet.
const NOT_READ_YET: &[Format] = &[Format {
    name: "playbooks export",
    kind: "playbook",
    score: |head| {
        let is = |needle: &[u8]| head.bytes.windows(needle.len()).any(|window| window == needle);
        let json = head.bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
        u8::from(json && is(b"\"checklists\"") && is(b"\"items\"")) * 80
    },
}];

/// What `analyze` itself keeps in an incident folder.
const OURS: &[Format] = &[Format {
    name: "incident file",
    kind: "incident file",
    score: |head| {
        // `!` stands between an archive and its member.
        let name = head.path.rsplit(['/', '\\', '!']).next();
        u8::from(name == Some(playbook::INCIDENT_FILE)) * 100
    },
}];

/// Recognises a member.
pub(super) fn recognise(member: &Member) -> Recognised {
    let head = member.head();
    let nothing = Recognised {
        reader: Reader::None,
        kind: "not recognised",
        format: "",
        why_not: if head.bytes.is_empty() {
            "empty"
        } else {
            "not recognised as anything that is read"
        },
        tie: None,
    };
    if member.unopened().is_some() || head.bytes.is_empty() {
        return nothing;
    }
    let lists: [(&[Format], Who); 7] = [
        (packet::FORMATS, Who::Packet),
        (packet::log::FORMATS, Who::Log),
        (slowlog::FORMATS, Who::Slow),
        (metrics::FORMATS, Who::Metrics),
        (dba::FORMATS, Who::Dba),
        (OURS, Who::Ourselves),
        (NOT_READ_YET, Who::Nobody),
    ];
    let is_sure =
        |formats: &[Format], least: u8| formats.iter().any(|format| (format.score)(&head) >= least);
    // Answers to the DBA's sheet hold tables of statements, which are also read by themselves.
    let sure_metrics = is_sure(metrics::FORMATS, UNMISTAKABLE);
    let sure_dba = is_sure(dba::FORMATS, DBA_SURE);
    let mut best: Option<(u8, &Format, Who)> = None;
    let mut tie = None;
    for (formats, who) in lists {
        // Database logs are told by reading hundreds of lines in every form that there is: most of
        // the work on a folder of small exports.
        if who == Who::Slow && sure_metrics {
            continue;
        }
        for format in formats {
            let score = (format.score)(&head);
            if sure_dba && format.name == slowlog::EXPORT {
                continue;
            }
            match best {
                _ if score == 0 => {}
                Some((highest, known, other)) if score == highest && other != who => {
                    tie = Some((known.name, format.name))
                }
                Some((highest, _, _)) if score <= highest => {}
                _ => {
                    best = Some((score, format, who));
                    tie = None;
                }
            }
        }
    }
    let Some((_, format, who)) = best else { return by_name(&head, nothing) };
    let reader = match who {
        Who::Packet => {
            let kind = PacketReader::kind_of(&head);
            if kind == MemberKind::Other {
                return nothing;
            }
            Reader::Packet(kind)
        }
        Who::Log => Reader::Packet(MemberKind::Log),
        Who::Slow => Reader::Slow,
        Who::Metrics => Reader::Metrics,
        Who::Dba => Reader::Dba,
        Who::Ourselves => Reader::Incident,
        Who::Nobody => Reader::None,
    };
    Recognised {
        reader,
        kind: format.kind,
        format: format.name,
        why_not: "recognised, and not read yet",
        tie: tie.map(|(_, other)| other),
    }
}

/// What a member is, where it is recognised as anything but a database log.
pub(crate) fn other_than_slow(member: &Member) -> Option<&'static str> {
    let found = recognise(member);
    let other = match found.reader {
        Reader::Slow | Reader::None => false,
        // By its name alone a member of a packet may be anything.
        Reader::Packet(_) => !found.why_not.is_empty(),
        Reader::Metrics | Reader::Dba | Reader::Incident => true,
    };
    other.then_some(found.format)
}

/// Whether a member is a log of Mattermost's server.
pub(crate) fn is_server_log(member: &Member) -> bool {
    recognise(member).reader == Reader::Packet(MemberKind::Log)
}

/// A member that no format claims may still be one of a packet: damaged, and known by its name.
fn by_name(head: &Head<'_>, nothing: Recognised) -> Recognised {
    let kind = PacketReader::kind_of(head);
    if kind == MemberKind::Other {
        return nothing;
    }
    let (reader, format) = (Reader::Packet(kind), kind.as_str());
    Recognised { reader, kind: "packet member", format, why_not: "", tie: None }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    Packet,
    Log,
    Slow,
    Metrics,
    Dba,
    Ourselves,
    Nobody,
}
