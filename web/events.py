"""How the events of the page are wired."""

from typing import Any

from .capacity import ASKING_ID

PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
"""For an event of the page itself: no endpoint for other programs, no veil over what it changes."""

ASKING: dict[str, Any] = {"trigger_mode": "multiple", "concurrency_id": ASKING_ID, **PRIVATE}
"""For an event that answers a question: all of them share one limit. "multiple", because a question right after a stop
must not be dropped; a second one at a time the session refuses."""
