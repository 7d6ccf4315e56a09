"""The words of the interface, in Chinese and English."""

from collections.abc import Mapping
from dataclasses import dataclass

import gradio as gr

from eval.feedback import Rating

MAX_SHOWN_CHARS = 600
"""Of a question in the conversation; the rest is counted, not shown."""


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
    empty_question: str
    failed: str
    unsupported: str
    written_by: str
    written_doubted: str
    more_characters: str
    open_citation: str
    thinking: str
    example: str
    feedback_reasons: Mapping[Rating, str]
    """What can be said against an answer, behind its flag."""
    feedback_kept: str
    export_markdown: str
    export_json: str
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


ZH = Texts(
    language="zh-CN",
    title="问答",
    subtitle="答案只取自这些文章，每一句都能点开核对。",
    question_label="问题",
    question_hint="写下问题，回车发送",
    chat_label="对话",
    chat_empty="问一个问题，或者从下面选一个开始",
    pane_label="原文",
    pane_empty="点答案里的编号，原文就在这里打开，被引用的句子会标亮。",
    pane_gone="这篇文章已不在索引中。当时引用的是：",
    pane_changed="这篇文章在回答之后改动过，下面是当时引用的原文：",
    previous="上一处引用",
    next="下一处引用",
    position="{} / {}",
    close="关闭原文",
    page="第 {} 页",
    untitled="（无标题）",
    confidence="把握 {} %",
    answerable="有答案的可能 {} %",
    elapsed="{} 毫秒",
    standalone="理解为：{}",
    standalone_hint="追问被补全成这个完整的问题再去检索",
    filter_hint="按问题里的时间或来源找的。在问题里加“不限时间”或“不限来源”，就在全部文章里找",
    refused="这些文章没有说",
    related="相近的文章",
    stopped="已停止",
    empty_question="请先写下问题。",
    failed="回答时出了错，详情在服务器的终端里。请再试一次。",
    unsupported="这句话没有找到出处",
    written_by="由语言模型 {} 写成；{} 句都与所引的原文核对过",
    written_doubted="由语言模型 {} 写成；{} 句逐句与原文核对，{} 句没有找到出处（波浪线）",
    more_characters="……（共 {} 字）",
    open_citation="打开引用 {}：{}",
    thinking="正在查找……",
    example="《{}》讲了什么？",
    feedback_reasons={
        "incomplete": "不完整",
        "wrong_source": "出处不对",
        "should_refuse": "文章没有说，不该回答",
        "should_answer": "文章里有，应该回答",
    },
    export_markdown="存为 Markdown",
    export_json="存为 JSON",
    tab_chat="问答",
    tab_search="检索",
    tab_library="文档",
    tab_evaluation="评测",
    evaluation_set="题集",
    evaluation_run="开始评测",
    evaluation_choose="请先选一个题集。",
    evaluation_asking="已问 {} / {} 题",
    evaluation_no_baseline="这个题集还没有基线可比。",
    library_filter="按文件名或标题找",
    library_counts="{} 个文档，{} 篇文章，{} 个段落",
    library_more="只列出前 {} 个文档：用上面的框缩小范围。",
    library_failed="没有读入的 {} 个：",
    library_plan="重建会新增 {} 个文档，更新 {} 个，去掉 {} 个；{} 个不变。",
    library_plan_button="看看有什么变化",
    library_anew="索引将全部重新建立（设置或程序已不同）。",
    library_build_button="重建索引",
    library_reading="已读 {} / {} 个文档，{} 个段落",
    library_rate="，每秒 {} 个，约剩 {} 秒",
    library_built="重建完成：新增 {} 个文档，更新 {} 个，去掉 {} 个，{} 个不变，用了 {} 秒。",
    library_new="新增",
    library_changed="更新",
    library_gone="去掉",
    library_add="添加文件（拖到这里；同名的会被替换，旧的留在 .removed 里）",
    library_added="{} 已放进文档文件夹，重建后可以问到。",
    library_bad_name="{} 不能添加：换一个普通的文件名。",
    library_bad_format="{} 不能添加：只读 {}。",
    library_too_large="{} 不能添加：超过 {} MB。",
    library_remove="要移出的文件",
    library_remove_button="移出文件夹",
    library_removed="移出了 {} 个文件（留在 .removed 里），重建后生效。",
    library_nothing="没有选中文件。",
    search_hint="看一个问题是怎样找到文章的",
    search_try="试一试",
    search_apply="以后都这样回答",
    search_applied="已采用，直到程序结束。",
    search_answered="回答：有答案的可能 {}，门槛 {}",
    search_refused="不回答：有答案的可能 {}，门槛 {}",
    search_columns=("重排", "融合（分）", "关键词（分）", "向量（余弦）", "段落"),
    bm25_weight="关键词在融合中的份额",
    answer_threshold="回答的门槛",
    top_k="段落数",
    feedback_kept="已记在这台机器上，谢谢。",
    feedback_lost="没有记下来：{}",
    history="对话记录",
    history_new="新对话",
    history_search="搜索对话",
    history_none="没有找到对话",
    history_untitled="（没有题目的对话）",
    history_rename="改名",
    history_rename_to="对话的名字（留空则用第一个问题）",
    history_remove="删除",
    history_remove_sure="删除这个对话？删除后不能恢复。",
    history_lost="这个对话没有存下来：{}",
    history_unread="存下的对话现在读不了：{}",
)

