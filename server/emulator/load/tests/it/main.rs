//! Load tests against small servers in the tests themselves.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the message")]

mod jmeter;
mod locust;
mod locust_ends;
mod server;
mod stall;
mod surroundings;
mod tls;
mod url;
