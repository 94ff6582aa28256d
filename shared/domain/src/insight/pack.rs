//! Figures as they are stored: equal figures are equal bytes.

use super::Insight;

/// The format's version, the first byte. A reader refuses one that it does not know.
const FORMAT: u8 = 2;

/// The format before: without the last field, [`Insight::menus_cut`].
const FORMAT_UNCUT: u8 = 1;

/// As for pages: higher levels save under one per cent and cost several times the work.
const ZSTD_LEVEL: i32 = 9;

/// The most that figures may come to when they are unpacked, in bytes: a bound on what a reader can be made to
/// allocate.
const UNPACKED_BYTES_MAX: usize = 64 << 20;

/// Why figures could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum InsightError {
    /// Written by a newer version of this program.
    #[error("figures of format {0} are not known to this version")]
    UnknownFormat(u8),
    /// The bytes are not those of figures.
    #[error("the figures are damaged: {0}")]
    Damaged(&'static str),
    /// They could not be compressed or expanded.
    #[error("the figures could not be packed or unpacked")]
    Compression(#[source] std::io::Error),
    /// They could not be written as bytes or read from them.
    #[error("the figures could not be coded")]
    Coding(#[from] postcard::Error),
}

impl Insight {
    /// Packs figures into bytes.
    ///
    /// # Errors
    /// [`InsightError::Compression`] or [`InsightError::Coding`]; neither happens on figures that fit in memory.
    pub fn pack(&self) -> Result<Vec<u8>, InsightError> {
        let flat = postcard::to_stdvec(self)?;
        let mut packed = zstd::bulk::compress(&flat, ZSTD_LEVEL).map_err(InsightError::Compression)?;
        packed.insert(0, FORMAT);
        Ok(packed)
    }

    /// Unpacks figures.
    ///
    /// # Errors
    /// [`InsightError`] when the bytes are not figures of a known format.
    pub fn unpack(bytes: &[u8]) -> Result<Self, InsightError> {
        let (format, packed) = bytes.split_first().ok_or(InsightError::Damaged("empty"))?;
        if ![FORMAT, FORMAT_UNCUT].contains(format) {
            return Err(InsightError::UnknownFormat(*format));
        }
        let size = zstd::zstd_safe::get_frame_content_size(packed)
            .ok()
            .flatten()
            .and_then(|size| usize::try_from(size).ok())
            .filter(|size| *size <= UNPACKED_BYTES_MAX)
            .ok_or(InsightError::Damaged("no believable size"))?;
        let mut flat = zstd::bulk::decompress(packed, size).map_err(InsightError::Compression)?;
        if *format == FORMAT_UNCUT {
            flat.extend(postcard::to_stdvec(&false)?);
        }
        match postcard::take_from_bytes(&flat)? {
            (figures, []) => Ok(figures),
            _ => Err(InsightError::Damaged("more than figures")),
        }
    }
}
