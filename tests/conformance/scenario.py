"""What each client does: one list of calls for all of them, so that they can be compared.

A call names a route and its parameters; the drivers (`python_sdk.py`, `javascript_sdk.mjs`) make it with the method that their client has
for the route. `$name.key` is a value from an earlier answer that was kept as `name`. What a call may say besides:

    keep      keeps the answer under a name
    shows     keys of the answer and their values (None: absent or null)
    lists     an item of the answer has these values          lacks    none has them
    refused   the typed error: status, code, and messages by parameter
    pages     walk through with the client's own paginator: at least this many pages, none of the items twice, these among them
    until     asked again until it is as said, with a deadline: what the system does by itself
    needs     parameters without which the call would mean something else; a client that lacks one leaves the call out
    session   made as the phone would, with this client session token
    by        made with the client's own HTTP client, because it has no method for the route
    headers   headers more, as the client's options allow
"""

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def call(route, parameters=None, **about):
    return {"route": route, "with": parameters or {}, **about}


def invalid(**messages):
    return {"status": 400, "code": "invalid_input", "messages": messages}


def unknown(code):
    return {"status": 404, "code": code}


def scenario(tag, number, seed, stage):
    """`tag` makes keys and addresses unique to the client, `number` its telephone numbers. `seed` is what everybody shares, `stage` what
    was brought about for this client alone."""
    return [
        *user_identities(tag, number, seed),
        *acs_systems(seed),
        *acs_users(tag, number, seed),
        *links(tag, seed),
        *enrollment_automations(seed, stage),
        *credentials(seed, stage),
        *phones(tag, stage),
        *events(stage),
        *webhooks(),
        *client_sessions(tag, stage),
        *goodbye(stage),
    ]


def user_identities(tag, number, seed):
    def person(letter, **more):
        return {"full_name": f"{letter} of {tag}", "email_address": f"{letter}@{tag}.example", **more}

    create, get, list_ = (f"/user_identities/{name}" for name in ("create", "get", "list"))
    return [
        call(create, person("a", user_identity_key=f"key-{tag}", phone_number=f"+1555{number}0001"), keep="a"),
        call(create, person("b", acs_system_ids=[seed["acs_system_id"]]), keep="b"),
        call(create, person("c"), keep="c"),
        call(create, person("d"), keep="d"),
        call(create, person("e"), keep="e"),
        call(get, {"user_identity_id": "$a.user_identity_id"}, shows={"user_identity_key": f"key-{tag}", "warnings": []}),
        call(get, {"user_identity_key": f"key-{tag}"}, shows={"user_identity_id": "$a.user_identity_id"}),
        call(list_, {}, lists={"user_identity_id": "$a.user_identity_id"}),
        # Some clients name the workspace beside a key that belongs to it, and some send the header empty.
        call(list_, {}, headers={"seam-workspace": seed["workspace_id"]}, lists={"user_identity_id": "$a.user_identity_id"}),
        call(list_, {}, headers={"seam-workspace": "", "seam-client-session-token": ""}, lists={"user_identity_id": "$a.user_identity_id"}),
        call(
            list_,
            {"user_identity_ids": ["$b.user_identity_id", "$c.user_identity_id"]},
            needs=["user_identity_ids"],
            lists={"user_identity_id": "$b.user_identity_id"},
            lacks={"user_identity_id": "$a.user_identity_id"},
        ),
        call(list_, {"search": f"c of {tag}"}, needs=["search"], lists={"user_identity_id": "$c.user_identity_id"}),
        call(
            list_,
            {"limit": 2},
            needs=["limit", "page_cursor"],
            pages={"key": "user_identity_id", "at_least": 3, "among": [f"${who}.user_identity_id" for who in "abcde"]},
        ),
        call("/user_identities/update", {"user_identity_id": "$a.user_identity_id", "full_name": f"New of {tag}"}),
        call(get, {"user_identity_id": "$a.user_identity_id"}, shows={"full_name": f"New of {tag}", "email_address": f"a@{tag}.example"}),
        call("/user_identities/update", {"user_identity_id": "$a.user_identity_id", "phone_number": None}),
        call(get, {"user_identity_id": "$a.user_identity_id"}, shows={"phone_number": None}, needs_null=True),
        call(get, {"user_identity_id": UNKNOWN}, refused=unknown("user_identity_not_found")),
        call(get, {"user_identity_id": "a"}, refused=invalid(user_identity_id=["Invalid uuid"])),
        call(create, {"phone_number": "12", "full_name": "x"}, refused=invalid(phone_number=None)),
        call(create, {"email_address": f"a@{tag}.example"}, refused={"status": 400, "code": None}),
    ]


