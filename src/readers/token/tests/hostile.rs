//! Tokens cut at every place and with every byte changed, and the real ones.

use proptest::prelude::*;

use super::*;

/// A token of every kind.
fn all() -> Vec<Vec<u8>> {
    vec![
        init(
            &[MS_KERBEROS, KERBEROS, NTLM],
            &gss(KERBEROS, [1, 0], &request()),
        ),
        reply(2, KERBEROS, &gss(KERBEROS, [3, 0], &krb_error(0x25))),
        gss(USER_TO_USER, [4, 0], &tgt_request()),
        ntlm_1(),
        ntlm_2(),
        reply(1, NTLM, &ntlm_3(&v2_response([3; 16]))),
        ntlm_3(&[1; 24]),
    ]
}

#[test]
fn secrets_never_show() {
    for bytes in all() {
        let token = Token::of_bytes(&bytes);
        for shown in [format!("{token:?}"), token.to_string()] {
            assert!(!shown.to_lowercase().contains("secret"), "{shown}");
        }
    }
}

#[test]
fn cut_anywhere() {
    for bytes in all() {
        for end in 0..bytes.len() {
            let token = Token::of_bytes(&bytes[..end]);
            assert_eq!(token.bytes, end);
            assert!(
                token.cut || end == 0 || bytes.starts_with(b"NTLMSSP"),
                "{end} of {}",
                bytes.len()
            );
        }
    }
    // The name stands before the sealed part: a cut there costs nothing.
    let whole = init(&[MS_KERBEROS], &gss(KERBEROS, [1, 0], &request()));
    let cut = Token::of_bytes(&whole[..200]);
    assert_eq!(
        cut.ticket().and_then(|t| t.service.as_deref()),
        Some("HTTP/web.corp.example")
    );
    assert_eq!(cut.ticket().and_then(|t| t.kvno), Some(7));
    assert!(cut.cut && cut.to_string().ends_with("cut off"));
}

#[test]
fn every_byte_changed() {
    for bytes in all() {
        for at in 0..bytes.len() {
            for value in [0, 1, 0x30, 0x7F, 0x80, 0x84, 0xFF, bytes[at] ^ 0x55] {
                let mut broken = bytes.clone();
                broken[at] = value;
                let _ = Token::of_bytes(&broken).to_string();
            }
        }
    }
}

#[test]
fn samples() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples/spnego");
    if !folder.is_dir() {
        println!("skipped: no sample collection beside the project");
        return;
    }
    let read = |name: &str| {
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        Token::of_base64(text.trim()).unwrap()
    };
    for (name, etype, kvno, wrapped) in [
        ("aes128-spnego-data.b64", 17, None, true),
        ("aes256-kerberos-data.b64", 18, Some(5), false),
        ("rc4-kerberos-data.b64", 23, Some(3), false),
    ] {
        let token = read(name);
        let ticket = token.ticket().unwrap();
        assert_eq!(ticket.realm.as_deref(), Some("DOMAIN.COM"), "{name}");
        assert_eq!(
            ticket.service.as_deref(),
            Some("HTTP/server.test.domain.com"),
            "{name}"
        );
        assert_eq!(ticket.etype, Some(etype), "{name}");
        assert!(
            kvno.is_none() || ticket.kvno == kvno,
            "{name}: {:?}",
            ticket.kvno
        );
        assert_eq!(
            (token.spnego.is_some(), token.cut, ticket.mutual),
            (wrapped, false, true),
            "{name}"
        );
    }
    assert_eq!(read("NegoExStart.b64").message, Message::NegoEx);
    assert!(matches!(
        read("SPNegoNtlmStart.b64").ntlm(),
        Some(NtlmMessage::Negotiate(NtlmNegotiate { domain: Some(domain), .. })) if domain == "WORKGROUP"
    ));
    assert!(matches!(
        read("U2UStart.b64").message,
        Message::TicketRequest(TicketRequest { service: Some(service), .. }) if service == "administrator"
    ));
}

proptest! {
    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Token::of_bytes(&bytes).to_string();
    }

    #[test]
    fn any_der(tags in proptest::collection::vec(prop_oneof![
        Just(0x60u8), Just(0x30), Just(0xA0), Just(0xA1), Just(0xA2), Just(0x06), Just(0x04), Just(0x6E), Just(0x61),
        Just(0x84), Just(0x05), any::<u8>(),
    ], 0..200)) {
        let _ = Token::of_bytes(&tags).to_string();
    }

    #[test]
    fn any_header(value in ".{0,200}", name in "(?i)(www-authenticate|authorization|cookie)") {
        let _ = AuthHeader::of_request(&name, &value).map(|header| header.to_string());
        let _ = challenges(&name, &value);
    }
}
