//! A run of reading: under the limits that were asked for, with a bar, ended by Ctrl-C.

use crate::args::LimitArgs;
use crate::progress::Progress;
use input::Session;
use std::sync::atomic::Ordering;

/// Starts a run; Ctrl-C ends it at the next block.
pub(crate) fn start(limits: &LimitArgs, progress: &Progress) -> Session {
    let told = progress.clone();
    let session = Session::new(limits.limits()).with_progress(move |n_bytes| told.read(n_bytes));
    let flag = session.cancel_flag();
    // A second Ctrl-C is the shell's way to end what does not end.
    let _ = ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            #[expect(clippy::exit, reason = "the second Ctrl-C ends the process")]
            std::process::exit(130);
        }
    });
    session
}
