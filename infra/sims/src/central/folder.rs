//! Files of days in a folder, for the run on one machine: `<date>/<name>` and `<date>/<outlet>/<name>`.

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use domain::map::is_outlet_id;
use domain::when::BusinessDate;
use tokio::fs;

use super::File;

/// The files of a day, by name. What cannot be read is not listed.
pub(super) async fn day(folder: &Path, date: BusinessDate) -> BTreeMap<String, File> {
    let folder = folder.join(date.to_string());
    let mut files = of_outlet(&folder, None).await;
    for outlet in names(&folder).await.into_iter().filter(|name| is_outlet_id(name)) {
        files.extend(of_outlet(&folder.join(&outlet), Some(&outlet)).await);
    }
    files
}

/// The content of a file, of whatever day.
pub(super) async fn file(folder: &Path, name: &str) -> Option<Bytes> {
    for date in names(folder).await {
        if let Ok(date) = date.parse()
            && let Some(file) = day(folder, date).await.remove(name)
        {
            return Some(file.content);
        }
    }
    None
}

async fn of_outlet(folder: &Path, outlet: Option<&str>) -> BTreeMap<String, File> {
    let mut files = BTreeMap::new();
    for name in names(folder).await {
        // A folder cannot be read as a file; an editor's hidden file is none of ours.
        if !name.starts_with('.')
            && let Ok(content) = fs::read(folder.join(&name)).await
        {
            let file = File {
                outlet: outlet.map(str::to_owned),
                content: content.into(),
            };
            files.insert(name, file);
        }
    }
    files
}

/// What a folder holds; nothing if there is none.
async fn names(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    if let Ok(mut entries) = fs::read_dir(folder).await {
        while let Ok(Some(entry)) = entries.next_entry().await {
            names.extend(entry.file_name().into_string());
        }
    }
    names.sort();
    names
}
