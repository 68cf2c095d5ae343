//! JSON strings, as Postgres' `escape_json` writes them.

/// Bytes looked at together: few enough to find the end of short texts, enough for the compiler to use wide registers.
const BLOCK: usize = 16;

/// Writes a text between quotes. Only quote, backslash and control characters are escaped.
pub(super) fn string(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    escaped(text, out);
    out.push(b'"');
}

fn escaped(mut text: &[u8], out: &mut Vec<u8>) {
    while let Some(plain) = first_special(text) {
        let (before, rest) = text.split_at(plain);
        out.extend_from_slice(before);
        let Some((&special, rest)) = rest.split_first() else { return };
        escape(special, out);
        text = rest;
    }
    out.extend_from_slice(text);
}

fn first_special(text: &[u8]) -> Option<usize> {
    let (blocks, _) = text.as_chunks::<BLOCK>();
    // No early exit within a block: this is what lets it be vectorised.
    let clean =
        blocks.iter().take_while(|block| !block.iter().fold(false, |any, &byte| any | is_special(byte))).count();
    let start = clean * BLOCK;
    text[start..].iter().position(|&byte| is_special(byte)).map(|found| start + found)
}

fn is_special(byte: u8) -> bool {
    byte < b' ' || byte == b'"' || byte == b'\\'
}

fn escape(byte: u8, out: &mut Vec<u8>) {
    let short = match byte {
        b'\x08' => b'b',
        b'\x0c' => b'f',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        b'"' | b'\\' => byte,
        _ => {
            out.extend_from_slice(b"\\u00");
            return hex(&[byte], out);
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

/// Writes bytes in lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + 2 * bytes.len(), 0);
    hex_into(bytes, &mut out[start..]);
}

/// Fills a space of twice as many bytes with them in lower-case hexadecimal.
pub(super) fn hex_into(bytes: &[u8], space: &mut [u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (pair, byte) in space.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
        *pair = [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(text: &str) -> String {
        let mut out = Vec::new();
        string(text.as_bytes(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_kind_of_character_is_written_as_postgres_does() {
        assert_eq!(rendered(""), r#""""#);
        assert_eq!(rendered("\u{8}\u{c}\n\r\t\"\\/"), r#""\b\f\n\r\t\"\\/""#);
        assert_eq!(rendered("\u{1}\u{1f}\u{7f}"), "\"\\u0001\\u001f\u{7f}\"");
        assert_eq!(rendered("æøå 🐘"), "\"æøå 🐘\"");
    }

    #[test]
    fn a_special_character_is_found_wherever_it_stands() {
        for length in 0..70 {
            for at in 0..length {
                let mut text = "x".repeat(length);
                text.replace_range(at..=at, "\"");
                assert_eq!(rendered(&text), format!("\"{}\"", text.replace('"', "\\\"")));
            }
        }
    }
}
