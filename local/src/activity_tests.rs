//! What the log says of changes, and what it keeps to itself.

use fobless::domain::{failure::FailureCode, secret::Secret};
use serde_json::json;

use super::*;

const DEVICE: &str = "11111111-1111-4111-8111-111111111111";

fn log() -> ActivityLog {
    ActivityLog::new(None, Clock::system())
}

fn phone(presence: &str) -> Value {
    json!({
        "workspace_id": crate::seed::WORKSPACE, "user_identity_id": crate::seed::USER_IDENTITY, "device_id": DEVICE,
        "installation_id": "phone-a", "metadata": {"manufacturer": "Apple", "model": "iPhone 17"}, "presence": presence,
        "occurred_at": 1, "created_at": 1, "version": 1
    })
}

fn enrollment(state: &Value, effort: &Effort) -> Value {
    json!({
        "workspace_id": crate::seed::WORKSPACE, "user_identity_id": crate::seed::USER_IDENTITY, "device_id": DEVICE,
        "enrollment_automation_id": DEVICE, "created_at": 1, "state": state, "effort": effort
    })
}

fn invited() -> Value {
    json!({
        "status": "invited", "invitation_id": "7", "invitation_code": Secret::new("AAAA-BBBB-CCCC-DDDD"), "invited_at": 1,
        "expires_at": 1_704_779_133_068_i64, "next_read_at": 2
    })
}

#[test]
fn a_phone_is_told_of_when_it_comes_and_goes_and_not_in_between() {
    let mut log = log();
    let item = format!("PHONE#{DEVICE}");
    let told = log.read(&item, None, Some(phone("registered")));
    assert_eq!(
        told,
        [format!(
            "phone registered    Apple iPhone 17           installation phone-a, device {DEVICE}"
        )]
    );
    assert!(log.read(&item, Some(phone("registered")), Some(phone("registered"))).is_empty());
    assert!(log.read(&item, Some(phone("registered")), Some(phone("deactivated")))[0].starts_with("phone deactivated"));
    assert!(log.read(&item, Some(phone("registered")), None).is_empty());
}

#[test]
fn an_invitation_is_told_of_without_its_code() {
    let mut log = log();
    log.read(&format!("PHONE#{DEVICE}"), None, Some(phone("registered")));
    let item = format!("ENROLLMENT#{DEVICE}#{DEVICE}");
    let pending = enrollment(&json!({"status": "pending"}), &Effort::default());
    assert!(log.read(&item, None, Some(pending.clone())).is_empty());
    let told = log.read(&item, Some(pending), Some(enrollment(&invited(), &Effort::default())));
    assert_eq!(
        told,
        ["invited             Apple iPhone 17           code good until 2024-01-09T05:45:33.068Z"]
    );
}

#[test]
fn a_failure_is_told_of_once() {
    let mut log = log();
    let item = format!("ENROLLMENT#{DEVICE}#{DEVICE}");
    let failure = Failure {
        code: FailureCode::CredentialManagerUnavailable,
        message: "503".to_owned(),
        at: Timestamp::from_millis(5),
    };
    let failed = Effort {
        last_failure: Some(failure),
        failures: 1,
        ..Effort::default()
    };
    let before = enrollment(&json!({"status": "pending"}), &Effort::default());
    let after = enrollment(&json!({"status": "pending"}), &failed);
    let told = log.read(&item, Some(before), Some(after.clone()));
    assert_eq!(
        told,
        [format!("trouble             device {DEVICE}  credential_manager_unavailable: 503")]
    );
    assert!(log.read(&item, Some(after.clone()), Some(after)).is_empty());
}

#[test]
fn the_time_of_day_comes_first() {
    let activity = Activity {
        at: Timestamp::from_millis(1_704_779_133_068),
        text: "invited".to_owned(),
    };
    assert_eq!(activity.to_string(), "05:45:33.068  invited");
}
