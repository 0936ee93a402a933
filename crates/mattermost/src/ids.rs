//! Ids and names: what may stand in a path of the server's API.

use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// Characters of every id.
const ID_CHARS: usize = 26;
/// Characters of the longest name of a team or a channel, with room.
const NAME_CHARS_MAX: usize = 128;

fn is_id(text: &str) -> bool {
    text.len() == ID_CHARS && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

/// One kind of id: 26 characters of `a-z0-9`, checked, so that it can stand in a path as it is.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub struct $name(String);

        impl $name {
            /// The id, if `text` is one.
            pub fn parse(text: &str) -> Option<Self> {
                is_id(text).then(|| Self(text.to_owned()))
            }

            /// Its 26 characters.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).ok_or_else(|| serde::de::Error::custom("no id of 26 characters"))
            }
        }
    };
}

id! {
    /// The id of a post.
    PostId
}
id! {
    /// The id of a channel.
    ChannelId
}
id! {
    /// The id of a user or a bot.
    UserId
}
id! {
    /// The id of a team.
    TeamId
}
id! {
    /// The id of an uploaded file.
    FileId
}

id! {
    /// The id of a run of a playbook.
    RunId
}
id! {
    /// The id of a playbook.
    PlaybookId
}

/// An id that the server writes as an empty text where there is none.
pub(crate) fn id_or_empty<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<PostId>, D::Error> {
    Ok(PostId::parse(&String::deserialize(deserializer)?))
}

/// A list that the server writes as `null` where it is empty.
pub(crate) fn list_or_null<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    Ok(Option::<Vec<T>>::deserialize(deserializer)?.unwrap_or_default())
}

/// A channel as a user names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChannelRef {
    /// By the names in its address: `TEAM/CHANNEL`.
    Named {
        /// The team's name, not what it is displayed as.
        team: String,
        /// The channel's name, not what it is displayed as.
        channel: String,
    },
    /// By its id.
    Id(ChannelId),
}

impl ChannelRef {
    /// Reads `TEAM/CHANNEL`, `TEAM/~CHANNEL`, the address of a channel's page (with its
    /// `/channels/`) or an id.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches('/');
        if let Some(id) = ChannelId::parse(text) {
            return Some(Self::Id(id));
        }
        let mut parts: Vec<&str> = text.rsplit('/').take(3).collect();
        parts.retain(|part| *part != "channels");
        let (channel, team) = (parts.first()?.trim_start_matches('~'), *parts.get(1)?);
        let few = !text.contains("://") && text.split('/').count() == 2;
        let page = text.contains("/channels/");
        (few || page).then_some(())?;
        (is_name(team) && is_name(channel))
            .then(|| Self::Named { team: team.to_owned(), channel: channel.to_owned() })
    }
}

impl fmt::Display for ChannelRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named { team, channel } => write!(f, "{team}/{channel}"),
            Self::Id(id) => write!(f, "{id}"),
        }
    }
}

/// Whether a text can be the name of a team, a channel or a user.
pub(crate) fn is_name(text: &str) -> bool {
    (1..=NAME_CHARS_MAX).contains(&text.len())
        && text.bytes().all(|b| {
            b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.')
        })
        && !text.bytes().all(|b| b == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_is_named_in_the_ways_in_which_people_copy_it() {
        let named = |team: &str, channel: &str| {
            Some(ChannelRef::Named { team: team.to_owned(), channel: channel.to_owned() })
        };
        assert_eq!(ChannelRef::parse("ops/sev1-verdi"), named("ops", "sev1-verdi"));
        assert_eq!(ChannelRef::parse(" ops/~sev1/ "), named("ops", "sev1"));
        assert_eq!(
            ChannelRef::parse("https://chat.example.com/sub/ops/channels/sev1"),
            named("ops", "sev1")
        );
        let id = "abcdefghijklmnopqrstuvwxyz";
        assert_eq!(ChannelRef::parse(id), ChannelId::parse(id).map(ChannelRef::Id));
    }

    #[test]
    fn what_could_leave_its_place_in_a_path_is_no_name_and_no_id() {
        for text in ["", "a", "a/..", "../b", "a/b?c", "a/b%2f", "A/B", "a/b/c", "a b/c", "a/\u{1}"]
        {
            assert_eq!(ChannelRef::parse(text), None, "{text}");
        }
        for text in [
            "",
            "abcdefghijklmnopqrstuvwxy",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            "../../../../../../../../../",
        ] {
            assert_eq!(PostId::parse(text), None, "{text}");
        }
    }
}
