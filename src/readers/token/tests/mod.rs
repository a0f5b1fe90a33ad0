//! Tokens of every kind, and the headers that carry them.

mod hostile;
pub(crate) mod writer;

use super::*;
use writer::*;

const HOST: &str = "web.corp.example";

fn ticket() -> KerberosTicket {
    KerberosTicket {
        realm: Some("CORP.EXAMPLE".into()),
        service: Some("HTTP/web.corp.example".into()),
        etype: Some(18),
        kvno: Some(7),
        sealed_bytes: 480,
        authenticator_etype: Some(18),
        mutual: true,
        user_to_user: false,
    }
}

fn request() -> Vec<u8> {
    ap_req(HOST, 18, Some(7), 0x20)
}

#[test]
fn a_ticket_in_every_wrapping() {
    let gssed = gss(KERBEROS, [1, 0], &request());
    let offer = init(&[MS_KERBEROS, KERBEROS, NTLM], &gssed);
    for (bytes, spnego) in [
        (request(), None),
        (gssed.clone(), None),
        (
            offer.clone(),
            Some(Spnego::Init {
                mechanisms: vec![Mechanism::MsKerberos, Mechanism::Kerberos, Mechanism::Ntlm],
            }),
        ),
        (
            reply(1, KERBEROS, &request()),
            Some(Spnego::Reply {
                state: Some(NegotiationState::Incomplete),
                mechanism: Some(Mechanism::Kerberos),
            }),
        ),
    ] {
        let token = Token::of_bytes(&bytes);
        assert_eq!(token.ticket(), Some(&ticket()));
        assert_eq!(token.spnego, spnego);
        assert_eq!((token.bytes, token.cut), (bytes.len(), false));
    }
    assert_eq!(
        Token::of_bytes(&offer).to_string(),
        format!(
            "a Kerberos ticket for HTTP/web.corp.example in CORP.EXAMPLE, encryption type {}, kvno 7, in SPNEGO that offers MS-Kerberos, Kerberos, NTLM, {} bytes",
            crate::codes::TICKET_ETYPES.in_words(18),
            offer.len()
        )
    );
}

#[test]
fn a_ticket_without_kvno_and_for_user_to_user() {
    let token = Token::of_bytes(&ap_req(HOST, 23, None, 0x40));
    let expected = KerberosTicket {
        etype: Some(23),
        kvno: None,
        mutual: false,
        user_to_user: true,
        ..ticket()
    };
    assert_eq!(token.ticket(), Some(&expected));
}

#[test]
fn other_kerberos_messages() {
    let error = Message::KerberosError(KerberosError {
        code: Some(0x29),
        realm: Some("CORP.EXAMPLE".into()),
        service: Some("HTTP/web.corp.example".into()),
    });
    assert_eq!(
        Token::of_bytes(&gss(KERBEROS, [3, 0], &krb_error(0x29))).message,
        error
    );
    let in_reply = Token::of_bytes(&reply(
        2,
        MS_KERBEROS,
        &gss(KERBEROS, [3, 0], &krb_error(0x29)),
    ));
    assert_eq!(in_reply.message, error);
    assert!(in_reply.to_string().contains("says rejected"), "{in_reply}");
    let accepted = gss(KERBEROS, [2, 0], &der(0x6F, &[&der(0x30, &[])]));
    assert_eq!(
        Token::of_bytes(&reply(0, MS_KERBEROS, &accepted)).message,
        Message::TicketAccepted
    );
    assert_eq!(
        Token::of_bytes(&gss(USER_TO_USER, [4, 0], &tgt_request())).message,
        Message::TicketRequest(TicketRequest {
            realm: Some("CORP.EXAMPLE".into()),
            service: Some("svc_web".into())
        })
    );
    assert_eq!(
        Token::of_bytes(&gss(USER_TO_USER, [4, 1], &[])).message,
        Message::TicketReply
    );
}

#[test]
fn messages_of_ntlm() {
    let windows = Some(WindowsVersion {
        version: (10, 0),
        build: 17_763,
    });
    let first = NtlmMessage::Negotiate(NtlmNegotiate {
        flags: 0xE208_B297,
        domain: Some("CORP".into()),
        workstation: Some("PC7".into()),
        windows,
    });
    let token = Token::of_bytes(&init(&[NTLM, MS_KERBEROS], &ntlm_1()));
    assert_eq!(token.ntlm(), Some(&first));
    assert_eq!(
        Token::of_base64(&base64(&ntlm_1())).unwrap().ntlm(),
        Some(&first)
    );
    let names = NtlmNames {
        netbios_domain: Some("CORP".into()),
        netbios_computer: Some("WEB01".into()),
        dns_domain: Some("corp.example".into()),
        dns_computer: Some("web01.corp.example".into()),
        forest: Some("corp.example".into()),
        ..NtlmNames::default()
    };
    let challenge = Token::of_bytes(&ntlm_2());
    assert_eq!(
        challenge.ntlm(),
        Some(&NtlmMessage::Challenge(NtlmChallenge {
            flags: 0xE289_8215,
            target: Some("CORP".into()),
            names: names.clone(),
            windows,
        }))
    );
    for (binding, expected) in [
        ([0; 16], ChannelBinding::Zero),
        ([9; 16], ChannelBinding::Present),
    ] {
        let token = Token::of_bytes(&reply(1, NTLM, &ntlm_3(&v2_response(binding))));
        assert_eq!(
            token.ntlm(),
            Some(&NtlmMessage::Authenticate(NtlmAuthenticate {
                flags: 0xE288_8215,
                domain: Some("CORP".into()),
                user: Some("uma".into()),
                workstation: Some("PC7".into()),
                response: NtlmResponse::V2,
                names: NtlmNames {
                    target_spn: Some("HTTP/web.corp.example".into()),
                    channel_binding: Some(expected),
                    ..names.clone()
                },
                windows,
            }))
        );
    }
}