def acs_systems(seed):
    manager, system = seed["credential_manager_acs_system_id"], seed["acs_system_id"]
    return [
        call("/acs/systems/list", {}, lists={"acs_system_id": manager, "is_credential_manager": True}),
        call("/acs/systems/get", {"acs_system_id": system}, shows={"is_credential_manager": False, "errors": []}),
        call("/acs/systems/get", {"acs_system_id": UNKNOWN}, refused=unknown("acs_system_not_found")),
        call("/acs/systems/get", {"acs_system_id": "Head office"}, refused=invalid(acs_system_id=["Invalid uuid"])),
        call(
            "/acs/systems/list_compatible_credential_manager_acs_systems",
            {"acs_system_id": system},
            lists={"acs_system_id": manager},
        ),
        call("/acs/credential_pools/list", {"acs_system_id": manager}, lists={"acs_credential_pool_id": seed["acs_credential_pool_id"]}),
    ]


def acs_users(tag, number, seed):
    system = seed["acs_system_id"]
    create, get, list_, update = (f"/acs/users/{name}" for name in ("create", "get", "list", "update"))

    def one(letter, **more):
        return {"acs_system_id": system, "full_name": f"{letter} of {tag}", **more}

    return [
        call(create, one("u", email_address=f"u@{tag}.example", phone_number=f"+1555{number}0002"), keep="u"),
        call(create, one("v"), keep="v"),
        call(create, one("w", user_identity_id="$c.user_identity_id"), keep="w"),
        call(get, {"acs_user_id": "$u.acs_user_id"}, shows={"full_name": f"u of {tag}", "is_suspended": False}),
        call(
            get,
            {"user_identity_id": "$c.user_identity_id", "acs_system_id": system},
            needs=["user_identity_id", "acs_system_id"],
            shows={"acs_user_id": "$w.acs_user_id"},
        ),
        call(list_, {"acs_system_id": system}, lists={"acs_user_id": "$u.acs_user_id"}),
        call(list_, {"search": f"v of {tag}"}, needs=["search"], lists={"acs_user_id": "$v.acs_user_id"}),
        call(list_, {"user_identity_id": "$c.user_identity_id"}, lists={"acs_user_id": "$w.acs_user_id"}),
        call(
            list_,
            {"acs_system_id": system, "limit": 1},
            needs=["limit", "page_cursor"],
            pages={"key": "acs_user_id", "at_least": 3, "among": [f"${who}.acs_user_id" for who in "uvw"]},
        ),
        call(update, {"acs_user_id": "$u.acs_user_id", "full_name": f"New u of {tag}"}),
        call(get, {"acs_user_id": "$u.acs_user_id"}, shows={"full_name": f"New u of {tag}", "email_address": f"u@{tag}.example"}),
        call("/acs/users/suspend", {"acs_user_id": "$u.acs_user_id"}),
        call(get, {"acs_user_id": "$u.acs_user_id"}, shows={"is_suspended": True}),
        call("/acs/users/unsuspend", {"acs_user_id": "$u.acs_user_id"}),
        call(get, {"acs_user_id": "$u.acs_user_id"}, shows={"is_suspended": False}),
        call(get, {"acs_user_id": UNKNOWN}, refused=unknown("acs_user_not_found")),
        call(create, {"acs_system_id": "x", "full_name": "x"}, refused=invalid(acs_system_id=["Invalid uuid"])),
        call(update, {"acs_user_id": "x", "full_name": "x"}, refused=invalid(acs_user_id=["Invalid uuid"])),
    ]


