"""The laws of the tables of an output folder, each checked on every row."""

import hashlib

import numpy as np
import pandas as pd

Z_95 = 1.959963984540054  # the 97.5 % quantile of the standard normal distribution


def where(table, bad, column):
    """Names the rows for which `bad` holds."""
    return table.loc[np.asarray(bad, bool), column].tolist()


def check_keys(report, tables):
    keys = {
        "documents": ["doc_id"], "sentences": ["sentence_id"], "turns": ["doc_id", "turn_index"],
        "attributions": ["attribution_id", "content_start"], "statements": ["statement_id"],
        "actors": ["actor_id", "axis"], "groupings": ["group_id", "axis"], "texts": ["doc_id"], "embeddings": ["statement_id"],
    }
    for name, key in keys.items():
        if name in tables:
            table = tables[name]
            problems = [f"{row} twice" for row in table.loc[table.duplicated(key), key].to_numpy().tolist()]
            problems += [f"{int(table[column].isna().sum())} rows without {column}" for column in key if table[column].isna().any()]
            report.check(f"{name}: {', '.join(key)} unique and present", problems)


def check_references(report, tables):
    references = [
        ("sentences", ["doc_id"], "documents"), ("turns", ["doc_id"], "documents"), ("texts", ["doc_id"], "documents"),
        ("sentences", ["doc_id", "turn_index"], "turns"), ("attributions", ["doc_id", "sentence_id"], "sentences"),
        ("statements", ["doc_id", "sentence_id"], "sentences"), ("statements", ["doc_id", "attribution_id"], "attributions"),
        ("statements", ["actor_id"], "actors"), ("actors", ["actor_id"], "statements"), ("embeddings", ["statement_id"], "statements"),
    ]
    for child, columns, parent in references:
        if child in tables and parent in tables:
            known = set(map(tuple, tables[parent][columns].dropna().to_numpy().tolist()))
            used = set(map(tuple, tables[child][columns].dropna().to_numpy().tolist()))
            report.check(f"{child}: {', '.join(columns)} found in {parent}", sorted(used - known))


def check_sentences(report, tables):
    documents, sentences = tables["documents"], tables["sentences"].sort_values(["doc_id", "sentence_index"], kind="stable")
    ids = sentences["doc_id"] + "." + sentences["sentence_index"].astype(str)
    report.check("sentences: sentence_id is <doc_id>.<n>", where(sentences, ids != sentences["sentence_id"], "sentence_id"))

    grouped = sentences.groupby("doc_id")
    numbers = grouped.cumcount()
    report.check("sentences: numbered from 0 without a gap", where(sentences, numbers != sentences["sentence_index"], "sentence_id"))
    overlap = sentences["start_char"] < grouped["end_char"].shift().fillna(0)
    empty = sentences["start_char"] >= sentences["end_char"]
    report.check("sentences: spans in order, apart and not empty", where(sentences, overlap | empty, "sentence_id"))
    back = sentences["paragraph_index"] < grouped["paragraph_index"].shift().fillna(0)
    report.check("sentences: paragraphs do not run backwards", where(sentences, back, "sentence_id"))
    length = sentences["text"].str.len() != sentences["end_char"] - sentences["start_char"]
    report.check("sentences: a span is as long as its text", where(sentences, length, "sentence_id"))

    counts = documents["doc_id"].map(sentences.groupby("doc_id").size()).fillna(0)
    report.check("documents: n_sentences is right", where(documents, counts != documents["n_sentences"], "doc_id"))
    ends = documents["doc_id"].map(sentences.groupby("doc_id")["end_char"].max()).fillna(0)
    report.check("documents: n_chars covers all sentences", where(documents, ends > documents["n_chars"], "doc_id"))


def check_dates(report, documents):
    precision, date = documents["date_precision"], pd.to_datetime(documents["date"])
    bad = (precision.isna() != date.isna()) | ~(precision.isin(["day", "month", "year"]) | precision.isna())
    bad |= precision.isin(["month", "year"]) & (date.dt.day != 1)
    bad |= (precision == "year") & (date.dt.month != 1)
    report.check("documents: date and date_precision fit together", where(documents, bad, "doc_id"))


