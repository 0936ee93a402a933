//! The server's error ids that call for different remedies: one list.

/// An error of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorId {
    /// The token is unknown, expired or revoked.
    Unauthorized,
    /// The token's account may not do this here.
    Forbidden,
    /// There is none.
    NotFound,
    /// No team of that name.
    NoTeam,
    /// No channel of that name.
    NoChannel,
    /// No post of that id, or it was deleted.
    NoPost,
    /// The message is longer than the server takes.
    MessageTooLong,
    /// The props are larger than the server takes.
    PropsTooLarge,
    /// More files than a post takes.
    TooManyFiles,
    /// The file is larger than the server takes.
    FileTooLarge,
    /// The thread's root is gone or is no root.
    BadRoot,
    /// The channel is archived.
    Archived,
    /// The same post is being made at this moment.
    BeingMade,
    /// The server could not store the post.
    NotStored,
    /// The time in which a post may be edited is over.
    EditTooLate,
    /// Priorities of posts are not allowed.
    NoPriority,
    /// Files are switched off.
    NoFiles,
    /// The server has no licence for this.
    NoLicense,
    /// The webhook is unknown or switched off.
    NoWebhook,
    /// The webhook's post has no text.
    WebhookText,
    /// The webhook's channel is not there.
    WebhookChannel,
    /// The request is wrong in a way that has no id of ours.
    BadRequest,
    /// What was sent is too large.
    TooLarge,
    /// Too many requests.
    Rate,
    /// The server failed.
    ServerError,
    /// The server, or what stands in front of it, is not there at the moment.
    Unavailable,
    /// The server does not know the request.
    NotImplemented,
    /// Anything else.
    Other,
}

/// What is known of an error.
pub(crate) struct Known {
    pub(crate) id: ErrorId,
    /// The server's ids for it, of all versions.
    pub(crate) ids: &'static [&'static str],
    pub(crate) why: &'static str,
    pub(crate) remedy: &'static str,
}

const fn known(
    id: ErrorId,
    ids: &'static [&'static str],
    why: &'static str,
    remedy: &'static str,
) -> Known {
    Known { id, ids, why, remedy }
}