def links(tag, seed):
    both = {"user_identity_id": "$d.user_identity_id", "acs_user_id": "$v.acs_user_id"}
    person = {"user_identity_id": "$d.user_identity_id"}
    return [
        call("/user_identities/add_acs_user", both),
        call("/user_identities/add_acs_user", both),
        call("/user_identities/list_acs_users", person, lists={"acs_user_id": "$v.acs_user_id"}),
        call("/user_identities/list_acs_systems", person, lists={"acs_system_id": seed["acs_system_id"]}),
        call("/user_identities/get", person, shows={"acs_user_ids": ["$v.acs_user_id"]}),
        call("/user_identities/remove_acs_user", both),
        call("/user_identities/list_acs_users", person, lacks={"acs_user_id": "$v.acs_user_id"}),
        call(
            "/user_identities/add_acs_user",
            {"user_identity_id": "$d.user_identity_id", "acs_user_id": "x"},
            refused=invalid(acs_user_id=["Invalid uuid"]),
        ),
    ]


def enrollment_automations(seed, stage):
    group = "/user_identities/enrollment_automations"
    manager = seed["credential_manager_acs_system_id"]
    launch = {
        "user_identity_id": "$c.user_identity_id",
        "credential_manager_acs_system_id": manager,
        "create_credential_manager_user": True,
        "acs_credential_pool_id": seed["acs_credential_pool_id"],
    }
    mine = {"enrollment_automation_id": "$automation.enrollment_automation_id"}
    of_b = {**launch, "user_identity_id": "$b.user_identity_id"}
    return [
        call(f"{group}/launch", launch, keep="automation", shows={"user_identity_id": "$c.user_identity_id"}),
        call(f"{group}/launch", launch, shows=mine),
        call(f"{group}/get", mine, shows={"credential_manager_acs_system_id": manager}),
        call(f"{group}/list", {"user_identity_id": "$c.user_identity_id"}, lists=mine),
        call(
            f"{group}/list",
            {"user_identity_id": stage["user_identity_id"]},
            lists={"enrollment_automation_id": stage["enrollment_automation_id"]},
        ),
        call(f"{group}/get", {"enrollment_automation_id": UNKNOWN}, refused=unknown("enrollment_automation_not_found")),
        call(
            f"{group}/launch",
            {"user_identity_id": "x", "credential_manager_acs_system_id": "y"},
            refused=invalid(user_identity_id=["Invalid uuid"], credential_manager_acs_system_id=["Invalid uuid"]),
        ),
        call("/acs/credential_provisioning_automations/launch", of_b, shows={"user_identity_id": "$b.user_identity_id"}),
        call(f"{group}/delete", mine),
        call(f"{group}/delete", mine),
    ]


