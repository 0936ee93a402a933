//! Mathematics over time: changes, the incident window, suspects.
