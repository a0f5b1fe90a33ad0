use proptest::prelude::*;

use super::super::decode_lines;
use super::*;

const WHOLE: Sizes = Sizes {
    head: HEAD,
    block: BLOCK,
    line_chars: LINE_CHARS,
};
/// Every limit within reach of a few bytes.
const SMALL: Sizes = Sizes {
    head: 24,
    block: 7,
    line_chars: 3,
};

fn read(bytes: &[u8], sizes: Sizes) -> (Vec<(u32, String)>, Lines) {
    let source = Source::new(&Content::Memory(Arc::from(bytes)));
    let mut lines = Lines::sized(source, sizes).unwrap();
    let mut all = Vec::new();
    while let Some((number, line)) = lines.next_line().unwrap() {
        all.push((number, line.to_owned()));
    }
    (all, lines)
}

/// Both ways of reading give the same.
fn same(bytes: &[u8], sizes: Sizes) {
    let text = decode_lines(bytes, sizes.line_chars);
    let (all, mut lines) = read(bytes, sizes);
    let numbered: Vec<(u32, String)> = (1..).zip(text.lines).collect();
    assert_eq!(all, numbered);
    assert_eq!(lines.cut_lines(), text.cut_lines);
    if sizes.head == HEAD {
        assert_eq!(lines.encodings(), text.encodings);
    }
    lines.rewind().unwrap();
    assert_eq!(passing(&mut lines), all);
    assert_eq!(lines.cut_lines(), text.cut_lines);
}

/// The lines, those ahead passed over where they are as they stand there.
fn passing(lines: &mut Lines) -> Vec<(u32, String)> {
    let mut all = Vec::new();
    loop {
        let (number, text) = lines.ahead();
        let length = memchr::memchr2(b'\r', b'\n', text);
        let (line, end) = text.split_at(length.unwrap_or_default());
        let end = match end {
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            _ => 0,
        };
        let trimmed = line.ends_with(b" ") || line.ends_with(b"\t");
        let told = std::str::from_utf8(line).unwrap().to_owned();
        let bytes = line.len() + end;
        if end > 0 && !trimmed && !line.starts_with(b"\xEF") && line.len() <= lines.sizes.line_chars
        {
            all.push((number, told));
            lines.pass(1, bytes);
        } else if let Some((number, line)) = lines.next_line().unwrap() {
            all.push((number, line.to_owned()));
        } else {
            return all;
        }
    }
}

#[test]
fn a_log_in_use() {
    for bytes in [
        &b"a\r\nlog that was cu\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"[..],
        b"a\r\nb\r\n\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        b"the server crashed\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\nand went on",
    ] {
        same(bytes, WHOLE);
        same(bytes, SMALL);
    }
}

#[test]
fn a_letter_that_only_comes_later() {
    let bytes = [
        b"plain\n".repeat(10),
        b"f\xFCr\nM\xFCller\n\xC3\xBC\n".to_vec(),
    ]
    .concat();
    let (all, _) = read(
        &bytes,
        Sizes {
            line_chars: 9,
            ..SMALL
        },
    );
    let last: Vec<&str> = all.iter().skip(10).map(|(_, line)| line.as_str()).collect();
    assert_eq!(last, ["für", "Müller", "ü"]);
}

#[test]
fn more_than_a_block_holds() {
    let line = [&[b'x'; LINE_CHARS * 4 + 100][..], b"\r\r\nafter\r\n"].concat();
    let bytes = [
        b"line\r\n".repeat(HEAD / 6 + 1),
        line.clone(),
        b"e\n".repeat(BLOCK),
        line,
    ]
    .concat();
    same(
        &bytes,
        Sizes {
            head: HEAD,
            ..WHOLE
        },
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(
        prop_oneof![Just(0u8), Just(b'\n'), Just(b'\r'), Just(0xFFu8), Just(0xFEu8), b' '..=b'~', any::<u8>()], 0..600)) {
        same(&bytes, WHOLE);
    }

    #[test]
    fn blocks_cut_lines_anywhere(bytes in proptest::collection::vec(
        prop_oneof![2 => Just(b'\n'), 4 => Just(b'\r'), 1 => Just(b' '), 9 => b' '..=b'~'], 0..200)) {
        same(&bytes, SMALL);
        same(&bytes, Sizes { line_chars: 50, ..SMALL });
    }

    #[test]
    fn zeros_anywhere(parts in proptest::collection::vec(prop_oneof![
        (0usize..60).prop_map(|n| vec![0u8; n]), "[a-z]{0,30}".prop_map(String::into_bytes), "[\r\n]{1,3}".prop_map(String::into_bytes)], 0..12)) {
        let bytes = parts.concat();
        prop_assume!(decode_lines(&bytes, 3).encodings.iter().all(|name| *name == "ascii"));
        same(&bytes, SMALL);
    }

    #[test]
    fn letters_in_utf8(text in "([a-z äöü€😀]{0,9}[\r\n]{1,3}){0,40}") {
        same(text.as_bytes(), Sizes { head: 60, line_chars: 100, ..SMALL });
    }
}