def check_spans(report, tables):
    """text[start:end] is what the tables say, for every row; needs texts.parquet."""
    documents, sentences = tables["documents"], tables["sentences"]
    texts = dict(zip(tables["texts"]["doc_id"], tables["texts"]["text"]))
    report.check("texts: every document has its text", sorted(set(documents["doc_id"]) - set(texts)))

    known = documents[documents["doc_id"].isin(list(texts))]
    lengths = known["doc_id"].map(lambda doc: len(texts[doc])) != known["n_chars"]
    report.check("texts: as long as n_chars says", where(known, lengths, "doc_id"))
    hashes = known["doc_id"].map(lambda doc: hashlib.sha256(texts[doc].encode()).hexdigest()) != known["sha256"]
    report.check("texts: sha256 is right", where(known, hashes, "doc_id"))

    problems, loose = [], []
    for doc, rows in sentences.groupby("doc_id"):
        text, end = texts.get(doc, ""), 0
        for name, start, stop, sentence in rows[["sentence_id", "start_char", "end_char", "text"]].itertuples(index=False):
            if text[start:stop] != sentence:
                problems.append(name)
            if text[end:start].strip():
                loose.append(f"{name} has {text[end:start].strip()[:30]!r} before it")
            end = stop
        if text[end:].strip():
            loose.append(f"{doc} ends with {text[end:].strip()[:30]!r}")
    report.check("sentences: text[start:end] is the sentence, every row", problems)
    report.check("sentences: no character but white space lies outside", loose)

    for kind, held in {"source": "source_text", "content": "content_text"}.items():
        rows = tables["attributions"].dropna(subset=[f"{kind}_start"])
        wrong = [
            name for name, doc, start, stop, text
            in rows[["attribution_id", "doc_id", f"{kind}_start", f"{kind}_end", held]].itertuples(index=False)
            if texts.get(doc, "")[int(start):int(stop)] != text
        ]
        report.check(f"attributions: text[{kind}_start:{kind}_end] is {held}, every row", wrong)


def check_turns(report, tables):
    turns = tables["turns"].sort_values(["doc_id", "turn_index"], kind="stable")
    overlap = turns["start_char"] < turns.groupby("doc_id")["end_char"].shift().fillna(0)
    report.check("turns: in order and apart", where(turns, overlap, "doc_id"))
    joined = tables["sentences"].dropna(subset=["turn_index"]).merge(turns, on=["doc_id", "turn_index"], suffixes=("", "_turn"))
    outside = (joined["start_char"] < joined["start_char_turn"]) | (joined["start_char"] >= joined["end_char_turn"])
    report.check("sentences: each begins inside its turn", where(joined, outside, "sentence_id"))
    confidence = ~turns["confidence"].between(0, 1)
    report.check("turns: confidence in [0, 1]", where(turns, confidence, "doc_id"))

    own = tables["statements"].loc[tables["statements"]["holder"] == "SPEAKER", ["sentence_id", "actor_id"]]
    own = own.merge(tables["sentences"][["sentence_id", "doc_id", "turn_index"]], on="sentence_id")
    own = own.merge(turns[["doc_id", "turn_index", "actor_id"]], on=["doc_id", "turn_index"], how="left", suffixes=("", "_turn"))
    own = own.merge(tables["documents"][["doc_id", "actor_id"]], on="doc_id", suffixes=("", "_document"))
    expected = own["actor_id_turn"].where(own["turn_index"].notna(), own["actor_id_document"])
    wrong = expected.notna() & (own["actor_id"] != expected)
    report.check("statements: the own voice is the turn's actor, else the document's", where(own, wrong, "sentence_id"))


