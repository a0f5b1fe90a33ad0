//! Output of translated Windows.

use super::*;

#[test]
fn localised_checks_and_ends() {
    let check =
        |sentence: &str, tail: &str| one(&format!("C:\\>setspn -Q HTTP/web\n{sentence}\n{tail}"));
    for sentence in [
        "Vérification du domaine DC=corp,DC=example",
        "Die Domäne \"DC=corp,DC=example\" wird überprüft.",
        "Comprobando el dominio DC=corp,DC=example",
        "正在检查域 DC=corp,DC=example",
        "Проверка домена DC=corp,DC=example",
        "ドメイン DC=corp,DC=example を確認しています",
        "Kontrollerar domänen DC=corp,DC=example",
    ] {
        let run = check(sentence, "\nNo such SPN found.\n");
        assert_eq!(
            (run.scopes, run.outcome),
            (domain("corp.example"), Outcome::NotFound),
            "{sentence}"
        );
    }
    for (sentence, forest) in [
        (
            "Die Gesamtstruktur \"DC=corp,DC=example\" wird überprüft.",
            true,
        ),
        ("Vérification de la forêt DC=corp,DC=example", true),
        ("フォレスト DC=corp,DC=example を確認しています", true),
        ("ドメイン DC=corp,DC=example を確認しています", false),
    ] {
        let run = check(sentence, "\nNo such SPN found.\n");
        assert_eq!(
            matches!(run.scopes[0], Scope::Forest(_)),
            forest,
            "{sentence}"
        );
    }
    assert_eq!(
        check(
            "Проверка домена DC=corp,DC=example",
            "\nТакое SPN не найдено.\n"
        )
        .outcome,
        Outcome::NotFound
    );
    // A language nobody has seen: the word SPN is what its sentence keeps.
    assert_eq!(
        check("Xyzzy DC=corp,DC=example", "\nPlugh SPN xyzzy.\n").outcome,
        Outcome::NotFound
    );
    let holder = "CN=svc_web,OU=Service,DC=corp,DC=example\n\tHTTP/web\n";
    for end in [
        "发现存在 SPN!",
        "既存の SPN が見つかりました",
        "Plugh SPN xyzzy!",
    ] {
        let run = check(
            "正在检查域 DC=corp,DC=example",
            &format!("{holder}\n{end}\n"),
        );
        assert_eq!(
            (run.outcome, run.holders.len()),
            (Outcome::Found, 1),
            "{end}"
        );
    }
}

#[test]
fn a_sentence_that_is_no_end_does_not_prove_absence() {
    let reading = reading(
        "C:\\>setspn -Q HTTP/web\nChecking domain DC=corp,DC=example\n\nDer Vorgang wurde abgebrochen.\n",
    );
    assert_eq!(reading.records[0].outcome, Outcome::Truncated);
    assert_eq!(reading.problems.len(), 1);
    assert_eq!(reading.problems[0].place, Place::Line(4));
}

#[test]
fn localised_duplicates() {
    let run = one(
        "Vérification du domaine DC=corp,DC=example\nTraitement de l'entrée 0\n0 groupe de SPN en double détectés.\n",
    );
    assert_eq!(
        (run.mode, run.outcome),
        (Mode::Duplicates, Outcome::DuplicateGroups(0))
    );
    let run = one(
        "C:\\>setspn -X\nDie Domäne \"DC=corp,DC=example\" wird überprüft.\nEintrag 0 wird verarbeitet.\n\
         HTTP/web ist für diese Konten registriert:\n\tCN=a,DC=x,DC=example\n\tCN=b,DC=x,DC=example\n\n1 Gruppe doppelter SPNs gefunden.\n",
    );
    assert_eq!(run.outcome, Outcome::DuplicateGroups(1));
    // Progress alone, verb last: not a count.
    let run = one(
        "C:\\>setspn -X\nDie Domäne \"DC=corp,DC=example\" wird überprüft.\nEintrag 0 wird verarbeitet.\n",
    );
    assert_eq!(run.outcome, Outcome::Truncated);
}

#[test]
fn localised_changes() {
    for content in [
        "PS C:\\> setspn -s HTTP/web svc_web\nDie Domäne \"DC=corp,DC=example\" wird überprüft.\n\nDienstprinzipalnamen (SPN) für CN=svc_web,OU=Service,DC=corp,DC=example werden registriert.\n\tHTTP/web\nAktualisiertes Objekt\n",
        "C:\\>setspn -S HTTP/web svc_web\n正在检查域 DC=corp,DC=example\n\n为 CN=svc_web,OU=Service,DC=corp,DC=example 注册 ServicePrincipalNames\n\tHTTP/web\n更新的对象\n",
        "ドメイン DC=corp,DC=example を確認しています\nCN=svc_web,OU=Service,DC=corp,DC=example の ServicePrincipalNames\n を登録しています\n\tHTTP/web\n更新されたオブジェクト\n",
        "C:\\>setspn -S HTTP/web svc_web\nComprobando el dominio DC=corp,DC=example\nXyzzy CN=svc_web,OU=Service,DC=corp,DC=example\n\tHTTP/web\nPlugh xyzzy\n",
    ] {
        let run = one(content);
        assert_eq!(
            (run.mode, run.outcome.clone()),
            (Mode::Add, Outcome::Updated),
            "{content}"
        );
        assert_eq!(holders(&run), [format!("{DN}: HTTP/web")]);
    }
    let run = one(
        "CN=svc_web,OU=Service,DC=corp,DC=example の ServicePrincipalNames\nの登録を解除しています\n\tHTTP/web\n更新されたオブジェクト\n",
    );
    assert_eq!((run.mode, run.holders.len()), (Mode::Delete, 0));
    // Neither echo nor known words: adding cannot be told from removing.
    let unclear = reading(
        "Xyzzy ServicePrincipalNames CN=svc_web,OU=Service,DC=corp,DC=example\n\tHTTP/web\nPlugh\n",
    );
    assert_eq!((unclear.records.len(), unclear.problems.len()), (0, 1));
}
