//! The OpenAPI document, made from the code: the paths are the router's, the parameters are those that the handlers ask for, the
//! objects are those of `wire`. Only tests build it; what is served is the file that they hold equal.
//!
//! `FOBLESS_WRITE_OPENAPI=1 cargo test -p api openapi` writes the file anew; what changed there is then to be read.

mod answers;
mod asked;
mod document;
mod endpoints;
mod operation;
mod parameters;
mod words;

pub(crate) use self::asked::{Asked, Description};

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::Value;

    use super::document::document;

    #[tokio::test]
    async fn the_document_that_is_served_is_the_one_that_the_code_makes() {
        let written = serde_json::to_string_pretty(&document().await).unwrap() + "\n";
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
        #[expect(clippy::disallowed_methods, reason = "it says whether the file is to be written anew")]
        let is_to_be_written = std::env::var_os("FOBLESS_WRITE_OPENAPI").is_some();
        if is_to_be_written {
            std::fs::write(&path, &written).unwrap();
        }
        let checked_in = std::fs::read_to_string(&path).unwrap();
        assert!(
            checked_in == written,
            "openapi.json is not what the code says; write it anew with FOBLESS_WRITE_OPENAPI=1 and read what changed"
        );
    }

    #[tokio::test]
    async fn every_reference_leads_somewhere() {
        let document = document().await;
        for reference in references(&document) {
            let pointer = reference.trim_start_matches('#');
            assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
        }
    }

    fn references(value: &Value) -> Vec<String> {
        match value {
            Value::Object(fields) => fields
                .iter()
                .flat_map(|(name, value)| match value {
                    Value::String(target) if name == "$ref" => vec![target.clone()],
                    other => references(other),
                })
                .collect(),
            Value::Array(values) => values.iter().flat_map(references).collect(),
            _ => Vec::new(),
        }
    }
}
