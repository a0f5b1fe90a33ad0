//! Every encoding that a Windows tool writes, and what goes wrong between them.

use encoding_rs::{BIG5, EUC_KR, GBK, SHIFT_JIS, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252};
use oem_cp::code_table::{ENCODING_TABLE_CP850, ENCODING_TABLE_CP852, ENCODING_TABLE_CP866};
use proptest::prelude::*;

use super::*;

const GERMAN: &str = "Die Domäne \"DC=corp,DC=test\" wird überprüft.\r\n        HTTP/web\r\nAktualisiertes Objekt für Müller\r\n";
const FRENCH: &str = "Tickets mis en cache : (1)\r\n  Heure de démarrage : 1/2/2024\r\n  Type de clé de session : x\r\n";
const SPANISH: &str = "El id. de inicio de sesión actual es 0:0x1\r\nVales almacenados en caché: (1)\r\n  Hora de finalización\r\n";
const POLISH: &str =
    "Sprawdzanie domeny\r\nNie można odnaleźć konta użytkownika, spróbuj później\r\n";
const RUSSIAN: &str = "Проверка домена DC=corp,DC=test\r\n\r\nТакое SPN не найдено.\r\n";
const JAPANESE: &str = "ドメイン DC=corp を確認しています\r\n既存の SPN が見つかりました\r\n";
const CHINESE: &str = "正在检查域 DC=corp,DC=test\r\n发现存在 SPN!\r\n更新的对象\r\n";
const KOREAN: &str = "도메인 DC=corp 확인하는 중\r\n기존 SPN을 찾았습니다\r\n";
const TAIWANESE: &str = "正在檢查網域 DC=corp\r\n找到現有的服務主體名稱\r\n";

fn utf16le(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn utf16be(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim_end).collect()
}

#[track_caller]
fn reads(bytes: &[u8], encoding: &str, text: &str) {
    let decoded = decode(bytes);
    assert_eq!(decoded.lines, lines(text));
    assert_eq!(decoded.encodings, [encoding]);
    assert!(decoded.cut_lines.is_empty());
}

#[test]
fn unicode_with_and_without_a_mark() {
    for text in [GERMAN, RUSSIAN, CHINESE, KOREAN] {
        reads(text.as_bytes(), "utf-8", text);
        reads(&[b"\xEF\xBB\xBF", text.as_bytes()].concat(), "utf-8", text);
        reads(&utf16le(text), "utf-16le", text);
        reads(
            &[vec![0xFF, 0xFE], utf16le(text)].concat(),
            "utf-16le",
            text,
        );
        reads(&utf16be(text), "utf-16be", text);
        reads(
            &[vec![0xFE, 0xFF], utf16be(text)].concat(),
            "utf-16be",
            text,
        );
    }
    reads(b"plain\r\n", "ascii", "plain");
}

#[test]
fn ansi_code_pages() {
    for (encoding, name, text) in [
        (WINDOWS_1252, "windows-1252", GERMAN),
        (WINDOWS_1252, "windows-1252", FRENCH),
        (WINDOWS_1252, "windows-1252", SPANISH),
        (WINDOWS_1250, "windows-1250", POLISH),
        (WINDOWS_1251, "windows-1251", RUSSIAN),
        (SHIFT_JIS, "windows-932", JAPANESE),
        (GBK, "windows-936", CHINESE),
        (EUC_KR, "windows-949", KOREAN),
        (BIG5, "windows-950", TAIWANESE),
    ] {
        let (bytes, _, lossy) = encoding.encode(text);
        assert!(!lossy, "{name} cannot write its own sample");
        reads(&bytes, name, text);
    }
}

#[test]
fn oem_code_pages() {
    for (table, name, text) in [
        (&ENCODING_TABLE_CP850, "ibm850", GERMAN),
        (&ENCODING_TABLE_CP850, "ibm850", FRENCH),
        (&ENCODING_TABLE_CP850, "ibm850", SPANISH),
        (&ENCODING_TABLE_CP852, "ibm852", POLISH),
        (&ENCODING_TABLE_CP866, "ibm866", RUSSIAN),
    ] {
        let bytes = oem_cp::encode_string_checked(text, table).expect(name);
        reads(&bytes, name, text);
    }
}

#[test]
fn a_table_drawn_with_frames_is_oem() {
    let drawn = "┌──────────┬─────┐\r\n│ Größe    │ 12  │\r\n└──────────┴─────┘\r\n";
    let bytes =
        oem_cp::encode_string_checked(drawn, &ENCODING_TABLE_CP850).expect("cp850 has frames");
    reads(&bytes, "ibm850", drawn);
}

#[test]
fn a_file_that_switches_encoding_keeps_its_line_numbers() {
    let oem =
        oem_cp::encode_string_checked(FRENCH, &ENCODING_TABLE_CP850).expect("French fits cp850");
    let heading = "=====\r\nklist tickets — Überschrift\r\n=====\r\n";
    for odd in ["", "x"] {
        let bytes = [
            vec![0xFF, 0xFE],
            utf16le(heading),
            odd.as_bytes().to_vec(),
            oem.clone(),
            utf16le(heading),
            b"\r\nlast line, in bytes, no line end".to_vec(),
        ]
        .concat();
        let text = decode(&bytes);
        let expected =
            format!("{heading}{odd}{FRENCH}{heading}\r\nlast line, in bytes, no line end");
        assert_eq!(text.lines, lines(&expected));
        assert_eq!(text.encodings, ["utf-16le", "ibm850", "ascii"]);
    }
}

