//! Who we are, and the channel: what is checked before anything is posted.

use crate::client::Client;
use crate::error::cleared;
use crate::ids::{ChannelId, ChannelRef, TeamId, UserId};
use crate::{Error, transport::escaped};
use serde::Deserialize;
use text::Value;

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// Its name, as in a mention.
    pub name: Value,
    /// Whether it is a bot.
    pub bot: bool,
    /// Whether it administers the system.
    pub system_admin: bool,
}

/// A channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Its id.
    pub id: ChannelId,
    /// Its team; `None` for direct messages.
    pub team: Option<TeamId>,
    /// What it is displayed as.
    pub title: Value,
    /// Whether it is archived.
    pub archived: bool,
}

#[derive(Deserialize)]
struct WireUser {
    id: UserId,
    #[serde(default)]
    username: String,
    #[serde(default)]
    is_bot: bool,
    #[serde(default)]
    roles: String,
}

#[derive(Deserialize)]
struct WireChannel {
    id: ChannelId,
    #[serde(default)]
    team_id: String,
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    delete_at: i64,
}

#[derive(Deserialize)]
struct Member {
    #[serde(default)]
    user_id: String,
}

impl Client {
    /// Whose token it is; the cheapest check of a token.
    pub fn me(&self) -> Result<User, Error> {
        self.get("check the token", "/api/v4/users/me".to_owned()).map(user)
    }

    /// An account by its name, without `@`.
    pub fn user_by_name(&self, name: &str) -> Result<User, Error> {
        self.get("find a user by name", format!("/api/v4/users/username/{}", escaped(name)))
            .map(user)
    }

    /// The channel that a user named.
    pub fn channel(&self, channel: &ChannelRef) -> Result<Channel, Error> {
        let path = match channel {
            ChannelRef::Id(id) => format!("/api/v4/channels/{id}"),
            ChannelRef::Named { team, channel } => {
                format!("/api/v4/teams/name/{}/channels/name/{}", escaped(team), escaped(channel))
            }
        };
        let found: WireChannel = self.get("find the channel", path)?;
        Ok(Channel {
            id: found.id,
            team: TeamId::parse(&found.team_id),
            title: cleared(&found.display_name),
            archived: found.delete_at > 0,
        })
    }

    /// Whether an account is a member of a channel. Those who are none can see neither it nor its
    /// members.
    pub fn is_member(&self, channel: &ChannelId, user: &UserId) -> Result<bool, Error> {
        let path = format!("/api/v4/channels/{channel}/members/{user}");
        match self.get::<Member>("check that the account is in the channel", path) {
            Ok(member) => Ok(member.user_id == user.as_str()),
            Err(error) if matches!(error.status(), Some(403 | 404)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn user(found: WireUser) -> User {
    User {
        id: found.id,
        name: cleared(&found.username),
        bot: found.is_bot,
        system_admin: found.roles.split(' ').any(|role| role == "system_admin"),
    }
}