EN = Texts(
    language="en",
    title="Wenda",
    subtitle="Answers come from these articles only; every sentence can be opened and checked.",
    question_label="Question",
    question_hint="Your question; Enter sends it",
    chat_label="Conversation",
    chat_empty="Ask a question, or start with one of these",
    pane_label="Source",
    pane_empty="Click a number in an answer: its article opens here, with the cited sentence lit.",
    pane_gone="This article is no longer in the index. What was cited:",
    pane_changed="This article was changed after the answer. What was cited then:",
    previous="Previous citation",
    next="Next citation",
    position="{} / {}",
    close="Close the source",
    page="page {}",
    untitled="(untitled)",
    confidence="{} % sure",
    answerable="{} % likely to be answered here",
    elapsed="{} ms",
    standalone="Understood as: {}",
    standalone_hint="The follow-up was completed to this question before searching",
    filter_hint="Searched by the time or source in the question. Add “不限时间” to it to search all articles",
    refused="The articles do not say",
    related="Related articles",
    stopped="Stopped",
    empty_question="Please write a question first.",
    failed="Answering failed; the details are in the server's terminal. Please try again.",
    unsupported="No source was found for this sentence",
    written_by="Written by the language model {}; sentences checked against what they cite: {}, all carried",
    written_doubted="Written by the language model {}; sentences checked: {}, without a source (wavy line): {}",
    more_characters="… ({} characters)",
    open_citation="Open citation {}: {}",
    thinking="Searching…",
    example="《{}》讲了什么？",  # the articles are Chinese, so this is the question that they can answer
    feedback_reasons={
        "incomplete": "Incomplete",
        "wrong_source": "Wrong source",
        "should_refuse": "The articles do not say this",
        "should_answer": "The articles do say it",
    },
    export_markdown="Save as Markdown",
    export_json="Save as JSON",
    tab_chat="Chat",
    tab_search="Search",
    tab_library="Documents",
    tab_evaluation="Evaluation",
    evaluation_set="Set of questions",
    evaluation_run="Evaluate",
    evaluation_choose="Choose a set first.",
    evaluation_asking="{} of {} questions asked",
    evaluation_no_baseline="There is no baseline of this set to compare with.",
    library_filter="Find by file name or title",
    library_counts="{} documents, {} articles, {} passages",
    library_more="Only the first {} documents are listed: narrow them down above.",
    library_failed="{} could not be read:",
    library_plan="A rebuild adds {} documents, updates {}, drops {}; {} stay as they are.",
    library_plan_button="See what changed",
    library_anew="The whole index will be built anew (settings or program differ).",
    library_build_button="Rebuild the index",
    library_reading="Read {} of {} documents, {} passages",
    library_rate=", {} a second, about {} s left",
    library_built="Rebuilt: {} documents added, {} updated, {} dropped, {} as they were, in {} s.",
    library_new="Added",
    library_changed="Updated",
    library_gone="Dropped",
    library_add="Add files (drop them here; one of the same name is replaced, and kept in .removed)",
    library_added="{} is in the documents folder; it can be asked about after a rebuild.",
    library_bad_name="{} cannot be added: give it a plain file name.",
    library_bad_format="{} cannot be added: only {} are read.",
    library_too_large="{} cannot be added: it has more than {} MB.",
    library_remove="Files to take out",
    library_remove_button="Take out of the folder",
    library_removed="{} files taken out (kept in .removed); in effect after a rebuild.",
    library_nothing="No file was chosen.",
    search_hint="See how a question finds its passages",
    search_try="Try",
    search_apply="Answer this way from now on",
    search_applied="In use until the program ends.",
    search_answered="Answered: {} likely to be answered here, threshold {}",
    search_refused="Refused: {} likely to be answered here, threshold {}",
    search_columns=("Reranked", "Fused (score)", "Keywords (score)", "Vectors (cosine)", "Passage"),
    bm25_weight="Share of keywords in the fusion",
    answer_threshold="Threshold to answer",
    top_k="Passages",
    feedback_kept="Kept on this machine, thank you.",
    feedback_lost="It could not be kept: {}",
    history="Conversations",
    history_new="New conversation",
    history_search="Search conversations",
    history_none="No conversation found",
    history_untitled="(untitled conversation)",
    history_rename="Rename",
    history_rename_to="Name of the conversation (empty: its first question)",
    history_remove="Delete",
    history_remove_sure="Delete this conversation? This cannot be undone.",
    history_lost="This conversation could not be kept: {}",
    history_unread="The kept conversations cannot be read now: {}",
)


def choose(accept_language: str) -> Texts:
    """The texts for a browser's Accept-Language header: Chinese if it names Chinese first or names nothing."""
    for part in accept_language.lower().split(","):
        name = part.split(";")[0].strip()
        if name.startswith("zh"):
            return ZH
        if name.startswith("en"):
            return EN
    return ZH if not accept_language.strip() else EN


def texts_for(request: gr.Request | None) -> Texts:
    """The interface language that this browser asks for."""
    return choose("" if request is None else request.headers.get("accept-language", ""))


def readable_date(date: str) -> str:
    """`--12-23`, a date without a year, as `12-23`; any other as it is."""
    return date.removeprefix("--")
