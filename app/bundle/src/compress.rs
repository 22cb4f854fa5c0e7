//! Compression at build time, so that the server only ever sends files.

use std::io::Write;

use anyhow::Result;
use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, GzBuilder};

/// The largest Brotli window that browsers must accept.
const BROTLI_WINDOW_LOG2: i32 = 24;

/// The compression effort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// Fast, for development.
    Quick,
    /// The smallest files, for releases.
    Best,
}

/// A file's bytes in every encoding that the server sends.
pub struct Compressed {
    pub brotli: Vec<u8>,
    pub gzip: Vec<u8>,
}

/// Compresses one file. Deterministic.
pub fn compress(bytes: &[u8], effort: Effort) -> Result<Compressed> {
    Ok(Compressed { brotli: brotli(bytes, effort)?, gzip: gzip(bytes, effort)? })
}

/// Whether compressing a file with this name saves space.
pub fn is_worthwhile(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let text = ["css", "html", "js", "json", "map", "svg", "txt", "webmanifest", "xml", "md"];
    text.contains(&extension) || ["wasm", "ico", "ttf", "otf"].contains(&extension)
}

fn brotli(mut bytes: &[u8], effort: Effort) -> Result<Vec<u8>> {
    let parameters = BrotliEncoderParams {
        quality: if effort == Effort::Best { 11 } else { 5 },
        lgwin: BROTLI_WINDOW_LOG2,
        size_hint: bytes.len(),
        ..BrotliEncoderParams::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut bytes, &mut compressed, &parameters)?;
    Ok(compressed)
}

fn gzip(bytes: &[u8], effort: Effort) -> Result<Vec<u8>> {
    let level = if effort == Effort::Best { Compression::best() } else { Compression::fast() };
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), level);
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn both_encodings_round_trip() {
        let bytes = "the understudy takes the stage ".repeat(500).into_bytes();
        for effort in [Effort::Quick, Effort::Best] {
            let compressed = compress(&bytes, effort).unwrap();
            assert!(compressed.brotli.len() < compressed.gzip.len());
            assert!(compressed.gzip.len() < bytes.len() / 10);

            let mut plain = Vec::new();
            brotli::BrotliDecompress(&mut compressed.brotli.as_slice(), &mut plain).unwrap();
            assert_eq!(plain, bytes);
            plain.clear();
            let mut decoder = flate2::read::GzDecoder::new(compressed.gzip.as_slice());
            decoder.read_to_end(&mut plain).unwrap();
            assert_eq!(plain, bytes);
        }
    }

    #[test]
    fn the_same_bytes_compress_to_the_same_bytes() {
        let once = compress(b"again", Effort::Best).unwrap();
        let twice = compress(b"again", Effort::Best).unwrap();
        assert_eq!((once.brotli, once.gzip), (twice.brotli, twice.gzip));
    }

    #[test]
    fn text_is_compressed_and_pictures_are_not() {
        for name in ["logo.svg", "a.min.js", "app.wasm", "site.webmanifest"] {
            assert!(is_worthwhile(name), "{name}");
        }
        for name in ["photo.png", "font.woff2", "LICENSE"] {
            assert!(!is_worthwhile(name), "{name}");
        }
    }
}
