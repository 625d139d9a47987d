"""Has deliveries verified by a library: `webhooks_verify.py svix|standardwebhooks|seam`, deliveries as JSON on stdin."""

import json
import sys


def verifier(name, secret):
    """What verifies, and what it raises when something is wrong with the signature."""
    if name == "standardwebhooks":
        from standardwebhooks import Webhook, WebhookVerificationError

        return Webhook(secret).verify, WebhookVerificationError
    from svix.webhooks import Webhook, WebhookVerificationError

    if name == "svix":
        return Webhook(secret).verify, WebhookVerificationError
    from seam import SeamWebhook

    return SeamWebhook(secret).verify, WebhookVerificationError


def main():
    task = json.load(sys.stdin)
    verify, refusal = verifier(sys.argv[1], task["secret"])
    for delivery in task["deliveries"]:
        try:
            event = verify(delivery["body"], delivery["headers"])
        except refusal as error:
            outcome = {"verified": False, "why": str(error)}
        else:
            shown = event if isinstance(event, dict) else vars(event)
            outcome = {"verified": True, "event_id": shown["event_id"]}
        print(json.dumps({"name": delivery["name"], **outcome}))


if __name__ == "__main__":
    main()
