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
    pane_parts: str
    """Where an article goes on in another document: in how many places it stands."""
    pane_part: str
    """Number of the part; document."""
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
    filter_kinds: Mapping[str, str]
    """What `Answer.filters` begin with -> the same in this language."""
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
    tab_settings: str
    writer_choice: str
    writer_reader: str
    writer_model: str
    writer_url: str
    writer_name: str
    writer_key: str
    writer_key_set: str
    writer_key_none: str
    writer_test: str
    writer_use: str
    writer_hint: str
    writer_now_reader: str
    writer_now_model: str
    writer_local: str
    writer_testing: str
    writer_answers: str
    writer_unreachable: str
    writer_used: str
    writer_not_used: str
    writer_incomplete: str
    writer_unusable: str
    evaluation_set: str
    evaluation_run: str
    evaluation_choose: str
    evaluation_asking: str
    evaluation_no_baseline: str
    evaluation_never: str
    evaluation_before: str
    evaluation_right: str
    library_filter: str
    library_counts: str
    library_created: str
    library_pane: str
    library_back: str
    library_take: str
    library_take_sure: str
    library_articles: str
    library_chunks: str
    library_state_in: str
    library_state_gone: str
    library_state_new: str
    library_state_new_hint: str
    library_state_failed: str
    library_state_changed: str
    library_state_changed_hint: str
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
    library_removed: str
    library_nothing: str
    search_hint: str
    search_try: str
    search_apply: str
    search_applied: str
    search_answered: str
    search_refused: str
    search_small_talk: str
    search_columns: tuple[str, ...]
    bm25_weight: str
    answer_threshold: str
    n_read: str
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
