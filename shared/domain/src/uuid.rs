//! UUIDs as their sixteen bytes: what a point of sale writes in thirty-six characters.

/// The lengths of a UUID's groups of digits (RFC 9562, §4).
const UUID_GROUPS: [usize; 5] = [8, 4, 4, 4, 12];

/// The bytes of a UUID in lower case with its hyphens; `None` for any other text.
pub(crate) fn uuid_bytes(id: &str) -> Option<[u8; 16]> {
    if id.len() != 36 || id.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let mut groups = id.split('-');
    if !UUID_GROUPS
        .iter()
        .all(|length| groups.next().is_some_and(|group| group.len() == *length))
    {
        return None;
    }
    let hex: String = id.split('-').collect();
    data_encoding::HEXLOWER
        .decode(hex.as_bytes())
        .ok()?
        .try_into()
        .ok()
}

/// The usual writing of a UUID's bytes.
pub(crate) fn uuid_text(bytes: &[u8]) -> String {
    let hex = data_encoding::HEXLOWER.encode(bytes);
    let mut text = String::with_capacity(36);
    let mut rest = hex.as_str();
    for length in UUID_GROUPS {
        let (group, tail) = rest.split_at_checked(length).unwrap_or((rest, ""));
        if !text.is_empty() {
            text.push('-');
        }
        text.push_str(group);
        rest = tail;
    }
    text
}
