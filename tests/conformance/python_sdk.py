"""Makes the calls of the scenario with the python package `seam`, whichever version this interpreter has.

Reads what to do as JSON from stdin, prints a line of JSON per call.
"""

import inspect
import json
import sys
import time

import seam as sdk
from seam import Seam, SeamHttpApiError, SeamHttpInvalidInputError, SeamHttpUnauthorizedError

PATIENCE = 20
# Only newer versions can say "null"; in older ones None means "not given".
NULL = getattr(sdk, "NULL", None)


def routes(client):
    """Every method of the client by the path that it calls: the attributes' names are the path's."""
    found = {}

    def look(place, path):
        for name in dir(type(place)):
            if name.startswith("_"):
                continue
            static = inspect.getattr_static(type(place), name)
            if isinstance(static, property):
                inner = getattr(place, name)
                if type(inner).__module__.startswith("seam.routes"):
                    look(inner, [*path, name])
            elif inspect.isfunction(static) and path:
                found["/" + "/".join([*path, name])] = getattr(place, name)

    for name, value in vars(client).items():
        if type(value).__module__.startswith("seam.routes"):
            look(value, [name])
    for path, method in found.items():
        said = getattr(method, "__seam_path__", path)
        if said != path:
            raise SystemExit(f"{path} is {said}: paths can't be told from names any more")
    return found


def at(value, path):
    """The value at `a.b.0`, in objects, dictionaries and lists."""
    for part in path.split("."):
        if isinstance(value, list):
            value = value[int(part)]
        elif isinstance(value, dict):
            value = value.get(part)
        else:
            value = getattr(value, part, None)
    return value


class Unlike(Exception):
    """The answer is not as the scenario says."""


class Absent(Exception):
    """The client can't make this call."""