#[test]
fn versions_of_ntlm_by_the_length_of_the_response() {
    for (length, expected) in [
        (0, NtlmResponse::Anonymous),
        (24, NtlmResponse::V1),
        (25, NtlmResponse::V2),
        (7, NtlmResponse::Odd),
    ] {
        match Token::of_bytes(&ntlm_3(&vec![1; length])).ntlm() {
            Some(NtlmMessage::Authenticate(message)) => {
                assert_eq!(message.response, expected, "{length}")
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn extended_negotiation_and_what_is_nothing() {
    let token = Token::of_bytes(&init(&[NEGOEX, NTLM], b"NEGOEXTS\0\0\0\0"));
    assert_eq!(token.message, Message::NegoEx);
    assert_eq!(
        Token::of_bytes(&init(&[KERBEROS], &[])).message,
        Message::Nothing
    );
    assert_eq!(Token::of_bytes(b"hello").message, Message::Unknown);
    assert_eq!(
        Token::of_bytes(&gss(&[0x2A, 3], [1, 0], &request())).message,
        Message::Unknown
    );
    // SPNEGO inside of SPNEGO is not followed.
    assert_eq!(
        Token::of_bytes(&init(&[KERBEROS], &init(&[NTLM], &ntlm_1()))).message,
        Message::Unknown
    );
    let odd = init(&[&[0x2A, 0x86, 0x48, 1]], &[]);
    let Some(Spnego::Init { mechanisms }) = Token::of_bytes(&odd).spnego else {
        panic!("no SPNEGO");
    };
    assert_eq!(mechanisms, [Mechanism::Other("1.2.840.1".into())]);
    assert_eq!(Token::of_base64("…"), None);
}

#[test]
fn headers() {
    let value = format!(
        "negotiate {}",
        base64(&init(&[MS_KERBEROS], &gss(KERBEROS, [1, 0], &request())))
    );
    let header = AuthHeader::of_request("authorization", &value).unwrap();
    assert_eq!(header.scheme, Scheme::Negotiate);
    assert_eq!(header.chars, value.len());
    assert_eq!(
        header.token.as_ref().and_then(Token::ticket),
        Some(&ticket())
    );
    assert!(AuthHeader::of_request("Host", &value).is_none());

    let basic = AuthHeader::read(&format!("Basic {}", base64(b"CORP\\uma:SECRETsecret"))).unwrap();
    assert_eq!(
        (basic.scheme, basic.user.as_deref()),
        (Scheme::Basic, Some("CORP\\uma"))
    );
    assert_eq!(basic.to_string(), "Basic of CORP\\uma");
    let bearer = AuthHeader::read("Bearer SECRETsecret").unwrap();
    assert_eq!(
        (bearer.scheme, bearer.token, bearer.user),
        (Scheme::Bearer, None, None)
    );
    let lone = AuthHeader::read("SECRETsecret").unwrap();
    assert_eq!(
        (lone.scheme, lone.to_string().as_str()),
        (Scheme::Other, "another scheme")
    );
    assert_eq!(AuthHeader::read("  "), None);
    assert_eq!(
        AuthHeader::read("Basic dW1h").unwrap().user,
        None,
        "no colon, no user"
    );
}

#[test]
fn several_challenges() {
    let schemes = |header: &str, value: &str| {
        let found = challenges(header, value);
        found
            .iter()
            .map(|challenge| challenge.scheme)
            .collect::<Vec<_>>()
    };
    use Scheme::{Basic, Negotiate, Ntlm};
    assert_eq!(schemes("WWW-Authenticate", "Negotiate"), [Negotiate]);
    assert_eq!(
        schemes("www-authenticate", "Negotiate, NTLM"),
        [Negotiate, Ntlm]
    );
    assert_eq!(
        schemes(
            "WWW-Authenticate",
            "Negotiate\nNTLM\nBasic realm=\"a, b=c\", charset=\"UTF-8\""
        ),
        [Negotiate, Ntlm, Basic]
    );
    assert_eq!(schemes("Authorization", "Negotiate"), []);
    let answer = challenges(
        "WWW-Authenticate",
        &format!("Negotiate {}", base64(&reply(0, MS_KERBEROS, &[]))),
    );
    assert_eq!(
        answer[0].token.as_ref().unwrap().spnego,
        Some(Spnego::Reply {
            state: Some(NegotiationState::Accepted),
            mechanism: Some(Mechanism::MsKerberos)
        })
    );
}
