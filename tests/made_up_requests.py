"""Send a server requests that schemathesis generates from its contract."""

import subprocess
import sys
import tempfile
from pathlib import Path

# Not checked: refusals of values that are wrong by the schema alone, such as the form of a token or an id.
NOT_ASKED = "positive_data_acceptance,unsupported_method,ignored_auth"
# No server refuses a request because of an unknown header.
CONFIGURATION = "[generation]\nallow-extra-parameters = false\n"


def send_made_up_requests(address: str, headers: dict[str, str], *more: str, contract: Path | None = None) -> None:
    """Fail unless all answers follow the contract: the one that the server publishes, or one in a file."""
    command = [str(Path(sys.executable).with_name("schemathesis")), "run", str(contract or f"{address}/openapi.json")]
    command += ["--url", address]
    command += ["--max-examples", "25", "--exclude-checks", NOT_ASKED, "--phases", "examples,coverage,fuzzing"]
    command += ["--seed", "1", "--no-color", "--suppress-health-check", "all", *more]
    for name, value in headers.items():
        command += ["--header", f"{name}: {value}"]
    with tempfile.TemporaryDirectory() as folder:  # schemathesis writes files into its working directory
        (Path(folder) / "schemathesis.toml").write_text(CONFIGURATION)
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
