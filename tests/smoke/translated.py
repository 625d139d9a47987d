#!/usr/bin/env python3
"""template.yaml as CloudFormation gets it: what SAM's transform makes of it, held against what we mean.

The transform writes roles, permissions and mappings of its own; tests/tests/deployment reads the template as we wrote it, this the rest.
Needs aws-sam-translator and cfn-lint, which brings a parser for the short forms of the functions.
"""

import json
import sys
from pathlib import Path

from cfnlint.decode import cfn_yaml
from samtranslator.translator.transform import transform

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = ("PhoneWebhook", "Api", "CredentialIssuer", "WebhookSender", "Sweeper")
# Of these AWS knows no resource.
WITHOUT_RESOURCE = {"dynamodb:ListStreams", "xray:PutTraceSegments", "xray:PutTelemetryRecords"}


class NoManagedPolicies:
    def load(self):
        return {}


def translated():
    template = json.loads(json.dumps(cfn_yaml.load(str(ROOT / "template.yaml")), default=str))
    # As `sam package` leaves them.
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = f"s3://artifacts/{name}"
    return transform(template, {"AWS::Region": "eu-central-1"}, NoManagedPolicies())["Resources"]


def of_type(resources, wanted):
    return {name: resource.get("Properties", {}) for name, resource in resources.items() if resource["Type"] == wanted}


def listed(value):
    return value if isinstance(value, list) else [value]


def roles_have_no_wildcards(resources):
    for name, role in of_type(resources, "AWS::IAM::Role").items():
        managed = json.dumps(role.get("ManagedPolicyArns", []))
        if name == "CodeDeployServiceRole":
            assert "AWSCodeDeployRoleForLambda" in managed, managed
            continue
        assert managed == "[]", f"{name} has policies that others write: {managed}"
        for policy in role["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                actions = set(listed(statement["Action"]))
                assert not any("*" in action for action in actions), f"{name} may {actions}"
                everything = "*" in json.dumps(statement["Resource"])
                assert everything == (actions <= WITHOUT_RESOURCE), f"{name} may {actions} on {statement['Resource']}"


def every_caller_calls_the_alias(resources):
    aliases = of_type(resources, "AWS::Lambda::Alias")
    for function in FUNCTIONS:
        alias = aliases[f"{function}FunctionAliaslive"]
        assert alias["Name"] == "live"
        policy = resources[f"{function}FunctionAliaslive"]["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
        assert policy["DeploymentGroupName"] == {"Ref": f"{function}FunctionDeploymentGroup"}
    mappings = of_type(resources, "AWS::Lambda::EventSourceMapping")
    assert len(mappings) == 2, mappings.keys()
    for name, mapping in mappings.items():
        assert "Aliaslive" in json.dumps(mapping["FunctionName"]), name
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"], name
        assert mapping["BisectBatchOnFunctionError"] is True and mapping["MaximumRetryAttempts"] == 10, name
        assert mapping["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": ["FailedRecords", "Arn"]}, name
    (url,) = of_type(resources, "AWS::Lambda::Url").values()
    assert url["AuthType"] == "NONE" and "Aliaslive" in json.dumps(url["TargetFunctionArn"]), url
    (rule,) = of_type(resources, "AWS::Events::Rule").values()
    assert rule["ScheduleExpression"] == "rate(1 minute)" and "SweeperFunctionAliaslive" in json.dumps(rule["Targets"]), rule


def only_the_webhook_is_open(resources):
    open_to = [permission for permission in of_type(resources, "AWS::Lambda::Permission").values() if permission["Principal"] == "*"]
    assert open_to and all("PhoneWebhookFunction" in json.dumps(permission["FunctionName"]) for permission in open_to), open_to
    assert any(permission.get("FunctionUrlAuthType") == "NONE" for permission in open_to), open_to


def alarms_bring_a_version_back(resources):
    groups = of_type(resources, "AWS::CodeDeploy::DeploymentGroup")
    assert len(groups) == len(FUNCTIONS), groups.keys()
    for name, group in groups.items():
        assert group["AlarmConfiguration"]["Enabled"] is True and group["AlarmConfiguration"]["Alarms"], name
        assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"], name


def main():
    resources = translated()
    checks = (roles_have_no_wildcards, every_caller_calls_the_alias, only_the_webhook_is_open, alarms_bring_a_version_back)
    for check in checks:
        check(resources)
        print(f"{check.__name__.replace('_', ' ')}")
    print(f"translated: {len(resources)} resources, {len(checks)} checks")


if __name__ == "__main__":
    sys.exit(main())