def credentials(seed, stage):
    create, get, list_, update, assign, unassign, delete = (
        f"/acs/credentials/{name}" for name in ("create", "get", "list", "update", "assign", "unassign", "delete")
    )
    parent = {
        "access_method": "mobile_key",
        "is_multi_phone_sync_credential": True,
        "credential_manager_acs_system_id": seed["credential_manager_acs_system_id"],
    }
    mine = {"acs_credential_id": "$credential.acs_credential_id"}
    staged = {"acs_credential_id": stage["acs_credential_id"]}
    child = {"acs_credential_id": stage["child_acs_credential_id"]}
    return [
        call(create, {**parent, "acs_user_id": "$w.acs_user_id"}, keep="credential", shows={"is_multi_phone_sync_credential": True}),
        call(
            create,
            {
                **parent,
                "user_identity_id": "$e.user_identity_id",
                "acs_system_id": seed["acs_system_id"],
                "starts_at": "2026-01-01T00:00:00.000Z",
                "ends_at": "2098-01-01T00:00:00.000Z",
            },
            keep="dated",
            shows={"user_identity_id": "$e.user_identity_id"},
        ),
        call(
            create,
            {**parent, "acs_user_id": "$w.acs_user_id", "visionline_metadata": {"card_format": "rfid48"}},
            needs=["visionline_metadata"],
            keep="formatted",
        ),
        call(get, mine, shows={"access_method": "mobile_key", "acs_user_id": "$w.acs_user_id", "parent_acs_credential_id": None}),
        call(get, child, shows={"is_issued": True, "parent_acs_credential_id": stage["acs_credential_id"]}),
        call(list_, {}, lists=mine),
        call(list_, {"acs_user_id": stage["acs_user_id"]}, lists={**child, "is_managed": True}),
        call(list_, {"acs_system_id": seed["acs_system_id"]}, lists=staged),
        call(
            list_,
            {"user_identity_id": stage["user_identity_id"], "is_multi_phone_sync_credential": True},
            lists=staged,
            lacks=child,
        ),
        call(list_, {"user_identity_id": stage["user_identity_id"], "is_multi_phone_sync_credential": False}, lists=child, lacks=staged),
        call(list_, {"search": stage["child_acs_credential_id"]}, needs=["search"], lists=child),
        call(
            list_,
            {"acs_user_id": stage["acs_user_id"], "limit": 1},
            needs=["limit", "page_cursor"],
            pages={"key": "acs_credential_id", "at_least": 2, "among": [stage["acs_credential_id"], stage["child_acs_credential_id"]]},
        ),
        call(update, {**mine, "ends_at": "2099-01-01T00:00:00.000Z"}),
        call(get, mine, shows={"ends_at": "2099-01-01T00:00:00.000Z"}),
        call(unassign, {**mine, "acs_user_id": "$w.acs_user_id"}),
        call(get, mine, shows={"acs_user_id": None}),
        call(assign, {**mine, "acs_user_id": "$w.acs_user_id"}),
        call(get, mine, shows={"acs_user_id": "$w.acs_user_id"}),
        call(unassign, {**mine, "user_identity_id": "$c.user_identity_id"}, needs=["user_identity_id"]),
        call(assign, {**mine, "user_identity_id": "$c.user_identity_id"}, needs=["user_identity_id"]),
        call(get, {"acs_credential_id": UNKNOWN}, refused=unknown("acs_credential_not_found")),
        call(update, {**mine, "ends_at": "2020-01-01T00:00:00.000Z"}, refused=invalid(ends_at=None)),
        call(create, {**parent, "access_method": "carrier_pigeon", "acs_user_id": "x"}, refused=invalid(access_method=None, acs_user_id=["Invalid uuid"])),
        call(
            create,
            {**parent, "acs_user_id": "$w.acs_user_id", "salto_space_metadata": {"assign_new_key": True}},
            needs=["salto_space_metadata"],
            refused=invalid(salto_space_metadata=None),
        ),
        call(delete, mine),
        call(delete, mine),
        call(delete, {"acs_credential_id": "$dated.acs_credential_id"}),
    ]


