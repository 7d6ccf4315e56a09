"""Builds an index on a Milvus server, or brings it up to date.

Readers see the generation that `live` names (see `manifest`). A build for the next one adds rows that are born with it
and marks those that die with it: readers do not see the first yet, and still see the second. When every row is there
and counted, one record makes the generation live. So:

- a changed document costs its own rows and the terms in them; nothing is copied and no alias is needed,
- a build that dies leaves readers what they had; the next finds the rows that it wrote by their keys, and pays for no
  vector again,
- what died is removed by the build after: a reader of the generation before goes on until then.

Only another model, other rules or settings, or `--full`, make a new set of collections; the live one stays until the
build after, and lends its vectors where the model is the same.

Several builders share a build: each takes the documents of its shard, and `finish` adds up what they did. Nothing is
written to the same row by two of them. Document frequencies are added up at the end, term by term.
"""

import re
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..embeddings import Embedder
from ..errors import IndexDamagedError, IndexMismatchError, IndexMissingError
from ..generation.assemble import ReadDocument
from ..generation.intake import Intake, Progress, read_folder
from ..searchable import Accept
from ..settings import IndexSettings
from ..types import BuildPlan, BuildReport, Document, Failure
from .address import MilvusAddress
from .keywords import count_rows
from .manifest import Claim, Live, claimed, read_live, remove_values
from .new_rows import RowWriter
from .opened import MilvusIndex, open_live
from .publishing import holds_all, publish_generation
from .server import Server
from .sets import CollectionSet, create_set, require_sparse, set_name
from .shards import Shard
from .stored import StoredDocuments, StoredVectors, mark_removed, revive
from .terms_table import Change
from .work import ShardWork, Target, add_up, read_work

_ALL = Shard(1, 1)


@dataclass(frozen=True, slots=True)
class MilvusBuild:
    """What a build is made of; the same for every builder of an index."""

    folder: Path
    address: MilvusAddress
    settings: IndexSettings
    embedder: Embedder
    rules: str
    """The fingerprint of the code that turns documents into rows."""
    from_scratch: bool = False
    keywords: bool = True
    """Whether the rows get sparse vectors: a test leaves them out for a server that is too old."""


def build_on_milvus(build: MilvusBuild, progress: Progress | None = None, accept: Accept | None = None) -> BuildReport:
    """Builds all documents and publishes them. Raises as `index.build_index`, and IndexServerError."""
    started = time.monotonic()
    with closing(Server(build.address)) as server, claimed(server, str(_ALL)) as claim:
        target = _target(server, build)
        work = _work_on(target, build, _ALL, claim, progress)
        if not holds_all(target, [work]):
            publish_generation(target, [work], claim, accept)
        return _report([work], time.monotonic() - started)


def build_shard(build: MilvusBuild, shard: Shard, progress: Progress | None = None) -> BuildReport:
    """Builds the documents of one shard; readers see nothing of it before `finish_shards`. Raises as above."""
    started = time.monotonic()
    with closing(Server(build.address)) as server, claimed(server, str(shard)) as claim:
        target = _target(server, build)
        work = _work_on(target, build, shard, claim, progress)
        work.store(server, target.generation, shard)
        return _report([work], time.monotonic() - started)


def finish_shards(build: MilvusBuild, n_shards: int, accept: Accept | None = None) -> BuildReport:
    """Publishes what the builders of all shards have done. Raises IndexMissingError where one is not done."""
    started = time.monotonic()
    with closing(Server(build.address)) as server, claimed(server, f"0of{n_shards}") as claim:
        live = read_live(server)
        generation = live.generation + 1 if live else 1
        works = [read_work(server, generation, Shard(number, n_shards)) for number in range(1, n_shards + 1)]
        missing = [f"{number}/{n_shards}" for number, work in enumerate(works, start=1) if work is None]
        if missing:
            raise IndexMissingError(
                f"The shards {', '.join(missing)} of {server.address} are not built: python -m index build "
                f"{build.folder} --out {server.address} --shard {missing[0]}"
            )
        done = [work for work in works if work]
        same_set = live is not None and done[0].set == live.set
        before = open_live(server) if same_set else None
        target = Target(server, CollectionSet(done[0].set), generation, before, same_set, build.keywords)
        if not holds_all(target, done):
            publish_generation(target, done, claim, accept)
        remove_values(server, f"shard/{generation}/")
        return _report(done, time.monotonic() - started)


def plan_on_milvus(build: MilvusBuild) -> BuildPlan:
    """What `build_on_milvus` would do now. Writes nothing; raises as it does."""
    with closing(Server(build.address)) as server:
        index = _open_before(server)
        made_of = (build.embedder.fingerprint, build.settings.to_dict(), build.rules)
        takes_over = index is not None and made_of == _made_of(index)
        before = StoredDocuments(index, takes_over, _ALL) if index else None
        intake = read_folder(build.folder, before, lambda item: ReadDocument(item.doc_id, item.sha256, 0, 0), None)
        anew = "" if takes_over else "no index is there that this program, this model and these settings can go on with"
        n_unchanged = len(intake.documents) - len(intake.added) - len(intake.changed)
        changes = (tuple(intake.added), tuple(intake.changed), tuple(intake.removed))
        return BuildPlan(*changes, n_unchanged, tuple(intake.failed), anew)


