"""Send a server requests that schemathesis makes up from its contract."""

import subprocess
import sys
import tempfile
from pathlib import Path

# Not asked: refusals of what only looks wrong to the schema, such as a token's or an id's form.
NOT_ASKED = "positive_data_acceptance,unsupported_method,ignored_auth"
# Nobody refuses a request for a header that it does not know.
CONFIGURATION = "[generation]\nallow-extra-parameters = false\n"


def send_made_up_requests(address: str, headers: dict[str, str], *more: str, contract: Path | None = None) -> None:
    """Fail unless the server answers everything as its contract says: its own, or one in a file."""
    command = [str(Path(sys.executable).with_name("schemathesis")), "run", str(contract or f"{address}/openapi.json")]
    command += ["--url", address]
    command += ["--max-examples", "25", "--exclude-checks", NOT_ASKED, "--phases", "examples,coverage,fuzzing"]
    command += ["--seed", "1", "--no-color", "--suppress-health-check", "all", *more]
    for name, value in headers.items():
        command += ["--header", f"{name}: {value}"]
    with tempfile.TemporaryDirectory() as folder:  # it leaves notes where it runs
        (Path(folder) / "schemathesis.toml").write_text(CONFIGURATION)
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
