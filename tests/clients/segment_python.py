"""Drives the unmodified segment-analytics-python."""

from segment.analytics.client import Client

from scenario import fail, play, scenario

play(
    Client(
        scenario["writeKey"],
        host=scenario["host"],
        on_error=fail,
        upload_size=scenario["flushAt"],
        upload_interval=0.1,
        gzip=scenario.get("gzip", Client.DefaultConfig.gzip),
        timeout=scenario["timeout"] / 1000 if scenario.get("timeout") else Client.DefaultConfig.timeout,
    )
)
