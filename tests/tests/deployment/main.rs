//! template.yaml against the code: what is deployed is what the functions were written for.

mod alarms;
mod table_requests;
mod template;
mod webhook_sender;

use std::{collections::BTreeSet, time::Duration};

use fobless::{
    config::setting,
    domain::retry,
    store::{ATTRIBUTES, DEFINITION, Key, PartitionOwner},
};
use serde_json::{Value, json};

use crate::template::{at, function, leading_keys, list, matches, role_of, statements, table, template, text, texts};

const FUNCTIONS: [(&str, &str); 5] = [
    ("PhoneWebhookFunction", "phone-webhook"),
    ("ApiFunction", "api"),
    ("CredentialIssuerFunction", "credential-issuer"),
    ("SweeperFunction", "sweeper"),
    ("WebhookSenderFunction", "webhook-sender"),
];

/// The actions for which AWS knows no resource; only these may have `Resource: "*"`.
const ACTIONS_WITHOUT_RESOURCE: [&str; 3] = ["dynamodb:ListStreams", "xray:PutTraceSegments", "xray:PutTelemetryRecords"];

fn owner() -> PartitionOwner {
    PartitionOwner {
        workspace_id: "398d80b7-3f96-47c2-b85a-6f8ba21d07be".parse().expect("an id"),
        user_identity_id: "5c945ab5-c75e-4bcb-8e5f-9410061c401f".parse().expect("an id"),
    }
}

#[test]
fn the_table_has_the_key_attributes_indexes_and_stream_that_the_code_defines() {
    let defined = DEFINITION.create_request("");
    let table = table();
    for property in ["AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode"] {
        assert_eq!(table[property], defined[property], "{property}");
    }
    assert_eq!(list(&table["AttributeDefinitions"]).len(), ATTRIBUTES.len());
    assert_eq!(table["StreamSpecification"]["StreamViewType"], DEFINITION.stream_view);
}

#[test]
fn both_indexes_hold_keys_only() {
    for index in list(&table()["GlobalSecondaryIndexes"]) {
        assert_eq!(
            index["Projection"],
            json!({"ProjectionType": "KEYS_ONLY"}),
            "{}",
            index["IndexName"]
        );
    }
}

