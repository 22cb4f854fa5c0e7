//! Understudy.