def check_attributions(report, attributions):
    shared = ["doc_id", "manner", "source_start", "source_end", "cue_start", "cue_end", "method"]
    differing = attributions.groupby("attribution_id")[shared].nunique(dropna=False).gt(1).any(axis=1)
    report.check("attributions: the pieces of one agree", differing[differing].index)
    report.check("attributions: manner is own, direct or indirect", where(attributions, ~attributions["manner"].isin(["own", "direct", "indirect"]), "attribution_id"))
    own = attributions["manner"] == "own"
    report.check("attributions: those of the text's own voice name no actor", where(attributions, own & attributions["actor_id"].notna(), "attribution_id"))
    report.check("attributions: confidence in [0, 1]", where(attributions, ~attributions["confidence"].between(0, 1), "attribution_id"))


def check_statements(report, tables, axes):
    statements, sentences = tables["statements"], tables["sentences"]
    own = statements[statements["holder"] == "SPEAKER"].groupby("sentence_id").size()
    counts = sentences["sentence_id"].map(own).fillna(0)
    report.check("statements: every sentence has one of its own voice", where(sentences, counts != 1, "sentence_id"))
    bad = ~statements["manner"].isin(["own", "direct", "indirect"]) | ((statements["holder"] == "SPEAKER") != (statements["manner"] == "own"))
    report.check("statements: manner is own for SPEAKER, direct or indirect for others", where(statements, bad, "statement_id"))
    bad = (statements["manner"] == "own") != statements["attribution_id"].isna()
    report.check("statements: those of others name their attribution", where(statements, bad, "statement_id"))
    bad = statements["actor_id"].isna() != statements["actor_name"].isna()
    report.check("statements: actor_id comes with actor_name", where(statements, bad, "statement_id"))
    check_leans(report, "statements", statements, "statement_id", axes)
    check_leans(report, "sentences", sentences, "sentence_id", axes)


def check_leans(report, name, table, key, axes):
    for axis, poles in axes.items():
        columns = [f"{axis}_p_{pole}" for pole in poles]
        inside = table[columns].apply(lambda column: column.between(0, 1)).all(axis=1)
        report.check(f"{name}: probabilities of {axis} in [0, 1]", where(table, ~inside, key))
        bad = ~table[f"{axis}_lean"].isin([*poles, "both", "none"])
        report.check(f"{name}: {axis}_lean is a pole, both or none", where(table, bad, key))


def check_actors(report, tables, axes):
    """Counts actors.parquet again from the statements."""
    statements, actors = tables["statements"], tables["actors"]
    held = statements[statements["actor_id"].notna()]
    missing = {(actor, axis) for actor in held["actor_id"].unique() for axis in axes}
    missing -= set(zip(actors["actor_id"], actors["axis"]))
    report.check("actors: one row per actor and axis", sorted(missing))
    sizes = actors["actor_id"].map(held.groupby("actor_id")["sentence_id"].nunique())
    report.check("actors: n_sentences counted again", where(actors, sizes != actors["n_sentences"], "actor_id"))
    for axis, poles in axes.items():
        rows = actors[actors["axis"] == axis]
        lean = held[["actor_id", f"{axis}_lean"]]
        lean = lean[lean[f"{axis}_lean"] != "none"]

        def count(values):
            matching = lean[lean[f"{axis}_lean"].isin(values)]
            return rows["actor_id"].map(matching.groupby("actor_id").size()).fillna(0)

        first, second = count([poles[0], "both"]), count([poles[1], "both"])
        columns = {"n_statements": count([*poles, "both"]), f"n_{poles[0]}": first, f"n_{poles[1]}": second}
        for column, again in columns.items():
            report.check(f"actors: {column} on {axis} counted again", where(rows, again != rows[column], "actor_id"))
        foreign = [f"n_{pole}" for other, names in axes.items() if other != axis for pole in names]
        report.check(f"actors: counts of other axes are null on {axis}", where(rows, rows[foreign].notna().any(axis=1), "actor_id"))

        position = np.log((second + 0.5) / (first + 0.5)).where(first + second > 0)
        half = Z_95 * np.sqrt(1 / (second + 0.5) + 1 / (first + 0.5))
        for column, again in {"position": position, "conf_low": position - half, "conf_high": position + half}.items():
            same = np.isclose(rows[column].astype(float), again, rtol=1e-9, atol=1e-9, equal_nan=True)
            report.check(f"actors: {column} on {axis} computed again", where(rows, ~same, "actor_id"))
