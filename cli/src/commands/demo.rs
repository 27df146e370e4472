//! `towpath demo`: three verdicts on the terminal, then a page on which the whole story can be tried; or a chat relay at work.

use std::io::{self, Write as _};
use std::process::ExitCode;

use super::terminal;
use crate::arguments::DemoArguments;

mod files;
mod folder;
mod held;
mod relay;
mod story;
mod switch;
mod verdicts;

/// Shows both parts; the second one lasts until Ctrl-C.
pub(crate) fn run(arguments: &DemoArguments) -> anyhow::Result<ExitCode> {
    if arguments.relay {
        return super::block_on(relay::run(arguments.headless))?;
    }
    let look = terminal::look(arguments.color);
    super::block_on(async {
        let all_right = verdicts::show(arguments.json, look).await?;
        if !arguments.headless && !arguments.json {
            let story = story::Story::start(arguments.listen).await?;
            write!(io::stdout(), "\n\n{}", story.greeting())?;
            io::stdout().flush()?;
            super::interrupted().await;
            story.end().await;
        }
        Ok(ExitCode::from(u8::from(!all_right)))
    })?
}
