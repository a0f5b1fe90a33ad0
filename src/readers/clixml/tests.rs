//! Exported objects, written by hand after the grammar, whole and damaged.

use proptest::prelude::*;

use super::*;
use crate::bundle::text;

const NAMESPACE: &str = "http://schemas.microsoft.com/powershell/2004/04";

fn read_all(xml: &str) -> (Vec<(u32, Value)>, Vec<Problem>) {
    let mut values = Vec::new();
    let problems = each(
        ArtifactId(0),
        &text::decode_uncut(xml.as_bytes()),
        &mut |line, value| values.push((line, value)),
    );
    (values, problems)
}

fn file(objects: &str) -> String {
    format!("<Objs Version=\"1.1.0.1\" xmlns=\"{NAMESPACE}\">\r\n{objects}\r\n</Objs>")
}

fn object(value: &Value) -> &Object {
    value.object().expect("an object")
}

#[test]
fn an_object_has_types_properties_and_lists() {
    let (values, problems) = read_all(&file(
        "  <Obj RefId=\"0\">\r\n    <TN RefId=\"0\">\r\n      <T>Deserialized.Contoso.Binding#http</T>\r\n      <T>System.Object</T>\r\n    </TN>\r\n    \
         <ToString>http *:80:</ToString>\r\n    <Props>\r\n      <Obj N=\"Attributes\" RefId=\"1\">\r\n        <TNRef RefId=\"0\" />\r\n        <IE>\r\n          \
         <Obj RefId=\"2\"><TNRef RefId=\"0\" /><Props><S N=\"Name\">protocol</S><S N=\"Value\">http</S></Props></Obj>\r\n          <S>two</S><Nil />\r\n        </IE>\r\n      \
         </Obj>\r\n      <B N=\"Fast\">true</B>\r\n      <Nil N=\"None\" />\r\n      <BA N=\"Raw\">AQI=</BA>\r\n      <SS N=\"Password\">0100</SS>\r\n      <Ref N=\"Own\" RefId=\"1\" />\r\n    </Props>\r\n    \
         <MS>\r\n      <S N=\"Added\">one_x000D__x000A_two &amp; &#x41;</S>\r\n    </MS>\r\n  </Obj>\r\n  <Obj RefId=\"3\"><TNRef RefId=\"0\" /><I32>7</I32><ToString>Seven</ToString></Obj>\r\n  <S>plain</S>",
    ));
    assert_eq!(problems, []);
    let [(2, first), (26, second), (27, Value::Text(third))] = values.as_slice() else {
        panic!("{values:#?}");
    };
    assert_eq!(third, "plain");
    let first = object(first);
    assert!(first.is("contoso.binding#HTTP") && first.is("Object") && !first.is("Contoso"));
    assert_eq!(first.shown.as_deref(), Some("http *:80:"));
    let names: Vec<&str> = first.properties.iter().map(|(name, _)| &**name).collect();
    assert_eq!(
        names,
        [
            "Attributes",
            "Fast",
            "None",
            "Raw",
            "Password",
            "Own",
            "Added"
        ]
    );
    let attributes = first.get("attributes").expect("a list");
    let [attribute, Value::Text(two), Value::Null] = attributes.items() else {
        panic!("{attributes:?}");
    };
    assert_eq!(two, "two");
    assert_eq!(object(attribute).text("Value"), Some("http"));
    assert_eq!(object(attribute).line, 12);
    assert_eq!(first.text("Fast"), Some("true"));
    assert_eq!(first.get("Raw"), Some(&Value::Bytes("AQI=".to_owned())));
    assert_eq!(
        first.get("Password"),
        Some(&Value::Null),
        "a password is not kept"
    );
    assert_eq!(first.get("Own"), Some(&Value::Again(1)));
    assert_eq!(first.text("Added"), Some("one\r\ntwo & A"));
    let second = object(second);
    assert!(
        second.is("System.Object"),
        "types are known beyond their object"
    );
    assert_eq!(
        (second.plain.as_deref(), second.shown.as_deref()),
        (Some("7"), Some("Seven"))
    );
}

#[test]
fn an_exported_array_is_handed_out_item_by_item() {
    let (values, problems) = read_all(&file(
        "  <Obj RefId=\"0\"><TN RefId=\"0\"><T>System.Object[]</T><T>System.Array</T></TN><LST>\n    <S>a</S>\n    <Obj RefId=\"1\"><Props><S N=\"x\">y</S></Props></Obj>\n  </LST></Obj>",
    ));
    assert_eq!(problems, []);
    let [(3, Value::Text(a)), (4, item)] = values.as_slice() else {
        panic!("{values:#?}");
    };
    assert_eq!((a.as_str(), object(item).text("X")), ("a", Some("y")));
}

