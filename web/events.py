"""How the events of the page are wired."""

from typing import Any

PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
"""For an event of the page itself: no endpoint for other programs, no veil over what it changes."""
