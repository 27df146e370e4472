//! The `towpath` command: flags to settings to app, and an exit status. No logic lives here.

use std::process::ExitCode;

use clap::Parser as _;

mod arguments;
mod commands;

use arguments::{Arguments, Command};

fn main() -> ExitCode {
    let arguments = Arguments::parse_from(arguments::mended(std::env::args_os()));
    let done = match arguments.command {
        Command::Check(check) => commands::check::run(&check),
        Command::Serve(serve) => commands::serve::run(&serve),
        Command::Dial(dial) => commands::dial::run(&dial),
        Command::Token(token) => commands::token::run(&token),
        Command::Relay(relay) => commands::relay::run(&relay),
        Command::Explain(explain) => commands::explain::run(&explain),
        Command::Causes(causes) => commands::causes::run(&causes),
        Command::Lab(lab) => commands::lab::run(&lab),
        Command::Demo(demo) => commands::demo::run(&demo),
        Command::Completions(completions) => commands::manual::completions(&completions),
        Command::Man(man) => commands::manual::man(&man),
    };
    done.unwrap_or_else(|failure| commands::explain_failure(&failure))
}
