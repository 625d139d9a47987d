"""What the README shows to those who come from Seam, run as it stands there: only the address and the key are this system's."""

import json
import re
import subprocess
from pathlib import Path

README = Path(__file__).resolve().parents[2] / "README.md"
SHOWN_ADDRESS = "http://127.0.0.1:9000"
SECONDS = 60


def run(system, tools, output):
    """True if each snippet launches an automation and creates a credential."""
    output.mkdir(parents=True, exist_ok=True)
    python = tools / "python-1.116.0/bin/python"
    # Node looks for packages from the file's own folder on.
    script = tools / "javascript-1.121.0/readme_snippet.mjs"
    ways = [
        ("python", output / "readme_snippet.py", [str(python)], 'KEY = "{}"', "print({}, {})"),
        ("javascript", script, ["node"], "const KEY = '{}'", "console.log(`${{{}}} ${{{}}}`)"),
    ]
    problems = []
    for language, file, command, key, show in ways:
        snippets = re.findall(rf"^```{language}\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL)
        if len(snippets) != 1 or SHOWN_ADDRESS not in snippets[0]:
            problems.append(f"{language}: the README has {len(snippets)} snippets, or it is for another address")
            continue
        ids = show.format("automation.enrollment_automation_id", "credential.acs_credential_id")
        here = snippets[0].replace(SHOWN_ADDRESS, system.api)
        file.write_text(f"{key.format(system.api_key)}\n{here}\n{ids}\n")
        done = subprocess.run([*command, str(file)], capture_output=True, text=True, timeout=SECONDS, check=False)
        shown = done.stdout.split()
        if done.returncode != 0 or len(shown) != 2:
            problems.append(f"{language}: {done.stdout[-500:]}{done.stderr[-1500:]}")
            continue
        automation = system.ask("/user_identities/enrollment_automations/get", enrollment_automation_id=shown[0])
        credential = system.ask("/acs/credentials/get", acs_credential_id=shown[1])
        found = [automation["enrollment_automation"]["is_running"], credential["acs_credential"]["is_multi_phone_sync_credential"]]
        if found != [True, True]:
            problems.append(f"{language}: {json.dumps([automation, credential])}")
        else:
            print(f"ok     {language}: automation {shown[0]}, credential {shown[1]}")
    for problem in problems:
        print(f"FAILED {problem}")
    return not problems
