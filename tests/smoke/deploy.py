#!/usr/bin/env python3
"""The template, really deployed, with the release binaries: into ministack, which stands in for AWS on this machine.

`sam deploy` makes the stack; `fobless` makes keys, adds the credential manager and draws the key of phone events, as docs/OPERATIONS.md
says; then one phone is registered with a signed webhook at the Function URL, redeems its invitation, and holds one credential, of which
the API, the simulator's ledger and `fobless` tell the same. At the end the key of phone events is replaced, while the functions run.

What ministack can't do is read back from the created stack, or left to other tests, and said at the end.

    deploy.py PROGRAMS    a folder with the program `ministack`; sam, cargo and the functions (`cargo lambda build --release`) are there
"""

import base64
import json
import os
import re
import subprocess
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import documented
from alarms import raise_the_alarms_over_aws_figures
from main_job import main_job
from processes import ROOT, Failure, Process, check, expect_json, free_port, listens, play, request, say, start_cargo_dev, wait_for

REGION = "us-east-1"
STACK = "fobless"
LAUNCH = "/user_identities/enrollment_automations/launch"
PART_NUMBER = "MID-SUB-CRD_FTPN_0001"
"""What `cargo dev` gives to its simulated organization."""
WORKSPACE = "398d80b7-3f96-47c2-b85a-6f8ba21d07be"
BUILT = ROOT / "target" / "lambda"
FUNCTIONS = ("api", "credential-issuer", "phone-webhook", "sweeper", "webhook-sender")
DEPLOY_SECONDS = 5 * 60

LEFT_OUT = """\
not checked here, since ministack can't:
  routes of the HTTP API (the api is invoked as a function)    cargo test --test deployment, --test end_to_end
  partial batch answers, retries, bisecting                     read back above; the stream pump's tests in local/
  CodeDeploy, which shifts the alias by degrees                 cargo test --test deployment
  what roles may not do; recovery and protection of the table   cargo test --test deployment"""