def phones(tag, stage):
    mine = {"device_id": stage["device_id"]}
    lost = {"device_id": stage["lost_device_id"]}
    return [
        call("/phones/list", {}, lists=mine),
        call("/phones/list", {"owner_user_identity_id": stage["user_identity_id"]}, lists=mine),
        call("/phones/list", {"acs_credential_id": stage["child_acs_credential_id"]}, lists=mine, lacks=lost),
        call("/phones/get", mine, shows={"device_id": stage["device_id"], "errors": []}),
        call("/phones/get", {"device_id": UNKNOWN}, refused={"status": 404, "code": None}),
        call("/phones/get", {"device_id": "Nokia"}, refused=invalid(device_id=["Invalid uuid"])),
        call(
            "/phones/simulate/create_sandbox_phone",
            {"user_identity_id": "$b.user_identity_id", "custom_sdk_installation_id": f"sandbox-{tag}"},
            keep="sandbox",
        ),
        call(
            "/phones/simulate/create_sandbox_phone",
            {
                "user_identity_id": "$b.user_identity_id",
                "phone_metadata": {"operating_system": "ios", "os_version": "19", "device_model": "iPhone 17", "device_manufacturer": "Apple"},
                "assa_abloy_metadata": {"ble_capability": True, "seos_tsm_endpoint_id": 1},
            },
            shows={"device_type": "ios_phone"},
        ),
        call("/phones/list", {"owner_user_identity_id": "$b.user_identity_id"}, lists={"device_id": "$sandbox.device_id"}),
        call("/phones/deactivate", {"device_id": "$sandbox.device_id"}),
        call("/phones/deactivate", lost),
        call("/phones/deactivate", lost),
        call("/phones/list", {"owner_user_identity_id": stage["user_identity_id"]}, lists=mine, lacks=lost, until=True),
        call(
            "/events/list",
            {"event_type": "phone.deactivated", "since": stage["begun_at"]},
            lists=lost,
            keep="deactivations",
            until=True,
        ),
    ]


def events(stage):
    issued = {"event_type": "acs_credential.issued", "acs_credential_id": stage["child_acs_credential_id"]}
    return [
        call("/events/list", {"since": stage["begun_at"]}, lists=issued, keep="events", until=True),
        call("/events/list", {"since": stage["begun_at"], "event_types": ["acs_credential.issued", "acs_user.created"]}, lists=issued),
        call("/events/list", {"between": [stage["begun_at"], "2099-01-01T00:00:00.000Z"], "event_type": "acs_credential.issued"}, lists=issued),
        call("/events/list", {"since": stage["begun_at"], "acs_credential_id": stage["child_acs_credential_id"]}, needs=["acs_credential_id"], lists=issued),
        call("/events/list", {"since": stage["begun_at"], "limit": 1}),
        call("/events/list", {"since": stage["begun_at"], "unstable_offset": 1, "limit": 1}, needs=["unstable_offset"], lacks={"event_id": "$events.0.event_id"}),
        call("/events/list", {"since": stage["begun_at"], "access_code_id": UNKNOWN}, needs=["access_code_id"], lacks=issued),
        call("/events/get", {"event_id": "$events.0.event_id"}, shows={"event_type": "$events.0.event_type"}),
        call("/events/get", {"event_id": UNKNOWN}, refused=unknown("event_not_found")),
        call("/events/list", {"since": "yesterday"}, refused=invalid(since=None)),
    ]


def webhooks():
    # A port that nothing listens on: what is sent and how is looked at elsewhere.
    url = "http://127.0.0.1:9/events"
    mine = {"webhook_id": "$webhook.webhook_id"}
    return [
        call("/webhooks/create", {"url": url, "event_types": ["acs_system.connected"]}, keep="webhook", shows={"url": url}),
        call("/webhooks/create", {"url": url}, keep="all"),
        call("/webhooks/get", mine, shows={"url": url}),
        call("/webhooks/list", {}, lists=mine),
        call("/webhooks/update", {**mine, "event_types": ["acs_system.connected", "acs_system.disconnected"]}),
        call("/webhooks/get", mine, shows={"event_types": ["acs_system.connected", "acs_system.disconnected"]}),
        call("/webhooks/create", {"url": "nowhere"}, refused=invalid(url=None)),
        call("/webhooks/get", {"webhook_id": UNKNOWN}, refused=unknown("webhook_not_found")),
        call("/webhooks/delete", {"webhook_id": "$all.webhook_id"}),
        call("/webhooks/delete", mine),
        call("/webhooks/delete", mine),
        call("/webhooks/list", {}, lacks=mine),
    ]


