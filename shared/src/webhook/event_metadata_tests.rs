//! What a registration says of the phone itself.

use serde_json::{Value, json};

use super::{
    FieldProblem, PhoneEvent,
    phone_event_tests::{enveloped, parse, problem, registered, with},
};
use crate::domain::phone_metadata::{DeviceType, PhoneMetadata};

fn metadata_of(event: &Value) -> PhoneMetadata {
    match parse(event) {
        Ok(PhoneEvent::Registered { metadata, .. }) => metadata,
        other => panic!("a registration was expected of {event}, not {other:?}"),
    }
}

#[test]
fn the_phone_describes_itself_beside_the_other_fields_or_within_phone_metadata() {
    let expected = PhoneMetadata {
        device_type: Some(DeviceType::AndroidPhone),
        display_name: Some("Jane's phone".to_owned()),
        manufacturer: Some("Samsung".to_owned()),
        model: Some("Galaxy S10".to_owned()),
        os_version: Some("10".to_owned()),
    };
    let own = json!({
        "device_type": "android_phone", "display_name": "Jane's phone", "manufacturer": "Samsung", "model": "Galaxy S10", "os_version": "10",
    });
    let seams = json!({
        "operating_system": "android", "device_manufacturer": "Samsung", "device_model": "Galaxy S10", "os_version": "10",
    });
    let nested_seams = json!({"display_name": "Jane's phone", "phone_metadata": seams});
    for event in [
        with(registered(), own.clone()),
        with(registered(), json!({"phone_metadata": own})),
        with(registered(), nested_seams),
    ] {
        assert_eq!(metadata_of(&event), expected);
        assert_eq!(metadata_of(&enveloped(event)), expected);
    }
}

#[test]
fn fields_of_the_event_go_before_those_of_phone_metadata_and_a_type_before_a_system() {
    let event = json!({"model": "Pixel 9", "phone_metadata": {"model": "Pixel 8", "device_model": "Pixel 7", "os_version": "15"}});
    let metadata = metadata_of(&with(registered(), event));
    assert_eq!(
        (metadata.model.as_deref(), metadata.os_version.as_deref()),
        (Some("Pixel 9"), Some("15"))
    );
    let event = json!({"operating_system": "android", "phone_metadata": {"device_type": "ios_phone"}});
    assert_eq!(metadata_of(&with(registered(), event)).device_type, Some(DeviceType::IosPhone));
}

#[test]
fn an_absent_device_type_is_fine_and_an_unknown_one_is_malformed() {
    assert_eq!(metadata_of(&registered()).device_type, None);
    assert_eq!(
        metadata_of(&with(registered(), json!({"operating_system": "ios"}))).device_type,
        Some(DeviceType::IosPhone)
    );
    for (field, value) in [
        ("device_type", "tablet"),
        ("device_type", "iOS_phone"),
        ("operating_system", "symbian"),
    ] {
        assert_eq!(
            problem(&with(registered(), json!({field: value}))),
            (field, FieldProblem::UnknownValue)
        );
        assert_eq!(
            problem(&with(registered(), json!({"phone_metadata": {field: value}}))),
            (field, FieldProblem::UnknownValue)
        );
    }
}

#[test]
fn texts_about_the_phone_have_at_most_200_characters_and_empty_ones_count_as_absent() {
    let longest = "\u{1f4f1}".repeat(200);
    assert_eq!(
        metadata_of(&with(registered(), json!({"display_name": longest}))).display_name,
        Some(longest)
    );
    for field in [
        "display_name",
        "manufacturer",
        "device_manufacturer",
        "model",
        "device_model",
        "os_version",
    ] {
        let long = json!({field: "a".repeat(201)});
        assert_eq!(problem(&with(registered(), long.clone())), (field, FieldProblem::TooLong));
        assert_eq!(
            problem(&with(registered(), json!({"phone_metadata": long}))),
            (field, FieldProblem::TooLong)
        );
        assert_eq!(metadata_of(&with(registered(), json!({field: ""}))), PhoneMetadata::default());
    }
}
