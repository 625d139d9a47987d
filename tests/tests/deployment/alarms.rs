//! Each alarm says where it is explained, and each that looks at our own figures is raised by what it is about.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use fobless::{
    domain::{failure::FailureCode, time::Timestamp},
    telemetry::{Measure, Telemetry},
};
use serde_json::Value;

use crate::template::{at, list, template, text};

const RUNBOOK: &str = include_str!("../../../docs/OPERATIONS.md");

fn alarms() -> BTreeMap<String, Value> {
    let template = template();
    let resources = at(&template, "Resources").as_object().expect("a mapping");
    let alarms = resources
        .iter()
        .filter(|(_, resource)| resource["Type"] == "AWS::CloudWatch::Alarm");
    alarms.map(|(name, alarm)| (name.clone(), alarm["Properties"].clone())).collect()
}

/// As the forge makes them of headings.
fn anchors() -> Vec<String> {
    let headings = RUNBOOK.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|heading| heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-"))
        .collect()
}

/// The line that an invocation tells after it measured this.
fn line_of(measures: &[Measure]) -> Value {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let taken = Arc::clone(&lines);
    let telemetry = Telemetry::to("function", move |line| {
        taken.lock().expect("nobody panics here").push(line.to_owned());
    });
    for measure in measures {
        telemetry.measure(*measure);
    }
    telemetry.tell(Timestamp::from_millis(0));
    let lines = lines.lock().expect("nobody panics here");
    serde_json::from_str(lines.first().expect("a line")).expect("a line is JSON")
}

/// Whether CloudWatch takes the line's field for a metric of this name without dimensions.
fn is_metric(line: &Value, name: &str) -> bool {
    list(at(line, "_aws.CloudWatchMetrics")).iter().any(|directive| {
        let has_no_dimensions = list(&directive["Dimensions"]).iter().any(|set| list(set).is_empty());
        let names_it = list(&directive["Metrics"]).iter().any(|metric| metric["Name"] == name);
        directive["Namespace"] == "Fobless" && has_no_dimensions && names_it
    })
}

fn raises(alarm: &Value, measures: &[Measure]) -> bool {
    let line = line_of(measures);
    let name = text(&alarm["MetricName"]);
    let Some(value) = line[name].as_f64().filter(|_| is_metric(&line, name)) else {
        return false;
    };
    let threshold = alarm["Threshold"].as_f64().expect("a number");
    match text(&alarm["ComparisonOperator"]) {
        "GreaterThanThreshold" => value > threshold,
        other => panic!("{other} is not known here"),
    }
}

#[test]
fn each_alarm_names_its_section_of_the_runbook_and_tells_somebody() {
    let (alarms, anchors) = (alarms(), anchors());
    assert!(alarms.len() > 15, "{} alarms", alarms.len());
    for (name, alarm) in &alarms {
        let description = text(&alarm["AlarmDescription"]);
        let anchor = description.split_once("docs/OPERATIONS.md#").expect("it names its section").1;
        assert!(
            anchors.iter().any(|known| known == anchor),
            "{name} names {anchor}, which is not there"
        );
        let expected = serde_json::json!({"!If": ["HasAlarmTopic", [{"!Ref": "AlarmTopicArn"}], {"!Ref": "AWS::NoValue"}]});
        assert_eq!((&alarm["AlarmActions"], &alarm["OKActions"]), (&expected, &expected), "{name}");
    }
}

#[test]
fn each_alarm_over_our_own_figures_is_raised_by_what_it_is_about_and_by_nothing_less() {
    let refused = Measure::WebhookRefused("unauthorized");
    let failed = |code| vec![Measure::StepFailed(code)];
    let raised: BTreeMap<&str, (Vec<Measure>, Vec<Measure>)> = BTreeMap::from([
        (
            "PendingTooLongAlarm",
            (
                vec![Measure::OldestPending(Duration::from_secs(901))],
                vec![Measure::OldestPending(Duration::from_mins(15))],
            ),
        ),
        ("RefusedSignaturesAlarm", (vec![refused; 21], vec![refused; 20])),
        (
            "CredentialManagerMisconfiguredAlarm",
            (
                failed(FailureCode::CredentialManagerMisconfigured),
                failed(FailureCode::CredentialManagerUnavailable),
            ),
        ),
        (
            "AccessControlMisconfiguredAlarm",
            (
                failed(FailureCode::AccessControlMisconfigured),
                failed(FailureCode::AccessControlRefused),
            ),
        ),
        (
            "PoolExhaustedAlarm",
            (
                failed(FailureCode::CredentialPoolExhausted),
                failed(FailureCode::CredentialPoolOccupied),
            ),
        ),
        ("AuditDriftAlarm", (vec![Measure::AuditDrift], vec![Measure::CredentialIssued])),
        ("LeftAloneAlarm", (vec![Measure::LeftAlone], vec![Measure::CredentialIssued])),
    ]);
    // The level of a pool has a line of its own, which `telemetry` tests; its threshold is a parameter.
    let others = ["PoolLowAlarm"];
    let ours = alarms().into_iter().filter(|(_, alarm)| alarm["Namespace"] == "Fobless");
    for (name, alarm) in ours.filter(|(name, _)| !others.contains(&name.as_str())) {
        let (enough, less) = raised.get(name.as_str()).unwrap_or_else(|| panic!("nobody raises {name}"));
        assert!(raises(&alarm, enough), "{name} is not raised by {enough:?}");
        assert!(!raises(&alarm, less), "{name} is raised by {less:?}");
    }
}

#[test]
fn the_dashboard_shows_metrics_that_the_functions_measure() {
    let template = template();
    let body = text(at(&template, "Resources.Dashboard.Properties.DashboardBody.!Sub"));
    let body: Value = serde_json::from_str(body).expect("a dashboard is JSON");
    let line = line_of(&[
        Measure::WebhookAccepted,
        Measure::CredentialIssued,
        Measure::TimeToCredential(Duration::from_secs(1)),
        Measure::OldestPending(Duration::from_secs(1)),
        Measure::ItemsDue(1),
        Measure::CredentialManagerCall,
        Measure::CallBudgetLeft(1),
    ]);
    let metrics = list(&body["widgets"])
        .iter()
        .flat_map(|widget| list(at(widget, "properties.metrics")).to_vec());
    let ours: Vec<String> = metrics
        .filter(|metric| metric[0] == "Fobless")
        .map(|metric| text(&metric[1]).to_owned())
        .collect();
    assert!(ours.len() > 5, "{ours:?}");
    for name in ours {
        assert!(is_metric(&line, &name), "nobody measures {name}");
    }
}
