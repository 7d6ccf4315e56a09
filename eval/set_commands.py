"""Commands that make sets: out of other formats, of documents, of what readers said."""

import argparse

from eval.draft import draft_rows
from eval.feedback import candidate_rows, read_feedback
from eval.formats import read_collection
from eval.importing import write_collection, write_set
from eval.run_command import OpenEngine
from eval.spreadsheet import read_spreadsheet


def import_command(options: argparse.Namespace, open_engine: OpenEngine) -> int:
    """Another format -> documents and a set."""
    name = options.path.name.split(".")[0]
    if options.format == "csv":
        rows = read_spreadsheet(options.path, open_engine(options.index).document)
        set_path = write_set(rows[: options.limit], options.out, name)
        print(f"{set_path}: {len(rows[: options.limit])} questions")
        return 0
    collection = read_collection(options.path, options.format)
    documents, set_path = write_collection(collection, options.out, name, limit=options.limit)
    print(f"{documents}: {len(collection.passages)} documents")
    print(f"{set_path}: {len(collection.questions[: options.limit])} questions")
    print(f"Next: python -m index build {documents} --out {options.out / 'index'}")
    print(f"      python -m eval run {set_path} --index {options.out / 'index'}")
    return 0


def draft_command(options: argparse.Namespace, open_engine: OpenEngine) -> int:
    """Documents -> proposals of questions."""
    rows = draft_rows(open_engine(options.index), options.n, seed=options.seed)
    path = write_set(rows, options.out.parent, options.out.stem)
    n_near = sum(not row["answerable"] for row in rows)
    print(
        f"{path}: {len(rows)} proposals, {n_near} of them near misses. Check each by hand, then: python -m eval check"
    )
    return 0


def feedback_command(options: argparse.Namespace, open_engine: OpenEngine) -> int:
    """Ratings of the chat -> candidate rows."""
    rated = [one for one in read_feedback(options.feedback) if options.all or one.rating != "right"]
    rows = candidate_rows(rated)
    path = write_set(rows, options.out.parent, options.out.stem)
    n_open = sum(row["note"].startswith("TO FILL IN") for row in rows)
    print(f"{path}: {len(rows)} candidates, {n_open} to fill in by hand (their notes say what)")
    return 0
