//! The product, from outside: the whole console over HTTP, on its embedded emulator.

mod bad_input;
mod changes;
mod check;
mod crash;
mod deployments;
mod documents;
mod facts;
mod go_live;
mod history;
mod kill;
mod live;
mod notify;
mod operations;
mod outage;
mod pages;
mod promotion;
mod releases;
mod route;
mod run_book;
mod run_page;
mod runs;
mod security;
mod sign_in;
mod starting;
mod support;
mod tidy;