#[test]
fn dictionaries_have_entries() {
    let (values, _) = read_all(&file(
        "<Obj RefId=\"0\"><DCT><En><S N=\"Key\">a</S><I32 N=\"Value\">1</I32></En><En><S N=\"Key\">b</S><Nil N=\"Value\" /></En></DCT></Obj>",
    ));
    let text = |text: &str| Value::Text(text.to_owned());
    assert_eq!(
        object(&values[0].1).entries,
        [(text("a"), text("1")), (text("b"), Value::Null)]
    );
}

#[test]
fn a_defect_costs_its_object() {
    let good =
        |n: u32| format!("  <Obj RefId=\"{n}\"><Props><I32 N=\"n\">{n}</I32></Props></Obj>\n");
    let bad = "  <Obj RefId=\"8\"><Props><S N=\"n\" N=\"n\">x</S></Props></Obj>\n";
    let worse = "  <Obj RefId=\"9\"><Props></S></Obj>\n";
    let (values, problems) = read_all(
        &file(&format!(
            "{}{bad}{}{worse}{}  <Obj RefId=\"7\"><Props><S N=\"n\">cut",
            good(1),
            good(2),
            good(3)
        ))
        .replace("</Objs>", ""),
    );
    let numbers: Vec<_> = values
        .iter()
        .map(|(line, value)| {
            (
                *line,
                object(value).text("n").unwrap_or_default().to_owned(),
            )
        })
        .collect();
    let of = |line: u32, n: &str| (line, n.to_owned());
    assert_eq!(numbers, [of(2, "1"), of(4, "2"), of(6, "3")]);
    let places: Vec<_> = problems.iter().map(|p| p.place.clone()).collect();
    assert_eq!(places, [Place::Line(3), Place::Line(5), Place::Line(7)]);
    assert!(problems[2].says.contains("not closed"), "{problems:?}");
}

#[test]
fn too_deep_is_left_out_and_said() {
    let deep = "<Obj><LST>".repeat(5000);
    let (values, problems) = read_all(&file(&format!("{deep}{}", "</LST></Obj>".repeat(5000))));
    assert!(values.len() <= 2, "{values:?}");
    assert!(
        problems.iter().any(|p| p.place == Place::Whole),
        "{problems:?}"
    );
}

#[test]
fn escapes() {
    for (written, plain) in [
        ("a_x000D__x000A_b", "a\r\nb"),
        ("_x005F_x000D_", "_x000D_"),
        ("_xD83D__xDE00_", "\u{1f600}"),
        ("_xD83D_ _x12_ _xZZZZ_ _x", "_xD83D_ _x12_ _xZZZZ_ _x"),
        ("é_x00e9_é", "ééé"),
    ] {
        assert_eq!(names::unescape(written), plain);
    }
}

#[test]
fn every_sample_is_read_whole() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/samples/powershell_clixml");
    let Ok(files) = std::fs::read_dir(folder) else {
        println!("skipped: no sample collection beside the project");
        return;
    };
    let mut counts = std::collections::BTreeMap::new();
    for file in files.flatten() {
        let bytes = std::fs::read(file.path()).expect("sample");
        let (mut objects, mut properties) = (0, 0);
        let problems = each(
            ArtifactId(0),
            &text::decode_uncut(&bytes),
            &mut |_, value| {
                objects += 1;
                properties += value.object().map_or(0, |o| o.properties.len());
            },
        );
        assert_eq!(problems, []);
        counts.insert(
            file.file_name().to_string_lossy().into_owned(),
            (objects, properties),
        );
    }
    // Values on the outermost level, and their properties.
    let expected = [
        ("CSS-Exchange_E19_GetIISModules.xml", (1, 4)),
        ("CSS-Exchange_E19_GetWebBinding.xml", (6, 72)),
    ];
    let expected = expected.map(|(name, count)| (name.to_owned(), count));
    assert_eq!(counts, expected.into());
}

proptest! {
    #[test]
    fn any_text(text in "(<|</|/>|>|Obj|Props|LST|S| N=\"a\"| RefId=\"1\"|TN|T|DCT|En|_x00|&#0;|é|\n  <Obj |[a-c ]){0,80}") {
        let lines = u32::try_from(text.lines().count()).unwrap();
        let (values, problems) = read_all(&text);
        for (line, _) in values {
            prop_assert!(line >= 1 && line <= lines.max(1));
        }
        for problem in problems {
            if let Place::Line(line) = problem.place {
                prop_assert!(line >= 1 && line <= lines.max(1));
            }
        }
    }
}