#[test]
fn the_table_survives_its_stack_and_a_mistake_in_it() {
    let template = template();
    let table = at(&template, "Resources.Table");
    assert_eq!([&table["DeletionPolicy"], &table["UpdateReplacePolicy"]], ["Retain", "Retain"]);
    let properties = &table["Properties"];
    assert_eq!(properties["DeletionProtectionEnabled"], true);
    assert_eq!(properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
    assert_eq!(
        properties["TimeToLiveSpecification"],
        json!({"AttributeName": "expires_at", "Enabled": true})
    );
}

#[test]
fn each_function_runs_its_own_prebuilt_binary_on_arm64() {
    for (name, binary) in FUNCTIONS {
        let function = function(name);
        assert_eq!(function["CodeUri"], format!("target/lambda/{binary}/"));
        assert_eq!(function["Handler"], "bootstrap");
        assert_eq!(function["Runtime"], "provided.al2023");
        assert_eq!(function["Architectures"], json!(["arm64"]));
        assert_eq!(at(&template(), &format!("Resources.{name}.Metadata"))["SkipBuild"], true);
    }
}

#[test]
fn each_function_has_a_role_of_its_own() {
    let roles: BTreeSet<String> = FUNCTIONS.iter().map(|(name, _)| role_of(name)).collect();
    assert_eq!(roles.len(), FUNCTIONS.len(), "{roles:?}");
}

#[test]
fn no_permission_is_for_everything_unless_aws_knows_no_resource() {
    for (name, _) in FUNCTIONS {
        for statement in statements(&role_of(name)) {
            let actions = texts(&statement["Action"]);
            assert!(actions.iter().all(|action| !action.contains('*')), "{name} may {actions:?}");
            let on_everything = statement["Resource"].to_string().contains('*');
            let has_no_resource = actions.iter().all(|action| ACTIONS_WITHOUT_RESOURCE.contains(action));
            assert_eq!(
                on_everything, has_no_resource,
                "{name} may {actions:?} on {}",
                statement["Resource"]
            );
        }
    }
}

#[test]
fn nobody_may_scan_the_table() {
    for (name, _) in FUNCTIONS {
        let statements = statements(&role_of(name));
        let scans = statements
            .iter()
            .flat_map(|statement| texts(&statement["Action"]))
            .any(|action| action == "dynamodb:Scan");
        assert!(!scans, "{name}");
    }
}

#[test]
fn each_function_logs_to_its_own_group_and_may_write_no_other() {
    for (name, _) in FUNCTIONS {
        let properties = function(name);
        let group = text(at(&properties, "LoggingConfig.LogGroup.!Ref"));
        assert_eq!(properties["LoggingConfig"]["LogFormat"], "JSON");
        let statements = statements(&role_of(name));
        let writable: Vec<_> = statements
            .iter()
            .filter(|statement| texts(&statement["Action"]).contains(&"logs:PutLogEvents"))
            .collect();
        let [statement] = writable[..] else {
            panic!("{name} has {} statements about logs", writable.len())
        };
        assert_eq!(statement["Resource"], json!({"!GetAtt": format!("{group}.Arn")}));
    }
}

#[test]
fn each_function_is_traced_and_may_say_so() {
    for (name, _) in FUNCTIONS {
        assert_eq!(function(name)["Tracing"], "Active", "{name}");
        let statements = statements(&role_of(name));
        let traces = statements
            .iter()
            .flat_map(|statement| texts(&statement["Action"]))
            .any(|action| action == "xray:PutTraceSegments");
        assert!(traces, "{name}");
    }
}

#[test]
fn the_management_api_is_throttled_and_its_access_log_holds_no_query_and_no_header() {
    let template = template();
    let api = at(&template, "Resources.ManagementApi.Properties");
    assert!(
        at(api, "DefaultRouteSettings.ThrottlingRateLimit")
            .as_u64()
            .is_some_and(|limit| limit > 0)
    );
    let format = text(at(api, "AccessLogSettings.Format"));
    for needed in ["$context.requestId", "$context.status", "$context.path"] {
        assert!(format.contains(needed), "{needed}");
    }
    assert!(!format.contains("header") && !format.contains("query"), "{format}");
}

#[test]
fn strangers_reach_people_through_the_webhook_but_neither_tokens_nor_api_keys() {
    let system = "6737e186-8d54-48ce-a7da-a0be4d252172".parse().expect("an id");
    let (token, api_key) = (Key::token(system).partition, Key::api_key("").partition);
    for action in ["dynamodb:GetItem", "dynamodb:UpdateItem"] {
        let allowed = leading_keys("PhoneWebhookRole", action, "ForAllValues:StringLike");
        let may = |key: &str| allowed.iter().any(|pattern| matches(pattern, key));
        assert!(may(&owner().partition()), "{action} on a person");
        assert!(!may(&token) && !may(&api_key), "{action} on {allowed:?}");
    }
    let hidden = leading_keys("ApiRole", "dynamodb:GetItem", "ForAllValues:StringNotLike");
    assert!(
        hidden.iter().any(|pattern| matches(pattern, &token)),
        "the api has no business with {token}"
    );
    assert!(
        !hidden.iter().any(|pattern| matches(pattern, &api_key)),
        "the api has to look up {api_key}"
    );
}

#[test]
fn the_issuer_is_dead_before_its_lease_runs_out() {
    let timeout = function("CredentialIssuerFunction")["Timeout"]
        .as_u64()
        .map(Duration::from_secs)
        .expect("a number");
    assert!(timeout < retry::LEASE, "{timeout:?}");
}

#[test]
fn the_issuer_reads_the_stream_from_its_start_in_small_batches_and_gives_up_in_bounded_time() {
    let function = function("CredentialIssuerFunction");
    let mapping = at(&function, "Events.TableStream.Properties");
    assert_eq!(mapping["Stream"], json!({"!GetAtt": "Table.StreamArn"}));
    assert_eq!(mapping["StartingPosition"], "TRIM_HORIZON");
    assert_eq!(mapping["BatchSize"], 25);
    assert_eq!(mapping["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]));
    assert_eq!(mapping["BisectBatchOnFunctionError"], true);
    assert_eq!(mapping["MaximumRetryAttempts"], 10);
    assert_eq!(mapping["MaximumRecordAgeInSeconds"], 21_600);
    assert_eq!(mapping["ParallelizationFactor"], json!({"!Ref": "ParallelizationFactor"}));
}

/// Without `Type` the transform leaves out the permission that goes with it, and what failed is lost in silence.
#[test]
fn what_the_issuer_gives_up_on_goes_to_a_queue_that_it_may_write_to() {
    let function = function("CredentialIssuerFunction");
    let destination = at(&function, "Events.TableStream.Properties.DestinationConfig.OnFailure");
    assert_eq!(
        destination,
        &json!({"Type": "SQS", "Destination": {"!GetAtt": "FailedRecords.Arn"}})
    );
    let statements = statements("CredentialIssuerRole");
    let send = statements
        .iter()
        .find(|statement| statement["Action"] == "sqs:SendMessage")
        .expect("it may send");
    assert_eq!(send["Resource"], destination["Destination"]);
    let template = template();
    let queue = at(&template, "Resources.FailedRecords.Properties");
    assert_eq!(queue["MessageRetentionPeriod"], 14 * 24 * 60 * 60);
    assert_eq!(queue["SqsManagedSseEnabled"], true);
}

#[test]
fn the_stream_filter_lets_every_persons_records_through() {
    let function = function("CredentialIssuerFunction");
    let filters = list(at(&function, "Events.TableStream.Properties.FilterCriteria.Filters"));
    let [filter] = filters else { panic!("{} filters", filters.len()) };
    let pattern: Value = serde_json::from_str(text(&filter["Pattern"])).expect("a filter is JSON");
    let partition = DEFINITION.key.0;
    let prefix = text(&pattern["dynamodb"]["Keys"][partition]["S"][0]["prefix"]).to_owned();
    assert_eq!(pattern, json!({"dynamodb": {"Keys": {partition: {"S": [{"prefix": prefix}]}}}}));
    assert!(owner().partition().starts_with(&prefix), "{prefix}");
}

#[test]
fn each_function_gets_the_settings_it_reads_and_no_others_secrets() {
    let of_lambda_http = "AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH";
    let expected: [(&str, &[&str]); 5] = [
        (
            "PhoneWebhookFunction",
            &[setting::HID_ORIGO_CALLBACKS_ID, setting::PHONE_WEBHOOK_SECRETS_ID, setting::TABLE],
        ),
        ("ApiFunction", &[of_lambda_http, setting::TABLE]),
        (
            "CredentialIssuerFunction",
            &[setting::ACCESS_CONTROL_SYSTEMS_ID, setting::CREDENTIAL_MANAGERS_ID, setting::TABLE],
        ),
        ("SweeperFunction", &[setting::TABLE]),
        ("WebhookSenderFunction", &[setting::TABLE]),
    ];
    for (name, settings) in expected {
        let function = function(name);
        let variables = at(&function, "Environment.Variables").as_object().expect("a mapping");
        let given: BTreeSet<&str> = variables.keys().map(String::as_str).collect();
        assert_eq!(given, settings.iter().copied().collect(), "{name}");
    }
}

/// By the names of the secrets' settings, what they are called in the template, and who reads them.
const SECRETS: [(&str, &str, &str); 4] = [
    ("PhoneWebhookFunction", setting::PHONE_WEBHOOK_SECRETS_ID, "PhoneWebhookSecrets"),
    ("PhoneWebhookFunction", setting::HID_ORIGO_CALLBACKS_ID, "HidOrigoCallbacks"),
    ("CredentialIssuerFunction", setting::CREDENTIAL_MANAGERS_ID, "CredentialManagers"),
    (
        "CredentialIssuerFunction",
        setting::ACCESS_CONTROL_SYSTEMS_ID,
        "AccessControlSystems",
    ),
];

#[test]
fn secrets_are_made_empty_and_stay_when_the_stack_goes() {
    let template = template();
    for (name, setting, secret) in SECRETS {
        assert_eq!(
            at(&function(name), "Environment.Variables")[setting],
            json!({"!Ref": secret}),
            "{name}"
        );
        let resource = at(&template, &format!("Resources.{secret}"));
        assert_eq!(resource["Type"], "AWS::SecretsManager::Secret");
        assert_eq!(
            [&resource["DeletionPolicy"], &resource["UpdateReplacePolicy"]],
            ["Retain", "Retain"]
        );
        let text = text(at(resource, "Properties.SecretString"));
        assert!(["[]", "{}"].contains(&text), "{secret} is {text}");
    }
}

#[test]
fn who_reads_a_secret_may_read_that_one_and_no_other() {
    for (name, _) in FUNCTIONS {
        let own = SECRETS.iter().filter(|(reader, ..)| *reader == name);
        let expected: BTreeSet<String> = own.map(|(.., secret)| json!({"!Ref": secret}).to_string()).collect();
        let statements = statements(&role_of(name));
        let readable = statements
            .iter()
            .filter(|statement| statement["Action"].to_string().contains("secretsmanager:"));
        let readable: BTreeSet<String> = readable
            .flat_map(|statement| {
                assert_eq!(statement["Action"], "secretsmanager:GetSecretValue");
                list(&statement["Resource"]).iter().map(Value::to_string)
            })
            .collect();
        assert_eq!(readable, expected, "{name}");
    }
}

#[test]
fn the_operators_file_names_every_secret_and_the_table() {
    let template = template();
    let file = text(at(&template, "Outputs.OperatorSettings.Value.!Sub"));
    for (_, setting, secret) in SECRETS {
        assert!(file.lines().any(|line| line == format!("{setting}='${{{secret}}}'")), "{setting}");
    }
    for (setting, value) in [
        (setting::TABLE, "Table"),
        (setting::REGION, "AWS::Region"),
        (setting::FAILED_RECORDS, "FailedRecords"),
    ] {
        assert!(file.lines().any(|line| line == format!("{setting}='${{{value}}}'")), "{setting}");
    }
}

/// A version that fails goes back to the one before by itself. No alarm may depend on the gateway: that depends on the alias, and the
/// alias on its alarms.
#[test]
fn each_function_is_deployed_by_degrees_and_comes_back_when_it_fails() {
    let template = template();
    for (name, _) in FUNCTIONS {
        let function = function(name);
        assert_eq!(function["AutoPublishAlias"], "live", "{name}");
        assert_eq!(function["AutoPublishAliasAllProperties"], true, "{name}");
        assert_eq!(
            at(&function, "DeploymentPreference.Type"),
            &json!({"!Ref": "DeploymentType"}),
            "{name}"
        );
        let alarms = list(at(&function, "DeploymentPreference.Alarms"));
        let watched = alarms
            .iter()
            .map(|alarm| at(&template, &format!("Resources.{}.Properties", text(&alarm["!Ref"]))));
        let watched: Vec<&Value> = watched.collect();
        let own_errors =
            |alarm: &&Value| alarm["MetricName"] == "Errors" && alarm["Dimensions"].to_string().contains(&format!("\"{name}\""));
        assert!(watched.iter().any(own_errors), "{name} would not come back");
        assert!(watched.iter().all(|alarm| !alarm.to_string().contains("ManagementApi")), "{name}");
    }
    let kinds = at(&template, "Parameters.DeploymentType");
    assert_eq!(kinds["Default"], "Canary10Percent5Minutes");
}

#[test]
fn only_the_webhook_is_open_to_the_world_and_the_api_takes_every_path() {
    for (name, _) in FUNCTIONS {
        let url = function(name).get("FunctionUrlConfig").cloned();
        assert_eq!(url, (name == "PhoneWebhookFunction").then(|| json!({"AuthType": "NONE"})), "{name}");
    }
    let api = function("ApiFunction");
    let route = at(&api, "Events.AnyPath.Properties");
    assert_eq!(
        [&route["Method"], &route["Path"], &route["PayloadFormatVersion"]],
        ["ANY", "/{proxy+}", "2.0"]
    );
}

#[test]
fn one_sweeper_runs_each_minute() {
    let sweeper = function("SweeperFunction");
    assert_eq!(at(&sweeper, "Events.EveryMinute.Properties.Schedule"), "rate(1 minute)");
    assert_eq!(
        sweeper["ReservedConcurrentExecutions"],
        json!({"!If": ["ReservesConcurrency", 1, {"!Ref": "AWS::NoValue"}]})
    );
    assert!(sweeper["Timeout"].as_u64().expect("a number") <= 60);
}
