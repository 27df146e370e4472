//! `towpath token get`.

use towpath_tokens::{BrowserReader, Cache, Freshness, Held, ReadError, Reader, Source, Token};

use crate::error::Failure;
use crate::options::{GetOptions, KeepOptions};

/// Gives the token: from the cache, or by a browser. `note` takes lines for a person who waits.
pub async fn get(
    options: &GetOptions,
    keep: &KeepOptions,
    note: impl Fn(&str) + Sync,
) -> Result<(Source, Token), Failure> {
    let (cache, source, reader) = parts(options, keep)?;
    let reader = Telling { reader, note };
    let freshness = if options.fresh {
        Freshness::Fresh
    } else {
        Freshness::Cached
    };
    let token = cache.get(&source, freshness, &reader).await?;
    Ok((source, token))
}

/// What a token is got by, for a program that goes on using it. Nothing is read and nothing is started.
pub fn parts(
    options: &GetOptions,
    keep: &KeepOptions,
) -> Result<(Cache, Source, BrowserReader), Failure> {
    let source = options.source()?;
    let reader = BrowserReader {
        options: options.browser.browser()?,
        patience: options.patience()?,
    };
    Ok((Cache::open(keep.settings()?)?, source, reader))
}

/// Says that a browser is at work, since that takes seconds.
struct Telling<N> {
    reader: BrowserReader,
    note: N,
}

impl<N: Fn(&str) + Sync> Reader for Telling<N> {
    async fn read(&self, source: &Source) -> Result<Held, ReadError> {
        let patience = self.reader.patience.as_secs_f32();
        (self.note)(&format!(
            "visiting {} in a browser, for up to {patience} s",
            source.shown_page()
        ));
        self.reader.read(source).await
    }
}
