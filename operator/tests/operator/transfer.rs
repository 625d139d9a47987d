//! `fobless export` and `fobless import`.

use std::path::PathBuf;

use fobless::domain::failure::FailureCode;

use crate::{desk::Desk, person::Person};

/// A path where nothing is, and nothing is left.
struct Scratch(PathBuf);

impl Scratch {
    fn named(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("fobless-operator-{}-{name}.jsonl", std::process::id()));
        let _ = std::fs::remove_file(&path);
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[tokio::test]
async fn what_is_exported_from_one_table_stands_in_another_after_the_import() {
    let (old, new) = (Desk::prepared("moved-from").await, Desk::prepared("moved-to").await);
    let person = Person::with_an_automation(&old).await;
    person.has_phone(0).await;
    person.enrolling_failed(0, FailureCode::InvitationLimitReached).await;
    let file = Scratch::named("move");
    assert_eq!(
        old.json(&["export", file.path()]).await["exported"],
        5,
        "and what was told of the phone"
    );
    let import = ["import", "--yes", file.path()];
    assert_eq!(new.json(&import).await["written"], 5);
    let owner = person.names.owner;
    assert_eq!(new.store.load(owner).await.unwrap(), old.store.load(owner).await.unwrap());
    // Once more: everything is there, and stays.
    let again = new.json(&import).await;
    assert_eq!((&again["written"], &again["kept"]), (&0.into(), &5.into()));
    let replaced = new.json(&["import", "--yes", "--replace", file.path()]).await;
    assert_eq!((&replaced["written"], &replaced["kept"]), (&5.into(), &0.into()));
}

#[tokio::test]
async fn an_export_is_for_its_owner_alone_and_goes_over_no_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::prepared("export-file").await;
    let file = Scratch::named("private");
    desk.text(&["export", file.path()]).await;
    assert_eq!(std::fs::metadata(&file.0).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!desk.run(&["export", file.path()]).await.status.success(), "it is there");
}

#[tokio::test]
async fn a_line_that_is_no_item_is_named_without_what_stands_in_it() {
    let desk = Desk::prepared("import-wrong").await;
    let file = Scratch::named("wrong");
    for wrong in ["sesame", r#"{"pk": "sesame"}"#, r#"{"name": {"S": "sesame"}}"#] {
        std::fs::write(&file.0, wrong).unwrap();
        let output = desk.run(&["import", "--yes", file.path()]).await;
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && !said.contains("sesame"), "{said}");
    }
    std::fs::write(&file.0, "{}").unwrap();
    let output = desk.run(&["import", file.path()]).await;
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("--yes says that it is wanted"), "{said}");
}
