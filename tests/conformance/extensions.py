"""Values of ours where Seam's document lists all that there are. Clients take them: they hand on what they do not know.

Each is named with the reason, so that a slip of the pen is a violation and not an extension. An extension has to have what all of
Seam's own alternatives at that place have.
"""

EXTENSIONS = {
    ("event", "event_type"): {
        "phone.registered": "Seam tells of no phone before it is deactivated",
        "phone.enrolled": "as above: the phone can take credentials now",
        "phone.enrollment_failed": "as above: it can't, and somebody has to look",
        "phone.unknown_credential_found": "somebody issued a credential past us",
        "acs_credential.failed_to_issue": "Seam shows it in the credential's errors alone",
        "user_identity.deleted": "a deletion takes its time, and its end is told as that of every other thing",
    },
}