class Driver:
    def __init__(self, task):
        self.task = task
        self.client = Seam(api_key=task["api_key"], endpoint=task["endpoint"])
        self.stranger = Seam(api_key=task["wrong_api_key"], endpoint=task["endpoint"])
        self.methods = routes(self.client)
        self.kept = {}

    def fill(self, value):
        if isinstance(value, str) and value.startswith("$"):
            name, _, path = value[1:].partition(".")
            if name not in self.kept:
                raise Unlike(f"there is no {name}, since its call failed")
            return at(self.kept[name], path)
        if isinstance(value, dict):
            return {key: self.fill(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.fill(each) for each in value]
        return value

    def with_headers(self, headers):
        if "httpx_options" not in inspect.signature(Seam.__init__).parameters:
            raise Absent("it has no option for headers")
        return Seam(api_key=self.task["api_key"], endpoint=self.task["endpoint"], httpx_options={"headers": headers})

    def prepare(self, step):
        methods = routes(self.stranger) if step.get("key_is_wrong") else self.methods
        if "headers" in step:
            methods = routes(self.with_headers(step["headers"]))
        if "session" in step or "by" in step:
            raise Absent("it takes no client session token")
        if step["route"] not in methods:
            raise Absent("it has no such method")
        method = methods[step["route"]]
        known = inspect.signature(method).parameters
        lacking = [name for name in step.get("needs", ()) if name not in known]
        if lacking:
            raise Absent(f"its method has no {', '.join(lacking)}")
        if (step.get("needs_null") or None in step["with"].values()) and NULL is None:
            raise Absent("it can't say null")
        left_out = [name for name in step["with"] if name not in known]
        if step.get("refused", {}).get("messages") and any(name in left_out for name in step["refused"]["messages"]):
            raise Absent(f"its method has no {', '.join(left_out)}")
        given = {name: NULL if value is None else self.fill(value) for name, value in step["with"].items() if name in known}
        if step["with"] and not given:
            raise Absent(f"its method has no {', '.join(left_out)}")
        return method, given

    def make(self, step):
        method, given = self.prepare(step)
        try:
            answer = self.walk(method, given, step) if "pages" in step else method(**given)
        except SeamHttpApiError as error:
            self.check_error(error, step)
            return error.request_id
        if "refused" in step:
            raise Unlike("it was not refused")
        self.check(answer, step)
        if "keep" in step:
            self.kept[step["keep"]] = answer
        return None

    def check_error(self, error, step):
        shown = f"{type(error).__name__} {error.status_code} {error.code}: {error}"
        if "refused" not in step:
            raise Unlike(shown)
        refused = step["refused"]
        kind = {400: SeamHttpInvalidInputError if refused["code"] == "invalid_input" else SeamHttpApiError, 401: SeamHttpUnauthorizedError}
        if not isinstance(error, kind.get(refused["status"], SeamHttpApiError)):
            raise Unlike(f"the wrong class: {shown}")
        if error.status_code != refused["status"] or refused["code"] not in (None, error.code):
            raise Unlike(f"expected {refused}: {shown}")
        if not error.request_id:
            raise Unlike(f"without a request id: {shown}")
        for name, wanted in refused.get("messages", {}).items():
            if not hasattr(error, "get_validation_error_messages"):
                # Older versions hand on the message alone.
                if name not in str(error):
                    raise Unlike(f"{name} is not named: {shown}")
                continue
            messages = error.get_validation_error_messages(name)
            if not messages or (wanted and messages != wanted):
                raise Unlike(f"messages for {name} are {messages}: {shown}")

    def check(self, answer, step):
        for path, wanted in step.get("shows", {}).items():
            wanted = self.fill(wanted)
            if at(answer, path) != wanted:
                raise Unlike(f"{path} is {at(answer, path)!r}, not {wanted!r}")
        if "lists" in step and not self.finds(answer, step["lists"]):
            raise Unlike(f"{self.fill(step['lists'])} is not among {len(answer)}")
        if "lacks" in step and self.finds(answer, step["lacks"]):
            raise Unlike(f"{self.fill(step['lacks'])} is among {len(answer)}")

    def finds(self, items, wanted):
        wanted = self.fill(wanted)
        return any(all(at(item, path) == value for path, value in wanted.items()) for item in items)

    def walk(self, method, given, step):
        key, among = step["pages"]["key"], self.fill(step["pages"]["among"])
        paginator = self.client.create_paginator(method, given)
        items, state = paginator.first_page()
        pages, by_hand = 1, list(items)
        while state.has_next_page:
            items, state = paginator.next_page(state.next_page_cursor)
            pages, by_hand = pages + 1, by_hand + list(items)
        if pages < step["pages"]["at_least"]:
            raise Unlike(f"only {pages} pages")
        for way, walked in (("page by page", by_hand), ("flattened", paginator.flatten_to_list()), ("one by one", list(paginator.flatten()))):
            ids = [at(item, key) for item in walked]
            if len(set(ids)) != len(ids):
                raise Unlike(f"{way}: an item came twice")
            missing = [each for each in among if each not in ids]
            if missing:
                raise Unlike(f"{way}: {missing} did not come")
        return by_hand


def run(driver, step):
    deadline = time.monotonic() + (PATIENCE if step.get("until") else 0)
    while True:
        try:
            return {"outcome": "ok", "request_id": driver.make(step)}
        except Absent as absent:
            return {"outcome": "absent", "why": str(absent)}
        except Exception as error:  # noqa: BLE001: whatever a client raises is what there is to report
            if time.monotonic() < deadline:
                time.sleep(0.1)
                continue
            why = str(error) if isinstance(error, Unlike) else f"{type(error).__name__}: {error}"
            return {"outcome": "failed", "why": why}


def main():
    task = json.load(sys.stdin)
    driver = Driver(task)
    print(json.dumps({"has": sorted(driver.methods)}), flush=True)
    for step in task["steps"]:
        print(json.dumps({"route": step["route"], **run(driver, step)}), flush=True)


if __name__ == "__main__":
    main()
