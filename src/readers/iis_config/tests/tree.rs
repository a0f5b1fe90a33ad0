//! What the tree keeps of well-formed and of broken XML.

use super::*;

fn names(tree: &Tree) -> Vec<String> {
    let paths = tree.nodes().map(|node| {
        let mut path = vec![node.name()];
        let mut around = node.parent();
        while let Some(node) = around {
            path.push(node.name());
            around = node.parent();
        }
        path.reverse();
        path.join("/")
    });
    paths.collect()
}

fn says(tree: &Tree) -> Vec<(u32, &str)> {
    tree.faults
        .iter()
        .map(|fault| (fault.line, fault.says.as_str()))
        .collect()
}

#[test]
fn elements_attributes_lines_and_text_are_kept() {
    let tree = Tree::read(
        "\u{feff}<?xml version=\"1.0\"?>\r\n<!-- a < comment -->\r\n<a one='1'>\r\n  <b two=\"x &amp; &#65;\"\n  three=''/>text<![CDATA[ more ]]>\r\n</a>",
    );
    assert!(tree.is_whole() && tree.faults.is_empty());
    let [a, b] = [0, 1].map(|at| tree.node(at).expect("an element"));
    assert_eq!((a.line(), b.line()), (3, 4));
    assert_eq!(a.attribute("one"), Some("1"));
    assert_eq!(b.attribute("two"), Some("x & A"));
    assert_eq!(
        (b.attribute("three"), b.attribute("Three")),
        (Some(""), None)
    );
    assert_eq!(a.text(), "text more");
    assert_eq!(a.start_tag(), r#"<a one="1">"#);
}

#[test]
fn a_truncated_file_gives_what_stands_before() {
    let tree = Tree::read("<a>\n<b x='1'/>\n<c y='2'>\n<d z='un");
    assert_eq!(names(&tree), ["a", "a/b", "a/c"]);
    assert!(!tree.is_whole());
    let lines: Vec<u32> = tree.faults.iter().map(|fault| fault.line).collect();
    assert_eq!(lines, [1, 3, 4]);
}

#[test]
fn a_mismatched_end_tag_closes_what_it_can() {
    let tree = Tree::read("<a>\n<b>\n<c>\n</b>\n</x>\n<d/>\n</a>");
    assert_eq!(names(&tree), ["a", "a/b", "a/b/c", "a/d"]);
    assert_eq!(
        says(&tree),
        [
            (3, "the element c is not closed: </b> ends it"),
            (5, "the end tag x closes nothing")
        ]
    );
}

#[test]
fn a_tag_that_is_not_closed_does_not_swallow_the_next_one() {
    let tree = Tree::read("<a>\n<b x='1'\n<c y='2'/>\n</b>\n</a>");
    assert_eq!(names(&tree), ["a", "a/b", "a/b/c"]);
    assert_eq!(tree.node(1).and_then(|b| b.attribute("x")), Some("1"));
    assert_eq!(
        says(&tree),
        [(2, "a tag is not closed before the next one begins")]
    );
    let entries = Tree::read("<a>\n<add k='1' \n<add k='2'/>\n</a>");
    assert_eq!(names(&entries), ["a", "a/add", "a/add"]);
}

#[test]
fn a_quote_that_is_not_closed_costs_its_attribute_only() {
    let tree = Tree::read("<a>\n<b x='1' y='2>\n<c/>\n</b>\n<d z='3'/>\n</a>");
    assert_eq!(names(&tree), ["a", "a/b", "a/b/c", "a/d"]);
    let b = tree.node(1).expect("b");
    assert_eq!((b.attribute("x"), b.attribute("y")), (Some("1"), None));
    assert!(!tree.is_whole());
}

#[test]
fn of_a_doubled_attribute_the_first_is_taken() {
    let tree = Tree::read("<a>\n<b x='1' x='2' y='3'/></a>");
    let b = tree.node(1).expect("b");
    assert_eq!((b.attribute("x"), b.attribute("y")), (Some("1"), Some("3")));
    assert_eq!(
        says(&tree),
        [(2, "the attribute x stands twice, the first one is taken")]
    );
}

#[test]
fn bare_ampersands_and_unknown_entities_stay_as_they_stand() {
    let tree = Tree::read("<a x='R&D &amp; &foo;'>\nthis & that</a>");
    let a = tree.node(0).expect("a");
    assert_eq!(a.attribute("x"), Some("R&D & &foo;"));
    assert_eq!(a.text(), "this & that");
    assert_eq!(tree.faults.len(), 2);
    assert!(tree.is_whole(), "no element is lost");
}

#[test]
fn entities_of_a_doctype_are_not_expanded() {
    let tree = Tree::read("<!DOCTYPE a [<!ENTITY e \"<b/>\">]>\n<a x='&e;'>&e;</a>");
    assert_eq!(names(&tree), ["a"]);
    assert_eq!(tree.node(0).and_then(|a| a.attribute("x")), Some("&e;"));
    assert!(
        tree.faults
            .iter()
            .any(|fault| fault.says.contains("DOCTYPE"))
    );
}

#[test]
fn a_second_root_and_trailing_nuls_are_told() {
    let tree = Tree::read("<!-- first -->\n<a/>\n<b/>\n\0\0\0");
    assert_eq!(names(&tree), ["a", "b"]);
    assert_eq!(
        says(&tree),
        [
            (3, "NUL bytes stand in the file; they are skipped"),
            (3, "a second root element begins here; both are read")
        ]
    );
    assert!(Tree::read("   \0\0").is_empty());
    assert!(!Tree::read("").is_whole());
}

#[test]
fn depth_is_limited_and_siblings_after_it_are_read() {
    let tree = Tree::read(&format!(
        "<r>{}{}<after/></r>",
        "<x>".repeat(5000),
        "</x>".repeat(5000)
    ));
    assert_eq!(tree.len(), MAX_DEPTH + 1);
    assert_eq!(names(&tree).last().map(String::as_str), Some("r/after"));
    assert_eq!(tree.faults.len(), 1);
}

#[test]
fn broken_tags_without_end_take_no_quadratic_time() {
    let tree = Tree::read(&"<a ".repeat(300_000));
    assert!(
        tree.faults
            .iter()
            .any(|fault| fault.says.contains("not read"))
            || tree.faults.len() >= 200
    );
    assert!(!tree.is_whole());
    let many = format!("<a {}/>", "x='1' ".repeat(200_000));
    assert!(Tree::read(&many).len() == 1);
}

#[test]
fn secrets_do_not_enter_the_tree() {
    let text = r#"<a password="hunter2" userName="u" sessionKey="AAAA"><b value="[enc:Aes:c2VjcmV0:enc]" /><add key="DbPassword" value="hunter2" />
        <c connectionString="Server=x;Password=hunter2" p="" /><e password="" /><CipherValue>c2VjcmV0</CipherValue></a>"#;
    let tree = Tree::read(text);
    let printed = format!("{tree:?}");
    for secret in ["hunter2", "AAAA", "c2VjcmV0", "[enc:"] {
        assert!(!printed.contains(secret), "{secret}");
    }
    let a = tree.node(0).expect("a");
    assert_eq!(
        (a.attribute("password"), a.attribute("userName")),
        (Some("[redacted]"), Some("u"))
    );
    let empty = tree.nodes().find(|node| node.name() == "e").expect("e");
    assert_eq!(empty.attribute("password"), Some(""));
    let fingerprint = tree
        .node(1)
        .and_then(|b| b.attributes()[0].fingerprint.clone());
    assert_eq!(fingerprint.map(|fingerprint| fingerprint.len()), Some(64));
}
