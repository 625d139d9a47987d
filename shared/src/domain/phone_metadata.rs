//! What a phone says about itself. It is shown to people and never decides anything.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// The kind of phone, in the words of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceType {
    /// An iPhone.
    IosPhone,
    /// A phone that runs Android.
    AndroidPhone,
}

/// The phone as its app described it. Apps differ in what they tell, so each part may be absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneMetadata {
    /// The kind of phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_type: Option<DeviceType>,
    /// What its owner calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<String>,
    /// Which model it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The version of its operating system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub os_version: Option<String>,
}

/// What is kept of a name, and of each other text, in bytes. With these and the longest installation id a phone's item stays below
/// one kilobyte, so that recording an event costs one write unit whatever the app sends.
const KEPT_NAME_BYTES: usize = 96;
const KEPT_TEXT_BYTES: usize = 64;

impl PhoneMetadata {
    /// The same with long texts cut. They are there for people to recognise the phone, and the beginning does.
    #[must_use]
    pub fn cut(self) -> Self {
        let cut = |text: Option<String>, bytes: usize| text.map(|text| text[..text.floor_char_boundary(bytes)].to_owned());
        Self {
            device_type: self.device_type,
            display_name: cut(self.display_name, KEPT_NAME_BYTES),
            manufacturer: cut(self.manufacturer, KEPT_TEXT_BYTES),
            model: cut(self.model, KEPT_TEXT_BYTES),
            os_version: cut(self.os_version, KEPT_TEXT_BYTES),
        }
    }

    /// A name to show: the owner's, else manufacturer and model, else "Phone".
    #[must_use]
    pub fn shown_name(&self) -> Cow<'_, str> {
        if let Some(name) = &self.display_name {
            return name.into();
        }
        match (&self.manufacturer, &self.model) {
            // Many models carry the maker's name already: "Samsung Galaxy S10".
            (Some(manufacturer), Some(model)) if model.starts_with(manufacturer.as_str()) => model.into(),
            (Some(manufacturer), Some(model)) => format!("{manufacturer} {model}").into(),
            (Some(only), None) | (None, Some(only)) => only.into(),
            (None, None) => "Phone".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(display_name: Option<&str>, manufacturer: Option<&str>, model: Option<&str>) -> PhoneMetadata {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        PhoneMetadata {
            display_name: owned(display_name),
            manufacturer: owned(manufacturer),
            model: owned(model),
            ..PhoneMetadata::default()
        }
    }

    #[test]
    fn the_shown_name_is_the_best_one_known() {
        assert_eq!(metadata(Some("My phone"), Some("Google"), Some("Pixel 9")).shown_name(), "My phone");
        assert_eq!(metadata(None, Some("Google"), Some("Pixel 9")).shown_name(), "Google Pixel 9");
        assert_eq!(
            metadata(None, Some("Samsung"), Some("Samsung Galaxy S10")).shown_name(),
            "Samsung Galaxy S10"
        );
        assert_eq!(metadata(None, None, Some("Pixel 9")).shown_name(), "Pixel 9");
        assert_eq!(metadata(None, None, None).shown_name(), "Phone");
    }

    #[test]
    fn what_is_absent_is_not_written_and_what_was_not_written_is_absent() {
        let phone = PhoneMetadata {
            device_type: Some(DeviceType::IosPhone),
            ..PhoneMetadata::default()
        };
        let written = serde_json::to_string(&phone).unwrap();
        assert_eq!(written, r#"{"device_type":"ios_phone"}"#);
        assert_eq!(serde_json::from_str::<PhoneMetadata>(&written).unwrap(), phone);
        assert_eq!(serde_json::from_str::<PhoneMetadata>("{}").unwrap(), PhoneMetadata::default());
    }
}