class Cloud:
    """ministack, and the programs that talk to it."""

    def __init__(self, port):
        self.endpoint = f"http://127.0.0.1:{port}"
        self.environment = {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "SAM_CLI_TELEMETRY": "0",
        }

    def run(self, *command, seconds=DEPLOY_SECONDS, stdin=None):
        say("$ " + " ".join(command))
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **self.environment},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        check(done.returncode == 0, f"{command[0]} failed:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
        return done.stdout

    def deploy(self):
        """The template as it is, but for CodeDeploy."""
        template = (ROOT / "template.yaml").read_text()
        template, changed = re.subn(r"(DeploymentPreference:\n)      Type: !Ref DeploymentType\n", r"\1      Enabled: false\n", template)
        check(changed == 1, "the template says once how versions come into use")
        template = template.replace("CodeUri: target/lambda/", "CodeUri: ./")
        there = BUILT / "stand-in.yaml"
        there.write_text(template)
        status, text = request("PUT", f"{self.endpoint}/artifacts")
        check(status == 200, f"no bucket: {status} {text}")
        self.run(
            *("sam", "deploy", "--template-file", str(there), "--stack-name", STACK, "--region", REGION, "--s3-bucket", "artifacts"),
            *("--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND", "--no-confirm-changeset", "--no-progressbar"),
        )
        outputs = json.loads(self.run("sam", "list", "stack-outputs", "--stack-name", STACK, "--region", REGION, "--output", "json"))
        return {output["OutputKey"]: output["OutputValue"] for output in outputs}

    def function(self, logical_id):
        names = [function["FunctionName"] for function in expect_json("GET", f"{self.endpoint}/2015-03-31/functions/")["Functions"]]
        return next(name for name in names if name.startswith(f"{STACK}-{logical_id}"))

    def secrets_manager(self, operation, **body):
        headers = {"x-amz-target": f"secretsmanager.{operation}", "content-type": "application/x-amz-json-1.1"}
        status, text = request("POST", self.endpoint, json.dumps(body).encode(), headers)
        check(status == 200, f"{operation} answered {status}")
        return json.loads(text)

    def mappings(self):
        return expect_json("GET", f"{self.endpoint}/2015-03-31/event-source-mappings/")["EventSourceMappings"]


class FunctionUrl:
    """Listens on a port of its own, and hands over to the Function URL: ministack knows that by its name, which no resolver has."""

    def __init__(self, endpoint, url):
        host = urllib.parse.urlsplit(url).netloc

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
                try:
                    status, text = request("POST", f"{endpoint}{self.path}", body, {**headers, "host": host})
                except Failure as failure:
                    status, text = 502, str(failure)
                answer = text.encode()
                self.send_response(status)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Deployed:
    """The stack, and a person in it."""

    def __init__(self, cloud, outputs, folder, ready, processes):
        self.cloud = cloud
        self.simulator = ready["simulator"]
        self.webhooks = FunctionUrl(cloud.endpoint, outputs["WebhookUrl"])
        self.api_function = cloud.function("ApiFunction")
        self.settings = folder / "fobless.env"
        lines = [outputs["OperatorSettings"], *(f"{name}='{value}'" for name, value in cloud.environment.items())]
        self.settings.write_text("\n".join(lines) + "\n")
        self.folder = folder
        self.queue = outputs["FailedRecordsUrl"]
        self.typed = []
        self.set_up(account_of(ready), processes)

    def fobless(self, *command, stdin=None):
        self.typed.append(command)
        return json.loads(self.cloud.run(str(ROOT / "target/debug/fobless"), *command, "--json", "--env-file", str(self.settings), stdin=stdin))

    def set_up(self, account, processes):
        """As the first deployment is described."""
        in_workspace = ("--workspace", WORKSPACE)
        self.key = self.fobless("keys", "create", *in_workspace, "--name", "first key")["key"]
        self.webhook_key = self.fobless("webhook", "add-key", *in_workspace)["fingerprint"]
        self.doors = self.fobless("systems", "add", "ledger", *in_workspace, "--name", "Doors")["acs_system_id"]
        self.credential_manager = self.fobless(
            *("systems", "add", "hid-origo", *in_workspace, "--name", "HID Origo", "--part-number", account["part_number"]),
            *("--client-id", account["client_id"], "--client-secret-file", "-", "--application-id", account["application_id"]),
            *("--base-urls", json.dumps(account["base_urls"])),
            stdin="yesterday's password\n",
        )["acs_system_id"]
        person = self.api("/user_identities/create", {"full_name": "Jane Doe", "email_address": "jane@example.com"})
        self.user_identity = person["user_identity"]["user_identity_id"]
        pools = self.api("/acs/credential_pools/list", {"acs_system_id": self.credential_manager})["acs_credential_pools"]
        self.credential_pool = pools[0]["acs_credential_pool_id"]
        correct_the_password(self, account["client_secret"], processes)
        checked = self.fobless("systems", "check", *in_workspace, "--webhook-url", self.webhooks.url, self.credential_manager)
        check(all(found["is_good"] for found in checked) and len(checked) == 2, f"systems check: {checked}")
        say("the credential manager takes our calls, and knows where to call back")

        user = self.api(
            "/acs/users/create",
            {"acs_system_id": self.doors, "user_identity_id": self.user_identity, "full_name": "Jane Doe"},
        )
        self.acs_user = user["acs_user"]["acs_user_id"]

    def api(self, path, body):
        """The api, called as the gateway calls it: payload format 2.0."""
        now = {"http": {"method": "POST", "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "smoke"}}
        event = {
            "version": "2.0",
            "routeKey": "ANY /{proxy+}",
            "rawPath": path,
            "rawQueryString": "",
            "headers": {"authorization": f"Bearer {self.key}", "content-type": "application/json"},
            "requestContext": {"accountId": "0", "apiId": "api", "stage": "$default", "requestId": "r", "time": "", "timeEpoch": 0, **now},
            "body": json.dumps(body),
            "isBase64Encoded": False,
        }
        url = f"{self.cloud.endpoint}/2015-03-31/functions/{self.api_function}/invocations?Qualifier=live"
        answer = expect_json("POST", url, event, seconds=60)
        text = answer.get("body") or "{}"
        text = base64.b64decode(text) if answer.get("isBase64Encoded") else text
        check(answer.get("statusCode") == 200, f"{path} answered {json.dumps(answer)}")
        return json.loads(text)

    def signed_webhook(self, installation):
        event = ("--workspace", WORKSPACE, "--user-identity", self.user_identity, "--installation", installation)
        signed = self.fobless("webhook", "sign", *event)
        return signed["headers"], signed["body"].encode()

    def deliver(self, headers, body):
        return request("POST", f"{self.webhooks.url}/webhooks/phones", body, headers, seconds=60)


def launch(system):
    """The main job launches it again, which is the same automation."""
    asked = {"user_identity_id": system.user_identity, "credential_manager_acs_system_id": system.credential_manager}
    system.api(LAUNCH, {**asked, "acs_credential_pool_id": system.credential_pool, "create_credential_manager_user": True})


def correct_the_password(system, password, processes):
    """The credential manager refuses us, which is told by its reason; with the right password the issuer that runs goes on."""
    launch(system)
    refused = {"credential_manager_misconfigured": 1}

    def failures():
        found = system.fobless("status", "--workspace", WORKSPACE)["failures"]
        return found == refused, found

    wait_for("step that failed for the password", failures, processes)
    cloud = system.cloud
    secret = next(line for line in system.settings.read_text().splitlines() if line.startswith("FOBLESS_CREDENTIAL_MANAGERS_ID="))
    secret = secret.split("'")[1]
    kept = json.loads(cloud.secrets_manager("GetSecretValue", SecretId=secret)["SecretString"])
    kept[system.credential_manager]["client_secret"] = password
    cloud.secrets_manager("PutSecretValue", SecretId=secret, SecretString=json.dumps(kept))

    def works():
        found = system.fobless("status", "--workspace", WORKSPACE)["failures"]
        # As the runbook says. The first try may come before the issuer may look for a newer secret again, and may then wait for a token that
        # nobody got: that is another reason.
        for reason in found:
            system.fobless("retry", "--workspace", WORKSPACE, "--failed", reason)
        return found == {}, found

    # A step that is due when `retry` comes is left to the sweeper, and that starts a minute after the stack here.
    wait_for("step that works under the new password", works, processes, seconds_between=1, seconds=180)
    say("a wrong password is told by its reason, and a new one is taken by the issuer that runs")


def replace_the_key_of_phone_events(system, processes):
    """No deployment, no restart: the functions that run take the new key, and refuse the old one."""
    old = system.signed_webhook("signed-with-the-old-key")
    system.fobless("webhook", "add-key", "--workspace", WORKSPACE)
    system.fobless("webhook", "remove-key", "--yes", system.webhook_key)
    new = system.signed_webhook("signed-with-the-new-key")

    def taken():
        status, _ = system.deliver(*new)
        return status == 200, status

    wait_for("webhook that is taken under the new key", taken, processes)
    status, _ = system.deliver(*old)
    check(status == 401, f"what the old key signed should be refused; it got {status}")
    say("the new key of phone events is taken, and the old one refused, by functions that kept running")


def compare_the_mappings(cloud):
    """What ministack does not do, it keeps: so it is at least said as it should be."""
    mappings = cloud.mappings()
    check(len(mappings) == 2, f"the issuer and the sender are fed by the stream: {mappings}")
    for mapping in mappings:
        name = mapping["FunctionArn"].split(":function:")[-1]
        for setting, expected in (
            ("BatchSize", 25),
            ("BisectBatchOnFunctionError", True),
            ("MaximumRetryAttempts", 10),
            ("MaximumRecordAgeInSeconds", 21600),
            ("FunctionResponseTypes", ["ReportBatchItemFailures"]),
            ("StartingPosition", "TRIM_HORIZON"),
        ):
            check(mapping.get(setting) == expected, f"{name}: {setting} is {mapping.get(setting)}")
        check("FailedRecords" in mapping["DestinationConfig"]["OnFailure"]["Destination"], f"{name}: {mapping['DestinationConfig']}")
        check(name.endswith(":live"), f"{name} should be the alias")
    say("both mappings of the stream are as the template says")


def compare_what_fobless_says(system):
    status = system.fobless("status", "--workspace", WORKSPACE)
    check(status["phone_credentials"] == {"issued": 1}, f"status: {status}")
    check(status["budgets"][0]["calls_in_5_minutes"] > 0, f"status: {status}")
    phones = system.api("/phones/list", {"owner_user_identity_id": system.user_identity})["phones"]
    told = system.fobless("explain", "--workspace", WORKSPACE, phones[0]["device_id"])
    check(any(event["step"] == "issue" for event in told["events"]), f"explain: {told}")
    say("fobless status and explain tell the same")


def redrive_a_failed_record(system):
    """A position in the stream, in the queue as Lambda would put it there."""
    cloud = system.cloud
    arn = cloud.mappings()[0]["EventSourceArn"]

    def streams(operation, **body):
        headers = {"x-amz-target": f"DynamoDBStreams_20120810.{operation}", "content-type": "application/x-amz-json-1.0"}
        return json.loads(request("POST", cloud.endpoint, json.dumps(body).encode(), headers)[1])

    shard = streams("DescribeStream", StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    begin = streams("GetShardIterator", StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    records = streams("GetRecords", ShardIterator=begin)["Records"]
    number = next(record["dynamodb"]["SequenceNumber"] for record in records if record["dynamodb"]["Keys"]["pk"]["S"].startswith("USER#"))
    batch = {"shardId": shard, "startSequenceNumber": number, "endSequenceNumber": number, "streamArn": arn, "batchSize": 1}
    message = {"Action": "SendMessage", "QueueUrl": system.queue, "MessageBody": json.dumps({"DDBStreamBatchInfo": batch})}
    form = {"content-type": "application/x-www-form-urlencoded"}
    status, text = request("POST", cloud.endpoint, urllib.parse.urlencode(message).encode(), form)
    check(status == 200, f"SendMessage answered {status}: {text}")
    redriven = system.fobless("redrive")
    check([found["outcome"] for found in redriven] == ["woken: 1"], f"redrive: {redriven}")
    check(system.fobless("redrive") == [], "the queue is empty then")
    say("a record that was given up is found in the stream again, and whom it concerns is woken")


def rest_of_the_runbook(system):
    """What docs/OPERATIONS.md tells people to type beside."""
    in_workspace = ("--workspace", WORKSPACE)
    event = ("--user-identity", system.user_identity, "--installation", "sent-by-fobless")
    sent = system.fobless("webhook", "send", "--url", f"{system.webhooks.url}/webhooks/phones", *in_workspace, *event)
    check(sent["status"] == 200, f"webhook send: {sent}")
    audited = system.fobless("audit", *in_workspace, system.user_identity)
    check(audited["audits"] == 1, f"audit: {audited}")
    retried = system.fobless("retry", *in_workspace, "--failed", "credential_manager_misconfigured")
    check(retried["hastened"] == 0, f"nothing failed, and yet: {retried}")
    redrive_a_failed_record(system)
    file = str(system.folder / "fobless.jsonl")
    exported = system.fobless("export", file)["exported"]
    imported = system.fobless("import", "--yes", file)
    check(exported > 10 and imported["kept"] > 10, f"{exported} items came out, and of them {imported} went in")
    damaged = system.folder / "damaged.jsonl"
    lines = (system.folder / "fobless.jsonl").read_text().splitlines()
    damaged.write_text(next(line for line in lines if system.user_identity in line) + "\n")
    check(system.fobless("import", "--yes", "--replace", str(damaged))["written"] == 1, "one item is written over")
    left = list(documented.not_run(system.typed))
    check(not left, "documented, and not typed here:\n" + "\n".join(left))
    say(f"every command of fobless that the documents name was typed: {len(system.typed)} of them")


def account_of(ready):
    """The organization that `cargo dev` simulates, as its own settings have it."""
    lines = (Path(ready["data_dir"]) / "functions.env").read_text().splitlines()
    settings = dict(line.split("=", 1) for line in lines if "=" in line)
    (account,) = json.loads(settings["FOBLESS_CREDENTIAL_MANAGERS"].strip("'")).values()
    return {**account, "part_number": PART_NUMBER}


def scene(folder, processes):
    programs = Path(sys.argv[1])
    for function in FUNCTIONS:
        check((BUILT / function / "bootstrap").is_file(), f"{function} is not built: cargo lambda build --release")
    port = free_port()
    cloud = Cloud(port)
    # Of it only the simulator is wanted: nothing is at the port where it takes functions to be.
    ready = start_cargo_dev(folder / "dev", "http://127.0.0.1:1", processes)
    # It would listen on every interface.
    stand_in = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "AWS_ENDPOINT_URL": cloud.endpoint}
    processes.append(Process("ministack", [str(programs / "ministack")], **stand_in))
    wait_for("ministack", lambda: (listens(port), None), processes)

    outputs = cloud.deploy()
    say(f"deployed: {outputs['TableName']}")
    system = Deployed(cloud, outputs, folder, ready, processes)
    main_job(system, processes)
    compare_what_fobless_says(system)
    compare_the_mappings(cloud)
    replace_the_key_of_phone_events(system, processes)
    rest_of_the_runbook(system)
    raise_the_alarms_over_aws_figures(cloud)
    print(LEFT_OUT, flush=True)


if __name__ == "__main__":
    sys.exit(play(scene))
