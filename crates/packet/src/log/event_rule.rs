//! Messages that say that something happened once.

use super::ServerEventKind::{
    self, AdminAction, BusyState, ClusterNode, ConfigurationChange, JobEnd, JobFailed, JobStart,
    LeaderChange, LicenseChange, Migration, Panic, PluginCrashed, PluginDisabled, PluginEnabled,
    PluginInstalled, Start, StartFailed, Stop, VersionChange,
};

/// Where an event's subject stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// The plugin's id.
    Plugin,
    /// The job's type or worker.
    Job,
    /// The version in the message or its field.
    Version,
    /// Whatever the line names: a plugin, a job, an id, a state.
    Any,
    /// Nothing: the server as a whole.
    Server,
}

/// A message that is an event.
#[derive(Clone, Copy, Debug)]
pub(super) struct EventRule {
    /// What sort of event.
    pub(super) kind: ServerEventKind,
    /// How the message begins, lower case.
    pub(super) starts: &'static str,
    /// What else is in it, lower case.
    pub(super) has: &'static str,
    /// Its subject.
    pub(super) subject: Subject,
}

const fn rule(
    kind: ServerEventKind,
    starts: &'static str,
    has: &'static str,
    subject: Subject,
) -> EventRule {
    EventRule { kind, starts, has, subject }
}

