//! What one run may cost, whatever the input holds.

/// A support packet of a large cluster has some hundred members, an incident folder some dozen.
pub(crate) const MEMBERS_MAX: u64 = 10_000;
/// The largest log that is promised to be read (20 GB), with room.
pub(crate) const MEMBER_BYTES_MAX: u64 = 32 << 30;
/// Unpacked bytes of a whole run: about two minutes of decompression on one core.
pub(crate) const TOTAL_BYTES_MAX: u64 = 64 << 30;
/// Ordinary logs shrink 10 to 40 times, a log of one repeated line about 250 times; a bomb of
/// zeros reaches 1030 with deflate and more with zstd.
pub(crate) const RATIO_MAX: u64 = 400;
/// The ratio is looked at from here on: less is cheap to read and may well be all zeros.
pub(crate) const RATIO_FREE_BYTES: u64 = 64 << 20;
/// An archive on standard input or a pipe is held in memory, for it cannot be read out of order.
pub(crate) const SPOOL_BYTES_MAX: u64 = 512 << 20;
/// Folders below the named one: deeper nesting is a mistake or a trap.
pub(crate) const FOLDER_DEPTH_MAX: usize = 32;

/// Limits of a run. [`Limits::default`] gives the constants of this module; flags raise them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Members of one container; further ones are counted and not listed.
    pub members_max: u64,
    /// Unpacked bytes of one compressed member; it ends there.
    pub member_bytes_max: u64,
    /// Unpacked bytes of all compressed members of a run; what is being read ends there.
    pub total_bytes_max: u64,
    /// Unpacked bytes for each packed byte, from `ratio_free_bytes` on.
    pub ratio_max: u64,
    /// Unpacked bytes of a member before its ratio is looked at.
    pub ratio_free_bytes: u64,
    /// Bytes of an archive from standard input or a pipe.
    pub spool_bytes_max: u64,
    /// Levels of folders below the named one.
    pub folder_depth_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            members_max: MEMBERS_MAX,
            member_bytes_max: MEMBER_BYTES_MAX,
            total_bytes_max: TOTAL_BYTES_MAX,
            ratio_max: RATIO_MAX,
            ratio_free_bytes: RATIO_FREE_BYTES,
            spool_bytes_max: SPOOL_BYTES_MAX,
            folder_depth_max: FOLDER_DEPTH_MAX,
        }
    }
}
