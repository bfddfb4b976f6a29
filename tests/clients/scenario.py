"""What the programs that drive Python's client libraries share: the scenario on stdin, its calls in their order, and on stdout,
as the last line, which errors the library told of."""

import json
import re
import sys
import time
from datetime import datetime

scenario = json.load(sys.stdin)
errors = []


def fail(error, _batch):
    errors.append(str(error))


def play(client):
    """Plays the calls 2 ms apart, as no shop makes two calls for one person at once."""
    for call in scenario["calls"]:
        if call["call"] == "flush":
            client.flush()
        else:
            getattr(client, call["call"])(**arguments(call))
            time.sleep(0.002)
    client.flush()
    client.shutdown()
    print(json.dumps({"errors": errors}))


def arguments(call):
    """The fields of the protocol under the names they have in Python: `user_id` for `userId`."""
    fields = {re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), name): value for name, value in call.items() if name != "call"}
    if "timestamp" in fields:
        fields["timestamp"] = datetime.fromisoformat(fields["timestamp"].replace("Z", "+00:00"))
    if "createdAt" in fields.get("traits", {}):
        # Python's programs often hold times without a zone.
        at = datetime.fromisoformat(fields["traits"]["createdAt"].replace("Z", ""))
        fields["traits"] = {**fields["traits"], "createdAt": at}
    return fields
