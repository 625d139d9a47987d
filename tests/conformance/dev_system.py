"""`cargo dev`'s program on free ports with throw-away data, and what is brought about in it before a client comes."""

import json
import signal
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
import uuid

START_SECONDS = 30
OUTCOME_SECONDS = 60
"""For what the system does by itself. It takes a second or two."""

# What `cargo dev` has from the start.
SEED = {
    "workspace_id": "398d80b7-3f96-47c2-b85a-6f8ba21d07be",
    "acs_system_id": "8aaa5fa0-9381-4463-a0ed-85f9c1fbcef4",
    "credential_manager_acs_system_id": "6737e186-8d54-48ce-a7da-a0be4d252172",
    "acs_credential_pool_id": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
}


class Refused(Exception):
    """The API answered with an error."""


class DevSystem:
    """The whole system, from `with` to its end."""

    def __init__(self, program, options=()):
        self._program = str(program)
        self._options = options

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="fobless-conformance-")
        ports = ["--port", "0", "--dynamodb-port", "0", "--simulator-port", "0"]
        self._process = subprocess.Popen(
            [self._program, *ports, "--data-dir", f"{self._folder.name}/data", *self._options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        self.log = []
        ready = threading.Event()
        threading.Thread(target=self._read, args=(ready,), daemon=True).start()
        if not ready.wait(START_SECONDS) or self._process.poll() is not None:
            self.__exit__()
            raise SystemExit("cargo dev did not become ready:\n" + "\n".join(self.log[-20:]))
        return self

    def _read(self, ready):
        for line in self._process.stdout:
            self.log.append(line.rstrip())
            if line.startswith("ready "):
                said = json.loads(line.removeprefix("ready "))
                self.api, self.simulator, self.api_key = said["api"], said["simulator"], said["api_key"]
                self.data_dir = said["data_dir"]
                ready.set()
        ready.set()

    def __exit__(self, *_):
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()

    def ask(self, route, **parameters):
        """One call of the API, past every client."""
        return _post(self.api + route, parameters, {"authorization": f"Bearer {self.api_key}"})

    def register_phone(self, user_identity_id, installation):
        """A phone's registration, as the mobile backend tells of it."""
        command = [self._program, "sign", "--user-identity", user_identity_id, "--installation", installation]
        done = subprocess.run(
            [*command, "--data-dir", self.data_dir, "--send", f"{self.api}/webhooks/phones"],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        if done.returncode != 0:
            raise SystemExit(f"the registration was refused: {done.stdout} {done.stderr}")

    def redeem(self, invitation_code):
        """The app takes its invitation."""
        _post(f"{self.simulator}/simulator/phones", {"invitation_code": invitation_code}, {})


def _post(url, parameters, headers):
    headers = {"content-type": "application/json", **headers}
    request = urllib.request.Request(url, json.dumps(parameters).encode(), headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=15) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise Refused(f"{url}: {error.code} {error.read().decode('utf-8', 'replace')}") from error


def wait_for(what, look, seconds=OUTCOME_SECONDS):
    """What `look` finds, as soon as it finds something."""
    begun = time.monotonic()
    while not (seen := look()):
        if time.monotonic() - begun > seconds:
            raise SystemExit(f"after {seconds} s there is still not: {what}")
        time.sleep(0.05)
    return seen


def set_the_stage(system, tag):
    """A person with an ACS user, two enrolled phones and a credential on each: what a client alone can't bring about."""
    begun_at = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() - 1))
    person = system.ask("/user_identities/create", full_name=f"Stage of {tag}", email_address=f"stage@{tag}.example")["user_identity"]
    user_identity_id = person["user_identity_id"]
    acs_user_id = system.ask(
        "/acs/users/create",
        acs_system_id=SEED["acs_system_id"],
        full_name=person["full_name"],
        user_identity_id=user_identity_id,
    )["acs_user"]["acs_user_id"]
    automation = system.ask(
        "/user_identities/enrollment_automations/launch",
        user_identity_id=user_identity_id,
        credential_manager_acs_system_id=SEED["credential_manager_acs_system_id"],
        acs_credential_pool_id=SEED["acs_credential_pool_id"],
        create_credential_manager_user=True,
    )["enrollment_automation"]
    parent = system.ask(
        "/acs/credentials/create",
        acs_user_id=acs_user_id,
        is_multi_phone_sync_credential=True,
        access_method="mobile_key",
        card_format="rfid48",
        facility_code="9",
    )["acs_credential"]
    for name in ("kept", "lost"):
        system.register_phone(user_identity_id, f"{name}-{tag}-{uuid.uuid4()}")

    def phones():
        return system.ask("/phones/list", owner_user_identity_id=user_identity_id)["phones"]

    def codes():
        found = [phone["properties"].get("hid_origo_metadata", {}).get("invitation_code") for phone in phones()]
        return found if len(found) == 2 and all(found) else None

    for code in wait_for(f"two invitation codes of {tag}", codes):
        system.redeem(code)

    def children():
        listed = system.ask("/acs/credentials/list", user_identity_id=user_identity_id, is_multi_phone_sync_credential=False)
        found = [each for each in listed["acs_credentials"] if each["is_issued"]]
        return found if len(found) == 2 else None

    child = wait_for(f"two issued credentials of {tag}", children)[0]["acs_credential_id"]
    kept = system.ask("/phones/list", acs_credential_id=child)["phones"][0]["device_id"]
    return {
        "begun_at": begun_at,
        "user_identity_id": user_identity_id,
        "acs_user_id": acs_user_id,
        "enrollment_automation_id": automation["enrollment_automation_id"],
        "acs_credential_id": parent["acs_credential_id"],
        "child_acs_credential_id": child,
        "device_id": kept,
        "lost_device_id": next(phone["device_id"] for phone in phones() if phone["device_id"] != kept),
    }
