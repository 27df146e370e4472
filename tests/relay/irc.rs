//! The IRC side against servers that nobody here wrote.

mod bouncer;
mod cuts;
mod inspircd;
mod login;
mod ngircd;
mod talk;
mod web;