#[test]
fn hanzi_with_a_line_feed_byte_do_not_end_utf16() {
    // 上 is 0A 4E and 不 is 0D 4E in UTF-16LE.
    let text = "标题以上不上\r\n上不\r\n不上海以上服务器名称\r\nend\r\n";
    reads(
        &[vec![0xFF, 0xFE], utf16le(text)].concat(),
        "utf-16le",
        text,
    );
}

#[test]
fn one_damaged_line_does_not_undo_utf8() {
    let bytes = [GERMAN.as_bytes(), b"f\xFCr\r\n", GERMAN.as_bytes()].concat();
    let text = decode(&bytes);
    assert_eq!(text.lines.get(3).map(String::as_str), Some("für"));
    assert_eq!(
        text.lines.first().map(String::as_str),
        lines(GERMAN).first().copied()
    );
    assert_eq!(text.encodings, ["utf-8", "windows-1252"]);
}

#[test]
fn every_kind_of_line_end() {
    assert_eq!(
        decode(b"a\nb\r\nc\r\r\nd\re").lines,
        ["a", "b", "c", "d", "e"]
    );
    assert_eq!(decode(b"a\r\n\r\nb\n\n").lines, ["a", "", "b", ""]);
    let progress =
        decode(b"Processing entry 1\rProcessing entry 2\rfound 0 group of duplicate SPNs.\r\n");
    assert_eq!(
        progress.lines,
        [
            "Processing entry 1",
            "Processing entry 2",
            "found 0 group of duplicate SPNs."
        ]
    );
    assert_eq!(decode(&utf16le("a\r\r\nb\rc")).lines, ["a", "b", "c"]);
}

#[test]
fn blanks_are_trimmed_and_invisible_characters_kept() {
    let text = decode("HTTP/web \t \r\nHTTP/web\u{a0}\r\nHTTP/web\u{200b} \r\n".as_bytes());
    assert_eq!(
        text.lines,
        ["HTTP/web", "HTTP/web\u{a0}", "HTTP/web\u{200b}"]
    );
    let ansi = decode(b"\tHTTP/web01\xA0\r\n");
    assert_eq!(ansi.lines, ["\tHTTP/web01\u{a0}"]);
}

#[test]
fn zeros_at_the_end_are_no_text() {
    assert_eq!(decode(b"a\r\nb\r\n\0\0\0\0\0").lines, ["a", "b"]);
    assert_eq!(decode(&utf16le("a\r\nb\n\0\0")).lines, ["a", "b"]);
    assert!(decode(&[0; 4096]).lines.is_empty());
    assert!(decode(b"").lines.is_empty());
}

#[test]
fn a_line_without_end_is_cut_and_said_so() {
    let huge = vec![b'x'; 200 << 20];
    let text = decode(&huge);
    assert_eq!(text.lines.len(), 1);
    assert_eq!(text.lines.first().map(String::len), Some(LINE_CHARS));
    assert_eq!(text.cut_lines, [1]);

    let euros = ["short\n", &"€".repeat(LINE_CHARS + 1), "\nafter"].concat();
    for bytes in [euros.clone().into_bytes(), utf16le(&euros)] {
        let text = decode(&bytes);
        assert_eq!(text.cut_lines, [2]);
        assert_eq!(
            text.lines.get(1).map(|line| line.chars().count()),
            Some(LINE_CHARS)
        );
        assert_eq!(text.lines.get(2).map(String::as_str), Some("after"));
    }
}

#[test]
fn a_file_of_line_ends_stays_bounded() {
    let text = decode(&vec![b'\r'; LINES + 10]);
    assert_eq!(text.lines.len(), LINES);
    assert!(text.cut_short);
}

#[test]
fn names_of_archive_entries() {
    assert_eq!(decode_name("Größe.txt".as_bytes()), "Größe.txt");
    assert_eq!(decode_name(b"Gr\x94\xE1e.txt"), "Größe.txt");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(
        prop_oneof![Just(0u8), Just(b'\n'), Just(b'\r'), Just(0xFFu8), Just(0xFEu8), b' '..=b'~', any::<u8>()], 0..600)) {
        let text = decode(&bytes);
        prop_assert!(text.lines.len() <= bytes.len());
        prop_assert!(text.cut_lines.is_empty());
        prop_assert!(text.lines.iter().all(|line| !line.contains('\n') || text.encodings.len() > 1));
        prop_assert_eq!(text.lines.is_empty(), bytes.iter().all(|&b| b == 0));
    }

    #[test]
    fn utf8_text_comes_back(rows in proptest::collection::vec("[ -~äöüéß€\u{a0}]{0,20}[!-~]", 1..20)) {
        let text = decode(rows.join("\r\n").as_bytes());
        prop_assert_eq!(text.lines, rows);
    }

    #[test]
    fn any_switch_keeps_lines_apart(parts in proptest::collection::vec((any::<bool>(), "[ -~]{1,30}[!-~]"), 1..20)) {
        let bytes: Vec<u8> = parts.iter().flat_map(|(wide, line)| {
            let line = format!("{line}\r\n");
            if *wide { utf16le(&line) } else { line.into_bytes() }
        }).collect();
        let expected: Vec<&str> = parts.iter().map(|(_, line)| line.as_str()).collect();
        prop_assert_eq!(decode(&bytes).lines, expected);
    }
}