/// Every error with a remedy of its own.
pub(crate) static KNOWN: &[Known] = &[
    known(
        ErrorId::Unauthorized,
        &[
            "api.context.session_expired.app_error",
            "api.context.token_provided.app_error",
            "api.context.invalid_token.error",
        ],
        "the token is unknown, expired or revoked",
        "make a new token and put it into ANALYZE_MM_TOKEN or into a file for --token-file",
    ),
    known(
        ErrorId::Forbidden,
        &["api.context.permissions.app_error"],
        "the token may not do this here",
        "add its account to the team and to the channel; docs/mattermost.md lists the permissions",
    ),
    known(ErrorId::NotFound, &[], "it is not there", "check the name, and the path in --server"),
    known(
        ErrorId::NoTeam,
        &[
            "app.team.get_by_name.missing.app_error",
            "app.team.get_by_name.app_error",
            "store.sql_team.get_by_name.missing.app_error",
            "store.sql_team.get_by_name.app_error",
        ],
        "there is no such team, or the token's account is not in it",
        "write the names as in the channel's address: TEAM/CHANNEL",
    ),
    known(
        ErrorId::NoChannel,
        &[
            "app.channel.get_by_name.missing.app_error",
            "app.channel.get.existing.app_error",
            "store.sql_channel.get_by_name.missing.app_error",
            "store.sql_channel.get.existing.app_error",
        ],
        "there is no such channel, or the token's account does not see it",
        "write the names as in the channel's address, TEAM/CHANNEL, and add the account to the channel",
    ),
    known(
        ErrorId::NoPost,
        &[
            "app.post.get.app_error",
            "store.sql_post.get.app_error",
            "api.post.get_post.permissions.app_error",
        ],
        "the post is gone",
        "run the same command again: it is made anew",
    ),
    known(
        ErrorId::MessageTooLong,
        &["model.post.is_valid.msg.app_error", "model.post.is_valid.message_length.app_error"],
        "the message is longer than the server takes",
        "report this: the limit was read from the server and should have held",
    ),
    known(
        ErrorId::PropsTooLarge,
        &["model.post.is_valid.props.app_error"],
        "the post's properties are larger than the server takes",
        "report this: the limit of this version should have held",
    ),
    known(
        ErrorId::TooManyFiles,
        &["model.post.is_valid.file_ids.app_error"],
        "the post has more files than the server takes",
        "report this with the server's version",
    ),
    known(
        ErrorId::FileTooLarge,
        &[
            "api.file.upload_file.too_large_detailed.app_error",
            "api.file.upload_file.too_large.app_error",
        ],
        "the file is larger than the server takes",
        "ask its administrator to raise FileSettings.MaxFileSize",
    ),
    known(
        ErrorId::BadRoot,
        &[
            "api.post.create_post.root_id.app_error",
            "api.post.create_post.channel_root_id.app_error",
        ],
        "the thread's first post is gone",
        "run the same command again: the thread is made anew",
    ),
    known(
        ErrorId::Archived,
        &["api.post.create_post.can_not_post_to_deleted.error"],
        "the channel is archived",
        "unarchive it, or post to another one",
    ),
    known(
        ErrorId::BeingMade,
        &["api.post.deduplicate_create_post.pending"],
        "the same post is being made at this moment",
        "run the same command again in a minute",
    ),
    known(
        ErrorId::NotStored,
        &["app.post.save.app_error"],
        "the server could not store the post",
        "its database may be in trouble; run the same command again later",
    ),
    known(
        ErrorId::EditTooLate,
        &[
            "api.post.update_post.permissions_time_limit.app_error",
            "api.post.update_post.permissions_denied.app_error",
        ],
        "the server lets nobody edit posts, or not for so long",
        "its administrator may raise ServiceSettings.PostEditTimeLimit",
    ),
    known(
        ErrorId::NoPriority,
        &["api.post.post_priority.priority_post_not_allowed_for_user.request_error"],
        "the server does not allow priorities of posts",
        "its administrator may switch on ServiceSettings.PostPriority",
    ),
    known(
        ErrorId::NoFiles,
        &["api.file.attachments.disabled.app_error", "api.file.upload_file.storage.app_error"],
        "the server takes no files",
        "run without --charts and with --no-files, or switch on FileSettings.EnableFileAttachments",
    ),
    known(
        ErrorId::NoLicense,
        &["api.no_license", "api.license_error"],
        "the server has no licence for this",
        "leave it out, or do it by hand",
    ),
    known(
        ErrorId::NoWebhook,
        &["web.incoming_webhook.invalid.app_error", "web.incoming_webhook.disabled.app_error"],
        "the webhook is unknown or switched off",
        "make a new one (Integrations > Incoming Webhooks) and put its address into ANALYZE_MM_WEBHOOK",
    ),
    known(
        ErrorId::WebhookText,
        &["web.incoming_webhook.text.app_error", "model.incoming_hook.parse_data.app_error"],
        "the server took the webhook's post for empty or broken",
        "report this with the server's version",
    ),
    known(
        ErrorId::WebhookChannel,
        &["web.incoming_webhook.channel.app_error"],
        "the webhook's channel is not there, or it may not post to it",
        "check the channel of the webhook, and whether it is locked to another one",
    ),
    known(
        ErrorId::BadRequest,
        &[],
        "the server calls the request wrong",
        "report this with the server's version",
    ),
    known(
        ErrorId::TooLarge,
        &[],
        "it is larger than the server, or a proxy in front of it, takes",
        "ask its administrator for the limits",
    ),
    known(
        ErrorId::Rate,
        &[],
        "too many requests: the server asked to wait, and was asked again",
        "run the same command again in a minute",
    ),
    known(
        ErrorId::ServerError,
        &[],
        "the server failed",
        "run the same command again; its administrator finds the request in the log",
    ),
    known(
        ErrorId::Unavailable,
        &[],
        "the server, or a proxy in front of it, is not there at the moment",
        "run the same command again in a minute",
    ),
    known(
        ErrorId::NotImplemented,
        &[],
        "the server does not know this",
        "it may be too old, or the plugin is not installed",
    ),
    known(ErrorId::Other, &[], "the server refused it", "report this with the server's version"),
];

impl ErrorId {
    /// The error of a server's id.
    pub(crate) fn parse(id: &str) -> Option<Self> {
        KNOWN.iter().find(|known| known.ids.contains(&id)).map(|known| known.id)
    }
}

/// The error that a status alone tells.
pub(crate) fn of_status(status: u16) -> ErrorId {
    match status {
        400 | 422 => ErrorId::BadRequest,
        401 => ErrorId::Unauthorized,
        403 => ErrorId::Forbidden,
        404 | 410 => ErrorId::NotFound,
        413 => ErrorId::TooLarge,
        429 => ErrorId::Rate,
        501 => ErrorId::NotImplemented,
        502..=504 => ErrorId::Unavailable,
        500..=599 => ErrorId::ServerError,
        _ => ErrorId::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_one_entry_with_a_remedy_and_no_id_stands_twice() {
        let mut ids: Vec<&str> = KNOWN.iter().flat_map(|known| known.ids).copied().collect();
        let n_ids = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), n_ids);
        for (at, known) in KNOWN.iter().enumerate() {
            assert!(!known.why.is_empty() && !known.remedy.is_empty());
            assert!(KNOWN.iter().skip(at + 1).all(|other| other.id != known.id), "{:?}", known.id);
        }
        for status in 400..600 {
            assert!(KNOWN.iter().any(|known| known.id == of_status(status)), "{status}");
        }
    }

    #[test]
    fn old_and_new_servers_mean_the_same() {
        for id in
            ["model.post.is_valid.msg.app_error", "model.post.is_valid.message_length.app_error"]
        {
            assert_eq!(ErrorId::parse(id), Some(ErrorId::MessageTooLong));
        }
        assert_eq!(ErrorId::parse(""), None);
    }
}
