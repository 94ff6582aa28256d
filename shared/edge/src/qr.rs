//! A link as a QR code (ISO/IEC 18004), drawn as SVG or PNG for printing.

use std::fmt::Write as _;

use png::{BitDepth, ColorType, Encoder, EncodingError};
use qrcodegen::{QrCode, QrCodeEcc};

/// The white border that the standard asks for, in modules on each side.
const QUIET_ZONE: i32 = 4;
/// How many pixels a module of a PNG is wide, unless the caller says otherwise.
pub const SCALE: u32 = 8;
/// The most pixels that a module may be wide: the largest code comes to a few thousand pixels a side.
pub const SCALE_MAX: u32 = 32;

/// Why there is no code.
#[derive(Debug, thiserror::Error)]
pub enum QrError {
    /// The link has more characters than the largest code.
    #[error("a link is too long for a QR code")]
    TooLong,
    /// The image could not be written.
    #[error("a QR code could not be written as an image")]
    Image(#[from] EncodingError),
}

/// A QR code with its quiet zone.
pub struct Code(QrCode);

impl Code {
    /// The code of a text. Level M restores a seventh of the code (ISO/IEC 18004, error correction):
    /// more would make the modules smaller, which cheap printers and phones take worse than a smudge.
    ///
    /// # Errors
    /// [`QrError::TooLong`] beyond 2,331 bytes.
    pub fn of(text: &str) -> Result<Self, QrError> {
        QrCode::encode_text(text, QrCodeEcc::Medium)
            .map(Self)
            .map_err(|_| QrError::TooLong)
    }

    /// Modules on each side, the quiet zone included.
    fn side(&self) -> i32 {
        self.0.size().saturating_add(2 * QUIET_ZONE)
    }

    /// Whether a module is dark, counted from the corner of the quiet zone.
    fn is_dark(&self, x: i32, y: i32) -> bool {
        self.0.get_module(x - QUIET_ZONE, y - QUIET_ZONE)
    }

    /// The code as an SVG document, which may stand in a page as it is: one path on white, as large as whoever
    /// shows it wants.
    #[must_use]
    pub fn svg(&self) -> String {
        let side = self.side();
        let mut path = String::new();
        for y in 0..side {
            let mut x = 0;
            while x < side {
                let width = (x..side).take_while(|x| self.is_dark(*x, y)).count();
                if width > 0 {
                    // Writing into a String cannot fail.
                    write!(path, "M{x} {y}h{width}v1h-{width}z").unwrap_or_default();
                }
                x = x
                    .saturating_add(i32::try_from(width).unwrap_or(side))
                    .saturating_add(1);
            }
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" \
             shape-rendering=\"crispEdges\" role=\"img\" aria-label=\"QR\">\
             <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path d=\"{path}\"/></svg>\n"
        )
    }

    /// The code as a PNG of black and white, `scale` pixels to a module.
    ///
    /// # Errors
    /// [`QrError::Image`] when it can't be written.
    pub fn png(&self, scale: u32) -> Result<Vec<u8>, QrError> {
        let side = self.side();
        let pixels = side.unsigned_abs().saturating_mul(scale);
        let mut image = Vec::new();
        for y in 0..side {
            let row = self.row(y, scale);
            for _ in 0..scale {
                image.extend_from_slice(&row);
            }
        }
        let mut png = Vec::new();
        let mut encoder = Encoder::new(&mut png, pixels, pixels);
        encoder.set_color(ColorType::Grayscale);
        encoder.set_depth(BitDepth::One);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&image)?;
        writer.finish()?;
        Ok(png)
    }

    /// A row of pixels, eight to a byte, the first in the highest bit, white as 1 (PNG, third edition, §7.2).
    fn row(&self, y: i32, scale: u32) -> Vec<u8> {
        let scale = usize::try_from(scale).unwrap_or(1);
        let dark: Vec<bool> = (0..self.side())
            .flat_map(|x| std::iter::repeat_n(self.is_dark(x, y), scale))
            .collect();
        let byte = |bits: &[bool]| {
            (0_u8..8)
                .zip(bits)
                .filter(|(_, dark)| !**dark)
                .fold(0_u8, |byte, (at, _)| byte | (0x80 >> at))
        };
        dark.chunks(8).map(byte).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
mod tests {
    use super::*;

    const LINK: &str = "https://oyako.example/r/AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdEfGhIjKlMnOp";

    /// Which pixels of a PNG are dark, row by row.
    fn pixels(png: &[u8]) -> (u32, Vec<bool>) {
        let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
        let mut image = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut image).unwrap();
        assert_eq!((frame.width, frame.bit_depth), (frame.height, BitDepth::One));
        let width = usize::try_from(frame.width).unwrap();
        let dark = image
            .chunks(frame.line_size)
            .flat_map(|row| (0..width).map(move |x| row[x / 8] & (0x80 >> (x % 8)) == 0));
        (frame.width, dark.collect())
    }

    /// Which modules of an SVG are dark, from its path.
    fn modules(svg: &str, side: usize) -> Vec<bool> {
        let path = svg.split("<path d=\"").nth(1).unwrap().split('"').next().unwrap();
        let mut dark = vec![false; side * side];
        for run in path.split('M').skip(1) {
            let (x, rest) = run.split_once(' ').unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            let (width, _) = rest.split_once('v').unwrap();
            let [x, y, width]: [usize; 3] = [x, y, width].map(|number| number.parse().unwrap());
            dark[y * side + x..y * side + x + width].fill(true);
        }
        dark
    }

    #[test]
    fn both_drawings_show_every_module_of_the_code() {
        let code = Code::of(LINK).unwrap();
        let side = usize::try_from(code.side()).unwrap();
        let expected: Vec<bool> = (0..code.side())
            .flat_map(|y| (0..code.side()).map(move |x| (x, y)))
            .map(|(x, y)| code.is_dark(x, y))
            .collect();
        assert_eq!(modules(&code.svg(), side), expected);
        for scale in [1, 3, SCALE] {
            let (width, pixels) = pixels(&code.png(scale).unwrap());
            assert_eq!(width, code.side().unsigned_abs() * scale);
            let (width, scale) = (usize::try_from(width).unwrap(), usize::try_from(scale).unwrap());
            for (at, pixel) in pixels.iter().enumerate() {
                let (x, y) = (at % width / scale, at / width / scale);
                assert_eq!(*pixel, expected[y * side + x], "{x} {y} at {scale}");
            }
        }
    }

    #[test]
    fn four_modules_around_the_code_are_white() {
        let code = Code::of(LINK).unwrap();
        let (side, quiet) = (code.side(), QUIET_ZONE);
        for y in 0..side {
            for x in 0..side {
                let inside = [x, y].iter().all(|at| (quiet..side - quiet).contains(at));
                assert!(inside || !code.is_dark(x, y), "{x} {y}");
            }
        }
        // The finder pattern begins right after it.
        assert!((quiet..quiet + 7).all(|x| code.is_dark(x, quiet)));
    }

    #[test]
    fn one_text_has_one_drawing_and_another_text_another() {
        let draw = |text: &str| {
            let code = Code::of(text).unwrap();
            (code.svg(), code.png(SCALE).unwrap())
        };
        assert_eq!(draw(LINK), draw(LINK));
        assert_ne!(draw(LINK).0, draw(&LINK.replace('A', "B")).0);
    }

    #[test]
    fn a_text_beyond_the_largest_code_is_refused() {
        assert!(Code::of(&"a".repeat(2331)).is_ok());
        assert!(matches!(Code::of(&"a".repeat(2332)), Err(QrError::TooLong)));
    }
}