def client_sessions(tag, stage):
    person = {"user_identity_id": stage["user_identity_id"]}
    mine = {"client_session_id": "$session.client_session_id"}
    token = "$session.token"
    phone = {
        "custom_sdk_installation_id": f"mobile-sdk-{tag}",
        "phone_os": "android",
        "phone_device_metadata": {"manufacturer": "Google", "model": "Pixel 10", "os_version": "16"},
    }
    registers = "/seam/mobile_sdk/v1/phone_sessions/get_or_create"
    sees = "/seam/mobile_sdk/v1/acs/credentials/list"
    return [
        call("/client_sessions/create", {**person, "expires_at": "2098-01-01T00:00:00.000Z"}, keep="session", shows={"user_identity_ids": [stage["user_identity_id"]]}),
        call("/client_sessions/get", mine, shows=mine),
        call("/client_sessions/list", person, lists=mine),
        call("/client_sessions/get_or_create", person, shows={"user_identity_ids": [stage["user_identity_id"]]}),
        call("/client_sessions/create", {**person, "user_identifier_key": f"session-{tag}"}, keep="other"),
        call("/client_sessions/get_or_create", {"user_identifier_key": f"session-{tag}", **person}, shows={"client_session_id": "$other.client_session_id"}),
        call("/client_sessions/get", {"client_session_id": UNKNOWN}, refused={"status": 404, "code": None}),
        call("/user_identities/list", {}, session=token, lists=person),
        call("/acs/credentials/list", {}, session=token, lists={"acs_credential_id": stage["acs_credential_id"]}),
        call("/user_identities/enrollment_automations/list", person, session=token, lists={"enrollment_automation_id": stage["enrollment_automation_id"]}),
        call(registers, phone, by="POST", key="phone_session", session=token, shows={"user_identity.user_identity_id": stage["user_identity_id"]}),
        call(registers, phone, by="POST", key="phone_session", session=token, keep="phone_session"),
        call(sees, {}, by="POST", key="acs_credentials", session=token),
        call(sees, {}, by="GET", key="acs_credentials", session=token),
        call("/client_sessions/revoke", mine),
        call("/user_identities/list", {}, session=token, refused={"status": 401, "code": "unauthorized"}),
        call("/client_sessions/delete", {"client_session_id": "$other.client_session_id"}),
        call("/client_sessions/delete", {"client_session_id": "$other.client_session_id"}),
        call("/client_sessions/list", person, lacks={"client_session_id": "$other.client_session_id"}),
    ]


def goodbye(stage):
    return [
        call("/acs/users/delete", {"acs_user_id": "$u.acs_user_id"}),
        call("/acs/users/delete", {"acs_user_id": "$u.acs_user_id"}),
        call("/user_identities/delete", {"user_identity_id": "$a.user_identity_id"}),
        call("/user_identities/delete", {"user_identity_id": "$a.user_identity_id"}),
        call("/user_identities/delete", {"user_identity_id": "$b.user_identity_id"}),
        call("/user_identities/list", {}, lacks={"user_identity_id": "$a.user_identity_id"}, until=True),
        call("/acs/credentials/delete", {"acs_credential_id": stage["acs_credential_id"]}),
        # Software that deletes all that a list shows comes to the children as well.
        call("/acs/credentials/delete", {"acs_credential_id": stage["child_acs_credential_id"]}),
        call(
            "/events/list",
            {"since": stage["begun_at"], "event_type": "acs_credential.deleted"},
            lists={"acs_credential_id": stage["acs_credential_id"]},
            until=True,
        ),
        # A key that the workspace does not have.
        call("/user_identities/list", {}, key_is_wrong=True, refused={"status": 401, "code": "unauthorized"}),
        call("/user_identities/create", {"full_name": "x"}, key_is_wrong=True, refused={"status": 401, "code": "unauthorized"}),
    ]
