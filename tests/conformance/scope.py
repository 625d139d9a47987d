"""The routes that this product implements, and which of them no client of Seam's can have."""

SCOPE = {
    "/user_identities": "create get list update delete add_acs_user remove_acs_user list_acs_users list_acs_systems",
    "/user_identities/enrollment_automations": "launch get list delete",
    "/acs/credential_provisioning_automations": "launch",
    "/acs/credentials": "create get list update delete assign unassign",
    "/acs/credential_pools": "list",
    "/acs/users": "create get list update delete suspend unsuspend",
    "/acs/systems": "get list list_compatible_credential_manager_acs_systems create update delete",
    "/phones": "list get deactivate timeline",
    "/phones/simulate": "create_sandbox_phone",
    "/events": "get list",
    "/webhooks": "create get list update delete",
    "/client_sessions": "create get list delete get_or_create revoke",
    "/seam/mobile_sdk/v1/phone_sessions": "get_or_create",
    "/seam/mobile_sdk/v1/acs/credentials": "list",
}

ROUTES = [f"{group}/{name}" for group, names in SCOPE.items() for name in names.split()] + ["/health", "/openapi.json"]

# A route of the scope that no client has is named here with the reason, or the run fails.
NO_CLIENT_HAS = {
    "/acs/systems/create": "ours: Seam connects systems in its console",
    "/acs/systems/update": "ours, as above",
    "/acs/systems/delete": "ours, as above",
    "/phones/timeline": "ours: why a phone has not got what it is to have",
    "/health": "ours: for load balancers",
    "/openapi.json": "ours: the document itself",
    "/seam/mobile_sdk/v1/phone_sessions/get_or_create": "Seam's mobile SDKs call it; here @seamapi/http's own HTTP client does",
    "/seam/mobile_sdk/v1/acs/credentials/list": "as above",
}
