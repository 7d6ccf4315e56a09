"""What the interface says: one field for each text, the same in every language."""

from collections.abc import Mapping
from dataclasses import dataclass

from eval.feedback import Rating


@dataclass(frozen=True, slots=True)
class Texts:
    """One language. Fields with `{}` are filled by `str.format`."""

    language: str
    title: str
    subtitle: str
    question_label: str
    question_hint: str
    chat_label: str
    chat_empty: str
    pane_label: str
    pane_empty: str
    pane_gone: str
    pane_changed: str
    previous: str
    next: str
    position: str
    close: str
    page: str
    untitled: str
    confidence: str
    answerable: str
    elapsed: str
    standalone: str
    standalone_hint: str
    filter_hint: str
    refused: str
    related: str
    stopped: str
    edit: str
    edit_hint: str
    editing: str
    edit_cancel: str
    copy: str
    copy_hint: str
    copied: str
    empty_question: str
    still_answering: str
    failed: str
    unsupported: str
    written_by: str
    written_doubted: str
    written: str
    more_characters: str
    open_citation: str
    thinking: str
    example: str
    feedback_reasons: Mapping[Rating, str]
    """What can be said against an answer, behind its flag."""
    feedback_kept: str
    export_markdown: str
    export_json: str
    export_print: str
    tab_chat: str
    tab_search: str
    tab_library: str
    tab_evaluation: str
    evaluation_set: str
    evaluation_run: str
    evaluation_choose: str
    evaluation_asking: str
    evaluation_no_baseline: str
    library_filter: str
    library_counts: str
    library_more: str
    library_failed: str
    library_plan: str
    library_plan_button: str
    library_anew: str
    library_build_button: str
    library_reading: str
    library_rate: str
    library_built: str
    library_new: str
    library_changed: str
    library_gone: str
    library_add: str
    library_added: str
    library_bad_name: str
    library_bad_format: str
    library_too_large: str
    library_remove: str
    library_remove_button: str
    library_removed: str
    library_nothing: str
    search_hint: str
    search_try: str
    search_apply: str
    search_applied: str
    search_answered: str
    search_refused: str
    search_columns: tuple[str, ...]
    bm25_weight: str
    answer_threshold: str
    top_k: str
    feedback_lost: str
    history: str
    history_new: str
    history_search: str
    history_none: str
    history_untitled: str
    history_rename: str
    history_rename_to: str
    history_remove: str
    history_remove_sure: str
    history_lost: str
    history_unread: str
    queue_full: str
    login_name: str
    login_password: str
    login_button: str
    login_wrong: str
    login_wait: str
    logout: str
    asked_too_often: str
    owners_only: str
