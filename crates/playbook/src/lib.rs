//! The steps of the Sev 1 playbook, filled, drafted or tracked.
