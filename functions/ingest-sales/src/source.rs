//! The bytes of an object, unpacked as they come.

use std::io::{self, Write};

use domain::record::Rejection;

/// How many unpacked bytes one packed byte may become, once a file has grown past [`RATIO_FROM`].
const RATIO_MAX: u64 = 300;
/// Below this size no ratio is suspicious.
const RATIO_FROM: u64 = 32 << 20;
/// The most that any file may unpack to.
const UNPACKED_MAX: u64 = 32 << 30;
/// The largest window that a zstd file may ask for, as a power of two: 8 MiB.
const WINDOW_LOG_MAX: u32 = 23;
/// Packed bytes taken at a time, so that what they become stays small: a block of four bytes may stand for 128 KiB.
pub const PIECE: usize = 512;

enum Packing {
    Plain,
    Gzip(flate2::write::MultiGzDecoder<Vec<u8>>),
    Zstd(zstd::stream::write::Decoder<'static, Vec<u8>>),
}

/// Unpacks a file that is plain, gzip or zstd, told from its first bytes.
#[derive(Default)]
pub struct Unpacker {
    packing: Option<Packing>,
    head: Vec<u8>,
    packed: u64,
    unpacked: u64,
}

impl std::fmt::Debug for Unpacker {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Unpacker")
            .field("packed", &self.packed)
            .field("unpacked", &self.unpacked)
            .finish()
    }
}

impl Unpacker {
    /// One that goes on in the middle of a plain file.
    #[must_use]
    pub fn plain() -> Self {
        Self {
            packing: Some(Packing::Plain),
            ..Self::default()
        }
    }

    /// Whether the file is packed, as far as these first or next bytes of it tell.
    #[must_use]
    pub fn is_packed(&self, bytes: &[u8]) -> bool {
        match &self.packing {
            Some(packing) => !matches!(packing, Packing::Plain),
            None => is_magic(bytes),
        }
    }

    /// Takes packed bytes and gives unpacked ones to `sink`, until it answers `false`. Answers whether to go on.
    ///
    /// # Errors
    /// [`Rejection`] with the reason when the bytes can't be unpacked, or become too many.
    pub fn push(&mut self, bytes: &[u8], sink: &mut impl FnMut(&[u8]) -> bool) -> Result<bool, Rejection> {
        if self.packing.is_none() {
            self.head.extend_from_slice(bytes);
            if self.head.len() < 4 {
                return Ok(true);
            }
            let head = std::mem::take(&mut self.head);
            self.packing = Some(packing_of(&head)?);
            return self.unpack(&head, sink);
        }
        self.unpack(bytes, sink)
    }

    /// Says that the file has ended.
    ///
    /// # Errors
    /// [`Rejection`] when a packed file ends too early.
    pub fn finish(&mut self, sink: &mut impl FnMut(&[u8]) -> bool) -> Result<(), Rejection> {
        match self.packing.take() {
            None => {
                let head = std::mem::take(&mut self.head);
                sink(&head);
            }
            Some(Packing::Plain) => {}
            Some(Packing::Gzip(mut decoder)) => {
                decoder.try_finish().map_err(|error| broken(&error))?;
                sink(decoder.get_ref());
            }
            Some(Packing::Zstd(mut decoder)) => {
                decoder.flush().map_err(|error| broken(&error))?;
                sink(decoder.get_ref());
            }
        }
        Ok(())
    }

    fn unpack(&mut self, bytes: &[u8], sink: &mut impl FnMut(&[u8]) -> bool) -> Result<bool, Rejection> {
        for piece in bytes.chunks(PIECE) {
            self.packed = self.packed.saturating_add(piece.len() as u64);
            let (unpacked, more) = match &mut self.packing {
                None | Some(Packing::Plain) => {
                    self.unpacked = self.unpacked.saturating_add(bytes.len() as u64);
                    return Ok(sink(bytes));
                }
                Some(Packing::Gzip(decoder)) => {
                    decoder.write_all(piece).map_err(|error| broken(&error))?;
                    hand_on(decoder.get_mut(), sink)
                }
                Some(Packing::Zstd(decoder)) => {
                    decoder.write_all(piece).map_err(|error| broken(&error))?;
                    hand_on(decoder.get_mut(), sink)
                }
            };
            self.unpacked = self.unpacked.saturating_add(unpacked);
            self.check_size()?;
            if !more {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn check_size(&self) -> Result<(), Rejection> {
        let suspicious = self.unpacked > RATIO_FROM && self.unpacked / RATIO_MAX > self.packed;
        if suspicious || self.unpacked > UNPACKED_MAX {
            let detail = format!(
                "{} bytes became {} and no end in sight",
                self.packed, self.unpacked
            );
            return Err(Rejection::new("FILE_BOMB", "", detail));
        }
        Ok(())
    }
}

fn hand_on(buffer: &mut Vec<u8>, sink: &mut impl FnMut(&[u8]) -> bool) -> (u64, bool) {
    let more = buffer.is_empty() || sink(buffer);
    let unpacked = buffer.len() as u64;
    buffer.clear();
    // A burst must not hold on to its memory.
    buffer.shrink_to(1 << 20);
    (unpacked, more)
}

fn packing_of(head: &[u8]) -> Result<Packing, Rejection> {
    Ok(match head {
        [0x1f, 0x8b, ..] => Packing::Gzip(flate2::write::MultiGzDecoder::new(Vec::new())),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            let mut decoder =
                zstd::stream::write::Decoder::new(Vec::new()).map_err(|error| broken(&error))?;
            decoder
                .window_log_max(WINDOW_LOG_MAX)
                .map_err(|error| broken(&error))?;
            Packing::Zstd(decoder)
        }
        _ => Packing::Plain,
    })
}

fn is_magic(head: &[u8]) -> bool {
    head.starts_with(&[0x1f, 0x8b]) || head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd])
}

fn broken(error: &io::Error) -> Rejection {
    let text = error.to_string();
    if text.contains("too much memory") || text.contains("window") {
        return Rejection::new(
            "FILE_WINDOW_TOO_LARGE",
            "",
            "the packed file asks for a window of more than 8 MiB",
        );
    }
    Rejection::new(
        "FILE_COMPRESSION_BROKEN",
        "",
        "the packed file is damaged or ends too early",
    )
}

/// Whether an object is packed, told from its first bytes.
///
/// # Errors
/// [`aws::StoreError`] when it can't be read.
pub async fn is_packed(
    object: aws::objects::Wanted<'_>,
    objects: &aws::objects::Objects,
) -> Result<bool, aws::StoreError> {
    let mut object = objects.open(object, 0).await?;
    let first = object.body.next().await.transpose();
    let first = first.map_err(|error| aws::StoreError::Unavailable {
        operation: "GetObject",
        code: "BodyInterrupted".to_owned(),
        source: Box::new(error),
    })?;
    let head = first.unwrap_or_default();
    Ok(is_magic(&head))
}
