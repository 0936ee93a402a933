//! Whole incidents: see the cases.
