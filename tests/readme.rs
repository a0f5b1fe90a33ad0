//! The screenful in the README is what the program prints.

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn the_screen_in_the_readme_is_what_the_program_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let screen = readme
        .split("```\n")
        .find(|block| block.starts_with("ROOT CAUSE FOUND"))
        .expect("the README shows a screen");
    let output = Command::new(env!("CARGO_BIN_EXE_why401"))
        .arg(root.join("fixtures/spn-on-pool-account-kernel-mode/bundle"))
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.starts_with(screen.trim_end()), "{printed}");
}
