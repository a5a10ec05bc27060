//! From the bytes of a text file to text: UTF-8, UTF-16 either way round, Windows-1251.

use super::GoodsError;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1251};

/// The text, without its byte order mark. What is neither marked nor UTF-8 is Windows-1251, as older Excel writes it.
pub fn text(bytes: &[u8]) -> Result<String, GoodsError> {
    let (encoding, marked) = Encoding::for_bom(bytes).unwrap_or_else(|| (guessed(bytes), 0));
    let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes[marked..]).ok_or(GoodsError::NotText)?;
    if text.contains('\0') {
        return Err(GoodsError::NotText);
    }
    Ok(text.into_owned())
}

/// Every delimiter, digit and line end of UTF-16 has a zero byte; in the other encodings there is none.
fn guessed(bytes: &[u8]) -> &'static Encoding {
    const LOOKED_AT: usize = 4096;
    let start = &bytes[..bytes.len().min(LOOKED_AT)];
    let zeros = |offset: usize| start.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    match (zeros(0), zeros(1)) {
        (0, 0) if std::str::from_utf8(bytes).is_ok() => UTF_8,
        (0, 0) => WINDOWS_1251,
        (even, odd) if even > odd => UTF_16BE,
        _ => UTF_16LE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// “код;Нан;1,5” and a line end, byte by byte as the programs write them.
    #[test]
    fn each_encoding_gives_the_same_text() {
        let utf8 = b"\xd0\xba\xd0\xbe\xd0\xb4;\xd0\x9d\xd0\xb0\xd0\xbd;1,5\r\n";
        let utf8_marked = b"\xef\xbb\xbf\xd0\xba\xd0\xbe\xd0\xb4;\xd0\x9d\xd0\xb0\xd0\xbd;1,5\r\n";
        let cp1251 = b"\xea\xee\xe4;\xcd\xe0\xed;1,5\r\n";
        let utf16le = b"\x3a\x04\x3e\x04\x34\x04;\0\x1d\x04\x30\x04\x3d\x04;\x001\0,\x005\0\r\0\n\0";
        let utf16be = b"\x04\x3a\x04\x3e\x04\x34\0;\x04\x1d\x04\x30\x04\x3d\0;\x001\0,\x005\0\r\0\n";
        let marked = |mark: &[u8], rest: &[u8]| [mark, rest].concat();
        for (name, bytes) in [
            ("UTF-8", utf8.to_vec()),
            ("UTF-8 with a mark", utf8_marked.to_vec()),
            ("Windows-1251", cp1251.to_vec()),
            ("UTF-16 LE", utf16le.to_vec()),
            ("UTF-16 BE", utf16be.to_vec()),
            ("UTF-16 LE with a mark", marked(b"\xff\xfe", utf16le)),
            ("UTF-16 BE with a mark", marked(b"\xfe\xff", utf16be)),
        ] {
            assert_eq!(text(&bytes).unwrap(), "код;Нан;1,5\r\n", "{name}");
        }
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert_eq!(text(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Err(GoodsError::NotText));
        assert_eq!(text(b"\xff\xfea"), Err(GoodsError::NotText), "half a letter");
    }
}
