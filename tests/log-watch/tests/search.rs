//! The search itself: what it finds, and what is too little to have searched.

#![expect(clippy::unwrap_used, reason = "what does not work ends the test")]

use std::{fs, path::PathBuf};

use fobless_log_watch::{Least, Searched, search};

const CODE: &str = "BQ4E-PXAD-2J5P-7KXX";
const SIGNING: &str = "whsec_AAEC/wQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const KEY: &str = "seam_short123_0123456789abcdefghijklmnopqrstuv";

/// A folder with what two processes have left.
struct Left(PathBuf);

impl Left {
    fn new(name: &str, secrets: &[&str], lines: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("fobless-log-watch-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).unwrap();
        let noted: Vec<String> = secrets.iter().map(|secret| serde_json::Value::from(*secret).to_string()).collect();
        fs::write(folder.join("secrets.one-0123456789abcdef.7"), noted.join("\n")).unwrap();
        fs::write(folder.join("lines.one-0123456789abcdef.7"), " INFO quiet\n").unwrap();
        fs::write(folder.join("lines.two.8"), lines).unwrap();
        Self(folder)
    }

    fn search(&self) -> Searched {
        search(&self.0).unwrap()
    }
}

impl Drop for Left {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_secret_of_one_process_is_found_in_the_line_of_another_however_it_is_written() {
    for (name, secret, line) in [
        ("plain", CODE, format!("took {CODE}")),
        ("quoted", "a\"b\\c secret", r#"took Some("a\"b\\c secret")"#.to_owned()),
        ("bare", SIGNING, "took AAEC/wQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8".to_owned()),
        (
            "percent",
            "h&u sh h&u sh",
            "took client_secret=h%26u%20sh%20h%26u%20sh&x=y".to_owned(),
        ),
        ("key", KEY, "took 0123456789abcdefghijklmnopqrstuv".to_owned()),
    ] {
        let left = Left::new(name, &[secret], &format!("first\n{line}\nlast\n"));
        let searched = left.search();
        let found: Vec<_> = searched.found.iter().map(|found| (found.line, found.text.clone())).collect();
        assert_eq!(found, [(2, line)], "{name}");
        assert_eq!(searched.complaints(&Least::default()).len(), 1);
    }
}

#[test]
fn what_is_no_secret_is_not_found() {
    let left = Left::new("other", &[CODE, SIGNING, KEY, "short"], "BQ4E-PXAD-2J5P-7KXY seam_short123 short\n");
    let searched = left.search();
    assert_eq!(searched.found, []);
    assert_eq!((searched.lines, searched.too_short), (2, 1));
    let kinds: Vec<_> = searched.secrets.iter().map(|(kind, count)| (*kind, *count)).collect();
    assert_eq!(kinds, [("API keys", 1), ("invitation codes", 1), ("signing secrets", 1)]);
    let programs: Vec<_> = searched.programs.keys().map(String::as_str).collect();
    assert_eq!(programs, ["one", "two"]);
}

#[test]
fn too_little_of_anything_is_as_bad_as_a_secret() {
    let left = Left::new("little", &[CODE], "");
    let least = Least {
        programs: &["one", "two"],
        secrets: &[("invitation codes", 1), ("API keys", 1)],
        lines: 2,
    };
    let complaints = left.search().complaints(&least);
    assert_eq!(complaints.len(), 3, "{complaints:?}");
    assert!(complaints[0].contains("two has left no line"));
    assert!(complaints[1].contains("0 API keys"));
    assert!(complaints[2].contains("1 lines"));
}
