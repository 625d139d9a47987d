"""The alarms over AWS's own figures, in the deployed stack: each is about a thing that the stack has, and is raised by its figure.

Those over Fobless's own figures are raised by what the functions measure: tests/tests/deployment/alarms.rs.
"""

import json
import re

from processes import ROOT, check, request, say

NOT_RAISED = {"SweeperAlarm"}
"""It is raised by a figure that is missing, which ministack does not look for. That it is so set is compared instead."""


def cloudwatch(cloud, operation, **body):
    headers = {"x-amz-target": f"GraniteServiceVersion20100801.{operation}", "content-type": "application/x-amz-json-1.0"}
    status, text = request("POST", cloud.endpoint, json.dumps(body).encode(), headers)
    check(status == 200, f"{operation} answered {status}: {text}")
    return json.loads(text) if text.strip() else {}


def alarms_of_aws(cloud):
    """By the name that they have in the template."""
    found = cloudwatch(cloud, "DescribeAlarms")["MetricAlarms"]
    of_aws = [alarm for alarm in found if alarm["Namespace"].startswith("AWS/")]
    return {alarm["AlarmName"].split("-")[1]: alarm for alarm in of_aws}


def alarms_of_the_template():
    template = (ROOT / "template.yaml").read_text()
    for block in re.split(r"\n(?=  \w+:\n)", template):
        if "Type: AWS::CloudWatch::Alarm" in block and "Namespace: AWS/" in block:
            yield block.strip().partition(":")[0]


def fail_for_real(cloud):
    """A request that is none: the function does not understand it and fails, as it would by a panic."""
    url = f"{cloud.endpoint}/2015-03-31/functions/{cloud.function('PhoneWebhookFunction')}/invocations"
    status, text = request("POST", url, b'{"neither": "request"}')
    check(status == 200 and "errorType" in text, f"the function should fail; it answered {status}: {text}")


def publish(cloud, namespace, figure):
    cloudwatch(cloud, "PutMetricData", Namespace=namespace, MetricData=[figure])


def raise_the_alarms_over_aws_figures(cloud):
    before = alarms_of_aws(cloud)
    check(set(before) == set(alarms_of_the_template()), f"the alarms: {sorted(before)}")
    functions = {cloud.function(name) for name in ("Api", "CredentialIssuer", "PhoneWebhook", "Sweeper", "WebhookSender")}
    for name, alarm in before.items():
        dimensions = {dimension["Name"]: dimension["Value"] for dimension in alarm["Dimensions"]}
        check(len(dimensions) == 1, f"{name} looks at one thing: {dimensions}")
        is_ours = dimensions.get("FunctionName") in functions or "FailedRecords" in dimensions.get("QueueName", "") or dimensions.get("ApiId")
        check(is_ours, f"{name} looks at what the stack does not have: {dimensions}")
        check(alarm["StateValue"] != "ALARM", f"{name} is raised, and nothing has happened: {alarm}")
    sweeper = before["SweeperAlarm"]
    missing = (sweeper["ComparisonOperator"], sweeper["Threshold"], sweeper["TreatMissingData"])
    check(missing == ("LessThanThreshold", 1, "breaching"), f"the sweeper's alarm is raised where there are no runs: {missing}")

    fail_for_real(cloud)
    # ministack looks at its alarms whenever somebody publishes something.
    publish(cloud, "Nobody", {"MetricName": "Nothing", "Value": 0})
    raised = {name for name, alarm in alarms_of_aws(cloud).items() if alarm["StateValue"] == "ALARM"}
    check("PhoneWebhookErrorsAlarm" in raised, f"a function that fails raises its alarm; raised are {raised}")

    # ministack does not tell dimensions apart: a figure of one function raises the same alarm of all. So the first of each kind is quiet before.
    published = {"Errors"}
    for name, alarm in before.items():
        if name in NOT_RAISED:
            continue
        state = alarms_of_aws(cloud)[name]["StateValue"]
        check(state != "ALARM" or alarm["MetricName"] in published, f"{name} is raised before its figure is there")
        published.add(alarm["MetricName"])
        check(alarm["ComparisonOperator"] == "GreaterThanThreshold", f"{name}: {alarm['ComparisonOperator']}")
        figure = {"MetricName": alarm["MetricName"], "Dimensions": alarm["Dimensions"], "Value": alarm["Threshold"] + 1}
        publish(cloud, alarm["Namespace"], figure)
        state = alarms_of_aws(cloud)[name]["StateValue"]
        check(state == "ALARM", f"{name} is not raised by {figure}: {state}")
    say(f"each of {len(before)} alarms over AWS's figures looks at a thing of the stack, and is raised by its figure")
