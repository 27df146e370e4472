//! `towpath token list` and `forget`.

use towpath_tokens::{Cache, Forgotten, List};

use crate::error::Failure;
use crate::options::KeepOptions;

/// Everything that is kept, without the tokens.
pub async fn list(keep: &KeepOptions) -> Result<List, Failure> {
    Ok(Cache::open(keep.settings()?)?.list().await?)
}

/// Removes the tokens of a page's origin, or only those of one account of it; everything where no page is given.
pub async fn forget(
    keep: &KeepOptions,
    page: Option<&str>,
    account: Option<&str>,
) -> Result<Forgotten, Failure> {
    let cache = Cache::open(keep.settings()?)?;
    Ok(match page {
        Some(page) => cache.forget(page, account).await?,
        None => cache.forget_all().await?,
    })
}
