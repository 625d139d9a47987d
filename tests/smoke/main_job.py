"""The main job, by whatever runs the functions: one phone is registered, redeems its invitation, and holds one credential."""

import json

from processes import check, expect_json, find, say, wait_for

INSTALLATION = "smoke-test-phone"


def main_job(system, processes):
    """`system` has the ids of a person, and how to reach the functions: see its users. Answers the invitation code that was used."""
    automation = system.api(
        "/user_identities/enrollment_automations/launch",
        {
            "user_identity_id": system.user_identity,
            "credential_manager_acs_system_id": system.credential_manager,
            "acs_credential_pool_id": system.credential_pool,
            "create_credential_manager_user": True,
        },
    )["enrollment_automation"]
    say(f"enrollment automation {automation['enrollment_automation_id']} runs: {automation['is_running']}")

    parent = system.api(
        "/acs/credentials/create",
        {
            "acs_user_id": system.acs_user,
            "is_multi_phone_sync_credential": True,
            "card_format": "rfid48",
            "facility_code": "9",
            "access_method": "mobile_key",
        },
    )["acs_credential"]["acs_credential_id"]
    say(f"multi-phone sync credential {parent}")

    headers, body = system.signed_webhook(INSTALLATION)
    for delivery in ("first", "repeated"):
        status, text = system.deliver(headers, body)
        check(200 <= status < 300, f"the {delivery} delivery of the webhook got {status}: {text}")
        say(f"{delivery} delivery of the signed webhook: {status}")

    def the_invitation_code():
        phones = system.api("/phones/list", {"owner_user_identity_id": system.user_identity})["phones"]
        shown = [system.api("/phones/get", {"device_id": phone["device_id"]}) for phone in phones]
        return find(shown, "invitation_code"), [phone["device_id"] for phone in phones]

    code = wait_for("invitation code at /phones/get", the_invitation_code, processes)
    say("the phone has an invitation code")

    redeemed = expect_json("POST", f"{system.simulator}/simulator/phones", {"invitation_code": code})
    say(f"redeemed as {redeemed['container_id']}")

    def the_issued_children():
        credentials = system.api("/acs/credentials/list", {"acs_user_id": system.acs_user})["acs_credentials"]
        children = [credential for credential in credentials if credential.get("parent_acs_credential_id") == parent]
        issued = [child for child in children if child.get("is_issued") and child.get("card_number")]
        return issued, children

    issued = wait_for("issued credential at /acs/credentials/list", the_issued_children, processes)
    for child in issued:
        say(f"phone credential {child['acs_credential_id']} is issued with card number {child['card_number']}")

    ledger = expect_json("GET", f"{system.simulator}/simulator/ledger")
    for kind in ("invitations", "containers", "credentials"):
        shown = ", ".join(f"{entry['id']} {entry['status']}" for entry in ledger[kind])
        say(f"the simulator's {kind}: {shown}")
    say(f"calls to HID Origo: {json.dumps(ledger['calls'])}; refused: {json.dumps(ledger['refused'])}")

    ours = sorted(child["card_number"] for child in issued)
    theirs = sorted(entry["card_number"] for entry in ledger["credentials"])
    check(len(ours) == 1 and ours == theirs, f"one phone, one credential; the api says {ours}, the simulator {theirs}")
    check([entry["id"] for entry in ledger["containers"]] == [redeemed["container_id"]], "one phone, one container")
    say("one phone, one credential, and both sides agree")
    return code
