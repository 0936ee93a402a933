//! Short names of sources: what all inputs share is left out, and the one packet is `packet`.

use model::Report;

/// Shortens the paths of one report.
pub(crate) struct Labels {
    /// The folder that all inputs lie in, with its slash.
    folder: String,
    /// The only packet's path, if there is just one.
    packet: Option<String>,
}

impl Labels {
    pub(crate) fn of(report: &Report) -> Self {
        let outer = |path: &str| path.split('!').next().unwrap_or(path).to_owned();
        let mut paths = report.inputs.iter().map(|input| outer(&input.path));
        let first = paths.next().unwrap_or_default();
        let mut folder =
            first.rfind('/').map_or("", |at| first.get(..=at).unwrap_or("")).to_owned();
        for path in paths {
            while !path.starts_with(&folder) {
                folder.pop();
                folder.truncate(folder.rfind('/').map_or(0, |at| at + 1));
            }
        }
        let mut packets: Vec<String> = report
            .inputs
            .iter()
            .filter(|input| input.kind == "packet")
            .map(|input| input.path.clone())
            .collect();
        let packet = if packets.len() == 1 { packets.pop() } else { None };
        Self { folder, packet }
    }

    /// The path as people need it.
    pub(crate) fn short(&self, path: &str) -> String {
        if let Some(packet) = &self.packet
            && let Some(member) = path.strip_prefix(packet.as_str())
            && member.starts_with('!')
        {
            return format!("packet{member}");
        }
        let short = path.strip_prefix(self.folder.as_str()).unwrap_or(path);
        text::escape::terminal(if short.is_empty() { path } else { short }).into_owned()
    }

    /// The path of an input as people know the file, the one packet too.
    pub(crate) fn file(&self, path: &str) -> String {
        let short = path.strip_prefix(self.folder.as_str()).unwrap_or(path);
        text::escape::terminal(if short.is_empty() { path } else { short }).into_owned()
    }

    /// A phrase that begins with a path: `path line:7`.
    pub(crate) fn short_place(&self, place: &str) -> String {
        match place.rsplit_once(' ') {
            Some((path, location)) => format!("{} {location}", self.short(path)),
            None => self.short(place),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_all_inputs_share_is_left_out() {
        let labels =
            Labels { folder: "case/input/".into(), packet: Some("case/input/p.zip".into()) };
        assert_eq!(labels.short("case/input/slow.log"), "slow.log");
        assert_eq!(
            labels.short_place("case/input/p.zip!n1/mattermost.log line:7"),
            "packet!n1/mattermost.log line:7"
        );
    }
}
