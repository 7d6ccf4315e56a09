"""What holds for every test: the same examples in every run, and time enough on a slow machine.

`pytest --hypothesis-profile=search` tries new examples instead: by hand, for what no run has tried yet.
"""

import httpx
from hypothesis import HealthCheck, settings

PATIENCE_S = 120.0
"""How long a test waits for what must come: less than the time limit of a test, and never waited where it comes."""

settings.register_profile(
    "same", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("search", deadline=None, max_examples=1000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("same")

for part in ("connect", "read", "write", "pool"):  # httpx gives up after 5 s where nothing is said
    setattr(httpx._config.DEFAULT_TIMEOUT_CONFIG, part, PATIENCE_S)