def _target(server: Server, build: MilvusBuild) -> Target:
    """The generation to build: in the live collections where the same model, rules and settings made them."""
    if build.keywords:
        require_sparse(server)
    before = _open_before(server)
    live = read_live(server)
    generation = live.generation + 1 if live else 1
    made_of = (build.embedder.fingerprint, build.settings.to_dict(), build.rules)
    is_same = before is not None and not build.from_scratch and made_of == _made_of(before)
    if is_same and live:
        own = CollectionSet(live.set)
    else:
        name = set_name(build.address.collection, *made_of, generation, build.address.index_type, build.from_scratch)
        own = CollectionSet(name)
    _remove_what_died(server, live, own)
    create_set(server, own, build.embedder.dim, keywords=build.keywords)
    return Target(server, own, generation, before, is_same, build.keywords)


def _open_before(server: Server) -> MilvusIndex | None:
    """The live generation; none where it is damaged or of another format: then everything is built anew."""
    try:
        return open_live(server)
    except (IndexMissingError, IndexDamagedError, IndexMismatchError):
        return None


def _made_of(index: MilvusIndex) -> tuple[str, dict[str, Any], str]:
    manifest = index.manifest
    return manifest["embedder"]["fingerprint"], manifest["settings"], manifest["rules"]


def _remove_what_died(server: Server, live: Live | None, own: CollectionSet) -> None:
    """Removes what only readers of older generations than the live one saw, and sets that nobody goes on with."""
    keep = {own.name, live.set if live else ""}
    ours = re.compile(rf"({re.escape(server.address.collection)}_[0-9a-f]{{12}})_(rows|documents|terms)")
    for name in server.call("list_collections"):
        found = ours.fullmatch(name)
        if found and found.group(1) not in keep:
            server.call("drop_collection", name)
    if live and all(map(server.has, CollectionSet(live.set).all)):
        for collection in (CollectionSet(live.set).rows, CollectionSet(live.set).documents):
            server.delete(collection, f"died <= {live.generation}")
        server.delete(CollectionSet(live.set).terms, f"frequency == 0 and generation <= {live.generation}")


def _work_on(target: Target, build: MilvusBuild, shard: Shard, claim: Claim, progress: Progress | None) -> ShardWork:
    """Brings the rows of a shard to where the generation needs them."""
    server, embedder = target.server, build.embedder
    described = {"name": embedder.name, "fingerprint": embedder.fingerprint, "dim": embedder.dim}
    work = ShardWork(target.own.name, described, build.settings.to_dict(), build.rules, str(build.folder))
    left = _left_by_the_dead(target, shard)
    change = Change()
    collections = [target.own.rows, *_lending(target, build)]
    vectors = StoredVectors(server, collections)
    writer = RowWriter(target, embedder, build.settings, vectors, work, change, left, claim.renew)
    before = StoredDocuments(target.before, target.is_same_set, shard) if target.before else None

    def add(document: Document) -> ReadDocument:
        if not shard.holds(document.doc_id):
            return ReadDocument(document.doc_id, document.sha256, 0, 0)
        return writer.add(document)

    intake = read_folder(build.folder, before, add, progress)
    writer.flush()
    _note(work, intake, shard)
    if target.is_same_set:
        _mark(target, work, change)
    for collection in (target.own.rows, target.own.documents):
        server.delete_keys(collection, sorted(left))
    work.note_change(change)
    return work


def _lending(target: Target, build: MilvusBuild) -> list[str]:
    """The live rows, where they are in another set and their vectors are of the same model."""
    before = target.before
    if before is None or target.is_same_set or build.from_scratch:
        return []
    same_model = before.manifest["embedder"]["fingerprint"] == build.embedder.fingerprint
    return [before.own.rows] if same_model else []


def _left_by_the_dead(target: Target, shard: Shard) -> set[str]:
    """Takes back what a build for the same generation has marked, and finds what it has added."""
    revive(target.server, target.own, target.generation, shard)
    left: set[str] = set()
    for collection in (target.own.rows, target.own.documents):
        found = target.server.query_all(collection, f"born == {target.generation}", ["key", "doc_id"])
        left.update(record["key"] for record in found if shard.holds(record["doc_id"]))
    return left


def _note(work: ShardWork, intake: Intake, shard: Shard) -> None:
    """Keeps what was found in the folder, as far as it is of this shard."""
    own = [document for document in intake.documents if shard.holds(document.doc_id)]
    work.n_documents = len(own)
    work.n_articles = sum(document.n_articles for document in own)
    work.n_chunks = sum(document.n_rows for document in own)
    work.added, work.changed, work.removed = (
        list(filter(shard.holds, names)) for names in (intake.added, intake.changed, intake.removed)
    )
    work.failed = [record for record in intake.failed_records() if shard.holds(record["path"])]
    work.notes = [note for note in intake.notes if shard.holds(note.partition(": read as ")[0])]


def _mark(target: Target, work: ShardWork, change: Change) -> None:
    """Ends what was removed or changed before the new generation."""
    gone = [*work.removed, *work.changed]
    for ended in mark_removed(target.server, target.own, gone, target.generation):
        change.add(count_rows([row.searched for row in ended]), -1)
        for row in ended:
            date, source = row.place
            work.count_place(date, source, -1)


def _report(works: Sequence[ShardWork], elapsed_s: float) -> BuildReport:
    whole, _ = add_up(list(works))
    return BuildReport(
        n_documents=whole.n_documents,
        n_articles=whole.n_articles,
        n_chunks=whole.n_chunks,
        n_embedded=whole.n_embedded,
        added=tuple(whole.added),
        changed=tuple(whole.changed),
        removed=tuple(whole.removed),
        failed=tuple(Failure(record["path"], record["reason"]) for record in whole.failed),
        notes=tuple(whole.notes),
        elapsed_s=elapsed_s,
    )