/// Every message that is an event; the first that fits.
///
/// Sources: `app/server.go`, `app/platform/{service,license,config}.go`, `app/plugin*.go`,
/// `public/plugin/health_check.go`, `jobs/*.go`, `app/migrations.go` of 5.37 and 11.6.
pub(super) static EVENTS: &[EventRule] = &[
    rule(Start, "server is initializing", "", Subject::Server),
    rule(Start, "starting server...", "", Subject::Server),
    rule(Start, "server is listening on", "", Subject::Server),
    rule(Stop, "stopping server...", "", Subject::Server),
    rule(Stop, "server stopped", "", Subject::Server),
    rule(StartFailed, "error starting server", "", Subject::Server),
    rule(VersionChange, "current version is", "", Subject::Version),
    // One of the several lines that each change writes.
    rule(LeaderChange, "cluster leader changed. determining if job schedulers", "", Subject::Any),
    rule(LeaderChange, "cluster leader changed. invoking", "", Subject::Any),
    rule(ConfigurationChange, "config changed", "", Subject::Server),
    rule(ConfigurationChange, "configuration changed", "", Subject::Server),
    rule(ConfigurationChange, "config updated", "", Subject::Server),
    rule(ConfigurationChange, "config file changed", "", Subject::Server),
    rule(ConfigurationChange, "configuration saved", "", Subject::Server),
    rule(ConfigurationChange, "config saved", "", Subject::Server),
    rule(ConfigurationChange, "workers received config change", "", Subject::Server),
    rule(ConfigurationChange, "schedulers received config change", "", Subject::Server),
    rule(ConfigurationChange, "reloading config", "", Subject::Server),
    rule(PluginCrashed, "health check failed for plugin", "", Subject::Plugin),
    rule(PluginCrashed, "failed to restart plugin", "", Subject::Plugin),
    rule(PluginCrashed, "restarting plugin due to failed health check", "", Subject::Plugin),
    rule(PluginCrashed, "deactivating plugin due to multiple crashes", "", Subject::Plugin),
    rule(PluginCrashed, "plugin crashed", "", Subject::Plugin),
    rule(PluginCrashed, "unable to activate plugin", "", Subject::Plugin),
    rule(PluginEnabled, "enabled plugin", "", Subject::Plugin),
    rule(PluginEnabled, "plugin enabled", "", Subject::Plugin),
    rule(PluginEnabled, "activated plugin", "", Subject::Plugin),
    rule(PluginEnabled, "plugin activated", "", Subject::Plugin),
    rule(PluginDisabled, "disabled plugin", "", Subject::Plugin),
    rule(PluginDisabled, "plugin disabled", "", Subject::Plugin),
    rule(PluginDisabled, "disabling plugin", "", Subject::Plugin),
    rule(PluginDisabled, "deactivated plugin", "", Subject::Plugin),
    rule(PluginDisabled, "plugin deactivated", "", Subject::Plugin),
    rule(PluginInstalled, "installed plugin", "", Subject::Plugin),
    rule(PluginInstalled, "plugin installed", "", Subject::Plugin),
    rule(PluginInstalled, "installing plugin", "", Subject::Plugin),
    rule(PluginInstalled, "installing prepackaged plugin", "", Subject::Plugin),
    rule(PluginInstalled, "removing plugin as per cluster message", "", Subject::Plugin),
    rule(PluginInstalled, "removed plugin", "", Subject::Plugin),
    rule(PluginInstalled, "installing plugin as per cluster message", "", Subject::Plugin),
    rule(PluginInstalled, "syncing plugin from file store", "", Subject::Plugin),
    rule(LicenseChange, "set license", "", Subject::Server),
    rule(LicenseChange, "remove license", "", Subject::Server),
    rule(LicenseChange, "license removed", "", Subject::Server),
    rule(LicenseChange, "license key is valid", "", Subject::Server),
    rule(LicenseChange, "license key from", "", Subject::Server),
    rule(LicenseChange, "no valid enterprise license", "", Subject::Server),
    rule(LicenseChange, "failed to read license", "", Subject::Server),
    rule(LicenseChange, "error while removing the license", "", Subject::Server),
    rule(LicenseChange, "license", "expired", Subject::Server),
    rule(Panic, "unhandled panic in job", "", Subject::Job),
    rule(Panic, "recovering from hub panic", "", Subject::Server),
    rule(Panic, "webhub stopped unexpectedly", "", Subject::Server),
    rule(Panic, "panic:", "", Subject::Server),
    rule(Panic, "fatal error:", "", Subject::Server),
    rule(Panic, "runtime: out of memory", "", Subject::Server),
    rule(Panic, "unexpected fault address", "", Subject::Server),
    rule(JobFailed, "failed job", "", Subject::Job),
    rule(JobFailed, "simpleworker: job execution error", "", Subject::Job),
    rule(JobFailed, "worker: failed", "", Subject::Job),
    rule(JobFailed, "simpleworker: failed", "", Subject::Job),
    rule(JobFailed, "failed to schedule job", "", Subject::Job),
    rule(JobFailed, "job appears to be wedged", "", Subject::Job),
    rule(JobFailed, "worker: index aggregation job failed", "", Subject::Job),
    rule(JobFailed, "failed to start ldap sync", "", Subject::Job),
    rule(JobStart, "worker: received a new candidate job", "", Subject::Job),
    rule(JobStart, "worker received a new candidate job", "", Subject::Job),
    rule(JobStart, "scheduling job", "", Subject::Job),
    rule(JobStart, "worker: indexing job claimed", "", Subject::Job),
    rule(JobStart, "worker: aggregation job claimed", "", Subject::Job),
    rule(JobEnd, "worker: job is complete", "", Subject::Job),
    rule(JobEnd, "simpleworker: job is complete", "", Subject::Job),
    rule(JobEnd, "worker: job has been canceled", "", Subject::Job),
    rule(JobEnd, "worker: indexing job finished", "", Subject::Job),
    rule(JobEnd, "worker: aggregation job finished", "", Subject::Job),
    rule(Migration, "failed to run app migration", "", Subject::Any),
    rule(Migration, "failed to apply database migrations", "", Subject::Any),
    rule(Migration, "scheduling a new job for migration", "", Subject::Any),
    rule(Migration, "applying migration", "", Subject::Any),
    rule(Migration, "failed to migrate", "", Subject::Any),
    rule(Migration, "== migrat", "", Subject::Any),
    rule(Migration, "== ", "migrat", Subject::Any),
    rule(Migration, "upgraded schema", "", Subject::Any),
    rule(Migration, "the database schema", "upgrade", Subject::Any),
    rule(ClusterNode, "clusterdiscoveryservice failed", "", Subject::Server),
    rule(ClusterNode, "node joined", "", Subject::Any),
    rule(ClusterNode, "node left", "", Subject::Any),
    rule(ClusterNode, "cluster node", "", Subject::Any),
    rule(ClusterNode, "starting cluster", "", Subject::Any),
    rule(ClusterNode, "stopping cluster", "", Subject::Any),
    rule(BusyState, "server busy state", "", Subject::Server),
    rule(AdminAction, "attempting to recycle database connections", "", Subject::Server),
    rule(AdminAction, "attempting to purge", "", Subject::Server),
    rule(AdminAction, "purging caches", "", Subject::Server),
    // Audit records tell who did what even where the log says nothing.
    rule(PluginEnabled, "audit enableplugin success", "", Subject::Plugin),
    rule(PluginDisabled, "audit disableplugin success", "", Subject::Plugin),
    rule(PluginInstalled, "audit uploadplugin success", "", Subject::Plugin),
    rule(PluginInstalled, "audit installmarketplaceplugin success", "", Subject::Plugin),
    rule(PluginInstalled, "audit installpluginfromurl success", "", Subject::Plugin),
    rule(PluginInstalled, "audit removeplugin success", "", Subject::Plugin),
    rule(ConfigurationChange, "audit updateconfig success", "", Subject::Server),
    rule(ConfigurationChange, "audit patchconfig success", "", Subject::Server),
    rule(ConfigurationChange, "audit configreload success", "", Subject::Server),
    rule(LicenseChange, "audit addlicense success", "", Subject::Server),
    rule(LicenseChange, "audit removelicense success", "", Subject::Server),
    rule(BusyState, "audit setserverbusy success", "", Subject::Server),
    rule(BusyState, "audit clearserverbusy success", "", Subject::Server),
    rule(AdminAction, "audit databaserecycle success", "", Subject::Server),
    rule(AdminAction, "audit invalidatecaches success", "", Subject::Server),
    rule(AdminAction, "audit restartserver success", "", Subject::Server),
];

/// The event that a pattern's message is.
pub(super) fn event_rule(msg: &str) -> Option<&'static EventRule> {
    let msg = msg.to_lowercase();
    let msg = msg.trim_start();
    EVENTS.iter().find(|rule| msg.starts_with(rule.starts) && msg.contains(rule.has))
}
