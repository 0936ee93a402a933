//! One line, whatever its format: time, level, message, error, and the fields that are counted.

use super::LogLevel;
use super::json::Text;
use super::time::Stamp;

/// Fields whose values are counted, under one name for all eras.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(usize)]
pub(super) enum Field {
    Path,
    UserId,
    IpAddr,
    PluginId,
    ErrWhere,
    HttpCode,
    Method,
    Caller,
    Worker,
    Reason,
    Type,
    Database,
    Event,
    Host,
    File,
    ChannelId,
}

impl Field {
    /// Every field, in order of their numbers.
    pub(super) const ALL: [Self; FIELDS] = [
        Self::Path,
        Self::UserId,
        Self::IpAddr,
        Self::PluginId,
        Self::ErrWhere,
        Self::HttpCode,
        Self::Method,
        Self::Caller,
        Self::Worker,
        Self::Reason,
        Self::Type,
        Self::Database,
        Self::Event,
        Self::Host,
        Self::File,
        Self::ChannelId,
    ];

    /// The name in tables.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::UserId => "user_id",
            Self::IpAddr => "ip_addr",
            Self::PluginId => "plugin_id",
            Self::ErrWhere => "err_where",
            Self::HttpCode => "http_code",
            Self::Method => "method",
            Self::Caller => "caller",
            Self::Worker => "worker",
            Self::Reason => "reason",
            Self::Type => "type",
            Self::Database => "database",
            Self::Event => "event",
            Self::Host => "host",
            Self::File => "file",
            Self::ChannelId => "channel_id",
        }
    }
}

/// How many fields are counted.
pub(super) const FIELDS: usize = 16;

/// What a key of a line means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Time,
    Level,
    Message,
    Error,
    ErrorDetails,
    Field(Field),
    /// A path of the API, a file, or a URL: told apart by its value.
    Url,
    /// `event`: a name in audit logs before 7.2, an object after.
    AuditEvent,
    AuditName,
    AuditStatus,
    /// An object whose pairs count as the line's.
    Nest,
    /// The line inside of a container runtime's wrapper.
    Wrapped,
    /// Which log a line is for.
    LogSource,
    /// Another thing's id: a plugin's in the plugin health check, a version, a state.
    Subject,
    /// A server's name: of the one that writes, or of another that the line is about.
    Node,
    /// Known, of no use.
    Ignored,
    /// Not known.
    Unknown,
}

/// The meaning of a key, in the spellings of all eras and of usual renamings by advanced logging.
pub(super) fn key(name: &[u8]) -> Key {
    // By length first: one comparison for most keys.
    match name.len() {
        1 => match name {
            b"t" => Key::Time,
            b"l" => Key::Level,
            b"m" => Key::Message,
            _ => Key::Unknown,
        },
        2 => match name {
            b"ts" => Key::Time,
            b"ip" => Key::Field(Field::IpAddr),
            b"id" => Key::Subject,
            _ => Key::Unknown,
        },
        3 => match name {
            b"msg" => Key::Message,
            b"url" => Key::Url,
            b"lvl" => Key::Level,
            b"err" => Key::Error,
            b"log" => Key::Wrapped,
            _ => Key::Unknown,
        },
        4 => match name {
            b"path" => Key::Url,
            b"time" | b"date" => Key::Time,
            b"code" => Key::Field(Field::HttpCode),
            b"type" => Key::Field(Field::Type),
            b"meta" => Key::Nest,
            b"host" => Key::Field(Field::Host),
            _ => Key::Unknown,
        },
        5 => match name {
            b"level" => Key::Level,
            b"error" => Key::Error,
            b"event" => Key::AuditEvent,
            b"actor" => Key::Nest,
            b"stack" => Key::Ignored,
            _ => Key::Unknown,
        },
        6 => match name {
            b"caller" => Key::Field(Field::Caller),
            b"method" => Key::Field(Field::Method),
            b"userId" | b"userID" => Key::Field(Field::UserId),
            b"worker" => Key::Field(Field::Worker),
            b"reason" => Key::Field(Field::Reason),
            b"status" => Key::AuditStatus,
            b"fields" => Key::Nest,
            b"client" | b"source" | b"stream" | b"job_id" | b"postId" => Key::Ignored,
            _ => Key::Unknown,
        },
        7 => match name {
            b"user_id" => Key::Field(Field::UserId),
            b"node_id" => Key::Node,
            b"ip_addr" => Key::Field(Field::IpAddr),
            b"message" => Key::Message,
            b"context" => Key::Nest,
            b"post_id" | b"conn_id" => Key::Ignored,
            _ => Key::Unknown,
        },
        8 => match name {
            b"severity" => Key::Level,
            b"hostname" => Key::Node,
            b"job_type" | b"job-type" => Key::Field(Field::Worker),
            b"database" => Key::Field(Field::Database),
            b"api_path" => Key::Url,
            b"pluginID" | b"pluginId" => Key::Field(Field::PluginId),
            b"isLeader" => Key::Subject,
            b"filename" | b"filepath" => Key::Field(Field::File),
            _ => Key::Unknown,
        },
        9 => match name {
            b"timestamp" => Key::Time,
            b"http_code" => Key::Field(Field::HttpCode),
            b"err_where" => Key::Field(Field::ErrWhere),
            b"plugin_id" => Key::Field(Field::PluginId),
            b"logSource" => Key::LogSource,
            b"errorCode" => Key::Field(Field::HttpCode),
            b"push_type" => Key::Field(Field::Type),
            b"levelname" => Key::Level,
            b"scheduler" => Key::Field(Field::Worker),
            b"node_name" => Key::Node,
            b"device_id" => Key::Ignored,
            b"component" => Key::Ignored,
            b"channelId" => Key::Field(Field::ChannelId),
            _ => Key::Unknown,
        },
        10 => match name {
            b"request_id" => Key::Ignored,
            b"stacktrace" => Key::Ignored,
            b"session_id" => Key::Ignored,
            b"event_name" => Key::AuditName,
            b"ip_address" => Key::Field(Field::IpAddr),
            b"requestURL" => Key::Url,
            b"workername" => Key::Field(Field::Worker),
            b"dataSource" => Key::Ignored,
            b"channel_id" => Key::Field(Field::ChannelId),
            b"@timestamp" => Key::Time,
            b"statusCode" => Key::Field(Field::HttpCode),
            b"cluster_id" => Key::Ignored,
            _ => Key::Unknown,
        },
        11 => match name {
            b"status_code" => Key::Field(Field::HttpCode),
            b"err_details" => Key::ErrorDetails,
            b"description" => Key::ErrorDetails,
            b"worker_name" => Key::Field(Field::Worker),
            _ => Key::Unknown,
        },
        _ => match name {
            b"current_version" => Key::Subject,
            b"missing_plugin_id" => Key::Field(Field::PluginId),
            b"pending_post_id" | b"build_hash" | b"build_number" => Key::Ignored,
            b"x_forwarded_for" => Key::Ignored,
            b"advertise_address" => Key::Node,
            _ => Key::Unknown,
        },
    }
}

/// The form that a line had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(usize)]
pub(super) enum Form {
    #[default]
    Json,
    JsonZap,
    Plain,
    Console,
    Text,
}

impl Form {
    pub(super) const ALL: [Self; 5] =
        [Self::Json, Self::JsonZap, Self::Plain, Self::Console, Self::Text];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::JsonZap => "json zap",
            Self::Plain => "plain",
            Self::Console => "zap console",
            Self::Text => "text",
        }
    }
}

/// A line as it was read; all text borrowed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Line<'a> {
    pub(super) form: Form,
    pub(super) time: Option<Stamp>,
    pub(super) level: Option<LogLevel>,
    /// Whether the level is one of LDAP's.
    pub(super) ldap: bool,
    /// Whether `logSource` names the notifications' log.
    pub(super) notifications: bool,
    pub(super) msg: Text<'a>,
    pub(super) error: Text<'a>,
    pub(super) fields: [Text<'a>; FIELDS],
    /// `event_name` and `status` of an audit record.
    pub(super) audit: Option<(Text<'a>, Text<'a>)>,
    pub(super) subject: Text<'a>,
    /// The name of a server in a field.
    pub(super) node: Text<'a>,
    /// Whether the line broke off.
    pub(super) cut: bool,
}

impl<'a> Line<'a> {
    /// The value of a field, empty if it has none.
    pub(super) fn field(&self, field: Field) -> Text<'a> {
        self.fields.get(field as usize).copied().unwrap_or_default()
    }

    /// Sets a field if it has no value yet.
    pub(super) fn set(&mut self, field: Field, text: Text<'a>) {
        if let Some(slot) = self.fields.get_mut(field as usize)
            && slot.is_empty()
        {
            *slot = text;
        }
    }

    /// Sets a level from its word.
    pub(super) fn set_level(&mut self, word: &[u8]) -> bool {
        let Some(level) = LogLevel::parse(word) else { return false };
        self.level = Some(level);
        self.ldap = matches!(word, [b'L' | b'l', b'D' | b'd', b'A' | b'a', b'P' | b'p', ..]);
        true
    }

    /// Sets the path, the host or the file that a URL or path names.
    pub(super) fn set_url(&mut self, text: Text<'a>) {
        if text.bytes.first() == Some(&b'/') {
            self.set(Field::Path, text);
        } else if let Some(at) = memchr::memmem::find(text.bytes, b"://") {
            let rest = text.bytes.get(at + 3..).unwrap_or_default();
            let len = rest
                .iter()
                .position(|b| matches!(b, b'/' | b'?' | b'#' | b'\\'))
                .unwrap_or(rest.len());
            let authority = rest.get(..len).unwrap_or_default();
            // Never the credentials before the host.
            let host = authority.rsplit(|b| *b == b'@').next().unwrap_or_default();
            self.set(Field::Host, Text::plain(host));
        } else {
            self.set(Field::File, text);
        }
    }
}
